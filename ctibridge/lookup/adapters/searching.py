"""People by what an agent types, on a connection of its own: no pop waits for a search, and a search that is given up
(the agent typed on) stops within some rows.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import aiosqlite
import msgspec

from ctibridge.domain.person import PersonKey
from ctibridge.lookup import search
from ctibridge.lookup.adapters import queries
from ctibridge.lookup.adapters.queries import END
from ctibridge.lookup.adapters.schema import open_reader
from ctibridge.lookup.search import Query

CACHE_KIB = 32_768
# A word that no more people of an account have is all that is looked up there; the others are seen in their names.
FEW = 8
# Up to here words are compared by how common they are.
COMMON = 1_000
# Of so many accounts all are gone through at first; mostly that is enough.
AT_FIRST = 8
WHOLE = ""
"""In place of END: the words and ids must be typed whole."""


@dataclass(frozen=True, slots=True)
class _Look:
    """How many people of one account are looked at, at most, who have a word, and who have all; end: END or WHOLE."""

    having: int
    people: int
    end: str


_Row = tuple[int, int, str, str, str]
"""Disabled, how well it fits, name, account, id."""


class Searching:
    """One search at a time; the connection reads only."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._one = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Raises StoreFault."""
        connection = await open_reader(path, cache_kib=CACHE_KIB)
        try:
            await connection.create_function("directory_fit", 5, _fit, deterministic=True)
        except BaseException:
            await connection.close()
            raise
        return cls(connection)

    async def close(self) -> None:
        await self._connection.close()

    async def find(self, text: str, accounts: Sequence[str], called: str | None, limit: int) -> list[PersonKey]:
        """At most `limit` people of these accounts, best first. Cancelled, it stops. Raises sqlite3.Error.

        Where fewer than `limit` fit, all of them are found. Where more do, those whom it fits exactly come first; which
        of the others come is as good as chance, since only some are looked at: the agent types on.
        """
        query = search.parse(text)
        async with self._one:
            try:
                found = await self._find(query, accounts, called, limit) if query else set()
            except asyncio.CancelledError:
                # Nobody else asks on this connection; a statement that has ended meanwhile does not mind.
                await self._connection.interrupt()
                raise
        # Those who have left; of another company; how well it fits; by name.
        ordered = sorted(found, key=lambda row: (row[0], row[3] != called, *row[1:]))
        return [PersonKey(account, id_) for *_, account, id_ in ordered[:limit]]

    async def _find(self, query: Query, accounts: Sequence[str], called: str | None, limit: int) -> set[_Row]:
        """The called account first: where that alone is enough, nobody else could come before."""
        found: set[_Row] = set()
        others = [account for account in accounts if account != called]
        for group in [account for account in accounts if account == called], others:
            for some in filter(None, (group[:AT_FIRST], group[AT_FIRST:])):
                found |= await self._in(query, some, END, limit)
                if _enough(found, limit):
                    return found | await self._in(query, group, WHOLE, limit)
        return found

    async def _in(self, query: Query, accounts: Sequence[str], end: str, limit: int) -> set[_Row]:
        """At first only some people of each account are looked at. Where they are not enough, there are not many."""
        found = await self._ask(query, accounts, _glance(end, len(accounts), limit), limit)
        return found if _enough(found, limit) else await self._ask(query, accounts, _thorough(end), limit)

    async def _ask(self, query: Query, accounts: Sequence[str], look: _Look, limit: int) -> set[_Row]:
        words = await self._words(query, accounts, look)
        asked = [[account, *two] for account, two in zip(accounts, words, strict=True)]
        given = (_json(asked), query.text, look.end, look.having, look.people, limit)
        return set(map(tuple, await self._connection.execute_fetchall(queries.SEARCH, given)))

    async def _words(self, query: Query, accounts: Sequence[str], look: _Look) -> list[list[tuple[str, ...]]]:
        """For each account the two words by which it is gone through: of one word, or a rare one, that one twice."""
        if len(query.words) < 2:
            word = query.words[0] if query.words else ()
            return [[word, word]] * len(accounts)
        given = (_json(accounts), _json(query.words), look.end, COMMON)
        counted: dict[int, list[tuple[int, int]]] = {}
        for account, word, people in await self._connection.execute_fetchall(queries.COMMONNESS, given):
            counted.setdefault(account, []).append((people, word))
        return [_two(query, sorted(counted.get(number, [(0, 0)]))) for number in range(len(accounts))]


def _two(query: Query, rarest: list[tuple[int, int]]) -> list[tuple[str, ...]]:
    (people, first), second = rarest[0], rarest[min(1, len(rarest) - 1)][1]
    return [query.words[first], query.words[first if people <= FEW else second]]


def _glance(end: str, accounts: int, limit: int) -> _Look:
    return _Look(max(100, 4_000 // accounts), max(4, 10 * limit // accounts), end)


def _thorough(end: str) -> _Look:
    return _Look(1_000_000, 10_000, end)


def _enough(found: set[_Row], limit: int) -> bool:
    return sum(not disabled for disabled, *_ in found) >= limit


def _fit(text: str, name: str, *ids: str | None) -> int | None:
    return search.fit(search.parse(text), name, *ids)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
