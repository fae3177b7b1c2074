"""`cluster/view.py`: what a reply of the script says."""

import msgspec
import pytest

from ctibridge.cluster.view import NOBODYS, Info, Node, Record, View, parse

NODES = {"a": Node("a1"), "b": Node("b1", Info(2.0, draining=True))}


def test_a_reply_is_read() -> None:
    view = parse(
        [
            b"a1-1",
            0,
            1,
            [b"a", b"a1", b'{"weight":2,"version":"9","unheard":[]}', b"b", b"b1", b"{}"],
            [b"7", b'["a","a1",3,"own","b","b1",true]', b"8", b'["b","",1,"fresh","","",false,"of a later version"]'],
        ]
    )
    assert view == View(
        "a1-1",
        quiet=False,
        known=True,
        nodes={"a": Node("a1", Info(2.0, version="9")), "b": Node("b1")},
        lots={7: Record("a", "a1", 3, "own", "b", "b1", ready=True), 8: Record("b", "", 1, "fresh")},
    )


def test_a_record_is_written_as_it_is_read() -> None:
    record = Record("a", "a1", 3, "handed", "b", "b1", ready=True)
    assert msgspec.json.decode(msgspec.json.encode(record), type=Record) == record


@pytest.mark.parametrize(
    "reply",
    [
        [],
        [b"x", 0, 0, [], [], []],
        [None, 0, 0, [], []],
        [b"x", 0, 0, {}, []],
        [b"x", 0, 0, [b"a", b"a1"], []],
        [b"x", 0, 0, [b"a", b"a1", b'{"weight":"much"}'], []],
        [b"x", 0, 0, [], [b"7"]],
        [b"x", 0, 0, [], [b"seven", b"[]"]],
        [b"x", 0, 0, [], [b"7", b'["a","a1",3,"stolen"]']],
    ],
)
def test_what_is_no_view_is_refused(reply: list[object]) -> None:
    with pytest.raises((msgspec.DecodeError, ValueError, TypeError)):
        parse(reply)


def test_the_others_are_those_that_live_besides_one() -> None:
    assert View("", nodes=NODES).others("a") == {"b": "b1"}
    assert View("", nodes=NODES).others("c") == {"a": "a1", "b": "b1"}


def test_an_owner_counts_while_his_incarnation_lives() -> None:
    view = View("x", nodes=NODES, lots={1: Record("a", "a1", 1), 2: Record("a", "a0", 1), 3: Record("b", "", 1)})
    assert [view.owner(lot) for lot in (1, 2, 3, 4)] == ["a", None, None, None]
    assert view.record(4) == NOBODYS


def test_a_next_one_counts_while_he_lives() -> None:
    lots = {1: Record("a", "a1", 1, "own", "b", "b1"), 2: Record("a", "a1", 1, "own", "c", "c1")}
    assert [View("x", nodes=NODES, lots=lots).next(lot) for lot in (1, 2, 3)] == ["b", None, None]


def test_who_drains_takes_no_lots() -> None:
    assert View("x", nodes=NODES).weights() == {"a": 1.0}
