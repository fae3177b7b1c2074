"""What nodes say to each other, over streams of Redis: `say` to all, `tell` to the others, `send` to one.

None of them waits or raises. What is said to all comes back to its sender too, in the one order that all see. What a
node tells stands in a stream of its own, which it does not read: most of all that is said is told.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.hearing import Hearing
from ctibridge.cluster.adapters.posting import Posting
from ctibridge.cluster.adapters.together import Together
from ctibridge.cluster.entry import Entry
from ctibridge.cluster.keys import Keys


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts since the start; waiting: entries not yet written; behind: seconds that the oldest waited; lag: seconds
    of the stream that is read last which are not yet read, by Redis's clock."""

    sent: int
    dropped: int
    heard: int
    again: int
    gaps: int
    malformed: int
    waiting: int
    behind: float
    lag: float


class Post:
    """node, incarnation: who we are. hear, gap, unheard: as in `Hearing`; called in the loop, one by one."""

    def __init__(
        self,
        redis: Redis,
        node: str,
        incarnation: str,
        hear: Callable[[Entry], None],
        gap: Callable[[str | None], None],
        unheard: frozenset[str] = frozenset(),
    ) -> None:
        self._keys = Keys(redis.prefix)
        self._told = self._keys.told(node, incarnation)
        self._link = redis.link(self._keys.all)
        self.rows = Together(redis.link(self._keys.all))
        """For who writes in the same moment as we do."""
        self._hearing = Hearing(self._link, self._keys, (node, incarnation), hear, gap, unheard)
        self._posting = Posting(self.rows, self._keys, node, incarnation, lambda: self._hearing.told)

    @property
    def listening(self) -> asyncio.Event:
        """Set while what is said is heard; all that is said from its first setting on."""
        return self._hearing.listening

    @property
    def traffic(self) -> Traffic:
        out, into = self._posting, self._hearing
        return Traffic(
            out.sent, out.dropped, into.heard, into.again, into.gaps, into.malformed, out.waiting, out.behind, into.lag
        )

    @property
    def fault(self) -> str | None:
        """Why nothing can be said or heard now, one line with the mend; None: it can."""
        return self._posting.fault or self._hearing.fault

    def say(self, kind: str, body: bytes) -> None:
        """To all nodes, ourselves among them."""
        self._posting.put(self._keys.all, kind, body)

    def tell(self, kind: str, body: bytes, *, can_wait: bool = False) -> None:
        """To all others. can_wait: see `posting.COMPANY`."""
        self._posting.put(self._told, kind, body, can_wait=can_wait)

    def send(self, node: str, kind: str, body: bytes) -> None:
        """To one. One that is gone hears nothing, and nobody is told."""
        self._posting.put(self._keys.inbox(node), kind, body)
        self._posting.hurry()

    async def flushed(self, patience: float) -> bool:
        """Whether all that was said is written within so many seconds."""
        return await self._posting.flushed(patience)

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.rows.keep_writing())
                tasks.create_task(self._posting.run())
                tasks.create_task(self._hearing.run())
        finally:
            self._link.cut()
