"""A Redis with people in it, for the tests of this folder: a whole store that changes, and what lies there."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import redis

from ctibridge.cluster.adapters.spread import Spread
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.shared.asking import Ask, Command
from ctibridge.lookup.adapters.shared.writing import bring_up
from tests.cluster.conftest import reach
from tests.lookup.adapters.directories import PREFIX, REDIS, Small, always, fill, sqlite
from tests.peers.redis import RedisServer

Content = dict[str, Any]


@asynccontextmanager
async def spread_over() -> AsyncIterator[tuple[RedisServer, Spread]]:
    """An empty Redis."""
    server = await REDIS.empty()
    spread = Spread(reach(server.url))
    try:
        yield server, spread
    finally:
        await spread.close()


async def kept(small: Small, folder: Path) -> Path:
    """A whole store."""
    folder.mkdir(exist_ok=True)
    await (await sqlite(small, folder)).close()
    return folder / FILE


async def up(path: Path, people: Ask) -> bool:
    return await bring_up(path, people, PREFIX, always)


def change(path: Path, small: Small, changed: Iterable[PersonKey]) -> None:
    """One version on: the people are these now; of those who changed it is noted."""
    with sqlite3.connect(path) as db:
        for table in ("person", "phone", "term", "account"):
            db.execute(f"DELETE FROM directory_{table}")  # noqa: S608 - our own words
        ((version,),) = db.execute("SELECT version FROM directory_change")
        accounts = {account.id: no for no, account in enumerate(small.accounts, 1)}
        noted = [(version + 1, accounts[key.account], key.id) for key in changed]
    db.close()
    fill(path, Small(small.accounts, small.people, small.held, version=version + 1))
    with sqlite3.connect(path) as db:
        db.executemany("INSERT INTO directory_changed_person VALUES (?, ?, ?)", noted)
    db.close()


def differing(before: Small, after: Small) -> set[PersonKey]:
    """Whose record or numbers are not the same."""

    def of(small: Small) -> dict[PersonKey, object]:
        held = {one.key: {each for each in small.held if each.person == one.key} for one in small.people}
        return {one.key: (one, held[one.key]) for one in small.people}

    one, other = of(before), of(after)
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def content(server: RedisServer) -> Content:
    """All that lies there, whatever the generation is called."""
    with redis.Redis(server.address, server.port) as client:
        generation = (client.hget(f"{{{PREFIX}}}:directory:shared", "generation") or b"-").decode()
        there = [key for key in client.scan_iter() if not key.endswith(b":turn")]
        return {_named(key, generation): _value(client, key, generation) for key in there}


def raw(server: RedisServer) -> bytes:
    """Every key and every value, one behind the other."""
    with redis.Redis(server.address, server.port) as client:
        return b"\n".join(part for key in client.scan_iter() for part in (key, repr_of(_value(client, key, "-"))))


def repr_of(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, dict):
        return b"\n".join(part for pair in value.items() for part in pair)
    return b"\n".join(value)


def _named(key: bytes, generation: str) -> str:
    return key.decode().replace(f":{generation}:", ":GENERATION:")


def _value(client: Any, key: bytes, generation: str) -> Any:
    kind = client.type(key)
    if kind == b"hash":
        found = client.hgetall(key)
        return {
            name.replace(generation.encode(), b"GENERATION"): _same(value, generation) for name, value in found.items()
        }
    return client.zrangebylex(key, "-", "+") if kind == b"zset" else client.get(key)


def _same(value: bytes, generation: str) -> bytes:
    return b"GENERATION" if value == generation.encode() else value


class Cut(OSError):
    """What a killed process's last command was followed by."""


class CutAsk:
    """Carries commands one by one, and breaks off behind so many that write."""

    def __init__(self, people: Ask, after: int | None = None) -> None:
        self._people, self._after = people, after
        self.written: list[Command] = []

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        replies = []
        for command in commands:
            if command[0] == "EVAL":
                if self._after is not None and len(self.written) >= self._after:
                    raise Cut
                self.written.append(command)
            replies += await self._people.ask([command])
        return replies


class HeldAsk:
    """Waits before the writing command of this number until it is let go."""

    def __init__(self, people: Ask, before: int) -> None:
        self._people, self._before = people, before
        self.reached, self.go = asyncio.Event(), asyncio.Event()

    async def ask(self, commands: Sequence[Command]) -> list[Any]:
        self._before -= any(command[0] == "EVAL" for command in commands)
        if self._before < 0 and not self.reached.is_set():
            self.reached.set()
            await self.go.wait()
        return await self._people.ask(commands)
