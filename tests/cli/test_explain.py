"""An answer in words, for whoever asks why."""

from collections.abc import Iterable

from ctibridge.cli.explain import explain
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.resolution import Grade
from ctibridge.lookup.answer import Proof
from ctibridge.lookup.choices import ChoiceRow, Choices
from ctibridge.lookup.claims import Claimants, ClaimRow
from ctibridge.lookup.contacts import ContactRow, Contacts
from ctibridge.lookup.found import Watch, found, of_administrator, of_agents
from ctibridge.lookup.heard import hear
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.ranking import CLAIMED, NOT_REPEATED, ONLY_ONE_CALLED
from tests.lookup.examples import AT, REGULA, SNAPSHOT, claimed, directory, question, row, signalled


def words(
    *rows: NumberRow,
    agent: str | None = None,
    call: Signalled | None = None,
    elsewhere: Iterable[str] = (),
    chosen: Iterable[ChoiceRow] = (),
    claims: Iterable[ClaimRow] = (),
    met: Iterable[ContactRow] = (),
) -> str:
    asked = question(call)
    watch: Watch = of_administrator if agent is None else of_agents([agent])
    proof = Proof(Holders(rows), Claimants(claims), Choices(chosen), Contacts(met))
    people = {REGULA.key: REGULA}
    hit = found(hear(asked, SNAPSHOT), watch(SNAPSHOT, AT), directory(), proof, people, ())
    return explain(agent, hit, elsewhere)


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


def test_what_decided() -> None:
    assert f"  decided  {ONLY_ONE_CALLED}\n" in words(row(), agent="ana")
    typed = signalled(remarks=[("employee_id", "A-17")])
    assert f"  decided  {CLAIMED}\n" in words(call=typed, claims=[claimed()])
    one = ChoiceRow("acme", "p18", disabled=False, by="ben", at=AT)
    assert f"  decided  {NOT_REPEATED}\n" in words(row(), row("acme", "p18"), chosen=[one])


def test_the_reasons_of_each_kind() -> None:
    one = ChoiceRow("acme", "p18", disabled=False, by="ben", at=AT)
    text = words(row(grade=Grade.REWRITTEN), row("acme", "p18"), chosen=[one], met=[ContactRow("acme", "p17", AT)])
    assert "chosen by ben 2026-11-20 18:00 UTC; mobile +491713920017 is the number" in text
    assert "mobile +491713920017 is the number, written otherwise" in text
    assert "last contact 2026-11-20 18:00 UTC" in text
    typed = signalled(remarks=[("employee_id", "A-17")])
    # What he typed is not his number, and was said to be it.
    assert "because the PBX names employee id A-17; the company called" in words(call=typed, claims=[claimed()])


def test_why_not() -> None:
    assert "why not: 9 people have this number" in words(*(row("acme", f"p{n}") for n in range(9)))
    assert "why not: 1 more have it as a fax number" in words(row(), row("acme", "p2", "fax"))
    assert "why not: acme/p17: disabled: shown as a warning, never meant" in words(row(disabled=True))
    behind = words(row(), row("acme", "p18", "work"))
    assert "why not: acme/p18: a label less personal than that of the one before" in behind
    hidden = words(row("khalij", "k1"), elsewhere=["khalij"])
    assert "why not: khalij knows this number too; its role is not shared" in hidden
    assert "why not: acme knows this number too; not granted to ben" in words(row(), agent="ben", elsewhere=["acme"])
    assert "why not" not in words(row(), agent="ana")


def test_of_hidden_accounts_no_person_is_named() -> None:
    text = words(row(), agent="ben", elsewhere=["acme"])
    assert "Regula" not in text
    assert "p17" not in text
    assert "where ben has no role" in text


def test_a_caller_without_a_number() -> None:
    assert words(call=signalled("alice", called=[])).startswith("'alice' (no number) calls no number that is known\n")
    withheld = words(call=signalled(presentation=Presentation.RESTRICTED))
    assert withheld.startswith("somebody calls +493023125100\n")
    assert "withheld: the caller withholds his number" in withheld
