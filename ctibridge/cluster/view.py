"""What the cluster's registry says in one moment: which nodes live, and which lot is whose. Frozen; read from a reply.

A record outlives its owner: it counts only while the lease of its node and incarnation stands, and until somebody
claims the lot it says who had it last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

How = Literal["handed", "own", "fresh"]
"""With which epochs the desks of a lot go on at its owner. handed: as the earlier owner wrote them down for it; own: as
it has them itself, nobody else had the lot since; fresh: with new ones, as somebody may have told what it does not
know."""


class Info(msgspec.Struct, frozen=True):
    """What a node says of itself; the registry only passes it on. Unknown fields are ignored: of a rolling upgrade.

    weight: its share, as in `lots.ranked`; draining: it takes no lot any more; figures: for people (lines, desks, lag
    in seconds), by name.
    """

    weight: float = 1.0
    draining: bool = False
    version: str = ""
    redundancy: str = "one"
    figures: dict[str, float] = msgspec.field(default_factory=dict)


class Record(msgspec.Struct, frozen=True, array_like=True):
    """A lot. As text a JSON array in this order; a longer one, of a newer version, is read too.

    node, incarnation: the owner, "" as incarnation once released; token: rises with each change of owner; desks: with
    which epochs the owner's desks go on, "own" once they do; next, next_incarnation: who wants the lot while the owner
    lives, "" for nobody; ready: the next one has the lot's lines registered.
    """

    node: str = ""
    incarnation: str = ""
    token: int = 0
    desks: How = "fresh"
    next: str = ""
    next_incarnation: str = ""
    ready: bool = False


NOBODYS = Record()


@dataclass(frozen=True, slots=True)
class Node:
    """A node whose lease stands."""

    incarnation: str
    info: Info = field(default_factory=Info)


@dataclass(frozen=True, slots=True)
class View:
    """birth: of the registry, another one after it was emptied; quiet: it was born less than one lease ago, so whoever
    held a lot before may still think so, and nothing may be claimed; known: the lease of who asked stood when he
    asked."""

    birth: str
    quiet: bool = False
    known: bool = False
    nodes: dict[str, Node] = field(default_factory=dict)
    lots: dict[int, Record] = field(default_factory=dict)

    def record(self, lot: int) -> Record:
        return self.lots.get(lot, NOBODYS)

    def others(self, node: str) -> dict[str, str]:
        """The incarnation of each node whose lease stands, but for that one."""
        return {name: there.incarnation for name, there in self.nodes.items() if name != node}

    def lives(self, node: str, incarnation: str) -> bool:
        """Is the lease of this incarnation there?"""
        there = self.nodes.get(node)
        return there is not None and there.incarnation == incarnation

    def owner(self, lot: int) -> str | None:
        """The live node that has this lot; None: nobody."""
        record = self.record(lot)
        return record.node if self.lives(record.node, record.incarnation) else None

    def next(self, lot: int) -> str | None:
        """The live node that gets this lot next; None: nobody."""
        record = self.record(lot)
        return record.next if self.lives(record.next, record.next_incarnation) else None

    def weights(self) -> dict[str, float]:
        """By node, of those that take lots: who drains takes none."""
        return {name: node.info.weight for name, node in self.nodes.items() if not node.info.draining}


_RECORD = msgspec.json.Decoder(Record)
_INFO = msgspec.json.Decoder(Info)


def parse(reply: Sequence[object]) -> View:
    """The script's reply, as Redis gives it: `[birth, quiet, known, [name, incarnation, info, ...], [lot, record,
    ...]]`, texts as bytes, quiet and known 0 or 1, info and record JSON. Raises msgspec.DecodeError, ValueError or
    TypeError when it is none."""
    birth, quiet, known, nodes, lots = reply
    if not (isinstance(birth, bytes) and isinstance(nodes, list) and isinstance(lots, list)):
        raise TypeError("not a view of the cluster")
    return View(
        birth.decode(),
        bool(quiet),
        bool(known),
        {
            name.decode(): Node(incarnation.decode(), _INFO.decode(info))
            for name, incarnation, info in zip(nodes[::3], nodes[1::3], nodes[2::3], strict=True)
        },
        {int(lot): _RECORD.decode(record) for lot, record in zip(lots[::2], lots[1::2], strict=True)},
    )
