"""A CSV file with a header: delimiter, columns, rows. Constant memory, however long the file."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ctibridge.lookup.sheets import Chunk, Refused, Row, Sheet, Table, UnknownColumn, column, missing_columns
from ctibridge.lookup.sources.chunks import Text
from ctibridge.lookup.sources.encoding import LONGEST_LINE, NO_TEXT, Unreadable, is_text, named, recognise
from ctibridge.lookup.sources.headings import brief
from ctibridge.lookup.sources.plain_file import PlainFile
from ctibridge.lookup.sources.remap import Remap
from ctibridge.lookup.sources.row_ends import after_first

LONGEST_HEADER = 1 << 16
"""Characters of the first row; a longer one names no columns."""

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class WrongHeader(ValueError):
    """The file's first line does not fit its name; nothing of it is read."""


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads chunks of one file. names: of the cells, as the header has them; with a remap they are another's."""

    sheet: Sheet
    names: tuple[str, ...]
    delimiter: str
    remap: Remap | None = None

    def __call__(self, chunk: Chunk) -> list[Row | Refused]:
        """Raises Unreadable."""
        return parse(chunk, self.sheet, self.names, self.delimiter, self.remap)


def read(path: Path, sheet: Sheet, remap: Remap | None = None) -> Table:
    """Opens and recognises the file. Raises WrongHeader, WrongMap, Unreadable; reading the chunks raises Unreadable."""
    file = PlainFile(path)
    encoding = named(remap.encoding) if remap is not None and remap.encoding else recognise(file)
    text = Text(file, encoding)
    line = _first_line(text, path)
    delimiter = (remap.delimiter if remap is not None else None) or _delimiter(line, sheet, remap)
    header = _header(text, line, delimiter, path)
    names = _names(header, sheet, path) if remap is None else remap.names(header, path)
    return Table(
        str(path),
        sheet,
        names if remap is None else remap.columns,
        f"{encoding.name}, {_DELIMITERS.get(delimiter, repr(delimiter))}",
        text.chunks(delimiter),
        Parser(sheet, names, delimiter, remap),
        file.size,
        () if remap is None else remap.ignored(names),
    )


def chunks(path: Path, sheet: Sheet, remap: Remap | None = None) -> Iterator[Chunk]:
    """The chunks of `read`, for those who know the rest."""
    return read(path, sheet, remap).chunks


def parse(
    chunk: Chunk, sheet: Sheet, names: Sequence[str], delimiter: str, remap: Remap | None = None
) -> list[Row | Refused]:
    """The rows of a chunk, in order; a pure function of its arguments. Raises Unreadable."""
    # The module's limit is 128 KiB for a cell; ours is the row's. It holds for the process, so it is set in each.
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(io.StringIO(chunk.text, newline=""), delimiter=delimiter)
    reading = _Reading(chunk.file, sheet, names, delimiter, remap, is_text(chunk.text))
    quotes = _Quotes(chunk, delimiter)
    rows: list[Row | Refused] = []
    # A quoted cell may run over several lines; the row stands where it begins.
    line = chunk.line
    # Ten million rows are nothing but this; all others go the long way.
    width, first = len(names), names[0].lower()
    is_simple = remap is None and reading.is_sound
    try:
        for cells in reader:
            if is_simple and len(cells) == width and cells[0] and cells[0].lower() != first:
                rows.append(Row(line, dict(zip(names, cells, strict=True))))
            else:
                rows += reading.row(line, cells)
            begun, line = line, chunk.line + reader.line_num
            if line - begun > 1:
                quotes.check(begun, line)
    except csv.Error as error:
        raise Unreadable(f"{chunk.file}:{line}: {error}") from None
    return rows


class _Quotes:
    """Looks at rows of several lines, in their order: do their quotes fit?"""

    def __init__(self, chunk: Chunk, delimiter: str) -> None:
        self._file = chunk.file
        self._lines = io.StringIO(chunk.text, newline="")
        self._line = chunk.line
        self._delimiter = delimiter

    def check(self, begun: int, end: int) -> None:
        """A row whose quotes do not fit has swallowed others, and nobody knows whose. Raises Unreadable.

        A quote left open ends where the next quoted cell begins; the reader makes one cell of all between.
        """
        lines = list(itertools.islice(self._lines, begun - self._line, end - self._line))
        self._line = end
        try:
            list(csv.reader(lines, delimiter=self._delimiter, strict=True))
        except csv.Error:
            where = f"{self._file}:{begun}"
            raise Unreadable(
                f"{where}: a quote is opened in this row and closed in the midst of line {end - 1}"
            ) from None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the rows of one chunk have in common. is_sound: all of the chunk is text."""

    file: str
    sheet: Sheet
    names: Sequence[str]
    delimiter: str
    remap: Remap | None
    is_sound: bool

    def row(self, line: int, cells: list[str]) -> tuple[Row | Refused, ...]:
        """Nothing for a row that is empty or not wanted."""
        if not any(cell.strip() for cell in cells):
            return ()
        by_name = dict(zip(self.names, cells, strict=False))
        width = len(self.names)
        if len(cells) < width or any(cells[width:]):
            return (self._refused(line, by_name, self._wrong_width(cells)),)
        if not self.is_sound and not all(map(is_text, cells)):
            return (self._refused(line, by_name, NO_TEXT),)
        if self._is_header(cells):
            return (self._refused(line, by_name, "the header once more; were two files joined?"),)
        ours = by_name if self.remap is None else self.remap.row(by_name)
        return () if ours is None else (Row(line, ours),)

    def _is_header(self, cells: list[str]) -> bool:
        return [cell.strip().lower() for cell in cells[: len(self.names)]] == [name.lower() for name in self.names]

    def _wrong_width(self, cells: list[str]) -> str:
        sign = _DELIMITERS.get(self.delimiter, repr(self.delimiter))
        reason = f"{len(cells)} cells under {len(self.names)} columns; put cells with a {sign} in quotes"
        ends = sum(cell.count("\n") for cell in cells)
        return f"{reason} (the row goes on for {ends} more lines: is a quote open?)" if ends else reason

    def _refused(self, line: int, cells: dict[str, str], reason: str) -> Refused:
        ours = cells if self.remap is None else self.remap.cells(cells)
        return Refused(self.file, line, reason, tuple(ours.get(name, "") for name in self.sheet.key))


def _first_line(text: Text, path: Path) -> str:
    line = next(iter(io.StringIO(text.beginning, newline="")), "")
    if not is_text(line) or line.startswith("PK\x03\x04"):
        raise WrongHeader(f"{path}: no text; save it as CSV, a spreadsheet or an archive is none")
    if not line.strip():
        raise WrongHeader(f"{path}: no header; the first line names the columns")
    if len(line) > LONGEST_HEADER or not (line.endswith(("\r", "\n")) or text.is_whole):
        raise WrongHeader(
            f"{path}:1: more than {LONGEST_HEADER:,} characters, so it is no header; the first line names the columns, "
            "each row stands on a line of its own"
        )
    return line


def _delimiter(header: str, sheet: Sheet, remap: Remap | None) -> str:
    """The one by which most columns are known; a quoted header or a single column makes counting signs unreliable."""

    def known(delimiter: str) -> int:
        names = next(csv.reader([header], delimiter=delimiter), ())
        return sum(_is_column(sheet, name) if remap is None else remap.is_column(name) for name in names)

    return max(_DELIMITERS, key=lambda delimiter: (known(delimiter), header.count(delimiter)))


def _is_column(sheet: Sheet, name: str) -> bool:
    try:
        column(sheet, name)
    except UnknownColumn:
        return False
    return True


def _header(text: Text, line: str, delimiter: str, path: Path) -> list[str]:
    """Takes the header off the text. Columns without a name behind the last one are delimiters that a program left."""
    end = after_first(text.beginning, delimiter)
    if not end and text.is_whole and after_first(text.beginning + "\n", delimiter):
        end = len(text.beginning)  # there is nothing but the header, without a line end
    row = text.beginning[:end]
    if not row or len(row) > LONGEST_HEADER or (len(row) > len(line) and not _is_closed(row, delimiter)):
        # What the quote has swallowed are rows, with people in them: none of it is said.
        raise WrongHeader(f"{path}:1: a quote is opened in {brief(line)!r} and never closed; close it or take it out")
    names = next(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter))
    text.skip(end)
    while len(names) > 1 and not names[-1].strip():
        names.pop()
    return names


def _is_closed(row: str, delimiter: str) -> bool:
    """Do the quotes of a header of several lines fit? One left open ends where the next quoted cell begins."""
    try:
        list(csv.reader(io.StringIO(row, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _names(header: Sequence[str], sheet: Sheet, path: Path) -> tuple[str, ...]:
    names = tuple(_name(sheet, name, path) for name in header)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise WrongHeader(f"{path}: column {twice} stands there twice; leave one out")
    if missing := missing_columns(sheet, names):
        raise WrongHeader(f"{path}: column {missing[0]} is missing; {sheet.name} needs it")
    return names


def _name(sheet: Sheet, heading: str, path: Path) -> str:
    try:
        return column(sheet, heading)
    except UnknownColumn as error:
        known = str(error).rpartition("; ")[2]
        raise WrongHeader(f"{path}: unknown column {brief(heading)!r}; {known}") from None
