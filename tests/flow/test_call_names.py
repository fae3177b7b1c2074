"""All nodes name a call alike."""

from dataclasses import replace

import pytest

from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.flow import call_names
from ctibridge.flow.call_names import FreshNames, SharedNames, is_spent
from ctibridge.sip.events import RingStarted
from tests.flow.cluster import KEY, ring
from tests.flow.house import AT

RING = ring("a", "6001")


def name(names: SharedNames, event: RingStarted = RING) -> str:
    made = names.fresh(event, AT)
    names.gave(made)
    return made


def told(names: SharedNames, event: RingStarted, call: str) -> str:
    made = names.fresh(event, AT, call)
    names.gave(made)
    return made


def test_a_node_that_is_alone_takes_another_name_each_time() -> None:
    words = iter("ab")
    names = FreshNames(lambda _: next(words))
    assert [names.fresh(RING, AT), names.fresh(RING, AT), names.here("x")] == ["a", "b", "x"]
    names.gave(None)


def test_forks_have_one_name_on_all_nodes() -> None:
    fork = replace(RING, leg="b", line="6003")
    assert SharedNames(KEY).fresh(RING, AT) == SharedNames(KEY).fresh(fork, AT)
    assert SharedNames(KEY).fresh(RING, AT) != SharedNames(b"other").fresh(RING, AT)


def test_the_word_of_the_pbx_counts_before_the_dialog_and_the_dialog_before_the_leg() -> None:
    keyed = [replace(RING, key="k", dialog=("x", "y")), replace(RING, key="k")]
    bare = [replace(RING, dialog=("", ""), leg=leg) for leg in "aab"]
    one, other = (SharedNames(KEY).fresh(event, AT) for event in keyed)
    assert one == other
    first, again, another = (SharedNames(KEY).fresh(event, AT) for event in bare)
    assert first == again != another
    assert len({one, first, SharedNames(KEY).fresh(RING, AT), name(SharedNames(KEY), replace(RING, trunk="x"))}) == 4


def test_an_answered_call_that_is_put_back_into_its_queue_is_another_one_everywhere() -> None:
    one, other = SharedNames(KEY), SharedNames(KEY)
    named = [name(one) for _ in range(3)]
    assert len(set(named)) == 3
    assert [name(other) for _ in range(3)] == named


def test_a_second_leg_of_a_call_takes_no_name() -> None:
    one, other = SharedNames(KEY), SharedNames(KEY)
    first = name(one)
    one.fresh(RING, AT)
    one.gave(first)
    one.fresh(RING, AT)
    one.gave(None)
    name(other)
    assert name(one) == name(other)


def test_what_another_node_calls_it_leads_to_the_name_that_it_has_here() -> None:
    names, beside = SharedNames(KEY), ring("b", "6003", "call-2")
    mine = name(names)
    theirs = names.fresh(beside, AT)
    names.gave(mine)
    assert (names.here(theirs), names.here(mine), names.here("x")) == (mine, mine, "x")


def test_the_next_call_of_a_leg_that_another_node_named_has_the_next_name() -> None:
    names, others = SharedNames(KEY), SharedNames(KEY)
    named = [name(others) for _ in range(2)]
    assert told(names, RING, named[0]) == named[0]
    assert name(names) == named[1]
    later = SharedNames(KEY)
    assert [told(later, RING, one) for one in named] == named
    assert name(later) == name(others)


def test_a_name_from_another_leg_of_the_call_leaves_those_of_this_one_alone() -> None:
    names, beside = SharedNames(KEY), ring("b", "6003", "call-2")
    assert told(names, beside, "x") == "x"
    assert name(names, beside) == name(SharedNames(KEY), beside)


def test_a_name_that_a_desk_has_from_before_is_not_given_again() -> None:
    taken = SharedNames(KEY).fresh(RING, AT)
    names = SharedNames(KEY, lambda call: call == taken)
    assert name(names) != taken


@pytest.mark.parametrize(
    ("outcome", "spent"), [(None, False), (Outcome.UNKNOWN, False), (Outcome.ANSWERED_ELSEWHERE, True)]
)
def test_a_call_whose_end_nobody_saw_may_be_the_same_still(outcome: Outcome | None, spent: bool) -> None:
    assert is_spent([Call("c1", "pbx", "6001", CallState.RINGING, AT, outcome=outcome)]) is spent
    assert not is_spent([])


def test_there_is_a_most() -> None:
    names = SharedNames(KEY)
    for number in range(call_names.MOST_NAMES + 1):
        name(names, replace(RING, key=str(number)))
    assert len(names._used) == call_names.MOST_NAMES
