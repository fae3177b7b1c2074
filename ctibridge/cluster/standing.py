"""How the nodes of a cluster stand, for people: one row each, of what the registry says. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.view import Node, View

BEHIND = 1.0
"""Seconds that a node reads later what the others say: its desks see as late what rings elsewhere."""

State = Literal["member", "behind", "drains", "gone"]


@dataclass(frozen=True, slots=True)
class Stand:
    """lots: that it has, or had last where it is gone; coming: that it gets next. lines, desks, lag (seconds): as it
    said itself, within the last seconds; None where it did not. people: a keeper has them on its disk, who is lean asks
    Redis; None where that is not told apart."""

    name: str
    state: State
    lots: int
    coming: int = 0
    lines: int | None = None
    desks: int | None = None
    lag: float | None = None
    weight: float | None = None
    redundancy: str | None = None
    version: str | None = None
    people: Literal["keeper", "lean"] | None = None


def stands(view: View) -> tuple[Stand, ...]:
    """By name: those that live, and those that had a lot last which nobody has."""
    has = Counter(view.owner(lot) for lot in view.lots)
    gets = Counter(view.next(lot) for lot in view.lots)
    had = Counter(view.record(lot).node for lot in nobodys(view) if view.record(lot).incarnation)
    live = (_live(name, node, has[name], gets[name]) for name, node in view.nodes.items())
    gone = (Stand(name, "gone", lots) for name, lots in had.items() if name not in view.nodes)
    return tuple(sorted((*live, *gone), key=lambda one: one.name))


def nobodys(view: View, lots: Iterable[int] = range(LOTS)) -> list[int]:
    """The lots without an owner: no line of theirs is registered."""
    return [lot for lot in lots if view.owner(lot) is None]


def _live(name: str, node: Node, lots: int, coming: int) -> Stand:
    info, figures = node.info, node.info.figures
    lag = figures.get("lag")
    state: State = "drains" if info.draining else "behind" if (lag or 0) > BEHIND else "member"
    lines, desks = (None if figures.get(word) is None else int(figures[word]) for word in ("lines", "desks"))
    lean = figures.get("lean")
    people: Literal["keeper", "lean"] | None = None if lean is None else "lean" if lean else "keeper"
    said = info.weight, info.redundancy, info.version or None, people
    return Stand(name, state, lots, coming, lines, desks, lag, *said)
