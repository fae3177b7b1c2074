"""Gathered by node, in order, the same frame once."""

from ctibridge.delivery import relayed
from ctibridge.delivery.adapters.relay_post import KIND, Outgoing
from ctibridge.delivery.relayed import Part, Pinged, Sent


class Posted:
    def __init__(self) -> None:
        self.parts: list[tuple[str, list[Part]]] = []

    def send(self, node: str, kind: str, body: bytes) -> None:
        assert kind == KIND
        self.parts.append((node, relayed.read(body)))


def test_the_same_frame_for_several_is_one_part() -> None:
    post = Posted()
    out = Outgoing(post)
    frame = b"a frame"
    out.frame("two", 1, 1, frame)
    out.frame("three", 7, 4, frame)
    out.frame("two", 2, 1, frame)
    assert post.parts == []
    out.flush()
    assert post.parts == [("two", [Sent([(1, 1), (2, 1)], frame)]), ("three", [Sent([(7, 4)], frame)])]
    out.flush()
    assert len(post.parts) == 2


def test_what_stands_between_keeps_its_place() -> None:
    post = Posted()
    out = Outgoing(post)
    frame, equal = b"a frame", bytes(bytearray(b"a frame"))
    out.frame("two", 1, 1, frame)
    out.add("two", Pinged(1))
    out.frame("two", 2, 1, frame)
    out.frame("two", 3, 1, equal)
    out.flush()
    (one,) = post.parts
    assert one == ("two", [Sent([(1, 1)], frame), Pinged(1), Sent([(2, 1)], frame), Sent([(3, 1)], equal)])
