"""`ctibridge.index` beside the store: the number index as a file, written whole or not at all, read into memory.

It holds people's ids and numbers, so it is its owner's alone. Memory is anonymous: a page of the file that the kernel
has dropped never stops the loop. Everything here blocks, and is called off the loop; reading a large file holds the
interpreter's lock for moments only.
"""

import fcntl
import mmap
import os
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from typing import BinaryIO

import msgspec

from ctibridge.lookup.index import Index, IndexedAccount, Sections

FILE = "ctibridge.index"
OWNER_ONLY = 0o600
# Another layout, or other people in it, another magic: an older or newer file is no index, and made anew.
_MAGIC = b"cti-ix02"
_FRONT = Struct("<8sII")  # magic, length of the head, checksum of all behind it
_AT_ONCE = 4 << 20
_BREATH = 0.001
_WIDTHS = {"entries": "Q", "highs": "I", "starts": "I", "blocks": "I", "ids": "B"}


class IndexFault(Exception):
    """The file is not there, not whole or not ours. What is wrong, without names and numbers."""


class Head(msgspec.Struct, frozen=True):
    """version, stamp: of the directory that it was made of. sections: their lengths in bytes; each begins at a multiple
    of 8."""

    version: int
    stamp: str
    people: int
    labels: tuple[str, ...]
    accounts: tuple[tuple[int, str, int, int, str], ...]
    sections: dict[str, int]


@dataclass(frozen=True, slots=True)
class Loaded:
    head: Head
    index: Index
    memory: mmap.mmap

    def release(self) -> None:
        """Gives the memory back. Nobody may read the index any more. Piece by piece, with a breath for the loop after
        each: all at once would hold everybody up for ten milliseconds."""
        for start in range(0, len(self.memory), _AT_ONCE):
            self.memory.madvise(mmap.MADV_DONTNEED, start, min(_AT_ONCE, len(self.memory) - start))
            time.sleep(_BREATH)


def beside(store: Path) -> Path:
    return store.with_name(FILE)


def forget(store: Path) -> None:
    """Removes the index of a store: whose people left must not stay in it. Who has read it keeps it."""
    beside(store).unlink(missing_ok=True)


def read(path: Path) -> Loaded:
    """Raises IndexFault."""
    try:
        with path.open("rb", buffering=0) as file:
            return _read(file)
    except (OSError, EOFError, ValueError, msgspec.MsgspecError) as error:
        raise IndexFault(_words(error)) from None


def _read(file: BinaryIO) -> Loaded:
    magic, length, checksum = _FRONT.unpack(_exactly(file, _FRONT.size))
    if magic != _MAGIC:
        raise ValueError("not an index of this program's version")
    size = os.fstat(file.fileno()).st_size - _FRONT.size - length
    if size < 0:
        raise EOFError
    raw = _exactly(file, length)
    head = msgspec.json.decode(raw, type=Head)
    if head.sections.keys() != _WIDTHS.keys() or sum(map(_padded, head.sections.values())) != size:
        raise EOFError
    memory = mmap.mmap(-1, max(size, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if _fill(file, memoryview(memory)[:size], zlib.crc32(raw)) != checksum:
        raise ValueError("its checksum is wrong")
    accounts = tuple(IndexedAccount(*account) for account in head.accounts)
    return Loaded(head, Index(accounts, head.labels, _sections(memory, head.sections)), memory)


def _exactly(file: BinaryIO, size: int) -> bytes:
    read = file.read(size)
    if len(read) != size:
        raise EOFError
    return read


def _fill(file: BinaryIO, memory: memoryview, checksum: int) -> int:
    """Reads into memory; the checksum goes on."""
    at = 0
    while at < len(memory):
        piece = memory[at : at + _AT_ONCE]
        count = file.readinto(piece)  # type: ignore[attr-defined]
        if not count:
            raise EOFError
        checksum = zlib.crc32(piece[:count], checksum)
        at += count
    return checksum


def _sections(memory: mmap.mmap, lengths: Mapping[str, int]) -> Sections:
    at, views = 0, {}
    for name, width in _WIDTHS.items():
        views[name] = memoryview(memory)[at : at + lengths[name]].cast(width)  # type: ignore[call-overload]
        at += _padded(lengths[name])
    return Sections(**views)


def _padded(length: int) -> int:
    return length + -length % 8


@dataclass(frozen=True, slots=True)
class Writing:
    """A new file that nobody sees yet. waited: somebody else has just written one."""

    file: BinaryIO
    waited: bool

    def write(self, head: Head, sections: Mapping[str, Iterable[bytes | memoryview]]) -> None:
        """sections: as the head says. Raises OSError, a full disk's too."""
        file, raw = self.file, msgspec.json.encode(head)
        file.truncate(0)
        file.seek(_FRONT.size)
        file.write(raw)
        checksum = zlib.crc32(raw)
        for name in _WIDTHS:
            padding = b"\0" * (-head.sections[name] % 8)
            for piece in (*sections[name], padding):
                file.write(piece)
                checksum = zlib.crc32(piece, checksum)
        file.seek(0)
        file.write(_FRONT.pack(_MAGIC, len(raw), checksum))


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """The file's successor, which takes its place at the end if something was written. One at a time writes; what is
    killed leaves a file that the next one takes. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    descriptor, waited = _lock(new)
    with open(descriptor, "w+b") as file:  # noqa: PTH123 - of a descriptor
        try:
            yield Writing(file, waited)
            file.flush()
            if file.tell():
                os.fsync(descriptor)
                new.replace(path)
        finally:
            # Half of a directory is of no use, and still its people's numbers. Whoever waits looks for the file again.
            if _is(new, descriptor):
                new.unlink()


def _lock(path: Path) -> tuple[int, bool]:
    """Whoever had the lock may have renamed the file meanwhile: then it is another one, and a new one is needed."""
    waited = False
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waited = True
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is(path, descriptor):
            return descriptor, waited
        os.close(descriptor)


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _words(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it is not whole"
    return (error.strerror if isinstance(error, OSError) else None) or (
        str(error) if type(error) is ValueError else "its head cannot be read"
    )
