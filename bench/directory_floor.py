"""The floor of an import: the same people by Python's csv module into one flat SQLite table with one covering index.

`python -m bench.directory_floor FOLDER FILE`: nothing is parsed, checked or compared, and nothing survives a crash.
A person is one row with the first number of his cell; a row of phones.csv is one more.
"""

import csv
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

_COLUMNS = 20
_DDL = "CREATE TABLE flat (number, {}); PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"


def main(arguments: list[str]) -> int:
    folder, file = map(Path, arguments)
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        store.executescript(_DDL.format(", ".join(f"c{place}" for place in range(_COLUMNS))))
        store.execute("BEGIN")
        marks = ", ".join("?" * (_COLUMNS + 1))
        store.executemany(f"INSERT INTO flat VALUES ({marks})", chain(_people(folder), _phones(folder)))  # noqa: S608
        store.execute("CREATE INDEX flat_by_number ON flat (number, c0, c1)")
        store.execute("COMMIT")
    return 0


def _people(folder: Path) -> Iterator[list[str]]:
    for row in _rows(folder / "people.csv"):
        yield [row[-1].partition(";")[0].partition(":")[2], *row]


def _phones(folder: Path) -> Iterator[list[str]]:
    for row in _rows(folder / "phones.csv"):
        yield [row[3], *row, *[""] * (_COLUMNS - len(row))]


def _rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
