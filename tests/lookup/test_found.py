"""One call, several readers."""

from ctibridge.lookup.answer import Proof
from ctibridge.lookup.claims import Claimants
from ctibridge.lookup.contacts import ContactRow, Contacts
from ctibridge.lookup.found import (
    ADMINISTRATOR,
    Found,
    Watch,
    everything,
    found,
    languages,
    of_administrator,
    of_agents,
)
from ctibridge.lookup.heard import hear
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.question import Question
from tests.lookup.examples import AT, REGULA, SNAPSHOT, claimed, directory, question, row, signalled

TWO = Proof(Holders([row(), row("khalij", "k1")]))


def find(watch: Watch, *, known: bool = False, proof: Proof = TWO, asked: Question | None = None) -> Found:
    asked = question() if asked is None else asked
    people = {REGULA.key: REGULA} if known else {}
    viewers = watch(SNAPSHOT, asked.at)
    return found(hear(asked, SNAPSHOT), viewers, directory(), proof, people, asked.beside)


def test_each_reader_has_his_own_answer() -> None:
    answers = find(of_agents(["ana", "ben", "nobody"]), known=True).answers()
    assert {agent: answer.resolution.status for agent, answer in answers.items()} == {
        "ana": "identified",
        "ben": "unknown",
        "nobody": "unknown",
    }
    assert [answers[agent].language.spoken_by_agent for agent in ("ana", "ben", "nobody")] == [True, False, False]


def test_only_records_that_somebody_may_see_are_asked_for() -> None:
    assert find(of_agents(["ana", "ben"])).missing == {REGULA.key}
    assert find(of_agents(["ben"])).missing == frozenset()
    assert find(of_agents(["ana"]), known=True).missing == frozenset()


def test_the_administrator_sees_what_is_shared_now() -> None:
    answer = find(of_administrator, known=True).answers()[ADMINISTRATOR]
    assert [candidate.person for candidate in answer.resolution.candidates] == [REGULA]
    assert answer.language.greeting is None  # its text names the agent, and there is none
    assert not answer.language.spoken_by_agent


def test_whom_the_switchboard_names_is_read_for_those_who_may_see_him() -> None:
    asked = question(signalled("+493099999999", remarks=[("employee_id", "A-17")]))
    hit = find(of_agents(["ana", "ben"]), proof=Proof(claimants=Claimants([claimed()])), asked=asked)
    assert hit.missing == {REGULA.key}
    assert {agent: ranked.status for agent, ranked in hit.rankings.items()} == {"ana": "identified", "ben": "unknown"}


def test_who_speaks_it_is_asked_of_all_at_whose_desks_it_rings() -> None:
    """Regula speaks de-CH. ben does not, and neither asks; gone rings besides; nobody in particular is at no desk."""
    asked = question(beside=["gone", "unheard-of"])
    answers = find(of_agents(["ana", "ben"]), known=True, asked=asked).answers()
    assert {answers[agent].language.spoken_by for agent in ("ana", "ben")} == {("ana", "gone")}
    assert find(of_administrator, known=True).answers()[ADMINISTRATOR].language.spoken_by == ()
    assert languages({}, ["ben"], SNAPSHOT) == {"ben": ("en",)}


def test_what_is_read_is_what_any_of_them_may_see() -> None:
    assert everything(of_agents(["ana", "ben"])(SNAPSHOT, AT)).accounts == {"acme", "fleuron"}
    assert everything(of_agents(["ben"])(SNAPSHOT, AT)).accounts == {"fleuron"}
    assert everything({}).accounts == frozenset()


def test_a_colleague_who_sees_more_leaves_no_trace_in_my_reasons() -> None:
    """Contacts order equals. They were read where *anybody's* list had two rows, so ben's one candidate showed a last
    contact exactly where the number was known to a company that he may not see."""
    met = Contacts([ContactRow("fleuron", "e1", AT), ContactRow("acme", "p17", AT)])
    mine = row("fleuron", "e1")
    alone = find(of_agents(["ben"]), proof=Proof(Holders([mine])))
    beside = find(of_agents(["ana", "ben"]), proof=Proof(Holders([mine, row()]), contacts=met))
    assert alone.answers()["ben"].resolution == beside.answers()["ben"].resolution
    kinds = {one.kind for found in beside.answers()["ana"].resolution.candidates for one in found.evidence}
    assert "last_contact" in kinds
