"""A CSV file with a header: delimiter, columns, rows. Constant memory, however long the file."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from ctibridge.lookup.sheets import Refused, Row, Sheet, Table, UnknownColumn, column, missing_columns
from ctibridge.lookup.sources.encoding import LONGEST_LINE, Unreadable, lines, recognise

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


class WrongHeader(ValueError):
    """The file's first line does not fit its name; nothing of it is read."""


def read(path: Path, sheet: Sheet) -> Table:
    """Opens and recognises the file. Raises WrongHeader, Unreadable; the rows raise Unreadable while they are read."""
    encoding = recognise(path)
    # The module's limit is 128 KiB for a cell; ours is the line's.
    csv.field_size_limit(LONGEST_LINE)
    source = lines(path, encoding)
    header = next(source, "")
    if not header.strip():
        raise WrongHeader(f"{path}: no header; the first line names the columns")
    delimiter = _delimiter(header, sheet)
    names = _names(next(csv.reader([header], delimiter=delimiter)), sheet, path)
    form = f"{encoding.name}, {_DELIMITERS[delimiter]}"
    return Table(str(path), sheet, names, form, _rows(path, source, delimiter, names, sheet))


def _delimiter(header: str, sheet: Sheet) -> str:
    """The one by which most columns are known; a quoted header or a single column makes counting signs unreliable."""

    def known(delimiter: str) -> int:
        return sum(_is_column(sheet, name) for name in next(csv.reader([header], delimiter=delimiter), ()))

    return max(_DELIMITERS, key=lambda delimiter: (known(delimiter), header.count(delimiter)))


def _is_column(sheet: Sheet, name: str) -> bool:
    try:
        column(sheet, name)
    except UnknownColumn:
        return False
    return True


def _names(header: Sequence[str], sheet: Sheet, path: Path) -> tuple[str, ...]:
    try:
        names = tuple(column(sheet, name) for name in header)
    except UnknownColumn as error:
        raise WrongHeader(f"{path}: {error}") from None
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise WrongHeader(f"{path}: column {twice} stands there twice; leave one out")
    if missing := missing_columns(sheet, names):
        raise WrongHeader(f"{path}: column {missing[0]} is missing; {sheet.name} needs it")
    return names


def _rows(
    path: Path, source: Iterator[str], delimiter: str, names: tuple[str, ...], sheet: Sheet
) -> Iterator[Row | Refused]:
    reader = csv.reader(source, delimiter=delimiter)
    while True:
        # A quoted cell may run over several lines; the row stands where it begins. The header was line 1.
        line = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(f"{path}:{line}: {error}") from None
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(names, cells, strict=False))
        if len(cells) == len(names):
            yield Row(line, row)
        else:
            reason = (
                f"{len(cells)} cells under {len(names)} columns; put cells with a {_DELIMITERS[delimiter]} in quotes"
            )
            yield Refused(str(path), line, reason, tuple(row.get(name, "") for name in sheet.key))
