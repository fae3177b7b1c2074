"""The text of a file cut at the rows where another account begins, without reading its cells; and these runs read.

Only where that is certain: a plain CSV file whose first column is the account, lines that each are a row. Everything
else is read cell by cell at once.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ctibridge.lookup.sheets import Chunk, Sheet

# With shorter runs of rows, cutting costs more than reading.
FEWEST_ROWS = 16


@runtime_checkable
class Delimited(Protocol):
    """What a parser of CSV says of its file. remap: rows are made of others' columns."""

    names: tuple[str, ...]
    delimiter: str
    remap: object | None


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive rows whose first cell is `account`, as it stands there. line: of the first one; data: UTF-8."""

    account: str
    line: int
    rows: int
    data: bytes = field(repr=False)


def cut(chunk: Chunk, sheet: Sheet, parse: object) -> list[Run] | None:
    """The chunk's rows in runs; None where they have to be read."""
    if not isinstance(parse, Delimited) or parse.remap is not None:
        return None
    if sheet.account_column != parse.names[0] or _has_odd_ends(chunk.text):
        return None
    lines = chunk.text.split("\n")
    if '"' in chunk.text and not all(_is_row(line, parse.delimiter) for line in lines if '"' in line):
        return None
    starts = list(_starts(lines, parse.delimiter))
    if len(starts) * FEWEST_ROWS > len(lines) + FEWEST_ROWS:
        return None
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    try:
        return [_run(chunk, lines, account, start, end) for (start, account), end in zip(starts, ends, strict=True)]
    except UnicodeEncodeError:  # bytes of another encoding, which cost their rows
        return None


def rows(parse: object, line: int, text: str) -> list[tuple[int, list[str]]] | None:
    """The rows of a run, each with its line; None where one of them is not as it should be: let `parse` read them."""
    if not isinstance(parse, Delimited) or "\0" in text:
        return None
    try:
        found = list(csv.reader(text.removesuffix("\n").split("\n"), delimiter=parse.delimiter))
    except csv.Error:
        return None
    if set(map(len, found)) != {len(parse.names)} or found[0][0].lower() == parse.names[0].lower():
        return None
    return list(enumerate(found, start=line))


def cells(parse: Delimited, lines: Iterable[str], at: int) -> Iterator[str]:
    """Of each of these lines, rows of a run, the cell of the column `at`; empty where the row ends before."""
    for line in lines:
        found = (
            next(csv.reader([line], delimiter=parse.delimiter)) if '"' in line else line.split(parse.delimiter, at + 1)
        )
        yield found[at] if at < len(found) else ""


def _has_odd_ends(text: str) -> bool:
    return "\r" in text and text.count("\r") != text.count("\r\n")


def _is_row(line: str, delimiter: str) -> bool:
    """Is every quote that is opened in the line closed in it?"""
    try:
        return sum(1 for _ in csv.reader([line], delimiter=delimiter, strict=True)) == 1
    except csv.Error:
        return False


def _starts(lines: list[str], delimiter: str) -> Iterator[tuple[int, str]]:
    """Where rows of another account begin; empty lines belong to the row before them."""
    before: str | None = None
    for at, line in enumerate(lines):
        if before is None or (line and not line.startswith(before)):
            account = line.partition(delimiter)[0]
            before = account + delimiter
            yield at, account


def _run(chunk: Chunk, lines: list[str], account: str, start: int, end: int) -> Run:
    data = "\n".join(lines[start:end]).encode()
    empty = sum(line in {"", "\r"} for line in lines[start:end])
    return Run(account, chunk.line + start, end - start - empty, data)
