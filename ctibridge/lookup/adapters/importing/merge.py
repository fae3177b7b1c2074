"""Rows of the smaller tables into the store: only what differs is written, so that the same files again change nothing.

Comes in: rows as the tables have them. The statements are made of our own table and column names; values never are.
"""

# ruff: noqa: S608 - statements of our own names only, see above

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import aiosqlite
import msgspec

from ctibridge.lookup.adapters.importing import narrowing
from ctibridge.lookup.adapters.importing.differences import Changes, Difference, difference
from ctibridge.lookup.adapters.tables import STORED, Stored

# Written before all accounts: what they need, and what concerns several of them.
SMALL = ("accounts", "agents", "role_shares", "grants", "service_numbers")
# Written with their account.
OF_ACCOUNT = (
    "sites",
    "services",
    "configuration_items",
    "standard_requests",
    "knowledge_articles",
    "requests",
    "announcements",
)
# Whose rows an account may lose. The account itself stays: people, shares and events point at it.
_NOW = "strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now')"
REPLACED = frozenset({"role_shares", "grants", "service_numbers", *OF_ACCOUNT})

_NAMED = """
PRAGMA temp_store = FILE;
-- What the files name of the account that they replace, also in refused rows: a typing error must not remove a person.
CREATE TEMP TABLE named (kind TEXT, key TEXT, PRIMARY KEY (kind, key)) WITHOUT ROWID;
"""


class TableMerge:
    """Of one import. writes: False for a dry run, which compares and counts only.

    kept: shares and grants that stay narrower than the files say, see `narrowing`.
    """

    def __init__(self, connection: aiosqlite.Connection, *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self.kept = 0

    async def begin(self) -> None:
        await self._connection.executescript(_NAMED)

    async def name(self, kind: str, keys: Iterable[str]) -> None:
        """These are named by the files; key: the part of the table's key that is not the account."""
        await self._connection.executemany("INSERT OR IGNORE INTO named VALUES (?, ?)", ((kind, key) for key in keys))

    async def whole(self, kind: str, rows: Sequence[Sequence[Any]], given: Collection[str]) -> Changes:
        """All rows of a kind that is small, over all accounts."""
        stored = STORED[kind]
        return await self._upsert(kind, rows, given, f"SELECT {_columns(stored)} FROM {stored.table}", ())

    async def of_account(
        self, kind: str, account: str, rows: Sequence[Sequence[Any]], given: Collection[str]
    ) -> Changes:
        """Rows of one account."""
        stored = STORED[kind]
        key = own_column(stored)
        query = (
            f"SELECT {_columns(stored)} FROM {stored.table} "
            f"WHERE account = ? AND {key} IN (SELECT value FROM json_each(?))"
        )
        keys = [row[stored.key.index(key)] for row in rows]
        return await self._upsert(kind, rows, given, query, (account, msgspec.json.encode(keys).decode()))

    async def remove_rest(self, kind: str, account: str) -> Changes:
        """Removes the account's rows of this kind that the files do not name. A share ends instead: that there was one
        says that its people have to leave."""
        stored, shares = STORED[kind], kind == "role_shares"
        unnamed = f"{own_column(stored)} NOT IN (SELECT key FROM named WHERE kind = ?)"
        rest = f"{stored.table} WHERE account = ? AND {unnamed}"
        rest += f" AND (ends_at IS NULL OR ends_at > {_NOW})" if shares else ""
        ((count,),) = await self._connection.execute_fetchall(f"SELECT count(*) FROM {rest}", (account, kind))
        if self._writes and count:
            act = rest.replace(" WHERE", f" SET ends_at = {_NOW} WHERE", 1)
            await self._connection.execute(f"UPDATE {act}" if shares else f"DELETE FROM {rest}", (account, kind))
        return Changes(removed=count)

    async def _upsert(
        self, kind: str, rows: Sequence[Sequence[Any]], given: Collection[str], query: str, values: Sequence[str]
    ) -> Changes:
        stored = STORED[kind]
        keys = len(stored.key)
        columns = (*stored.key, *stored.columns)
        found = await self._connection.execute_fetchall(query, values)
        told = [at for at, column in enumerate(columns) if at >= keys and column in given]
        before = {tuple(row[:keys]): row for row in found}
        if kind in narrowing.ACTS:
            rows = await self._narrowed(kind, rows, before, given)
        differs = difference(before, rows, keys, told)
        if self._writes:
            await self._write(stored, differs)
        return differs.changes

    async def _narrowed(
        self, kind: str, rows: Sequence[Sequence[Any]], before: Mapping[Any, Sequence[Any]], given: Collection[str]
    ) -> Sequence[Sequence[Any]]:
        # Asked for here, with the store locked: an act may have come while the files were read.
        most = await narrowing.limits(self._connection, kind)
        narrow = narrowing.rows(kind, rows, before.keys(), given, most)
        self.kept += sum(list(told) != kept for told, kept in zip(rows, narrow, strict=True))
        return narrow

    async def _write(self, stored: Stored, differs: Difference) -> None:
        columns = (*stored.key, *stored.columns)
        sets = ", ".join(f"{column} = excluded.{column}" for column in stored.columns)
        await self._connection.executemany(
            f"INSERT INTO {stored.table} ({_columns(stored)}) VALUES ({', '.join('?' * len(columns))}) "
            f"ON CONFLICT ({', '.join(stored.key)}) DO UPDATE SET {sets}",
            [*differs.new, *differs.changed],
        )


def _columns(stored: Stored) -> str:
    return ", ".join((*stored.key, *stored.columns))


def own_column(stored: Stored) -> str:
    """The part of the key that is not the account."""
    return next(column for column in stored.key if column != "account")
