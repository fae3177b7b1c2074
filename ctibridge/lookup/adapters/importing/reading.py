"""The first look at a piece of a large file: whose rows are these? What they say is read later, account by account.

Comes in: chunks of a file. Goes out: their rows as they stand, packed, sorted by account, and what is refused at once.
Works on what it is given alone, so any process can do it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter

from ctibridge.lookup import sheets
from ctibridge.lookup.adapters.importing import runs
from ctibridge.lookup.adapters.importing.references import References
from ctibridge.lookup.adapters.importing.runs import Run
from ctibridge.lookup.adapters.importing.spill import SCATTERED, Group, Packed, RawRow, pack, unpack, unpack_scattered
from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels
from ctibridge.lookup.sheets import Chunk, Refused, Row, Sheet

# Accounts that are remembered as met: companies are few; wrong cells need not be.
MOST_ACCOUNTS = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """One opened file, without its text: what another process needs to read a piece of it."""

    file: str
    sheet: Sheet
    columns: tuple[str, ...]
    parse: Callable[[Chunk], list[Row | Refused]]


@dataclass(frozen=True, slots=True)
class Job:
    """What all pieces have in common. account: only its rows are taken; None: all. allowed: of people's numbers."""

    sources: tuple[Source, ...]
    references: References
    account: str | None = None
    allowed: AllowedLabels = EVERY_LABEL


@dataclass(slots=True)
class Sorted:
    """One piece of a file. data: the groups, one behind the other. met: accounts that rows name, if one is wanted."""

    rows: int = 0
    others: int = 0
    refused: list[Refused] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    groups: list[Group] = field(default_factory=list)
    data: bytes = field(default=b"", repr=False)


def sort(job: Job, piece: tuple[int, Chunk]) -> Sorted:
    """piece: which of the job's sources, and some of it. Raises Unreadable."""
    table, chunk = piece
    source = job.sources[table]
    found = Sorted()
    data: list[bytes] = []
    cut: Sequence[Run | None] = runs.cut(chunk, source.sheet, source.parse) or [None]
    for run in cut:
        if run is None:
            data += _sort_rows(job, source, source.parse(chunk), found)
        elif _is_taken(job, run.account):
            data.append(run.data)
            found.groups.append(Group(run.account, len(run.data), run.rows, run.line))
            found.rows += run.rows
        else:
            rows = source.parse(Chunk(chunk.file, run.line, run.data.decode(), chunk.read))
            data += _sort_rows(job, source, rows, found)
    if job.account is not None:
        for group in found.groups:
            note(found.met, group.account, job.account)
    found.data = b"".join(data)
    return found


def rows_of(source: Source, packed: Packed) -> Sequence[RawRow] | Sequence[RawRow | Refused]:
    """What was sorted, by its source."""
    _, line, data = packed
    if not line:
        return unpack(data)
    if line != SCATTERED:
        return _rows_of_text(source, line, data.decode())
    lines, text = unpack_scattered(data)
    rows = _rows_of_text(source, 0, text)
    return [replace(row, line=lines[row.line]) if isinstance(row, Refused) else (lines[row[0]], row[1]) for row in rows]


def _rows_of_text(source: Source, line: int, text: str) -> Sequence[RawRow] | Sequence[RawRow | Refused]:
    found = runs.rows(source.parse, line, text)
    if found is not None:
        return found
    rows = source.parse(Chunk(source.file, line, text, 0))
    return [(row.line, tuple(row.cells.values())) if isinstance(row, Row) else row for row in rows]


def _is_taken(job: Job, account: str) -> bool:
    """Is it certain that rows with this in the cell of the account are its rows, to be taken?

    Of an account whose share has ended, nothing of a large file is: a purge would take all of it.
    """
    if job.account is not None and account != job.account:
        return False
    return account in job.references.countries and account not in job.references.ended


def _sort_rows(job: Job, source: Source, rows: Sequence[Row | Refused], found: Sorted) -> list[bytes]:
    by_account: dict[str, list[RawRow]] = {}
    by_text: dict[str, list[RawRow]] = {}
    column = source.sheet.account_column or ""
    as_row = _as_row(source)
    for row in rows:
        if isinstance(row, Row):
            # Most rows name an account that the row before them named.
            group = by_text.get(row.cells.get(column) or "")
            if group is not None:
                group.append(as_row(row))
                continue
        account = account_of(row, source.sheet)
        if _is_other(job, account, found):
            found.others += 1
        elif isinstance(row, Refused):
            found.refused.append(row)
        elif account is not None and _is_taken(job, account):
            group = by_text[row.cells[column]] = by_account.setdefault(account, [])
            group.append(as_row(row))
        else:
            found.refused.append(_refuse(job, source, row))
    found.rows += len(rows)
    packed = [(account, pack(of_account)) for account, of_account in by_account.items()]
    found.groups += [Group(account, len(data), len(by_account[account])) for account, data in packed]
    return [data for _, data in packed]


def _is_other(job: Job, account: str | None, found: Sorted) -> bool:
    if job.account is None or account is None:
        return False
    note(found.met, account, job.account)
    return account != job.account


def note(met: set[str], account: str, wanted: str) -> None:
    """An account that a row names: for the message about one that is nowhere."""
    if account == wanted or len(met) < MOST_ACCOUNTS:
        met.add(account)


def account_of(row: Row | Refused, sheet: Sheet) -> str | None:
    """None where it cannot be told, or where rows belong to no account."""
    column = sheet.account_column
    if column is None:
        return None
    if isinstance(row, Row):
        text = row.cells.get(column) or ""
    elif column in sheet.key and sheet.key.index(column) < len(row.key):
        text = row.key[sheet.key.index(column)]
    else:
        return None
    return _clean(sheet, column, text)


def refused(file: str, sheet: Sheet, row: Row, reason: str) -> Refused:
    """The row with its key, as far as it can be told."""
    key = tuple(_clean(sheet, name, row.cells.get(name) or "") for name in sheet.key)
    return Refused(file, row.line, reason, key)


def _clean(sheet: Sheet, column: str, text: str) -> str:
    try:
        return str(sheet.take[column](text) or "") if text else ""
    except ValueError:
        return text.strip()


def _as_row(source: Source) -> Callable[[Row], RawRow]:
    """See `RawRow`."""
    if source.sheet.families:
        return lambda row: (row.line, dict(row.cells))
    in_order: Callable[[Mapping[str, str]], tuple[str, ...]] = itemgetter(*source.columns)
    # CSV has all of them in each row, JSON has not.
    return lambda row: _in_order(row, in_order, source.columns)


def _in_order(row: Row, in_order: Callable[[Mapping[str, str]], tuple[str, ...]], columns: tuple[str, ...]) -> RawRow:
    try:
        return row.line, in_order(row.cells)
    except KeyError:
        return row.line, tuple(row.cells.get(column, "") for column in columns)


def _refuse(job: Job, source: Source, row: Row) -> Refused:
    try:
        values = sheets.read(source.sheet, row.cells)
        job.references.check(values)
        account = str(values["account"])
        ended = job.references.ended[account]
        reason = (
            f"account {account!r}: its role share ended on {ended:%Y-%m-%d %H:%M} UTC and its people leave the store; "
            f"share it again first: ctibridge share {account}"
        )
    except ValueError as error:
        reason = str(error)
    return refused(source.file, source.sheet, row, reason)
