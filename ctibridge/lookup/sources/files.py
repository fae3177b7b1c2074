"""Which directory files are meant by the paths on a command line. A file is known by its name."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ctibridge.lookup.sheets import SHEETS, Sheet, Table
from ctibridge.lookup.sources import csv, json_lines
from ctibridge.lookup.sources.mapping import Map
from ctibridge.lookup.sources.remap import Remap

_READERS = {".csv": csv.read, ".jsonl": json_lines.read, ".ndjson": json_lines.read}
# Stands beside the directory files where one folder holds a whole configuration; `run` reads it, not `import`.
_NOT_OURS = frozenset({"lines.csv"})


class WrongFile(ValueError):
    """A path that is no directory file: missing, or of an unknown name."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file and what is in it. remap: where it is an export that has other names."""

    path: Path
    sheet: Sheet
    remap: Remap | None = None


def find(paths: Iterable[Path], mapping: Map | None = None) -> list[Found]:
    """The files with their kinds, in the order in which they have to be read; a folder stands for its files.

    One export may be several of them. Raises WrongFile naming the path and the mend, and remap.WrongMap.
    """
    files = list(dict.fromkeys(file for path in paths for file in _expand(path, mapping)))
    if mapping is not None:
        mapping.check(files)
    found = [one for file in files for one in _kinds(file, mapping)]
    if not found:
        raise WrongFile("no directory files there; their names are " + ", ".join(f"{name}.csv" for name in SHEETS))
    order = list(SHEETS)
    return sorted(found, key=lambda one: order.index(one.sheet.name))


def open_tables(paths: Iterable[Path], mapping: Map | None = None) -> list[Table]:
    """Every file opened and recognised. Raises WrongFile, csv.WrongHeader, remap.WrongMap and encoding.Unreadable."""
    # An export may have any name; what is not called JSON Lines is CSV.
    tables = [
        _READERS.get(one.path.suffix.lower(), csv.read)(one.path, one.sheet, one.remap) for one in find(paths, mapping)
    ]
    first: dict[str, Table] = {}
    for table in tables:
        other = first.setdefault(table.sheet.name, table)
        # What a file does not tell stays as it is stored; of two files with other columns, which tells?
        if set(other.columns) != set(table.columns):
            raise WrongFile(f"{other.file} and {table.file} have different columns; import them one after the other")
    return tables


def _expand(path: Path, mapping: Map | None) -> list[Path]:
    if not path.exists():
        raise WrongFile(f"{path}: there is no such file or folder")
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if _is_meant(file) or (mapping is not None and mapping.of(file)))


def _is_meant(file: Path) -> bool:
    return file.suffix.lower() in _READERS and file.name.lower() not in _NOT_OURS


def _kinds(file: Path, mapping: Map | None) -> list[Found]:
    mapped = [] if mapping is None else mapping.of(file)
    return [Found(file, *kind) for kind in mapped] or [Found(file, _sheet(file))]


def _sheet(path: Path) -> Sheet:
    sheet = SHEETS.get(path.stem.lower())
    if sheet is not None and path.suffix.lower() in _READERS:
        return sheet
    close = difflib.get_close_matches(path.stem.lower(), SHEETS, n=1)
    hint = f"did you mean {close[0]}.csv?" if close else "known are " + ", ".join(f"{name}.csv" for name in SHEETS)
    raise WrongFile(f"{path}: a file is known by its name; {hint}")
