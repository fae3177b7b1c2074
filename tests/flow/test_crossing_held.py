"""What a node hears while nobody knows whether it may act; more of it in `test_crossing.py`."""

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
