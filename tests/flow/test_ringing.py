"""A leg that is over by the time we hear of it. What rings is in `test_flow.py` and `test_crossing.py`."""

from dataclasses import replace

import pytest

from ctibridge.flow.lately import Past
from ctibridge.sip.events import RingEnd
from tests.flow.cluster import HOMES, Cluster, ring

PAST = Past("c1", 1, ("ana",), ring("x", "6001"), RingEnd.CANCELLED)


def told(all_of: Cluster, *pasts: Past) -> list[tuple[str, ...]]:
    """What ana is told of it: kind, round and outcome."""
    node = all_of.at_home("ana")
    for past in pasts:
        node.flow.hear(past, "n2/1")
    return [(word[0], word[2], word[3]) for word in node.told("ana").get("c1", [])]


@pytest.mark.parametrize(
    ("past", "outcome"),
    [
        (PAST, "abandoned"),
        (replace(PAST, how=RingEnd.COMPLETED_ELSEWHERE), "answered_elsewhere"),
        (replace(PAST, how=RingEnd.HUNG_UP, talked=True), "answered_here"),
    ],
)
async def test_it_rings_and_ends_under_the_name_that_the_other_node_gave_it(past: Past, outcome: str) -> None:
    words = told(Cluster(dict(HOMES)), past)
    assert [words[0], words[-1]] == [("call.ringing", "None", "None"), ("call.ended", "None", outcome)]


async def test_a_desk_that_has_the_call_in_that_round_hears_nothing() -> None:
    all_of = Cluster(dict(HOMES))
    once = told(all_of, PAST)
    again = replace(PAST, began=ring("y", "6001"))
    assert told(all_of, again) == once
    assert told(all_of, replace(again, round=2))[len(once) :] == [
        ("call.ringing", "2", "None"),
        ("call.ended", "2", "abandoned"),
    ]


async def test_only_who_may_sit_at_the_line_is_told() -> None:
    all_of = Cluster(dict(HOMES))
    assert told(all_of, replace(PAST, began=ring("x", "6003"))) == []
    assert told(all_of, replace(PAST, agents=("cleo",))) == []
