"""JSON Lines with the names of the columns: one object a line."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ctibridge.lookup.sheets import Chunk, Refused, Row, Sheet, Table, column
from ctibridge.lookup.sources.chunks import Text
from ctibridge.lookup.sources.encoding import NO_TEXT, is_text, named, recognise
from ctibridge.lookup.sources.plain_file import PlainFile
from ctibridge.lookup.sources.remap import Remap

_decoder = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class Parser:
    """Reads chunks of one file."""

    sheet: Sheet
    remap: Remap | None = None

    def __call__(self, chunk: Chunk) -> list[Row | Refused]:
        return parse(chunk, self.sheet, self.remap)


def read(path: Path, sheet: Sheet, remap: Remap | None = None) -> Table:
    """Opens the file. Every object may have its own keys, so an unknown one refuses its row only. Raises Unreadable."""
    file = PlainFile(path)
    encoding = named(remap.encoding) if remap is not None and remap.encoding else recognise(file)
    every = (*sheet.columns, *(f"{stem}_en" for stem in sheet.families))
    return Table(
        str(path),
        sheet,
        every if remap is None else remap.columns,
        f"{encoding.name}, JSON Lines",
        Text(file, encoding).chunks(None),
        Parser(sheet, remap),
        file.size,
    )


def parse(chunk: Chunk, sheet: Sheet, remap: Remap | None = None) -> list[Row | Refused]:
    """The rows of a chunk, in order; a pure function of its arguments."""
    rows = (
        _row(chunk.file, line, text, sheet, remap)
        for line, text in enumerate(io.StringIO(chunk.text, newline=""), start=chunk.line)
        if text.strip()
    )
    return [row for row in rows if row is not None]


def _row(file: str, line: int, text: str, sheet: Sheet, remap: Remap | None) -> Row | Refused | None:
    """None for a row that is not wanted."""
    if not is_text(text):
        return Refused(file, line, NO_TEXT)
    values: dict[str, Any] = {}
    try:
        values = _decoder.decode(text)
        if remap is None:
            return Row(line, {column(sheet, name): _cell(name, value) for name, value in values.items()})
        ours = remap.row({name.strip(): _cell(name, value) for name, value in values.items() if remap.is_column(name)})
        return None if ours is None else Row(line, ours)
    except (msgspec.DecodeError, RecursionError):
        return Refused(file, line, "no JSON object; one object stands on one line")
    except ValueError as error:  # UnknownColumn is one
        return Refused(file, line, str(error), _key(values, sheet, remap))


def _key(values: Mapping[str, Any], sheet: Sheet, remap: Remap | None) -> tuple[str, ...]:
    cells = {name: "" if value is None or isinstance(value, dict) else str(value) for name, value in values.items()}
    ours = cells if remap is None else remap.cells(cells)
    return tuple(ours.get(name, "") for name in sheet.key)


def _cell(name: str, value: object) -> str:
    """As it would stand in a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ";".join(_cell(name, item) for item in value)
    if isinstance(value, dict):
        raise ValueError(f"{name}: an object is no cell; write text, or a list of texts")
    return str(value)
