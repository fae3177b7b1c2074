"""JSON Lines with the names of the columns: one object a line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ctibridge.lookup.sheets import Refused, Row, Sheet, Table, UnknownColumn, column
from ctibridge.lookup.sources.encoding import Encoding, lines, recognise

_decoder = msgspec.json.Decoder(dict[str, Any])


def read(path: Path, sheet: Sheet) -> Table:
    """Opens the file. Every object may have its own keys, so an unknown one refuses its row only. Raises Unreadable."""
    encoding = recognise(path)
    columns = (*sheet.columns, *(f"{stem}_en" for stem in sheet.families))
    return Table(str(path), sheet, columns, f"{encoding.name}, JSON Lines", _rows(path, encoding, sheet))


def _rows(path: Path, encoding: Encoding, sheet: Sheet) -> Iterator[Row | Refused]:
    for line, text in enumerate(lines(path, encoding), start=1):
        if not text.strip():
            continue
        values: dict[str, Any] = {}
        try:
            values = _decoder.decode(text)
            yield Row(line, {column(sheet, name): _cell(name, value) for name, value in values.items()})
        except (msgspec.DecodeError, RecursionError):
            yield Refused(str(path), line, "no JSON object; one object stands on one line")
        except (UnknownColumn, ValueError) as error:
            yield Refused(str(path), line, str(error), _key(values, sheet))


def _key(values: Mapping[str, Any], sheet: Sheet) -> tuple[str, ...]:
    return tuple(str(values.get(name) or "") for name in sheet.key)


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
