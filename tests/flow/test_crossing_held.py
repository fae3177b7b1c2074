"""What a node hears while nobody knows whether it may act, and what of its own does not come back; more of it in
`test_crossing.py`."""

from ctibridge.flow.crossing import PATIENCE
from tests.flow.cluster import over, ring
from tests.flow.test_crossing import cluster, kinds


async def test_what_comes_back_of_its_own_while_it_is_held_is_not_heard_again() -> None:
    """The stream is late just when nobody knows whether the lease stands: both come of one stop of Redis."""
    all_of = cluster()
    one = all_of.nodes["n1"]
    one.hear(ring("a", "6001"))
    one.hear(over("a"))
    one.crossing.hold()
    all_of.settle()
    one.crossing.release()
    all_of.settle()
    assert [kinds(told) for told in all_of.told("ana").values()] == [["call.ringing", "call.ended"]]


async def test_what_an_agent_said_and_nobody_heard_is_noticed_also_if_nothing_more_is_said() -> None:
    """Only the next word to all showed that one was missing: it waited for that, at the desk that had said it, too."""
    all_of = cluster()
    one = all_of.nodes["n1"]
    one.hear(ring("a", "6001"))
    all_of.settle()
    one.says("ana", {"type": "note", "call": next(iter(all_of.told("ana"))), "text": "a"})
    all_of.stream.on_the_way["n1"].clear()
    assert not one.crossing.lacks_own()
    all_of.later(PATIENCE + 0.1)
    assert one.crossing.lacks_own()
    one.crossing.hold()
    assert not one.crossing.lacks_own(), "nothing is heard now"
    one.crossing.release()
    one.crossing.gap()
    assert not one.crossing.lacks_own()
    (told,) = all_of.told("ana").values()
    assert [word[0] for word in told] == ["call.ringing", "call.worked"]
