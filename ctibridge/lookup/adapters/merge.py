"""Staged rows into the store: only what differs is written, so that the same files again change nothing.

Comes in: the filled temporary tables. The statements are made of our own table and column names; values never are.
"""

# ruff: noqa: S608 - statements of our own names only, see above

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import aiosqlite

from ctibridge.lookup.adapters.schema import STORED, Stored

IN_BATCH = "account IN (SELECT account FROM batch_account)"
# Kinds that are small and concern several accounts at once.
SMALL = ("accounts", "sites", "agents", "role_shares", "grants", "service_numbers")
# Of these, the ones whose rows an account may lose. The account itself stays: people, shares and events point at it.
OF_ONE_ACCOUNT = ("sites", "role_shares", "grants", "service_numbers")


@dataclass(frozen=True, slots=True)
class Changes:
    new: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.new + other.new, self.changed + other.changed, self.removed + other.removed)


async def upsert(connection: aiosqlite.Connection, name: str, given: Iterable[str], scope: str = "true") -> Changes:
    """Writes the staged rows of one kind. given: the columns that the files have; others stay as they are stored."""
    stored = STORED[name]
    same = " AND ".join(f"s.{key} = d.{key}" for key in stored.key)
    new = await _number(
        connection,
        f"SELECT count(*) FROM staged_{name} s WHERE {scope} "
        f"AND NOT EXISTS (SELECT 1 FROM {stored.table} d WHERE {same})",
    )
    cursor = await connection.execute(_upsert_statement(name, stored, frozenset(given), scope))
    return Changes(new, max(0, cursor.rowcount) - new)


def _upsert_statement(name: str, stored: Stored, given: frozenset[str], scope: str) -> str:
    columns = ", ".join((*stored.key, *stored.columns))
    told = [column for column in stored.columns if column in given]
    differs = " OR ".join(f"{column} IS NOT excluded.{column}" for column in told)
    sets = ", ".join(f"{column} = excluded.{column}" for column in told)
    action = f"DO UPDATE SET {sets} WHERE {differs}" if told else "DO NOTHING"
    return (
        f"INSERT INTO {stored.table} ({columns}) SELECT {columns} FROM staged_{name} WHERE {scope} "
        f"ON CONFLICT ({', '.join(stored.key)}) {action}"
    )


async def remove_rest(connection: aiosqlite.Connection, name: str, account: str) -> int:
    """Removes the account's rows of this kind that the files do not have. Returns how many."""
    stored = STORED[name]
    same = " AND ".join(f"s.{key} = {stored.table}.{key}" for key in stored.key)
    first, *second = stored.key
    kept = f"k.sheet = '{name}' AND k.key1 = {stored.table}.{first}"
    kept += "".join(f" AND k.key2 = {stored.table}.{key}" for key in second)
    cursor = await connection.execute(
        f"DELETE FROM {stored.table} WHERE account = ? "
        f"AND NOT EXISTS (SELECT 1 FROM staged_{name} s WHERE {same}) "
        f"AND NOT EXISTS (SELECT 1 FROM staged_kept k WHERE {kept})",
        (account,),
    )
    return cursor.rowcount


async def numbers(connection: aiosqlite.Connection, origin: str) -> Changes:
    """The numbers of the batch's accounts: a person whom the files tell of has exactly the numbers that they tell."""
    removed = await connection.execute(
        f"DELETE FROM directory_phone WHERE {IN_BATCH} AND origin = ? "
        "AND EXISTS (SELECT 1 FROM staged_owner o WHERE o.account = directory_phone.account "
        "AND o.person = directory_phone.person AND o.origin = directory_phone.origin) "
        "AND NOT EXISTS (SELECT 1 FROM staged_number n WHERE n.account = directory_phone.account "
        "AND n.person = directory_phone.person AND n.number = directory_phone.number "
        "AND n.label = directory_phone.label AND n.origin = directory_phone.origin)",
        (origin,),
    )
    before = await _count_numbers(connection)
    written = await connection.execute(
        "INSERT INTO directory_phone (account, person, number, label, origin, imported, changed_at, disabled) "
        "SELECT n.account, n.person, n.number, n.label, n.origin, n.imported, n.changed_at, coalesce(p.disabled, 0) "
        "FROM staged_number n JOIN directory_person p ON p.account = n.account AND p.id = n.person "
        "WHERE n.origin = ? AND n.account IN (SELECT account FROM batch_account) "
        "ON CONFLICT (account, person, number, label, origin) DO UPDATE SET "
        "imported = excluded.imported, changed_at = excluded.changed_at "
        "WHERE imported IS NOT excluded.imported OR changed_at IS NOT excluded.changed_at",
        (origin,),
    )
    new = await _count_numbers(connection) - before
    return Changes(new, max(0, written.rowcount) - new, removed.rowcount)


async def follow_people(connection: aiosqlite.Connection) -> tuple[int, int]:
    """Numbers are disabled as their people are, and go with them. Returns (how many changed, how many went)."""
    followed = await connection.execute(
        "UPDATE directory_phone SET disabled = coalesce(p.disabled, 0) FROM directory_person p "
        "WHERE p.account = directory_phone.account AND p.id = directory_phone.person "
        f"AND directory_phone.{IN_BATCH} AND directory_phone.disabled <> coalesce(p.disabled, 0)"
    )
    orphans = await connection.execute(
        f"DELETE FROM directory_phone WHERE {IN_BATCH} AND NOT EXISTS (SELECT 1 FROM directory_person p "
        "WHERE p.account = directory_phone.account AND p.id = directory_phone.person)"
    )
    return followed.rowcount, orphans.rowcount


async def remove_other_numbers(connection: aiosqlite.Connection, account: str) -> int:
    """The file phones is the whole truth: people whom it does not name lose the numbers that it once told."""
    cursor = await connection.execute(
        "DELETE FROM directory_phone WHERE account = ? AND origin = 'phones' "
        "AND NOT EXISTS (SELECT 1 FROM staged_owner o WHERE o.account = directory_phone.account "
        "AND o.person = directory_phone.person AND o.origin = 'phones') "
        "AND NOT EXISTS (SELECT 1 FROM staged_kept k WHERE k.sheet = 'phones' "
        "AND k.key1 = directory_phone.account AND k.key2 = directory_phone.person)",
        (account,),
    )
    return cursor.rowcount


async def accounts_with_people(connection: aiosqlite.Connection) -> Mapping[str, int]:
    """How many staged rows of people and numbers each account has."""
    rows = await connection.execute_fetchall(
        "SELECT account, sum(rows) FROM (SELECT account, count(*) AS rows FROM staged_people GROUP BY account "
        "UNION ALL SELECT account, count(*) FROM staged_owner GROUP BY account) GROUP BY account"
    )
    return {row[0]: row[1] for row in rows}


async def choose_batch(connection: aiosqlite.Connection, accounts: Iterable[str]) -> None:
    await connection.execute("DELETE FROM batch_account")
    await connection.executemany("INSERT INTO batch_account VALUES (?)", [(account,) for account in accounts])


async def _count_numbers(connection: aiosqlite.Connection) -> int:
    return await _number(connection, f"SELECT count(*) FROM directory_phone WHERE {IN_BATCH}")


async def _number(connection: aiosqlite.Connection, query: str) -> int:
    return int(next(iter(await connection.execute_fetchall(query)))[0])
