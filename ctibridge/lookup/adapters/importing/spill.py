"""Rows on their way into the store, sorted by account, in a file of their own that nobody else sees.

It lies beside the store, where the room is that the store will need, and has no name: whatever ends the import, the
system takes it away. In memory is only where the rows of each account stand.
"""

import os
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import msgspec

from ctibridge.lookup.adapters.schema import StoreFault

Packed = tuple[int, int, bytes]
"""Which of the tables, in which line of its file the text begins, and that text; 0 for rows as `pack` made them,
SCATTERED for text with the line of each row, as `pack` made both."""
SCATTERED = 1 << 62
RawRow = tuple[int, Any]
"""Line, and the cells: in the order of the columns, or by column where a family has columns of its own in each row."""

pack = msgspec.msgpack.Encoder().encode
unpack_scattered: Callable[[bytes], tuple[list[int], str]] = msgspec.msgpack.Decoder(tuple[list[int], str]).decode
unpack: Callable[[bytes], list[RawRow]] = msgspec.msgpack.Decoder(list[RawRow]).decode


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive bytes of rows of one account. line: see `Packed`."""

    account: str
    length: int
    rows: int
    line: int = 0


@dataclass(slots=True)
class _Place:
    """Where rows of one account stand: four integers for each piece (table, line, offset, length)."""

    pieces: "array[int]" = field(default_factory=lambda: array("Q"))
    size: int = 0
    rows: int = 0


class Spill:
    """Closed by `with`. Raises StoreFault where the disk is full."""

    def __init__(self, folder: Path) -> None:
        try:
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed by `__exit__`
        except OSError as error:
            raise _fault(folder, error) from None
        self.folder = folder
        self._end = 0
        self._places: dict[str, _Place] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, table: int, groups: Iterable[Group], data: bytes) -> None:
        """data: of the groups, one after the other."""
        offset = self._end
        self._write(data)
        for group in groups:
            place = self._places.setdefault(group.account, _Place())
            place.pieces.extend((table, group.line, offset, group.length))
            place.size += group.length
            place.rows += group.rows
            offset += group.length

    def rows(self) -> dict[str, int]:
        """How many there are of each account."""
        return {account: place.rows for account, place in self._places.items()}

    def size(self, account: str) -> int:
        """Bytes of its rows."""
        place = self._places.get(account)
        return 0 if place is None else place.size

    def read(self, account: str) -> Iterator[Packed]:
        """Its rows, in the order in which they came."""
        place = self._places.get(account)
        pieces = () if place is None else place.pieces
        for at in range(0, len(pieces), 4):
            table, line, offset, length = pieces[at : at + 4]
            yield table, line, os.pread(self._file.fileno(), length, offset)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                written = os.pwrite(self._file.fileno(), view, self._end)
                self._end += written
                view = view[written:]
        except OSError as error:
            raise _fault(self.folder, error) from None


def _fault(folder: Path, error: OSError) -> StoreFault:
    return StoreFault(
        f"{folder}: {error.strerror}; an import needs room there for its files once more, beside the store; make room "
        "and run the same import again"
    )
