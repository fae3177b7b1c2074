"""An answer in words, for whoever asks why."""

from ctibridge.cli.explain import explain
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.lookup.answer import hear
from ctibridge.lookup.found import Watch, found, of_administrator, of_agents
from ctibridge.lookup.holders import Holders, NumberRow
from tests.lookup.examples import AT, PLAN, REGULA, SNAPSHOT, directory, row, signalled


def words(*rows: NumberRow, agent: str | None = None, call: Signalled | None = None) -> str:
    heard = hear(call or signalled(), PLAN, SNAPSHOT, "c1", AT)
    watch: Watch = of_administrator if agent is None else of_agents([agent])
    return explain(agent, found(heard, watch, directory(), Holders(rows), {REGULA.key: REGULA}))


def test_the_heads_say_who_what_and_in_which_language() -> None:
    assert words(row(), agent="ana").splitlines()[:5] == [
        "+491713920017 calls +493023125100",
        "  called   ACME AG: ACME IT Service Desk, closed now",
        "  status   identified: the number belongs to one person (ACME AG)",
        "  language de-CH German (Switzerland) / Deutsch (Schweiz), of the person; ana speaks it",
        "  greeting Grüezi, ACME AG, mein Name ist Ana Ruiz.",
    ]


def test_the_candidate_comes_with_his_reasons() -> None:
    text = words(row())
    assert "  1. Regula Frei, ACME AG (acme/p17)\n     Controller, Zürich\n" in text
    assert "because mobile +491713920017 is the number; the company called is this one" in text


def test_why_not() -> None:
    assert "why not: 9 people have this number" in words(*(row("acme", f"p{n}") for n in range(9)))
    assert "why not: 1 more have it as a fax number" in words(row(), row("acme", "p2", "fax"))
    assert "why not: disabled people come last" in words(row(disabled=True))
    assert "why not: khalij knows this number too; its role is not shared" in words(row("khalij", "k1"))
    assert "why not: acme knows this number too; not granted to ben" in words(row(), agent="ben")
    assert "why not" not in words(row(), agent="ana")


def test_of_hidden_accounts_no_person_is_named() -> None:
    text = words(row(), agent="ben")
    assert "Regula" not in text
    assert "p17" not in text
    assert "where ben has no role" in text


def test_a_caller_without_a_number() -> None:
    assert words(call=signalled("alice", called=[])).startswith("'alice' (no number) calls no number that is known\n")
    withheld = words(call=signalled(presentation=Presentation.RESTRICTED))
    assert withheld.startswith("somebody calls +493023125100\n")
    assert "withheld: the caller withholds his number" in withheld
