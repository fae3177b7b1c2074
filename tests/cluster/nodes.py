"""Nodes of a cluster, as far as they say and hear something."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ctibridge.cluster.adapters.post import Post
from ctibridge.cluster.entry import Entry
from tests.cluster.conftest import reach
from tests.peers.process import until


class Node:
    """What one node hears and is told."""

    def __init__(self, name: str, url: str, *unheard: str, **more: Any) -> None:
        self.entries: list[Entry] = []
        self.gaps: list[str | None] = []
        self.post = Post(
            reach(url, **more), name, f"{name}1", self.entries.append, self.gaps.append, frozenset(unheard)
        )

    @property
    def bodies(self) -> list[bytes]:
        return [entry.body for entry in self.entries]

    async def hears(self, count: int) -> None:
        await until(lambda: len(self.entries) >= count, f"{count} are heard", 20)


@contextlib.asynccontextmanager
async def running(*nodes: Node) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(node.post.run()) for node in nodes]
    try:
        await asyncio.gather(*(node.post.listening.wait() for node in nodes))
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
