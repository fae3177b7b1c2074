"""Rows of directory files on their way into the store: parsed, checked, kept in temporary tables until all are read.

The store itself is not touched and not locked meanwhile, however long the files are: the daemon goes on writing. The
temporary tables are on disk (SQLite's own temporary file, unlinked from the start), so memory stays constant.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiosqlite

from ctibridge.domain.private import Number
from ctibridge.lookup import numbers, sheets, stored_numbers
from ctibridge.lookup.adapters.schema import STORED
from ctibridge.lookup.cells import Value
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.sheets import Refused, Row, Sheet, Table
from ctibridge.lookup.stored_numbers import FAX, Field, StoredNumber

# Two queries for each batch: large enough that they cost nothing for a row, small enough for SQLite's parameters.
BATCH = 500
MOST_ACCOUNTS = 10_000

_DDL = """
PRAGMA temp_store = FILE;
CREATE TEMP TABLE staged_number (
    account TEXT, person TEXT, number TEXT, label TEXT, origin TEXT, imported INTEGER, changed_at TEXT,
    PRIMARY KEY (account, person, number, label, origin)
) WITHOUT ROWID;
-- Whose numbers of that origin the files tell, all of them: also people who have none left.
CREATE TEMP TABLE staged_owner (account TEXT, person TEXT, origin TEXT, PRIMARY KEY (account, person, origin))
    WITHOUT ROWID;
-- Refused rows whose key could be read: a typing error in a row must not remove its person.
CREATE TEMP TABLE staged_kept (sheet TEXT, key1 TEXT, key2 TEXT, PRIMARY KEY (sheet, key1, key2)) WITHOUT ROWID;
CREATE TEMP TABLE batch_account (account TEXT PRIMARY KEY) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A number that no caller can have: for the report to the customer. fax: it is good, and stored, but a fax's."""

    file: str
    line: int
    account: str
    person: str
    text: Number
    reason: str
    fax: bool = False


@dataclass(slots=True)
class Counts:
    """What became of one file. others: rows of accounts that were not asked for."""

    file: str
    sheet: Sheet
    form: str
    rows: int = 0
    refused: int = 0
    others: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0


Fault = Refused | Unusable
Values = dict[str, Value]
Rows = list[tuple[int, Values]]


@dataclass(slots=True)
class Known:
    """What rows may point at: in the store already, or in the files before them. Small, so in memory."""

    countries: dict[str, str | None] = field(default_factory=dict)
    site_countries: dict[tuple[str, str], str | None] = field(default_factory=dict)
    agents: set[str] = field(default_factory=set)

    def country(self, account: str, site: str | None) -> str | None:
        """In whose national form numbers are written: the site's, else the account's."""
        return (site and self.site_countries.get((account, site))) or self.countries.get(account)


class Staging:
    """The temporary tables of one import, filled file by file in the order of `SHEETS`."""

    def __init__(self, connection: aiosqlite.Connection, account: str | None) -> None:
        """account: only rows of this account are taken, and `accounts` has those that rows name; None: all."""
        self._connection = connection
        self._account = account
        self._seen: dict[str, dict[tuple[Value, ...], int]] = {}
        self.known = Known()
        self.accounts: set[str] = set()
        self.columns: dict[str, tuple[str, ...]] = {}

    async def begin(self) -> None:
        """Makes the tables and reads what is known already. Raises sqlite3.Error."""
        await self._connection.executescript(_DDL)
        for name, stored in STORED.items():
            columns = (*stored.key, *stored.columns)
            key = ", ".join(stored.key)
            await self._connection.execute(
                f"CREATE TEMP TABLE staged_{name} ({', '.join(columns)}, line, PRIMARY KEY ({key})) WITHOUT ROWID"
            )
        known = self.known
        accounts = await self._connection.execute_fetchall("SELECT id, country FROM directory_account")
        known.countries.update({row[0]: row[1] for row in accounts})
        sites = await self._connection.execute_fetchall("SELECT account, name, country FROM directory_site")
        known.site_countries.update({(account, name): country for account, name, country in sites})
        known.agents.update(row[0] for row in await self._connection.execute_fetchall("SELECT id FROM directory_agent"))

    async def add(self, table: Table, counts: Counts, batch: Sequence[Row | Refused]) -> list[Fault]:
        """Takes one batch of a file. Returns what was refused and which numbers never match, in the file's order."""
        sheet = table.sheet
        self.columns.setdefault(sheet.name, sheets.stored_columns(sheet, table.columns))
        faults: list[Fault] = []
        taken: Rows = []
        for row in batch:
            counts.rows += 1
            if self._is_other(sheet, row):
                counts.others += 1
                continue
            values = self._values(table, row)
            if isinstance(values, Refused):
                faults.append(values)
            else:
                taken.append((row.line, values))
        faults += await self._stage(table, taken)
        refused = [fault for fault in faults if isinstance(fault, Refused)]
        counts.refused += len(refused)
        await self._keep(sheet, refused)
        return sorted(faults, key=lambda fault: fault.line)

    # -- one row -------------------------------------------------------------------------------------------------------

    def _is_other(self, sheet: Sheet, row: Row | Refused) -> bool:
        column = sheet.account_column
        if self._account is None or column is None:
            return False
        name = _account_of(row, sheet, column)
        if name is None:
            return False
        # Companies are few; wrong cells need not be.
        if name == self._account or len(self.accounts) < MOST_ACCOUNTS:
            self.accounts.add(name)
        return name != self._account

    def _values(self, table: Table, row: Row | Refused) -> Values | Refused:
        if isinstance(row, Refused):
            return row
        try:
            values = sheets.read(table.sheet, row.cells)
            self._check_references(table.sheet, values)
            if table.sheet.name == "service_numbers":
                values["number"] = self._service_number(str(values["number"]), str(values["account"]))
            if table.sheet.name not in {"people", "phones"}:
                self._remember(table.sheet, values, row.line)
        except ValueError as error:
            return Refused(table.file, row.line, str(error), self._key(table.sheet, row))
        return values

    def _key(self, sheet: Sheet, row: Row) -> tuple[str, ...]:
        """What a refused row's key would be in the store, as far as it can be told."""
        key = tuple(row.cells.get(name, "").strip() for name in sheet.key)
        if sheet.name != "service_numbers":
            return key
        country = self.known.countries.get(row.cells.get("account", "").strip())
        return (numbers.understand(key[0], DialPlan(country)).key or key[0],)

    def _check_references(self, sheet: Sheet, values: Values) -> None:
        account, agent = values.get("account"), values.get("agent")
        if account is not None and account not in self.known.countries:
            raise ValueError(f"account {account!r} is not known; import accounts.csv with it first")
        if agent is not None and agent not in self.known.agents:
            raise ValueError(f"agent {agent!r} is not known; import agents.csv with it first")

    def _service_number(self, text: str, account: str) -> str:
        key = numbers.understand(text, DialPlan(self.known.countries.get(account))).key
        if key is None:
            raise ValueError(f"number {text!r} is no number; write it like +49301234560, or short like 4711")
        return key

    def _remember(self, sheet: Sheet, values: Values, line: int) -> None:
        """Small kinds of files only: keys that came before, and what later rows may point at."""
        key = tuple(values[name] for name in sheet.key)
        before = self._seen.setdefault(sheet.name, {}).setdefault(key, line)
        if before != line:
            raise ValueError(_twice(before))
        match sheet.name:
            case "accounts":
                self.known.countries[str(key[0])] = _text(values.get("country"))
            case "sites":
                self.known.site_countries[str(key[0]), str(key[1])] = _text(values.get("country"))
            case "agents":
                self.known.agents.add(str(key[0]))

    # -- one batch -----------------------------------------------------------------------------------------------------

    async def _stage(self, table: Table, taken: Rows) -> list[Fault]:
        if not taken or not table.sheet.stored:
            return []
        if table.sheet.name == "phones":
            return await self._stage_phones(table, taken)
        stored = STORED[table.sheet.name]
        columns = (*stored.key, *stored.columns)
        marks = ", ".join(["?"] * (len(columns) + 1))
        # Names of our own only; values are bound.
        statement = f"INSERT OR IGNORE INTO staged_{table.sheet.name} ({', '.join(columns)}, line) VALUES ({marks})"  # noqa: S608
        rows = [[*(values.get(column) for column in columns), line] for line, values in taken]
        cursor = await self._connection.executemany(statement, rows)
        if table.sheet.name != "people":
            return []
        twice = await self._twice(table, taken) if cursor.rowcount < len(taken) else []
        lines = {refused.line for refused in twice}
        if "phones" not in table.columns:
            return [*twice]
        return [*twice, *await self._stage_cells(table, [item for item in taken if item[0] not in lines])]

    async def _twice(self, table: Table, taken: Rows) -> list[Refused]:
        """People whose key came before: their row stands in the table with another line."""
        keys = [(str(values["account"]), str(values["id"])) for _, values in taken]
        lines = await self._of_people(keys, "SELECT account, id, line FROM staged_people")
        return [
            Refused(table.file, line, _twice(lines[key]), key)
            for key, (line, _) in zip(keys, taken, strict=True)
            if lines[key] != line
        ]

    async def _stage_phones(self, table: Table, taken: Rows) -> list[Fault]:
        """The file phones: each row a number field of a person who must be known."""
        keys = [(str(values["account"]), str(values["person"])) for _, values in taken]
        sites = await self._of_people(keys, "SELECT account, id, site FROM directory_person")
        sites.update(await self._of_people(keys, "SELECT account, id, site FROM staged_people"))
        found = _Numbers("phones")
        faults: list[Fault] = []
        for key, (line, values) in zip(keys, taken, strict=True):
            if key not in sites:
                reason = f"person {key[1]!r} is not known in account {key[0]!r}; import people.csv with them first"
                faults.append(Refused(table.file, line, reason, (*key, str(values["number"]))))
                continue
            read = stored_numbers.read_field(
                str(values["number"]), str(values.get("label") or ""), self.known.country(key[0], sites[key])
            )
            found.add(key, read.numbers, values)
            faults += _unusable(table, line, key, read)
        await found.write(self._connection)
        return faults

    async def _stage_cells(self, table: Table, taken: Rows) -> list[Fault]:
        """The column `phones` of people."""
        found = _Numbers("people")
        faults: list[Fault] = []
        for line, values in taken:
            key = (str(values["account"]), str(values["id"]))
            country = self.known.country(key[0], _text(values.get("site")))
            read = stored_numbers.read_list(str(values.get("phones") or ""), country)
            found.add(key, read.numbers, {})
            faults += _unusable(table, line, key, read)
        await found.write(self._connection)
        return faults

    async def _keep(self, sheet: Sheet, refused: Iterable[Refused]) -> None:
        rows = [(sheet.name, *(*fault.key, "", "")[:2]) for fault in refused if all(fault.key[:2])]
        if rows:
            await self._connection.executemany("INSERT OR IGNORE INTO staged_kept VALUES (?, ?, ?)", rows)

    async def _of_people(self, keys: Iterable[tuple[str, str]], query: str) -> dict[tuple[str, str], Any]:
        """(account, id) → the query's third column, for those of these people whom it finds."""
        wanted = [part for key in dict.fromkeys(keys) for part in key]
        values = ", ".join(["(?, ?)"] * (len(wanted) // 2))
        rows = await self._connection.execute_fetchall(f"{query} WHERE (account, id) IN (VALUES {values})", wanted)
        return {(account, person): value for account, person, value in rows}


def _account_of(row: Row | Refused, sheet: Sheet, column: str) -> str | None:
    """None where it cannot be told."""
    if isinstance(row, Row):
        return row.cells.get(column, "").strip()
    index = sheet.key.index(column) if column in sheet.key else len(row.key)
    return row.key[index].strip() if index < len(row.key) else None


class _Numbers:
    """The numbers of one batch of one origin."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._owners: list[tuple[str, str, str]] = []
        self._rows: list[tuple[Value, ...]] = []

    def add(self, person: tuple[str, str], found: Iterable[StoredNumber], values: Mapping[str, Value]) -> None:
        self._owners.append((*person, self._origin))
        imported, changed_at = values.get("imported") or 0, values.get("changed_at")
        self._rows += [(*person, one.key, one.label, self._origin, imported, changed_at) for one in found]

    async def write(self, connection: aiosqlite.Connection) -> None:
        # A number that stands there twice is one number; the last row has the last word.
        await connection.executemany("INSERT OR REPLACE INTO staged_number VALUES (?, ?, ?, ?, ?, ?, ?)", self._rows)
        await connection.executemany("INSERT OR IGNORE INTO staged_owner VALUES (?, ?, ?)", self._owners)


def _unusable(table: Table, line: int, person: tuple[str, str], read: Field) -> Iterator[Unusable]:
    for lost in read.unusable:
        yield Unusable(table.file, line, *person, lost.text, lost.reason)
    for one in read.numbers:
        if one.label == FAX:
            yield Unusable(table.file, line, *person, one.number, "a fax number never matches", fax=True)


def _twice(line: int) -> str:
    return f"stands already in line {line}; leave one out"


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
