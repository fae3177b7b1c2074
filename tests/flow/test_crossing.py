"""What one node hears and its agents say reaches all nodes. By chance it stands in `test_crossing_any_order.py`, of
what a node missed in `test_crossing_past.py`."""

from ctibridge.domain.line import LineState
from ctibridge.domain.person import PersonKey
from ctibridge.flow.crossing import KIND, MOST_HELD
from ctibridge.flow.joint import Chosen, Known
from ctibridge.lookup.question import Pick
from ctibridge.sip.events import Hearing, LineChanged, LineGone, RingEnd
from tests.flow.cluster import HOMES, Cluster, over, ring
from tests.flow.house import AT


def cluster() -> Cluster:
    return Cluster(dict(HOMES))


def kinds(told: list[tuple[str, ...]]) -> list[str]:
    return [word[0] for word in told]


async def test_a_call_pops_at_each_desk_once_and_at_its_home_alone() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.nodes["n2"].hear(ring("b", "6003"))
    assert [len(node.events) for node in all_of.nodes.values()] == [1, 1], "nobody waits for the others"
    all_of.settle()
    all_of.nodes["n2"].hear(over("b", RingEnd.COMPLETED_ELSEWHERE))
    all_of.nodes["n1"].hear(over("a", RingEnd.COMPLETED_ELSEWHERE))
    all_of.settle()
    (ana, of_ana), (cleo, of_cleo) = (next(iter(all_of.told(agent).items())) for agent in ("ana", "cleo"))
    assert ana == cleo
    assert kinds(of_ana) == kinds(of_cleo) == ["call.ringing", "call.ended"]
    assert all(HOMES[event.agent] == node.name for node in all_of.nodes.values() for event in node.events)


async def test_of_two_who_take_a_missed_call_the_first_in_the_stream_has_it_and_the_other_hears_why() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.nodes["n2"].hear(ring("b", "6003"))
    for node, leg in (("n1", "a"), ("n2", "b")):
        all_of.nodes[node].hear(over(leg))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    all_of.at_home("ana").says("ana", {"type": "take", "call": call})
    all_of.at_home("cleo").says("cleo", {"type": "take", "call": call})
    assert kinds(all_of.told("ana")[call])[-1] == "call.ended", "not before its turn has come"
    all_of.nodes["n2"].send()
    all_of.settle()
    assert [all_of.told(agent)[call][-1][-2:] for agent in ("ana", "cleo")] == [("taken", "cleo")] * 2
    refused = [(number, frame["data"]) for number, frame in all_of.nodes["n1"].frames if frame["type"] == "error"]
    assert [(number, data["code"]) for number, data in refused] == [(1, "not_allowed")]
    assert not [frame for _, frame in all_of.nodes["n2"].frames if frame["type"] == "error"]


async def test_who_answers_a_caller_settles_what_he_was_missed_with_at_desks_of_another_home() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.nodes["n1"].hear(over("a"))
    all_of.later(100.0)
    all_of.nodes["n2"].hear(ring("b", "6003", "call-2"))
    all_of.nodes["n2"].hear(over("b", RingEnd.COMPLETED_ELSEWHERE))
    all_of.settle()
    assert next(iter(all_of.told("ana").values()))[-1][-2] == "settled"


async def test_a_note_is_read_at_desks_of_another_home_and_by_whom_the_call_is_handed_to() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.nodes["n2"].hear(ring("b", "6003"))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    all_of.at_home("ana").says("ana", {"type": "note", "call": call, "text": "wants Bo"})
    all_of.settle()
    assert [kinds(all_of.told(agent)[call])[-1] for agent in ("ana", "cleo")] == ["call.worked"] * 2


async def test_who_is_chosen_is_shown_at_desks_of_another_home_too() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.nodes["n2"].hear(ring("b", "6003"))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    all_of.nodes["n1"].crossing.say(Chosen(call, Pick(PersonKey("acme", "p17"), "ana", AT)))
    all_of.settle()
    assert [kinds(all_of.told(agent)[call]) for agent in ("ana", "cleo")] == [["call.ringing", "call.updated"]] * 2


async def test_who_sits_down_on_another_node_hears_what_rings() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6002"))
    all_of.settle()
    all_of.at_home("ben").says("ben", {"type": "sit", "lines": ["6002"]})
    assert kinds(next(iter(all_of.told("ben").values()))) == ["call.ringing"]
    all_of.settle()
    assert all_of.nodes["n1"].desks.hearers("pbx", "6002") == {"ben"}
    all_of.nodes["n1"].hear(over("a"))
    all_of.settle()
    assert kinds(next(iter(all_of.told("ben").values()))) == ["call.ringing", "call.ended"]


async def test_the_legs_of_a_node_that_goes_end_as_unknown_and_its_lines_are_deaf() -> None:
    all_of = cluster()
    all_of.nodes["n2"].hear(LineChanged("pbx", "6001", Hearing.REGISTERED, "registered"))
    all_of.nodes["n2"].hear(ring("b", "6001"))
    all_of.settle()
    all_of.nodes["n1"].crossing.node_gone("n2", "1")
    assert [word[3] for word in next(iter(all_of.told("ana").values()))] == ["None", "unknown"]
    notices = [event.kind for event in all_of.nodes["n1"].events if event.call is None]
    assert notices == ["notice"]
    all_of.nodes["n2"].hear(ring("c", "6001", "call-2", "222"))
    all_of.settle()
    assert len(all_of.told("ana")) == 1, "what a node says that is gone is not heard"
    all_of.nodes["n2"].crossing.together()
    all_of.settle()
    assert len(all_of.told("ana")) == 2, "before it has said how it stands"


async def test_a_node_that_dies_leaves_a_call_that_the_other_hears_ringing() -> None:
    all_of = cluster()
    for name, node in all_of.nodes.items():
        node.hear(LineChanged("pbx", "6001", Hearing.REGISTERED, "registered"))
        node.hear(ring(name, "6001"))
    all_of.settle()
    all_of.nodes["n1"].crossing.node_gone("n2", "1")
    assert kinds(next(iter(all_of.told("ana").values()))) == ["call.ringing"]
    all_of.nodes["n1"].hear(over("n1", RingEnd.COMPLETED_ELSEWHERE))
    assert [word[3] for word in next(iter(all_of.told("ana").values()))] == ["None", "answered_elsewhere"]
    assert not [event for event in all_of.nodes["n1"].events if event.call is None], "the line is heard all the time"


async def test_a_line_stands_as_with_the_node_that_hears_it_best() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    other.hear(LineChanged("pbx", "6001", Hearing.REGISTERED, "registered"))
    one.hear(LineChanged("pbx", "6001", Hearing.DEAF, "no answer"))
    all_of.settle()
    assert [node.desks.states()["pbx", LineState.REGISTERED] for node in (one, other)] == [1, 1]
    other.hear(LineGone("pbx", "6001"))
    all_of.settle()
    assert [node.desks.states()["pbx", LineState.DEAF] for node in (one, other)] == [1, 1]
    one.hear(LineGone("pbx", "6001"))
    all_of.settle()
    assert [node.desks.states()["pbx", LineState.REGISTERING] for node in (one, other)] == [4, 4]


async def test_what_was_lost_of_the_stream_is_said_again() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    all_of.at_home("ben").says("ben", {"type": "sit", "lines": ["6002"]})
    other.hear(ring("b", "6001"))
    all_of.settle()
    other.hear(over("b"))
    other.hear(ring("c", "6001", "call-2", "222"))
    all_of.at_home("ben").says("ben", {"type": "sit", "lines": []})
    while other.send():
        pass
    one.read = other.read = len(all_of.stream.entries)
    one.crossing.gap()
    all_of.settle()
    assert [[word[3] for word in told] for told in all_of.told("ana").values()] == [["None", "abandoned"], ["None"]]
    assert one.desks.hearers("pbx", "6002") == frozenset()


async def test_a_call_that_another_node_heard_on_while_this_one_began_anew_rings_again_under_its_name() -> None:
    all_of = cluster()
    other = all_of.nodes["n2"]
    other.hear(ring("b", "6001"))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    all_of.begun_anew("n1").crossing.gap()
    all_of.settle()
    other.hear(over("b"))
    all_of.settle()
    assert [(word[0], word[2], word[3]) for word in all_of.told("ana")[call]] == [
        ("call.ringing", "None", "None"),
        ("call.ended", "None", "unknown"),
        ("call.ringing", "2", "None"),
        ("call.ended", "2", "abandoned"),
    ]
    assert list(all_of.told("ana")) == [call]


async def test_while_it_is_held_facts_wait_and_are_heard_when_it_may_act() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    one.crossing.hold()
    one.hear(ring("a", "6001"))
    other.hear(ring("b", "6003"))
    all_of.settle()
    assert (len(one.events), len(other.events)) == (0, 1)
    one.crossing.release()
    all_of.settle()
    assert [kinds(told) for told in all_of.told("ana").values()] == [["call.ringing"]]


async def test_what_a_node_heard_that_may_not_act_the_others_hear_and_its_own_desks_are_theirs() -> None:
    """Perhaps it rang at that node alone: nobody else was registered there yet."""
    all_of = cluster()
    one, other = all_of.nodes.values()
    one.hear(ring("a", "6001"))
    all_of.settle()
    one.crossing.hold()
    one.hear(over("a", RingEnd.COMPLETED_ELSEWHERE))
    one.hear(ring("b", "6001", "call-2", "222"))
    other.crossing.node_gone("n1", "1")
    all_of.homes["ana"] = "n2"
    other.flow.gained(frozenset({"ana"}))
    one.flow.lost(frozenset({"ana"}))
    one.crossing.release(lost=True)
    one.crossing.gap()
    all_of.settle()
    assert [kinds(told) for told in one.told("ana").values()] == [["call.ringing"]], "before it was held"
    assert sorted(map(kinds, other.told("ana").values())) == [["call.ringing"], ["call.ringing", "call.ended"]]
    one.hear(over("b"))
    all_of.settle()
    assert [words[-1][3] for words in other.told("ana").values()] == ["unknown", "abandoned"]


async def test_what_waits_while_it_is_held_is_bounded() -> None:
    one = cluster().nodes["n1"]
    one.crossing.hold()
    for number in range(MOST_HELD + 5):
        one.hear(over(f"{number}"))
    assert len(one.crossing._held or ()) == MOST_HELD
    one.crossing.release()


async def test_alone_everything_is_done_at_once_and_nobody_is_told() -> None:
    all_of = cluster()
    one, other = all_of.nodes.values()
    other.hear(ring("b", "6001"))
    all_of.settle()
    call = next(iter(all_of.told("ana")))
    one.says("ana", {"type": "note", "call": call, "text": "first"})
    one.crossing.alone()
    told = all_of.told("ana")[call]
    assert kinds(told) == ["call.ringing", "call.ended", "call.worked"]
    one.says("ana", {"type": "take", "call": call})
    one.hear(ring("a", "6001", "call-2", "222"))
    assert (kinds(all_of.told("ana")[call])[-1], len(all_of.told("ana"))) == ("call.worked", 2)
    said = len(all_of.stream.on_the_way["n1"])
    assert said == 1, "the note, which was on its way"
    one.crossing.together()
    all_of.settle()
    assert kinds(all_of.told("ana")[call]).count("call.worked") == 2, "the note that came back is not written twice"
    assert [word[:3] for word in all_of.told("ana")[call] if word[0] == "call.ringing"] == [
        ("call.ringing", "ringing", "None"),
        ("call.ringing", "ringing", "2"),
    ]


async def test_what_others_said_while_it_was_alone_is_old_by_then() -> None:
    """Its own line is gone, so nothing else would say that it was the call that it had heard, too."""
    all_of = cluster()
    one, other = all_of.nodes.values()
    other.hear(ring("z", "6002", "call-2", "222"))
    all_of.settle()
    one.crossing.alone()
    for node, leg in ((one, "a"), (other, "b")):
        node.hear(ring(leg, "6001"))
        node.hear(over(leg))
    one.hear(LineGone("pbx", "6001"))
    one.crossing.together()
    all_of.settle()
    assert list(map(kinds, all_of.told("ana").values())) == [["call.ringing", "call.ended"]]


async def test_a_desk_that_is_handed_over_in_the_middle_misses_nothing() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.settle()
    ana = frozenset({"ana"})
    all_of.nodes["n1"].flow.lost(ana)
    all_of.homes["ana"] = "n2"
    all_of.nodes["n1"].hear(ring("b", "6001", "call-2", "222"))
    all_of.nodes["n1"].hear(over("b"))
    all_of.settle()
    all_of.nodes["n2"].flow.gained(ana)
    assert sorted(map(kinds, all_of.told("ana").values())) == [["call.ringing"], ["call.ringing", "call.ended"]]
    all_of.nodes["n1"].hear(over("a"))
    all_of.settle()
    assert sorted(map(kinds, all_of.told("ana").values())) == [["call.ringing", "call.ended"]] * 2


async def test_a_desk_that_is_taken_over_is_told_what_rang_meanwhile() -> None:
    all_of = cluster()
    all_of.nodes["n2"].hear(ring("a", "6001"))
    all_of.nodes["n2"].hear(ring("b", "6001", "call-2", "222"))
    all_of.nodes["n2"].hear(over("b"))
    all_of.settle()
    all_of.homes["ana"] = "n2"
    all_of.nodes["n2"].flow.gained(frozenset({"ana"}))
    assert sorted(map(kinds, all_of.told("ana").values())) == [["call.ringing"], ["call.ringing", "call.ended"]]


async def test_what_a_desk_hears_while_it_is_taken_over_is_not_told_again_as_it_was() -> None:
    all_of = cluster()
    all_of.nodes["n2"].hear(ring("a", "6001"))
    all_of.settle()
    all_of.homes["ana"] = "n2"
    all_of.nodes["n2"].hear(over("a"))
    all_of.nodes["n2"].flow.gained(frozenset({"ana"}))
    assert list(map(kinds, all_of.told("ana").values())) == [["call.ringing", "call.ended"]]


async def test_bytes_that_cannot_be_read_and_other_kinds_cost_themselves_alone() -> None:
    one = cluster().nodes["n1"]
    one.crossing.hear("n2", "1", KIND, b"\xc1")
    one.crossing.hear("n2", "1", "directory", b"\xc1")
    assert one.events == []


async def test_a_call_is_counted_by_one_node() -> None:
    all_of = cluster()
    all_of.nodes["n1"].hear(ring("a", "6001"))
    all_of.nodes["n2"].hear(ring("b", "6003"))
    for node, leg in (("n1", "a"), ("n2", "b")):
        all_of.nodes[node].hear(over(leg))
    all_of.later(100.0)
    assert [node.flow.figures.calls.total() for node in all_of.nodes.values()] == [1, 0]
    assert [node.flow.figures.open for node in all_of.nodes.values()] == [0, 0]


async def test_who_overhears_hears_of_the_lines_of_all_nodes_as_they_stand_together() -> None:
    all_of = cluster()
    heard: dict[str, list[object]] = {name: [] for name in all_of.nodes}
    for name, node in all_of.nodes.items():
        node.crossing.overheard = heard[name].append
    all_of.nodes["n1"].hear(LineChanged("pbx", "6001", Hearing.REGISTERED, "200"))
    all_of.settle()
    all_of.nodes["n2"].hear(LineChanged("pbx", "6001", Hearing.REGISTERING, "asks"))
    all_of.nodes["n2"].hear(LineGone("pbx", "6001"))
    all_of.settle()
    registered = LineChanged("pbx", "6001", Hearing.REGISTERED, "200")
    assert heard == {"n1": [registered] * 3, "n2": [registered] * 3}


async def test_a_ring_is_told_also_where_what_is_known_of_its_caller_has_no_bytes() -> None:
    all_of = cluster()
    one = all_of.nodes["n1"]
    one.crossing._tell(ring("a", "6003"), behind=[Known("c1", "\ud800", None, shared=False)])
    all_of.settle()
    assert kinds(next(iter(all_of.told("cleo").values()))) == ["call.ringing"]
