"""What agents write of a call. Its rules stand in `test_flow_notes.py`; here, what several nodes add."""

from ctibridge.domain.desk_command import WriteNote
from ctibridge.domain.private import Private
from tests.flow.cluster import HOMES, Cluster, over, ring


async def test_a_note_of_a_call_that_no_desk_here_has_is_there_when_it_is_handed_on() -> None:
    all_of = Cluster(dict(HOMES))
    one, other = all_of.nodes.values()
    one.hear(ring("a", "6001"))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    one.crossing.say(one.flow.written(WriteNote("ana", call, Private("wants Bo"))))
    all_of.settle()
    assert len(other.flow._notebook) == 1
    one.hear(over("a"))
    all_of.later(31 * 60.0)
    assert (len(one.flow._notebook), len(other.flow._notebook)) == (0, 0)


async def test_who_wrote_it_at_another_home_is_not_asked_for_here() -> None:
    all_of = Cluster(dict(HOMES))
    one, other = all_of.nodes.values()
    one.hear(ring("a", "6001"))
    other.hear(ring("b", "6003"))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    one.crossing.say(one.flow.written(WriteNote("ana", call, Private("wants Bo"))))
    all_of.settle()
    assert "ana" not in other.desks._desks
    assert [event.kind for event in other.events] == ["call.ringing", "call.worked"]
