"""Which directory files are meant by the paths on a command line. A file is known by its name."""

import difflib
from collections.abc import Iterable
from pathlib import Path

from ctibridge.lookup.sheets import SHEETS, Sheet, Table
from ctibridge.lookup.sources import csv, json_lines

_READERS = {".csv": csv.read, ".jsonl": json_lines.read, ".ndjson": json_lines.read}
# Stands beside the directory files where one folder holds a whole configuration; `run` reads it, not `import`.
_NOT_OURS = frozenset({"lines.csv"})


class WrongFile(ValueError):
    """A path that is no directory file: missing, or of an unknown name."""


def find(paths: Iterable[Path]) -> list[tuple[Path, Sheet]]:
    """The files with their kinds, in the order in which they have to be read; a folder stands for its files.

    Raises WrongFile naming the path and the mend.
    """
    files = [file for path in paths for file in _expand(path)]
    found = [(file, _sheet(file)) for file in dict.fromkeys(files)]
    if not found:
        raise WrongFile("no directory files there; their names are " + ", ".join(f"{name}.csv" for name in SHEETS))
    order = list(SHEETS)
    return sorted(found, key=lambda item: order.index(item[1].name))


def open_tables(paths: Iterable[Path]) -> list[Table]:
    """Every file opened and recognised. Raises WrongFile, csv.WrongHeader and encoding.Unreadable."""
    tables = [_READERS[path.suffix.lower()](path, sheet) for path, sheet in find(paths)]
    first: dict[str, Table] = {}
    for table in tables:
        other = first.setdefault(table.sheet.name, table)
        # What a file does not tell stays as it is stored; of two files with other columns, which tells?
        if set(other.columns) != set(table.columns):
            raise WrongFile(f"{other.file} and {table.file} have different columns; import them one after the other")
    return tables


def _expand(path: Path) -> list[Path]:
    if not path.exists():
        raise WrongFile(f"{path}: there is no such file or folder")
    if not path.is_dir():
        return [path]
    return sorted(
        file for file in path.iterdir() if file.suffix.lower() in _READERS and file.name.lower() not in _NOT_OURS
    )


def _sheet(path: Path) -> Sheet:
    sheet = SHEETS.get(path.stem.lower())
    if sheet is not None and path.suffix.lower() in _READERS:
        return sheet
    close = difflib.get_close_matches(path.stem.lower(), SHEETS, n=1)
    hint = f"did you mean {close[0]}.csv?" if close else "known are " + ", ".join(f"{name}.csv" for name in SHEETS)
    raise WrongFile(f"{path}: a file is known by its name; {hint}")
