"""A backup as one file: a gzipped tar that `tar xzf` opens, the manifest first, then what it names, in that order.

Reading is ours, block by block: of a file that came back from somewhere, tar's links, paths and long headers are
nothing that we take. POSIX.1-2017, pax, "ustar Interchange Format"; sizes of 8 GiB and more as GNU tar writes them.
"""

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Annotated

import msgspec

from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.installation import INSTANCE
from ctibridge.lookup.adapters.schema import FILE as DIRECTORY

FORMAT = 1
MANIFEST = "manifest.json"
NAMES = (DIRECTORY, DESKS, INSTANCE)
"""What may be in it, in this order."""
MOST_MANIFEST = 64 << 10
MOST_NAME = 1 << 10
"""Bytes of `instance`, which are 32."""
LEVEL = 1
"""Of gzip. A database becomes a third; level 6 takes twice the processor time for an eighth less (docs/backup.md)."""
_AT_ONCE = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(2 * _BLOCK)

Tell = Callable[[str, int, int], None]
"""Hears of each piece: step, bytes done, bytes in all."""


class BadArchive(Exception):
    """It cannot be restored: what is wrong with it, in words that go behind its name."""


class Member(msgspec.Struct, frozen=True):
    """versions: of a database, each room's in it, as its `schema_version` says. sha256: hexadecimal."""

    name: str
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    versions: dict[str, int] = {}


class Manifest(msgspec.Struct, frozen=True):
    """made_at: as of when the directory is in it (UTC); the desks' file is younger by as long as the copying took."""

    format: int
    ctibridge: Annotated[str, msgspec.Meta(max_length=64)]
    node: Annotated[str, msgspec.Meta(max_length=256)]
    made_at: Annotated[datetime, msgspec.Meta(tz=True)]
    members: tuple[Member, ...]


class _Format(msgspec.Struct):
    format: int


def digest(file: IO[bytes]) -> str:
    """Of the whole file, from its beginning. Raises OSError."""
    file.seek(0)
    summed = hashlib.sha256()
    while piece := file.read(_AT_ONCE):
        summed.update(piece)
    return summed.hexdigest()


def write(out: IO[bytes], manifest: Manifest, files: Mapping[str, IO[bytes]], tell: Tell) -> None:
    """files: each member's, as long as the manifest says. Raises OSError."""
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=LEVEL, filename="", mtime=0) as packed:
        text = msgspec.json.format(msgspec.json.encode(manifest))
        at = int(manifest.made_at.timestamp())
        packed.write(_head(MANIFEST, len(text), at) + text + _padding(len(text)))
        for member in manifest.members:
            packed.write(_head(member.name, member.bytes, at))
            files[member.name].seek(0)
            for done, piece in _pieces(files[member.name], member.bytes):
                packed.write(piece)
                tell(f"packing {member.name}", done, member.bytes)
            packed.write(_padding(member.bytes))
        packed.write(_END)


class Archive:
    """One that is read, once and in order: `manifest`, then `extract` for each member, then `end`."""

    def __init__(self, packed: gzip.GzipFile) -> None:
        """Raises BadArchive, OSError."""
        self._packed = packed
        with _read_soundly():
            size = self._next(MANIFEST)
            if size > MOST_MANIFEST:
                raise BadArchive("is no backup of ctibridge: its manifest is too long")
            self.manifest = _manifest(self._exactly(size + len(_padding(size)))[:size])

    def extract(self, member: Member, out: IO[bytes], tell: Tell) -> None:
        """The next member, which this one has to be, is written there. Raises BadArchive, OSError."""
        with _read_soundly():
            if self._next(member.name) != member.bytes:
                raise BadArchive(f"is damaged: {member.name} is not as long as its manifest says")
            summed = hashlib.sha256()
            for done, piece in _pieces(self._packed, member.bytes):
                summed.update(piece)
                out.write(piece)
                tell(f"unpacking {member.name}", done, member.bytes)
            self._exactly(len(_padding(member.bytes)))
        if summed.hexdigest() != member.sha256:
            raise BadArchive(f"is damaged: {member.name} is not what its manifest says (sha256)")

    def end(self) -> None:
        """Nothing stands behind the last one. Raises BadArchive, OSError."""
        with _read_soundly():
            if self._exactly(len(_END)) != _END or self._packed.read(1):
                raise BadArchive("holds more than its manifest says")

    def _next(self, name: str) -> int:
        try:
            head = tarfile.TarInfo.frombuf(self._exactly(_BLOCK), "ascii", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError):
            raise BadArchive("is no backup of ctibridge, or damaged: a header in it is none") from None
        # As the block has it: `isreg` is true of older kinds, too, and a name that ends in / is no file.
        if head.name != name or head.type != tarfile.REGTYPE:
            raise BadArchive(f"is no backup of ctibridge: it has something else where {name} should be")
        return int(head.size)

    def _exactly(self, size: int) -> bytes:
        found = self._packed.read(size)
        if len(found) != size:
            raise EOFError
        return found


@contextmanager
def opened(raw: IO[bytes]) -> Iterator[Archive]:
    """Raises BadArchive, OSError."""
    with gzip.GzipFile(fileobj=raw, mode="rb") as packed:
        yield Archive(packed)


@contextmanager
def _read_soundly() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error):
        raise BadArchive("is damaged: it is not whole") from None
    except gzip.BadGzipFile:
        raise BadArchive("is no backup of ctibridge, or damaged: gzip cannot read it") from None


def _manifest(text: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(text, type=_Format).format
        if found != FORMAT:
            newer = "a newer ctibridge made it; restore it with that one" if found > FORMAT else "it is damaged"
            raise BadArchive(f"has format {found}, this ctibridge knows {FORMAT}: {newer}")
        manifest = msgspec.json.decode(text, type=Manifest)
        manifest.made_at.astimezone(UTC)
    except (msgspec.MsgspecError, RecursionError, OverflowError):  # nested without end; a time before the year 1
        raise BadArchive("is no backup of ctibridge, or damaged: its manifest does not hold") from None
    names = [member.name for member in manifest.members]
    if DIRECTORY not in names or names != [name for name in NAMES if name in names]:
        raise BadArchive("is no backup of ctibridge: its manifest names other files than ours")
    if any(member.name == INSTANCE and member.bytes > MOST_NAME for member in manifest.members):
        raise BadArchive("is no backup of ctibridge: its manifest says what cannot be")
    return manifest


def _pieces(file: IO[bytes] | gzip.GzipFile, size: int) -> Iterator[tuple[int, bytes]]:
    """(bytes so far, piece). Raises EOFError where it is shorter."""
    done = 0
    while done < size:
        piece = file.read(min(_AT_ONCE, size - done))
        if not piece:
            raise EOFError
        done += len(piece)
        yield done, piece


def _head(name: str, size: int, at: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, at
    return info.tobuf(tarfile.GNU_FORMAT, "ascii", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)
