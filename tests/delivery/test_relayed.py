"""What crosses between edge and home: a pair of `written` and `read`, and bytes of anybody."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery import relayed
from ctibridge.delivery.relayed import (
    MOST_FRAME,
    PIECE,
    Cut,
    Ended,
    Greeted,
    Heard,
    Left,
    Moved,
    Open,
    Part,
    Pinged,
    Said,
    Sent,
    Taken,
)

PARTS: list[Part] = [
    Open(1, bytes(32), b'{"type":"auth","token":""}'),
    Said(1, 1, b'{"type":"ping"}'),
    Said(1, 2, b"\xff\x00"),
    Heard(1),
    Left(1),
    Taken(1),
    Greeted(1, 1, [b"a", b"b"], last=False),
    Sent([(1, 2), (2**62, 7)], b"frame"),
    Pinged(1),
    Ended(1, 1012, "restart"),
    Cut(1),
    Moved(1),
]


def test_each_part_comes_back_as_it_went() -> None:
    (body,) = relayed.written(PARTS)
    assert relayed.read(body) == PARTS
    assert list(relayed.written([])) == []


def test_long_ones_are_several_bodies_in_order() -> None:
    parts: list[Part] = [Sent([(1, n)], bytes(PIECE // 3)) for n in range(1, 8)]
    bodies = list(relayed.written(parts))
    assert [len(relayed.read(body)) for body in bodies] == [2, 2, 2, 1]
    assert [part for body in bodies for part in relayed.read(body)] == parts


def test_a_kind_of_a_later_version_costs_nobody_else() -> None:
    (body,) = relayed.written([Taken(1), Cut(2)])
    version, (taken, cut) = msgspec.msgpack.decode(body)
    later = [version, [taken, ["sung", 1, 2], ["taken"], ["taken", -1], 7, [*cut, "more"]], "and more"]
    assert relayed.read(msgspec.msgpack.encode(later)) == [Taken(1), Cut(2)]
    assert relayed.read(msgspec.msgpack.encode([version + 1, [taken]])) == []


def test_what_is_too_long_is_left_out() -> None:
    (body,) = relayed.written([Said(1, 1, bytes(MOST_FRAME + 1)), Open(1, bytes(31), b""), Said(1, 1, b"fine")])
    assert relayed.read(body) == [Said(1, 1, b"fine")]
    assert relayed.read(bytes(relayed.MOST_BODY + 1)) == []


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    assert isinstance(relayed.read(body), list)


def test_a_greeting_in_pieces() -> None:
    assert list(relayed.pieces(())) == [([], True)]
    frames = [bytes(PIECE // 2)] * 5
    found = list(relayed.pieces(frames))
    assert [(len(piece), last) for piece, last in found] == [(2, False), (2, False), (1, True)]


def test_nothing_is_shown_of_them() -> None:
    assert "secret" not in repr(Said(1, 1, b"secret"))
