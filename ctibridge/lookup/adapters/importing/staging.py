"""Rows of directory files on their way into the store: all files are read before the first row is written.

The store itself is not touched and not locked meanwhile, however long the files are: the daemon goes on writing. Rows
of small kinds of files are checked and kept in memory, those of large ones lie in the spill file, sorted by account.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ctibridge.domain.private import Number
from ctibridge.lookup import numbers, sheets
from ctibridge.lookup.adapters.importing import reading
from ctibridge.lookup.adapters.importing.merge import SMALL
from ctibridge.lookup.adapters.importing.reading import Job, Sorted
from ctibridge.lookup.adapters.importing.spill import Spill
from ctibridge.lookup.adapters.tables import STORED
from ctibridge.lookup.cells import Value
from ctibridge.lookup.progress import Progress
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.sheets import Chunk, Refused, Row, Sheet, Table

IN_MEMORY = frozenset({*SMALL, "sites"})

Values = dict[str, Value]


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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A number that the account does not allow us to keep; so nobody is told which. label: as import reads it."""

    file: str
    line: int
    account: str
    person: str
    label: str


@dataclass(slots=True)
class Counts:
    """What became of one file. others: rows of accounts that were not asked for. erased: of people who
    were."""

    file: str
    sheet: Sheet
    form: str
    rows: int = 0
    refused: int = 0
    others: int = 0
    erased: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def same(self) -> int:
        """Rows that were in the store already, just so."""
        return max(0, self.rows - self.refused - self.others - self.erased - self.new - self.changed)


Fault = Refused | Unusable | LeftOut
Tell = Callable[[Fault], None]
ToldProgress = Callable[[Progress], None]


@dataclass(slots=True)
class Staged:
    """What the files say. small: rows by their key, as the tables have them. columns: what the files tell of each kind.

    met: accounts that rows name, where one is asked for. kept: of refused rows by kind, the part of the key that is not
    the account, where one is replaced.
    """

    spill: Spill
    small: dict[str, dict[tuple[Value, ...], list[Value]]] = field(default_factory=dict, repr=False)
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    met: set[str] = field(default_factory=set)
    kept: dict[str, set[str]] = field(default_factory=dict, repr=False)

    def keep(self, refused: Refused, sheet: Sheet) -> None:
        """A typing error in a row must not remove what it tells of."""
        key = own_key(sheet, refused.key)
        if key:
            self.kept.setdefault(sheet.name, set()).add(key)


def own_key(sheet: Sheet, key: Sequence[str]) -> str | None:
    """The first part of the key that is not the account; None where it could not be read."""
    own = next((part for name, part in zip(sheet.key, key, strict=False) if name != "account"), "")
    # Bytes of another encoding name nothing that is stored.
    return own if own and not any("\ud800" <= character <= "\udfff" for character in own) else None


class Staging:
    """One import on its way; job knows what is known already, and learns."""

    def __init__(self, job: Job, spill: Spill, *, keeps: bool, tell: Tell, progress: ToldProgress) -> None:
        """keeps: are the keys of refused rows wanted?"""
        self.staged = Staged(spill)
        self._job = job
        self._keeps = keeps
        self._tell = tell
        self._progress = progress
        self._rows = 0
        self._lines: dict[tuple[str, tuple[Value, ...]], tuple[str, int]] = {}

    def take_small(self, table: Table, counts: Counts) -> None:
        """A file whose rows stay in memory, and what the rows behind it may point at. Raises Unreadable."""
        self._note_columns(table)
        for chunk in table.chunks:
            for row in table.parse(chunk):
                counts.rows += 1
                if self._is_other(row, table.sheet):
                    counts.others += 1
                elif isinstance(row, Refused):
                    self.refuse(row, counts)
                else:
                    self._take_row(row, table, counts)
            self._tell_progress(table, chunk, counts.rows)
        self._rows += counts.rows

    async def pieces(self, tables: Sequence[tuple[int, Table]]) -> AsyncIterator[tuple[int, Chunk]]:
        """Of large files, by their place among the sources. Raises Unreadable."""
        for number, table in tables:
            self._note_columns(table)
            for chunk in table.chunks:
                yield number, chunk

    def take_sorted(self, number: int, table: Table, chunk: Chunk, found: Sorted, counts: Counts) -> None:
        """One piece of a large file, looked at. Raises StoreFault where the disk is full."""
        counts.rows += found.rows
        counts.others += found.others
        self._rows += found.rows
        self.staged.met |= found.met
        for refused in found.refused:
            self.refuse(refused, counts)
        self.staged.spill.add(number, found.groups, found.data)
        self._tell_progress(table, chunk, 0)

    def refuse(self, refused: Refused, counts: Counts) -> None:
        counts.refused += 1
        self._tell(refused)
        if self._keeps:
            self.staged.keep(refused, counts.sheet)

    def close(self, replaced: str | None, now: datetime) -> None:
        """All small files are read. replaced: the account of which the files are the whole truth; now: aware."""
        known = self._job.references
        if replaced is not None and "role_shares" in self.staged.columns:
            known.end_rest(replaced, self._named("role_shares", replaced), now)
        known.close(now)
        if replaced is not None and "sites" in self.staged.columns:
            left = self._named("sites", replaced)
            known.sites[replaced] = {name: site for name, site in known.sites.get(replaced, {}).items() if name in left}

    def _named(self, kind: str, account: str) -> set[str]:
        """What the files name of an account, also in refused rows."""
        named = {str(key[1]) for key in self.staged.small.get(kind, {}) if key[0] == account}
        return named | self.staged.kept.get(kind, set())

    @property
    def rows(self) -> int:
        """Read so far, over all files."""
        return self._rows

    # -- one row of a small file ---------------------------------------------------------------------------------------

    def _is_other(self, row: Row | Refused, sheet: Sheet) -> bool:
        wanted, account = self._job.account, reading.account_of(row, sheet)
        if wanted is None or account is None:
            return False
        reading.note(self.staged.met, account, wanted)
        return account != wanted

    def _take_row(self, row: Row, table: Table, counts: Counts) -> None:
        sheet = table.sheet
        try:
            values = sheets.read(sheet, row.cells)
            self._job.references.check(values)
            if sheet.name == "service_numbers":
                values["number"] = self._service_number(str(values["number"]), str(values["account"]))
            key = tuple(values[name] for name in sheet.key)
            self._check_once(key, row.line, table)
        except ValueError as error:
            self.refuse(self._refused(table, row, str(error)), counts)
            return
        self._job.references.remember(sheet.name, values)
        stored = STORED[sheet.name]
        in_order = [values.get(column) for column in (*stored.key, *stored.columns)]
        self.staged.small.setdefault(sheet.name, {})[key] = in_order

    def _service_number(self, text: str, account: str) -> str:
        key = numbers.understand(text, DialPlan(self._job.references.countries.get(account))).key
        if key is None:
            raise ValueError(f"number {text!r} is no number; write it like +49301234560, or short like 4711")
        owner = self._job.references.service_numbers.get(key, account)
        if self._job.account is not None and owner != account:
            # Asked for one account's rows: another one's desk must not lose its number by them.
            raise ValueError(f"number {text!r} is a service number of {owner}; import without --account to move it")
        return key

    def _check_once(self, key: tuple[Value, ...], line: int, table: Table) -> None:
        before = self._lines.setdefault((table.sheet.name, key), (table.file, line))
        if before != (table.file, line):
            where = "" if before[0] == table.file else f" of {before[0]}"
            raise ValueError(f"stands already in line {before[1]}{where}; leave one out")

    def _refused(self, table: Table, row: Row, reason: str) -> Refused:
        refused = reading.refused(table.file, table.sheet, row, reason)
        if table.sheet.name != "service_numbers":
            return refused
        country = self._job.references.countries.get((row.cells.get("account") or "").strip())
        number = numbers.understand(refused.key[0], DialPlan(country)).key or refused.key[0]
        return Refused(table.file, row.line, reason, (number,))

    # -- what is told --------------------------------------------------------------------------------------------------

    def _note_columns(self, table: Table) -> None:
        self.staged.columns.setdefault(table.sheet.name, sheets.stored_columns(table.sheet, table.columns))

    def _tell_progress(self, table: Table, chunk: Chunk, more: int) -> None:
        self._progress(Progress(Path(table.file).name, chunk.read, table.size, self._rows + more))
