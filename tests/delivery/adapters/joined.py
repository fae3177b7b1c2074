"""Nodes in one process, joined by posts in memory that can lose, keep back and forget."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from ctibridge.delivery.adapters.relay import Relay
from ctibridge.delivery.kept import Outbox
from tests.delivery.adapters.desk_server import DeskServer


@dataclass
class Joined:
    """homes: of the desks, by agent; others are at home wherever they connect. sent: all that crossed, by sender and
    receiver. loses: how many of the next bodies to that node never come. dead: from and to these nothing crosses."""

    nodes: dict[str, DeskServer] = field(default_factory=dict)
    relays: dict[str, Relay] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)
    loses: dict[str, int] = field(default_factory=dict)
    dead: set[str] = field(default_factory=set)

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, *names: str, keep: Mapping[str, Outbox] | None = None) -> AsyncIterator[Self]:
        """They share one store of tokens. keep: outboxes in the place of those in memory."""
        joined = cls()
        async with AsyncExitStack() as stack:
            for name in names:
                server = await stack.enter_async_context(DeskServer.running(folder, (keep or {}).get(name)))
                joined.nodes[name] = server
                joined.relays[name] = Relay(server.web, Sender(joined, name), Homes(joined, name).of)
            try:
                yield joined
            finally:
                await asyncio.gather(*(server.web.stop() for server in joined.nodes.values()))

    def crosses(self, sender: str, to: str, body: bytes) -> None:
        self.sent.append((sender, to, body))
        if self.loses.get(to, 0):
            self.loses[to] -= 1
        elif not self.dead & {sender, to}:
            asyncio.get_running_loop().call_soon(self.relays[to].hear, sender, f"{sender}-1", body)


@dataclass(frozen=True)
class Sender:
    joined: Joined
    name: str

    def send(self, node: str, kind: str, body: bytes) -> None:
        assert kind == "desk"
        self.joined.crosses(self.name, node, body)


@dataclass(frozen=True)
class Homes:
    joined: Joined
    name: str

    def of(self, agent: str) -> str | None:
        home = self.joined.homes.get(agent, self.name)
        return None if home == self.name else home
