"""Whose desks are told here, and what those of other homes know."""

from dataclasses import replace
from datetime import timedelta

from ctibridge.calls.facts import Answered, Ended, Learned, Rang
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.flow import homes
from ctibridge.flow.homes import KEPT_AFTER_END, Homes, Kept
from ctibridge.flow.remembered import NOBODY
from tests.flow.house import AT

CALL = Call("c1", "pbx", "6001", CallState.RINGING, AT)
OVER = replace(CALL, state=CallState.ENDED, ended_at=AT, outcome=Outcome.ABANDONED)
BOTH = frozenset({"ana", "ben"})


def of_ana() -> Homes:
    return Homes(lambda agent: agent == "ana")


def test_a_node_that_is_alone_tells_all_and_remembers_nothing() -> None:
    found, fact = Homes(), Rang(CALL, BOTH, NOBODY)
    assert found.here(fact) is fact
    assert (found.mine("ben"), found.are_several, "c1" in found) == (True, False, False)


def test_of_several_each_tells_its_own_desks() -> None:
    found = of_ana()
    ours = found.here(Rang(CALL, BOTH, NOBODY))
    assert isinstance(ours, Rang)
    assert (ours.agents, dict(found.having("c1"))) == (frozenset({"ana"}), {"ben": CALL})
    assert found.here(Learned(CALL, frozenset({"ben"}), NOBODY)) is None
    assert found.here(Ended(OVER, "ana")) == Ended(OVER, "ana")
    assert found.here(Ended(OVER, "ben")) is None
    assert found.having("c1") == {"ben": OVER}
    assert "c1" in Kept((set(), found))


def test_a_desk_that_comes_brings_its_calls_in_their_order() -> None:
    found = of_ana()
    later = replace(CALL, id="c2", rang_at=AT + timedelta(seconds=1))
    found.here(Rang(later, frozenset({"ben"}), NOBODY))
    found.here(Rang(CALL, frozenset({"ben", "cleo"}), NOBODY))
    found.here(Answered(replace(CALL, state=CallState.ANSWERED), "ben"))
    came = found.came({"ben"})
    assert [(agent, call.id, call.state) for agent, call in came] == [
        ("ben", "c1", CallState.ANSWERED), ("ben", "c2", CallState.RINGING)
    ]  # fmt: skip
    assert ("c1" in found, "c2" in found, found.came({"ben"})) == (True, False, [])


def test_what_a_desk_hears_that_is_ours_before_it_was_caught_up_with_counts_when_it_is() -> None:
    homes_of = {"ben": False}
    found = Homes(lambda agent: homes_of[agent])
    found.here(Rang(CALL, frozenset({"ben"}), NOBODY))
    homes_of["ben"] = True
    assert found.here(Ended(OVER, "ben")) == Ended(OVER, "ben")
    assert found.came({"ben"}) == [("ben", OVER)]


def test_what_is_long_over_is_forgotten_and_what_goes_on_is_not() -> None:
    found = of_ana()
    found.remember(OVER, ("ben",))
    found.remember(replace(CALL, id="c2", rang_at=AT + KEPT_AFTER_END), ("ben",))
    assert "c1" in found
    found.remember(replace(CALL, id="c3", rang_at=AT + 2 * KEPT_AFTER_END), ("ben",))
    assert [call in found for call in ("c1", "c2", "c3")] == [False, True, True]


def test_there_is_a_most() -> None:
    found = of_ana()
    for number in range(homes.MOST_CALLS + 1):
        found.remember(replace(CALL, id=f"c{number}"), ("ben",))
    assert ("c0" in found, "c1" in found) == (False, True)
