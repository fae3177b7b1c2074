"""What a store has of people, as it lies in Redis; all that one run reads is of one moment."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec

from ctibridge.lookup.adapters.schema import open_reader
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared.record import Phone, Record
from ctibridge.lookup.adapters.shared.state import Standing

CACHE_KIB = 32_768
Who = tuple[int, str]
"""An account's number in the store, and a person's id."""

_NOW = """
SELECT version, ifnull((SELECT stamp FROM directory_stamp WHERE directory_stamp.version = change.version), '')
FROM directory_change change
"""
_KNOWN = """
SELECT 1 FROM directory_change change CROSS JOIN directory_stamp stamp
ON stamp.version = ?1 AND stamp.stamp = ?2 AND stamp.version >= change.logged_from
"""
_CHANGED = "SELECT DISTINCT account, id FROM directory_changed_person WHERE version > ? ORDER BY account, id"
_COLUMNS = (
    "name", "disabled", "vip", "pronunciation", "email", "employee_id", "support_id", "source_id", "job_title",
    "organization", "site", "location", "language", "time_zone",
)  # fmt: skip
_PERSON = f"""
SELECT person.account, person.id, {", ".join(f"person.{column}" for column in _COLUMNS)}, (
    SELECT json_group_array(json_array(phone.number, label.name, phone.imported, phone.changed_at))
    FROM directory_phone phone LEFT JOIN directory_label label ON label.no = phone.label WHERE phone.person = person.no
)
"""  # noqa: S608
_EVERYBODY = f"{_PERSON} FROM directory_person person ORDER BY person.account, person.id"
_SOME = f"""
{_PERSON} FROM json_each(?) wanted CROSS JOIN directory_person person
ON person.account = json_extract(wanted.value, '$[0]') AND person.id = json_extract(wanted.value, '$[1]')
"""
_PHONES = msgspec.json.Decoder(list[tuple[int, str | None, int, int | None]])


class Reading:
    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def standing(self) -> Standing:
        ((version, stamp),) = await self._connection.execute_fetchall(_NOW)
        return Standing(int(version), stamp)

    async def knows(self, at: Standing) -> bool:
        """Was this store there, and does it know who changed since?"""
        return bool(await self._connection.execute_fetchall(_KNOWN, (at.version, at.stamp)))

    async def accounts(self) -> dict[int, str]:
        rows = await self._connection.execute_fetchall("SELECT no, id FROM directory_account")
        return {int(row[0]): row[1] for row in rows}

    async def counts(self) -> tuple[int, int]:
        """People and numbers; goes through an index of them."""
        query = "SELECT (SELECT count(*) FROM directory_person), (SELECT count(*) FROM directory_phone)"
        ((people, numbers),) = await self._connection.execute_fetchall(query)
        return int(people), int(numbers)

    async def most_people(self) -> int:
        """There are no more; costs nothing."""
        ((most,),) = await self._connection.execute_fetchall("SELECT ifnull(max(no), 0) FROM directory_person")
        return int(most)

    async def changed(self, since: int) -> list[Who]:
        """Whose record or numbers changed, came or went after that version."""
        return [(int(row[0]), row[1]) for row in await self._connection.execute_fetchall(_CHANGED, (since,))]

    async def people(self, who: Sequence[Who]) -> dict[Who, Record]:
        """Those of them who are there."""
        given = (msgspec.json.encode(who).decode(),)
        return _records(await self._connection.execute_fetchall(_SOME, given))

    async def everybody(self, at_once: int) -> AsyncGenerator[dict[Who, Record], None]:
        """Account by account, in pieces."""
        async with self._connection.execute(_EVERYBODY) as cursor:
            while rows := await cursor.fetchmany(at_once):
                yield _records(rows)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Reading]:
    """Raises StoreFault."""
    connection = await open_reader(path, cache_kib=CACHE_KIB)
    try:
        await connection.execute("BEGIN")
        yield Reading(connection)
    finally:
        await connection.close()


def _records(rows: Iterable[Sequence[Any]]) -> dict[Who, Record]:
    return {(int(row[0]), row[1]): _record(row) for row in rows}


def _record(row: Sequence[Any]) -> Record:
    found = _PHONES.decode(row[-1])
    phones = (Phone(number, records.label(label), bool(imported), at) for number, label, imported, at in found)
    cells: dict[str, Any] = dict(zip(_COLUMNS, row[2:-1], strict=True))
    cells |= {"disabled": bool(cells["disabled"]), "vip": bool(cells["vip"])}
    return Record(**cells, phones=tuple(sorted(phones, key=str)))
