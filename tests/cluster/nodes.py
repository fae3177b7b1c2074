"""Nodes of a cluster, as far as they say and hear something."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ctibridge.cluster.adapters.post import Post
from ctibridge.cluster.entry import Entry
from ctibridge.cluster.keys import Keys
from tests.cluster.conftest import reach
from tests.peers.process import until


class Node:
    """What one node hears and is told."""

    def __init__(self, name: str, url: str, *unheard: str, life: str = "1", **more: Any) -> None:
        self.name, self.incarnation = name, name + life
        self.entries: list[Entry] = []
        self.gaps: list[str | None] = []
        redis = reach(url, **more)
        self.told = Keys(redis.prefix).told(name, self.incarnation)
        self._leases = Keys(redis.prefix).leases
        self._link = redis.link(self._leases)
        self.post = Post(redis, name, self.incarnation, self.entries.append, self.gaps.append, frozenset(unheard))

    async def takes_a_lease(self) -> None:
        """The others know of it; whoever asks the registry finds it over."""
        await self._link.call("HSET", self._leases, self.name, f'["{self.incarnation}", 1, 0, 3000, "{{}}"]')
        await self._link.close()

    @property
    def bodies(self) -> list[bytes]:
        return [entry.body for entry in self.entries]

    async def hears(self, count: int) -> None:
        await until(lambda: len(self.entries) >= count, f"{count} are heard", 20)


@contextlib.asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    for node in nodes:
        await node.takes_a_lease()
    tasks = [asyncio.create_task(node.post.run()) for node in nodes]
    try:
        await asyncio.gather(*(node.post.listening.wait() for node in nodes))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
