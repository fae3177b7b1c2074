"""Numbers whose labels their account does not allow any more leave the store (`[privacy] account`, `phone_labels`).

An import takes none of them; these were there before the setting was made narrower. What follows from them by the
extension plan of a site goes too, freed pages are overwritten, the write-ahead log is emptied and the number index
beside the store goes at once, as it does when people leave.
"""

import sqlite3
from collections.abc import Collection, Mapping
from pathlib import Path

import aiosqlite
import msgspec

from ctibridge.lookup.adapters.importing import references
from ctibridge.lookup.adapters.importing.importer import BUSY_MS
from ctibridge.lookup.adapters.importing.numbers_merge import SLICE, NumbersMerge
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.purge import LOG_MS, empty_log, raise_version
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.adapters.tables import FROM_PLAN, MOST_LABELS, OTHER_LABEL
from ctibridge.lookup.adapters.transaction import transaction
from ctibridge.lookup.phone_labels import AllowedLabels

Counts = dict[str, dict[str, int]]
"""Numbers that files told, by account and label."""

_COUNT = f"""
SELECT l.name, count(*) FROM directory_phone p JOIN directory_label l ON l.no = p.label
WHERE p.account = ? AND p.label IN (SELECT value FROM json_each(?)) AND p.origin <> {FROM_PLAN} GROUP BY p.label
"""  # noqa: S608 - our own words
# In the order of the table, from where the last slice ended: one way through, however many are allowed in between.
_SLICE = """
SELECT p.number, p.person, o.site FROM directory_phone p JOIN directory_person o ON o.no = p.person
WHERE p.account = ? AND p.number >= ? AND p.label IN (SELECT value FROM json_each(?)) ORDER BY p.number LIMIT ?
"""


async def withhold(path: Path, allowed: AllowedLabels, *, busy_ms: int = BUSY_MS) -> Counts:
    """Removes them, and says how many; empty where there were none. busy_ms: how long it waits for another writer.
    Raises StoreFault."""
    if not allowed.by_account:
        return {}
    connection = await open_file(path, busy_ms=busy_ms)
    try:
        found = await not_allowed(connection, allowed)
        if found:
            await _remove(connection, allowed, found)
            index_file.forget(path)
            await empty_log(connection, LOG_MS)
        return found
    except (sqlite3.Error, OSError) as error:
        raise StoreFault(f"{path}: numbers that are not allowed could not be removed: {error}") from None
    finally:
        await connection.close()


async def log_is_empty(path: Path, *, busy_ms: int = BUSY_MS) -> bool:
    """It is emptied, so that nothing of them stands there. False: somebody reads it just now, and is not waited for.
    Raises StoreFault."""
    connection = await open_file(path, busy_ms=busy_ms)
    try:
        return await empty_log(connection, 0)
    except sqlite3.Error as error:
        raise StoreFault(f"{path}: the log of writes could not be emptied: {error}") from None
    finally:
        await connection.close()


async def not_allowed(connection: aiosqlite.Connection, allowed: AllowedLabels) -> Counts:
    """Those that are in the store now. Raises sqlite3.Error."""
    found: Counts = {}
    for account, (no, labels) in (await _others(connection, allowed)).items():
        rows = await connection.execute_fetchall(_COUNT, (no, _json(labels)))
        if counted := {str(name): int(count) for name, count in rows}:
            found[account] = counted
    return found


async def _others(connection: aiosqlite.Connection, allowed: AllowedLabels) -> dict[str, tuple[int, set[int]]]:
    """Of each account that does not allow all: its number, and the labels that it does not."""
    rows = await connection.execute_fetchall("SELECT no, name FROM directory_label")
    known = {int(no): str(name) for no, name in rows}
    if len(known) >= MOST_LABELS:
        # What people write beside a number became `other` for want of room: what it was only the files know.
        del known[OTHER_LABEL]
    rows = await connection.execute_fetchall("SELECT id, no FROM directory_account ORDER BY no")
    return {
        str(account): (int(no), {label for label, name in known.items() if not allowed.allows(account, name)})
        for account, no in rows
        if account in allowed.by_account
    }


async def _remove(connection: aiosqlite.Connection, allowed: AllowedLabels, accounts: Collection[str]) -> None:
    known = await references.load(connection)
    merge = NumbersMerge(connection, known, writes=True)
    for account, (no, labels) in (await _others(connection, allowed)).items():
        if account in accounts:
            first: int | None = 0
            while first is not None:
                async with transaction(connection):
                    first = await _remove_some(connection, merge, (no, account), labels, first)


async def _remove_some(
    connection: aiosqlite.Connection, merge: NumbersMerge, account: tuple[int, str], labels: set[int], first: int
) -> int | None:
    """Of the people who have the next ones. Returns the number to go on from; None: it is done."""
    rows = list(await connection.execute_fetchall(_SLICE, (account[0], first, _json(labels), SLICE)))
    people: Mapping[int, str | None] = {person: site for _, person, site in rows}
    if not people:
        return None
    await merge.withhold(account, people, labels)
    await raise_version(connection)
    return int(rows[-1][0])


def _json(values: Collection[int]) -> str:
    return msgspec.json.encode(sorted(values)).decode()
