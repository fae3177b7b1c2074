"""What rang and ended while a node did not hear it, the others say again; what it hears late is no other call."""

from ctibridge.flow.crossing_text import AllSaid, Hello, Standing, read
from ctibridge.flow.lately import KEPT
from ctibridge.flow.legs import Who
from ctibridge.sip.events import Hearing, LineChanged, LineGone, RingEnd
from tests.flow.cluster import HOMES, Cluster, over, ring
from tests.flow.test_crossing import cluster, kinds


async def test_what_rang_and_ended_while_a_node_was_away_its_desks_are_told_when_it_is_back() -> None:
    all_of = cluster()
    other = all_of.nodes["n2"]
    for leg, call, how in (("a", "call-1", RingEnd.CANCELLED), ("b", "call-2", RingEnd.COMPLETED_ELSEWHERE)):
        other.hear(ring(leg, "6001", call, caller=leg))
        other.hear(over(leg, how))
    all_of.missed("n1")
    all_of.begun_anew("n1").crossing.gap()
    all_of.settle()
    told = list(all_of.told("ana").values())
    assert list(map(kinds, told)) == [["call.ringing", "call.ended"]] * 2
    assert [words[-1][3] for words in told] == ["abandoned", "answered_elsewhere"]
    all_of.nodes["n1"].crossing.gap()
    all_of.settle()
    assert list(all_of.told("ana").values()) == told, "once"


async def test_a_call_that_a_desk_knows_from_the_process_before_does_not_pop_again() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    one.hear(ring("a", "6001"))
    other.hear(ring("b", "6001"))
    all_of.settle()
    for node, leg in ((one, "a"), (other, "b")):
        node.hear(over(leg))
    all_of.settle()
    before = all_of.told("ana")
    all_of.begun_anew("n1").crossing.gap()
    all_of.settle()
    assert all_of.told("ana") == before
    assert list(map(kinds, before.values())) == [["call.ringing", "call.ended"]]


async def test_a_call_that_rings_on_when_a_node_is_back_is_the_same_ringing_and_ends_as_it_did() -> None:
    """Its desks wait until the others have said all (`joining/others.py`)."""
    all_of = cluster()
    one, other = all_of.nodes.values()
    for call in ("call-1", "call-2"):
        for node in (one, other):
            node.hear(ring(f"{node.name} {call}", "6001", call, caller=call[-1]))
    all_of.settle()
    other.hear(over("n2 call-2", RingEnd.COMPLETED_ELSEWHERE))
    all_of.missed("n1")
    all_of.homes["ana"] = ""
    fresh, heard = all_of.begun_anew("n1", restarted=False), list[Who]()
    fresh.crossing.all_said = heard.append
    fresh.crossing.gap()
    all_of.settle()
    assert heard == [("n2", "1")]
    ana = frozenset({"ana"})
    assert fresh.flow.known(ana) == all_of.nodes["n1"].told("ana").keys()
    all_of.homes["ana"] = "n1"
    fresh.flow.gained(ana)
    other.hear(over("n2 call-1"))
    all_of.settle()
    told = all_of.told("ana").values()
    assert [[word for word in kinds(words) if word != "call.updated"] for words in told] == [
        ["call.ringing", "call.ended"]
    ] * 2
    assert [words[-1][3] for words in told] == ["abandoned", "answered_elsewhere"]


async def test_what_two_nodes_heard_to_its_end_is_one_pop_where_none_was() -> None:
    all_of = Cluster(dict(HOMES) | {"dora": "n3"})
    for name in ("n2", "n3"):
        all_of.nodes[name].hear(ring(name, "6001"))
    for name in ("n2", "n3"):
        all_of.nodes[name].hear(over(name))
    all_of.missed("n1")
    all_of.begun_anew("n1").crossing.gap()
    all_of.settle()
    assert list(map(kinds, all_of.told("ana").values())) == [["call.ringing", "call.ended"]]


async def test_what_rang_too_long_ago_or_at_desks_of_its_own_a_node_does_not_say_again() -> None:
    all_of = cluster()
    other = all_of.nodes["n2"]
    other.hear(ring("a", "6001"))
    other.hear(over("a"))
    all_of.missed("n1")
    all_of.now.later(KEPT + 1)
    other.hear(ring("b", "6003"))
    other.hear(over("b"))
    all_of.missed("n1")
    said = len(all_of.stream.entries)
    all_of.begun_anew("n1").crossing.gap()
    all_of.settle()
    words = [read(entry[-1]) for entry, _ in all_of.stream.entries[said:]]
    assert [type(heard.word) for heard in words if heard is not None] == [Hello, Standing, Standing, AllSaid]
    assert all_of.told("ana") == {}


async def test_a_call_that_rang_at_both_while_its_line_went_over_has_one_name_at_both() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    for node in (one, other):
        node.hear(LineChanged("pbx", "6001", Hearing.REGISTERED, "200"))
        node.hear(ring(node.name, "6001"))
    one.hear(over("n1", RingEnd.COMPLETED_ELSEWHERE))
    one.hear(LineGone("pbx", "6001"))
    all_of.homes["ana"] = "n2"
    one.flow.lost(frozenset({"ana"}))
    all_of.settle()
    other.flow.gained(frozenset({"ana"}))
    other.hear(over("n2", RingEnd.COMPLETED_ELSEWHERE))
    all_of.settle()
    one.flow.gained(frozenset({"ana"}))
    assert one.told("ana").keys() == other.told("ana").keys()
    assert list(map(kinds, one.told("ana").values())) == [["call.ringing", "call.ended"]]


async def test_a_node_that_has_just_come_hears_what_rings() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    other.hear(ring("b", "6001"))
    while other.send():
        pass
    one.read = len(all_of.stream.entries)
    one.crossing.gap()
    all_of.settle()
    assert kinds(next(iter(all_of.told("ana").values()))) == ["call.ringing"]
