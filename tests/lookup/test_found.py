from ctibridge.lookup.answer import hear
from ctibridge.lookup.claims import Claimants
from ctibridge.lookup.found import ADMINISTRATOR, Found, Watch, found, of_administrator, of_agents
from ctibridge.lookup.holders import Holders
from tests.lookup.examples import AT, PLAN, REGULA, SNAPSHOT, claimed, directory, row, signalled


def find(watch: Watch, *, known: bool = False) -> Found:
    heard = hear(signalled(), PLAN, SNAPSHOT, "c1", AT)
    people = {REGULA.key: REGULA} if known else {}
    return found(heard, watch, directory(), Holders([row(), row("khalij", "k1")]), people)


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
    heard = hear(signalled("+493099999999", remarks=[("employee_id", "A-17")]), PLAN, SNAPSHOT, "c1", AT)
    hit = found(heard, of_agents(["ana", "ben"]), directory(), Holders(), {}, Claimants([claimed()]))
    assert hit.missing == {REGULA.key}
    assert {agent: ranked.status for agent, ranked in hit.rankings.items()} == {"ana": "identified", "ben": "unknown"}
