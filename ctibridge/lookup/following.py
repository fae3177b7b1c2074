"""Which of two copies of the directory is right: what a node does when it sees where the cluster stands.

The cluster's history is a row of numbered changes, each with a chance stamp. A copy knows which history it is of, which
change it had last, and the stamps of those before it. Pure: comes in both standings, goes out what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Standing:
    """history: chance, made once; empty: of no cluster yet. seq: number of the last change that is in it, stamp: of
    that change. act: number of the last one that was made under the lease. version: of the directory as of that one."""

    history: str = ""
    seq: int = 0
    stamp: str = ""
    act: int = 0
    version: int = 0


class Step(StrEnum):
    """FOLLOW: read on. BEGIN: no history is known to Redis, ours may be it. RAISE: Redis has lost the last changes, and
    we have them. RELOAD: take all from another copy. ASIDE: the same, but what is here is kept as a file before. WAIT:
    there is nothing yet, here or there."""

    FOLLOW = "follow"
    BEGIN = "begin"
    RAISE = "raise"
    RELOAD = "reload"
    ASIDE = "aside"
    WAIT = "wait"


def step(mine: Standing, head: Standing | None, past: Mapping[int, str], *, empty: bool) -> Step:
    """past: stamps of changes that are in this copy, by number, as far as they are kept. empty: nothing was ever
    written to this copy."""
    if head is None:
        return Step.WAIT if empty and not mine.history else Step.BEGIN
    if mine.history != head.history:
        return Step.RELOAD if empty else Step.ASIDE
    if mine.seq < head.seq:
        return Step.FOLLOW  # whether the next one goes on from ours is seen by what stands before it
    if mine.seq == head.seq:
        return Step.FOLLOW if mine.stamp == head.stamp else Step.ASIDE
    return Step.RAISE if past.get(head.seq) == head.stamp else Step.ASIDE


def goes_on(mine: Standing, seq: int, before: str) -> bool:
    """Is that change, which came behind one of stamp `before`, the next one for this copy?"""
    return seq == mine.seq + 1 and before == mine.stamp
