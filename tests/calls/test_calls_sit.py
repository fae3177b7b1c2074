"""Who sits down at a line that rings has the call, too."""

from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Ended, Fact, LegEnded, Rang
from ctibridge.domain.call import Outcome
from tests.calls.legs import at, rang

NOBODY: frozenset[str] = frozenset()
ANA = frozenset({"ana"})
DIALOG = ("one-call-id", "tag")


def told(facts: list[Fact]) -> list[tuple[str, str, int, list[str]]]:
    return [(f.call.id, f.call.line, f.call.round, sorted(f.agents)) for f in facts if isinstance(f, Rang)]


def anywhere(trunk: str, line: str) -> bool:
    return trunk == "pbx"


def test_what_rang_for_nobody_rings_for_him_and_ends_for_him() -> None:
    """It rang on, and he looked at an empty page until the next call."""
    calls = Calls()
    assert calls.ring(rang("1"), NOBODY, "c1", at(0.0)) == []
    assert told(calls.sit("ana", anywhere, at(3.0))) == [("c1", "6001", 1, ["ana"])]
    assert calls.sit("ana", anywhere, at(4.0)) == []
    (end,) = calls.end(LegEnded("1", Outcome.ABANDONED), at(5.0))
    assert isinstance(end, Ended)
    assert (end.agent, end.call.outcome) == ("ana", Outcome.ABANDONED)


def test_beside_a_colleague_it_is_the_same_call_and_the_colleague_hears_nothing_new() -> None:
    calls = Calls()
    calls.ring(rang("1"), ANA, "c1", at(0.0))
    assert told(calls.sit("ben", anywhere, at(1.0))) == [("c1", "6001", 1, ["ben"])]
    assert len(calls.end(LegEnded("1", Outcome.ABANDONED), at(2.0))) == 2


def test_two_lines_of_one_call_are_one_pop() -> None:
    calls = Calls()
    for leg, line in (("1", "6001"), ("2", "6002")):
        calls.ring(rang(leg, line, dialog=DIALOG), NOBODY, "c1", at(0.0))
    assert told(calls.sit("ana", anywhere, at(1.0))) == [("c1", "6001", 1, ["ana"])]
    assert calls.end(LegEnded("1", Outcome.ABANDONED), at(2.0)) == []
    assert len(calls.end(LegEnded("2", Outcome.ABANDONED), at(2.0))) == 1


def test_other_lines_and_what_is_over_ring_for_nobody() -> None:
    calls = Calls()
    calls.ring(rang("1"), NOBODY, "c1", at(0.0))
    assert calls.sit("ana", lambda _, line: line == "6002", at(1.0)) == []
    calls.end(LegEnded("1", Outcome.ABANDONED), at(2.0))
    assert calls.sit("ana", anywhere, at(3.0)) == []


def test_who_has_heard_it_end_in_this_round_is_not_rung_again() -> None:
    calls = Calls()
    calls.ring(rang("1", "6001", dialog=DIALOG), ANA, "c1", at(0.0))
    calls.ring(rang("2", "6002", dialog=DIALOG), NOBODY, "c2", at(0.0))
    assert len(calls.end(LegEnded("1", Outcome.ABANDONED), at(1.0))) == 1
    assert calls.sit("ana", anywhere, at(2.0)) == []
