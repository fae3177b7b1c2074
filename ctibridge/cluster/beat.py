"""What a node asks of the registry: always a sign of life, and with it changes of lots. One at a time for each node.

The answer is a `View` of how all stands after it, or `Refused`. What became of each change is read there, so a reply
that is lost costs nothing: the next view says it again.
"""

from dataclasses import dataclass
from typing import Literal

from ctibridge.cluster.view import Info

Op = Literal["claim", "reclaim", "want", "unwant", "ready", "give", "settle", "release"]


@dataclass(frozen=True, slots=True)
class Change:
    """One step with one lot; what each checks and changes stands at `Registry`. token: of the ownership that is meant;
    with claim and reclaim the highest one that the node knows of."""

    op: Op
    lot: int
    token: int = 0


@dataclass(frozen=True, slots=True)
class Beat:
    """node: its name; incarnation: fresh with each start of the process; replaces: the incarnation before it, of which
    the node knows for certain that it is dead (it had the lock of the state directory), "" for none; count: rises with
    each request of this incarnation; lease: seconds; leaves: take me out, after the changes."""

    node: str
    incarnation: str
    replaces: str
    count: int
    lease: float
    info: Info
    changes: tuple[Change, ...] = ()
    leaves: bool = False

    @property
    def birth(self) -> str:
        """The name of the registry, should it be empty: no other request has this one."""
        return f"{self.incarnation}-{self.count}"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. taken: another living incarnation has this node's name: two daemons have one `node.name`;
    overtaken: a later request of this incarnation was answered before."""

    why: Literal["taken", "overtaken"]
