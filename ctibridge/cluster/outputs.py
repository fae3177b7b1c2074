"""All that `Member` can say. Who drives it drains these and does them, in order."""

from dataclasses import dataclass

from ctibridge.cluster.beat import Beat
from ctibridge.cluster.view import How


@dataclass(frozen=True, slots=True)
class Ask:
    """Carry this to the registry; answered by `Member.answered`, `refused` or `failed`, after `patience` seconds at the
    latest. The next comes only after that. A request that is given up may still be carried out: that is harmless."""

    beat: Beat
    patience: float


@dataclass(frozen=True, slots=True)
class Lines:
    """From now on the lines of exactly these lots are registered here. Said when it changes, and before `Prepare`."""

    lots: frozenset[int]


@dataclass(frozen=True, slots=True)
class Prepare:
    """This node gets these lots next: `Member.prepared` once their lines are registered here, as far as the registrar
    lets them."""

    lots: frozenset[int]


@dataclass(frozen=True, slots=True)
class Yield:
    """The next node is ready. From now on nothing happens at the desks of these lots; their state is written to Redis
    under lot and token (the one that the next owner will have), and here they get new epochs, at once and on disk. Then
    `Member.given(turn)`; where it could not be written, `Member.kept(turn)`."""

    turn: int
    lots: dict[int, int]


@dataclass(frozen=True, slots=True)
class Gained:
    """These lots, by token, are ours, perhaps again: what rings at them now is told. how: with which epochs their desks
    go on. handed: those that lie in Redis under lot and token; where nothing lies there, fresh. own: what this node has
    on disk, or goes on with. fresh: new ones, also where this node just said `Yield`. Then `Member.settled(lots)`, once
    that is on disk."""

    lots: dict[int, int]
    how: How


@dataclass(frozen=True, slots=True)
class Lost:
    """These lots are somebody else's: their desks are closed (1012), and what this node has of them gets new epochs, at
    once and on disk. Their lines: see `Lines`."""

    lots: frozenset[int]


@dataclass(frozen=True, slots=True)
class Alone:
    """Redis does not answer: this node goes on with what it has."""


@dataclass(frozen=True, slots=True)
class Together:
    """Redis answers, for the first time or again; or our name is ours again."""


@dataclass(frozen=True, slots=True)
class NodeGone:
    """The lease of another node ended: what it heard of calls ends with it."""

    node: str
    incarnation: str


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Another living daemon has this node's name: two have one `node.name`, or the one before us was just killed; we go
    on trying."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """Tell this node to look at the registry at once (`Member.look`). Only for speed: without it, it looks within a
    beat."""

    node: str


@dataclass(frozen=True, slots=True)
class Left:
    """All lots are given or released, and this node is out: nothing more will be said."""


Output = Ask | Lines | Prepare | Yield | Gained | Lost | Alone | Together | NodeGone | NameTaken | Nudge | Left
