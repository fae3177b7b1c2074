"""Which legs are one call, as each desk lives it."""

from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Ended, Fact, LegEnded, LegRang, Rang
from ctibridge.calls.register import ROUND_WINDOW
from ctibridge.domain.call import CallState, Outcome
from ctibridge.domain.caller import Signalled
from tests.calls.legs import at, rang, signalled

ANA, BEN, CLEO = (frozenset({name}) for name in ("ana", "ben", "cleo"))
DIALOG = ("one-call-id", "tag")


class Room:
    """Calls, with ids c1, c2, … in the order of need."""

    def __init__(self) -> None:
        self.calls = Calls()
        self._numbers = count(1)

    def ring(self, leg: LegRang, agents: frozenset[str], clock: float = 0.0) -> list[tuple[str, int, list[str]]]:
        """Each pop as (call, round, desks)."""
        facts = self.calls.ring(leg, agents, f"c{next(self._numbers)}", at(clock))
        return [(f.call.id, f.call.round, sorted(f.agents)) for f in facts if isinstance(f, Rang)]

    def end(self, leg: str, outcome: Outcome = Outcome.ABANDONED, clock: float = 0.0) -> list[tuple[str, str, Outcome]]:
        return ends(self.calls.end(LegEnded(leg, outcome), at(clock)))


def ends(facts: list[Fact]) -> list[tuple[str, str, Outcome]]:
    """Each end as (call, desk, outcome)."""
    return [(f.call.id, f.agent, f.call.outcome) for f in facts if isinstance(f, Ended) and f.call.outcome]


def test_a_call_rings_and_ends() -> None:
    calls = Calls()
    (pop,) = calls.ring(rang("1"), ANA, "c1", at(1.0))
    assert isinstance(pop, Rang)
    assert (pop.call.state, pop.call.line, pop.call.trunk, pop.call.rang_at) == (
        CallState.RINGING, "6001", "pbx", at(1.0).at,
    )  # fmt: skip
    (end,) = calls.end(LegEnded("1", Outcome.ABANDONED), at(5.0))
    assert isinstance(end, Ended)
    assert (end.call.state, end.call.ended_at, end.call.answered_at) == (CallState.ENDED, at(5.0).at, None)
    assert end.call.rang_at == at(1.0).at


def test_answered_elsewhere_says_when() -> None:
    calls = Calls()
    calls.ring(rang("1"), ANA, "c1", at(0.0))
    (end,) = calls.end(LegEnded("1", Outcome.ANSWERED_ELSEWHERE), at(5.0))
    assert end.call.answered_at == at(5.0).at


@pytest.mark.parametrize("outcome", [Outcome.ABANDONED, Outcome.TIMED_OUT, Outcome.UNKNOWN, Outcome.ANSWERED_ELSEWHERE])
def test_each_outcome_is_told_once(outcome: Outcome) -> None:
    room = Room()
    room.ring(rang("1"), ANA)
    assert room.end("1", outcome) == [("c1", "ana", outcome)]
    assert room.end("1", outcome) == []
    assert room.end("never rang", outcome) == []


# -- one call ----------------------------------------------------------------------------------------------------------


def test_the_forks_of_a_ring_group_are_one_call_at_three_desks() -> None:
    room = Room()
    for leg, line, agent in (("1", "6001", ANA), ("2", "6002", BEN), ("3", "6003", CLEO)):
        assert room.ring(rang(leg, line, dialog=DIALOG), agent) == [("c1", 1, sorted(agent))]
    assert room.end("2") == [("c1", "ben", Outcome.ABANDONED)]
    assert room.end("1") == [("c1", "ana", Outcome.ABANDONED)]
    assert len(room.calls) == 1


def test_a_header_that_is_equal_makes_one_call_of_legs_with_their_own_call_ids() -> None:
    room = Room()
    room.ring(rang("1", "6001", key="linked"), ANA)
    assert room.ring(rang("2", "6002", key="linked"), BEN, 20.0) == [("c1", 1, ["ben"])]
    assert room.ring(rang("3", "6003", key="other", who=signalled("+49111")), CLEO) == [("c3", 1, ["cleo"])]


def test_the_same_header_on_another_trunk_is_another_call() -> None:
    room = Room()
    room.ring(rang("1", key="1", who=signalled(None)), ANA)
    assert room.ring(rang("2", key="1", trunk="second", who=signalled(None)), ANA) == [("c2", 1, ["ana"])]


def test_a_desk_with_two_lines_gets_one_pop_that_ends_with_the_last_leg() -> None:
    room = Room()
    assert room.ring(rang("1", "6001"), ANA) == [("c1", 1, ["ana"])]
    assert room.ring(rang("2", "6002"), ANA, 1.9) == []
    assert room.end("1") == []
    assert room.end("2", Outcome.ANSWERED_ELSEWHERE) == [("c1", "ana", Outcome.ANSWERED_ELSEWHERE)]


@pytest.mark.parametrize(
    ("second", "agents", "clock"),
    [
        (rang("2", "6002"), ANA, 2.1),
        (rang("2", "6002"), BEN, 0.1),
        (rang("2", "6002", who=signalled("+49111")), ANA, 0.1),
        (rang("2", "6002", who=signalled("+4989123456", "+4930777")), ANA, 0.1),
        (rang("2", "6002", trunk="second"), ANA, 0.1),
    ],
    ids=["later than two seconds", "another desk", "another caller", "another called number", "another trunk"],
)
def test_what_is_not_the_same_call(second: LegRang, agents: frozenset[str], clock: float) -> None:
    room = Room()
    room.ring(rang("1"), ANA)
    assert [pop[0] for pop in room.ring(second, agents, clock)] == ["c2"]


def test_two_withheld_callers_at_one_moment_are_two_calls() -> None:
    room = Room()
    room.ring(rang("1", who=signalled(None)), ANA)
    assert room.ring(rang("2", "6002", who=signalled(None)), ANA, 0.1) == [("c2", 1, ["ana"])]


def test_a_pbx_to_which_everything_is_called_like_its_line_still_has_one_call_a_desk() -> None:
    room = Room()
    room.ring(rang("1", "6001", who=signalled("+4989123456", "6001")), ANA)
    assert room.ring(rang("2", "6002", who=signalled("+4989123456", "6002")), ANA, 0.1) == []


def test_a_line_of_two_desks_pops_at_both_and_the_strongest_outcome_is_told() -> None:
    room = Room()
    both = ANA | BEN
    assert room.ring(rang("1", dialog=DIALOG), both) == [("c1", 1, ["ana", "ben"])]
    assert room.ring(rang("2", "6002", dialog=DIALOG), ANA) == []
    assert room.end("1", Outcome.ANSWERED_ELSEWHERE) == [("c1", "ben", Outcome.ANSWERED_ELSEWHERE)]
    assert room.end("2", Outcome.ABANDONED) == [("c1", "ana", Outcome.ANSWERED_ELSEWHERE)]


def test_a_line_where_nobody_sits_is_still_a_call() -> None:
    room = Room()
    assert room.ring(rang("1", dialog=DIALOG), frozenset()) == []
    assert room.ring(rang("2", "6002", dialog=DIALOG), ANA) == [("c1", 1, ["ana"])]
    assert room.end("1") == []


# -- a call that comes back --------------------------------------------------------------------------------------------


def test_a_queue_that_rings_in_three_rounds_is_one_call() -> None:
    room = Room()
    assert room.ring(rang("1"), ANA, 0.0) == [("c1", 1, ["ana"])]
    assert room.end("1", clock=15.0) == [("c1", "ana", Outcome.ABANDONED)]
    assert room.ring(rang("2"), ANA, 20.0) == [("c1", 2, ["ana"])]
    room.end("2", clock=35.0)
    assert room.ring(rang("3"), ANA, 94.9) == [("c1", 3, ["ana"])]
    assert room.end("3", Outcome.ANSWERED_ELSEWHERE, 95.0) == [("c1", "ana", Outcome.ANSWERED_ELSEWHERE)]
    assert len(room.calls) == 0


def test_a_round_at_another_desk_continues_the_call() -> None:
    room = Room()
    room.ring(rang("1"), ANA, 0.0)
    room.end("1", clock=15.0)
    assert room.ring(rang("2", "6002"), BEN, 20.0) == [("c1", 2, ["ben"])]


def test_in_the_second_round_a_desk_with_two_lines_still_gets_one_pop() -> None:
    room = Room()
    room.ring(rang("1", "6001"), ANA, 0.0)
    room.ring(rang("2", "6002"), ANA, 0.1)
    room.end("1", clock=15.0)
    room.end("2", clock=15.0)
    assert room.ring(rang("3", "6001"), ANA, 20.0) == [("c1", 2, ["ana"])]
    assert room.ring(rang("4", "6002"), ANA, 20.1) == []


def test_the_second_round_of_a_ring_group_keeps_the_number_of_its_round() -> None:
    room = Room()
    for leg, agent in (("1", ANA), ("2", BEN)):
        room.ring(rang(leg, f"line-{leg}", dialog=DIALOG), agent)
    room.end("1", clock=15.0)
    room.end("2", clock=15.1)
    again = ("another-call-id", "tag")
    assert room.ring(rang("3", "line-1", dialog=again), ANA, 20.0) == [("c1", 2, ["ana"])]
    assert room.ring(rang("4", "line-2", dialog=again), BEN, 20.0) == [("c1", 2, ["ben"])]


def test_a_desk_that_rings_again_while_others_never_stopped_is_in_its_next_round() -> None:
    room = Room()
    room.ring(rang("1", "6001", dialog=DIALOG), ANA)
    room.ring(rang("2", "6002", dialog=DIALOG), BEN)
    room.end("1", clock=10.0)
    assert room.ring(rang("3", "6001", dialog=DIALOG), ANA, 12.0) == [("c1", 2, ["ana"])]


@pytest.mark.parametrize(
    ("outcome", "pause", "who"),
    [
        (Outcome.ABANDONED, ROUND_WINDOW, signalled()),
        (Outcome.ANSWERED_ELSEWHERE, 1.0, signalled()),
        (Outcome.ABANDONED, 1.0, signalled(None)),
        (Outcome.ABANDONED, 1.0, signalled("+49111")),
    ],
    ids=["a minute later", "after an answer", "withheld", "another caller"],
)
def test_what_does_not_come_back_is_a_new_call(outcome: Outcome, pause: float, who: Signalled) -> None:
    room = Room()
    room.ring(rang("1", who=who if who.raw is None else signalled()), ANA)
    room.end("1", outcome, 5.0)
    assert room.ring(rang("2", who=who), ANA, 5.0 + pause) == [("c2", 1, ["ana"])]


def test_a_lost_fork_of_an_answered_call_pops_under_its_name_and_ends_as_it_did() -> None:
    room = Room()
    room.ring(rang("1", dialog=DIALOG), ANA)
    room.end("1", Outcome.ANSWERED_ELSEWHERE, 0.4)
    assert room.ring(rang("2", "6002", dialog=DIALOG), BEN, 0.5) == [("c1", 1, ["ben"])]
    assert room.end("2", Outcome.ANSWERED_ELSEWHERE, 0.6) == [("c1", "ben", Outcome.ANSWERED_ELSEWHERE)]
    assert len(room.calls) == 0
    assert room.ring(rang("3", "6003"), CLEO, 0.7) == [("c3", 1, ["cleo"])]


def test_a_withheld_caller_with_a_call_key_comes_back() -> None:
    room = Room()
    room.ring(rang("1", key="linked", who=signalled(None)), ANA)
    room.end("1", clock=5.0)
    assert room.ring(rang("2", key="linked", who=signalled(None)), ANA, 10.0) == [("c1", 2, ["ana"])]


# -- the end of all ----------------------------------------------------------------------------------------------------


def test_stop_ends_what_rings_as_unknown() -> None:
    room = Room()
    room.ring(rang("1"), ANA)
    room.ring(rang("2", "6002", who=signalled("+49111")), BEN)
    assert ends(room.calls.stop(at(1.0))) == [("c1", "ana", Outcome.UNKNOWN), ("c2", "ben", Outcome.UNKNOWN)]
    assert room.calls.stop(at(1.0)) == []


def test_quiet_calls_are_forgotten_in_their_order() -> None:
    room = Room()
    for number in range(3):
        room.ring(rang(str(number), who=signalled(f"+49{number}")), ANA, float(number))
    for clock, number in enumerate((1, 0, 2)):
        room.end(str(number), clock=10.0 + clock)
    deadlines = []
    while (deadline := room.calls.deadline) is not None:
        deadlines.append(deadline)
        room.calls.wake(at(deadline))
    assert deadlines == [70.0, 71.0, 72.0]
    assert len(room.calls) == 0


def test_after_ten_thousand_calls_nothing_is_left() -> None:
    room = Room()
    outcomes = list(Outcome)
    for number in range(10_000):
        clock = number / 10
        room.ring(rang(str(number), who=signalled(f"+49{number % 700}" if number % 5 else None)), ANA | BEN, clock)
        if number % 7:
            room.end(str(number), outcomes[number % len(outcomes)], clock)
    room.calls.stop(at(2000.0))
    room.calls.wake(at(2000.0 + ROUND_WINDOW))
    assert (len(room.calls), room.calls.deadline) == (0, None)
    assert not room.calls._known._by_key
    assert not room.calls._by_leg


def test_a_dialler_that_never_gives_up_piles_nothing_up() -> None:
    room = Room()
    for number in range(5_000):
        assert room.ring(rang(str(number)), ANA, number * 2.0)[0][:2] == ("c1", number + 1)
        room.end(str(number), clock=number * 2.0 + 1)
    assert len(room.calls._known._by_key) < 10


LEGS = st.tuples(
    st.sampled_from(["ring", "end"]), st.integers(0, 5), st.sampled_from(["x", "y", None]), st.integers(0, 40)
)


@given(st.lists(LEGS, max_size=40))
def test_every_pop_ends_once_and_in_its_order(steps: list[tuple[str, int, str | None, int]]) -> None:
    # Invariant: at each desk, pops and ends of one call take turns, and after `stop` no desk rings.
    calls, legs, clock, ringing = Calls(), count(), 0.0, set[tuple[str, str]]()
    open_legs: list[str] = []
    agents = [ANA, BEN, ANA | BEN]
    facts: list[Fact] = []
    for verb, which, raw, pause in steps:
        clock += pause
        if verb == "ring":
            leg = str(next(legs))
            open_legs.append(leg)
            facts += calls.ring(rang(leg, f"l{which}", who=signalled(raw)), agents[which % 3], f"id{leg}", at(clock))
        elif open_legs:
            ended = open_legs.pop(which % len(open_legs))
            facts += calls.end(LegEnded(ended, Outcome.ABANDONED), at(clock))
    facts += calls.stop(at(clock))
    for fact in facts:
        assert isinstance(fact, Rang | Ended)
        desks = {(fact.call.id, agent) for agent in (fact.agents if isinstance(fact, Rang) else {fact.agent})}
        assert ringing.isdisjoint(desks) if isinstance(fact, Rang) else desks <= ringing
        ringing ^= desks
    assert not ringing


def test_two_callers_behind_one_switchboard_are_two_calls_where_the_pbx_names_its_calls() -> None:
    room = Room()
    assert room.ring(rang("1", dialog=("a", "t"), key="call-1"), ANA) == [("c1", 1, ["ana"])]
    assert room.ring(rang("2", dialog=("b", "t"), key="call-2"), ANA, 0.5) == [("c2", 1, ["ana"])]
    assert room.ring(rang("3", dialog=("c", "t"), key="call-1"), BEN, 0.6) == [("c1", 1, ["ben"])]


def test_a_colleague_who_asks_twice_within_a_minute_asks_about_two_calls() -> None:
    """The pop of the second call showed the customer of the first."""
    room = Room()
    for number, leg in enumerate(("one", "two"), 1):
        inner = replace(rang(leg, "6002", who=signalled("6001", "6002")), internal=True)
        assert room.ring(inner, BEN, 10.0 * number) == [(f"c{number}", 1, ["ben"])]
        room.end(leg, clock=10.0 * number + 1)


def test_a_round_is_looked_at_anew_for_what_it_continues() -> None:
    calls = Calls()
    first, second = (rang(name, "6001", who=signalled(caller)) for name, caller in (("a", "+491"), ("b", "+492")))
    for number, talk in enumerate((first, second)):
        at_ = 20.0 * number
        calls.ring(talk, ANA, f"talk{number}", at(at_))
        asked = rang(f"asks{number}", "6002", who=signalled("6001", "6002"))
        (pop,) = [fact for fact in calls.ring(asked, BEN, "asks", at(at_ + 5)) if isinstance(fact, Rang)]
        assert pop.continues is not None
        assert pop.continues.call == f"talk{number}"
        calls.end(LegEnded(f"asks{number}", Outcome.ABANDONED), at(at_ + 8))
        calls.end(LegEnded(talk.leg, Outcome.ABANDONED), at(at_ + 9))
