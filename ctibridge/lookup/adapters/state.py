"""How the directory in the store stands, for those who look after it: sound or not, and how many people of whom."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ctibridge.lookup.adapters import purge
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.readiness import People

_FAX = 5


@dataclass(frozen=True, slots=True)
class StoreState:
    """damage: SQLite's own words, None where it is sound. people, numbers: how many; left_behind: people, by account,
    whose account's share has ended and who should have left."""

    damage: str | None
    people: int
    numbers: int
    left_behind: dict[str, int]


async def of_store(path: Path, now: datetime, purge_after: float) -> StoreState:
    """Raises StoreFault. The quick check reads the whole file once: about a second a gigabyte."""
    connection = await open_file(path)
    try:
        # Its words may come in several lines, and each finding is one.
        damage = " ".join(str(next(iter(await connection.execute_fetchall("PRAGMA quick_check(1)")))[0]).split())
        counts = [
            int(next(iter(await connection.execute_fetchall(f"SELECT count(*) FROM {table}")))[0])  # noqa: S608 - our own names
            for table in ("directory_person", "directory_phone")
        ]
        left = await purge.left_behind(connection, now - timedelta(seconds=purge_after))
        return StoreState(None if damage == "ok" else damage, counts[0], counts[1], left)
    except sqlite3.Error as error:
        raise StoreFault(f"{path}: {error}; restore it from a backup") from None
    finally:
        await connection.close()


async def people_of(path: Path, account: str) -> People:
    """Raises StoreFault."""
    connection = await open_file(path)
    try:
        rows = await connection.execute_fetchall(
            "SELECT count(*), count(CASE WHEN EXISTS (SELECT 1 FROM directory_phone n WHERE n.person = p.no "
            "AND n.label <> ?) THEN 1 END) FROM directory_person p JOIN directory_account a ON a.no = p.account "
            "WHERE a.id = ?",
            (_FAX, account),
        )
        found = next(iter(rows))
        return People(int(found[0]), int(found[1]))
    except sqlite3.Error as error:
        raise StoreFault(f"{path}: {error}") from None
    finally:
        await connection.close()
