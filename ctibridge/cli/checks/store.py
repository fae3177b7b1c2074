"""The two files of the state directory, and the disk under them. Pure: what was read comes in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ctibridge.cli.checks.database import FileState
from ctibridge.cli.checks.wording import counted, size
from ctibridge.cli.store_fault import RESTORE, told
from ctibridge.domain.finding import Finding, note
from ctibridge.domain.store_version import later
from ctibridge.lookup.adapters.state import DirectoryState

OTHERS = 0o077
LARGE_LOG = 256 << 20
"""Bytes. An import's log has 64 MiB and the desks' 32 MiB before they are copied into their file."""
LEAST_FREE = 64 << 20
"""Bytes. The desks' log and what SQLite needs beside it; below that, events are soon not stored any more."""
SMALL_SHARE = 0.05
REMAKE = "stop ctibridge and move it away: open desks lose what they could catch up with, and nothing else"


@dataclass(frozen=True, slots=True)
class Versions:
    """Of one room's tables: the one that this program writes, and older ones that it brings up at its start."""

    written: int
    older: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes of the file system that the state directory is on, as a user without privileges may use it."""

    free: int
    total: int


def directory(found: FileState | None, known: Mapping[str, Versions]) -> Iterator[Finding]:
    """`ctibridge.db`. The row that says what is in it is `directory.contents`."""
    if found is None or (not found.versions and found.damage is None and found.fault is None):
        yield Finding("store", "there is no directory yet", "ctibridge import PATH")
    else:
        yield from _file(found, known, "store", RESTORE)


def contents(found: DirectoryState, *, shared: bool = False) -> Finding:
    """Of a sound one. shared: several nodes share people in Redis."""
    if found.lean and shared:
        return Finding("store", "sound, without people: they are in Redis, and at the nodes that keep them")
    if found.lean:
        text = "sound, without people: it is of a node that asked Redis for them"
        return Finding("store", text, 'write [redis] directory = "redis", or restore a backup of a node that kept them')
    people = sum(found.people.values())
    return Finding("store", f"sound, {people:,} people with {counted(found.numbers, 'number')}")


def desks(found: FileState | None, known: Mapping[str, Versions]) -> Iterator[Finding]:
    """`desks.db`, which the daemon makes when it starts."""
    if found is None:
        yield Finding("desks", "not there before the first start")
    else:
        yield from _file(found, known, "desks", REMAKE)


def free_space(disk: Disk, stored: int) -> Finding:
    """stored: bytes of all that is stored now. An import writes beside the store before it writes into it, and an
    upgrade fills new tables before it drops the old ones: each needs the store's size once more."""
    share = disk.free / disk.total if disk.total else 0.0
    text = f"{size(disk.free)} ({share:.0%})"
    if disk.free < LEAST_FREE:
        return Finding("free space", f"{text}: events can soon not be stored any more", "make room on its disk")
    if disk.free < stored + LEAST_FREE:
        return note("free space", f"{text}: too little to import all of it again", f"make room for {size(stored)} more")
    if share < SMALL_SHARE:
        return note("free space", text, "make room on its disk")
    return Finding("free space", text)


def writable(folder: Path, *, may_write: bool) -> Iterator[Finding]:
    """may_write: as the kernel says, of the owner of folder."""
    if not may_write:
        text = f"{folder} cannot be written: events are not stored"
        yield Finding("state_dir", text, "mount its disk for writing (dmesg says why it is not), or chmod u+w")


def _file(found: FileState, known: Mapping[str, Versions], word: str, restore: str) -> Iterator[Finding]:
    if found.fault is not None:
        text, mend = told(found.fault)
        yield Finding(word, f"{found.name}: {text}", restore if mend == RESTORE else mend)
        return
    if found.damage is not None:
        yield Finding(word, f"damaged: {found.damage}", restore)
        return
    yield _looked_through(found, word)
    yield from _versions(found, known, word)
    yield from _beside(found, word)


def _looked_through(found: FileState, word: str) -> Finding:
    text = f"{found.name} is sound, {size(found.size)}"
    if found.unread:
        every = found.tables + len(found.unread)
        text += f", as far as it was read: {found.tables} of {every} tables (all of them: ctibridge check --whole)"
    return Finding(f"{word} file", text)


def _versions(found: FileState, known: Mapping[str, Versions], word: str) -> Iterator[Finding]:
    said = []
    for room, versions in known.items():
        there = found.versions.get(room)
        if there is None or there == versions.written:
            continue
        if there in versions.older:
            said.append(f"the {room} in it is of version {there} and is brought up to {versions.written} at the start")
        else:
            text, _, mend = later(room, there, versions.written).partition("; ")
            yield Finding(f"{word} version", text, mend)
            return
    if said:
        yield note(f"{word} version", "; ".join(said), "let it have 18 s a million people: ctibridge run or import")
    else:
        yield Finding(f"{word} version", "as this program writes it")


def _beside(found: FileState, word: str) -> Iterator[Finding]:
    if found.log > LARGE_LOG:
        mend = "a program that reads it keeps it so: end old ctibridge commands, or restart ctibridge"
        yield note(f"{word} log", f"{size(found.log)} wait to be copied into {found.name}", mend)
    if found.rights & OTHERS:
        mend = f"chmod go= {found.name} {found.name}-wal {found.name}-shm"
        yield Finding(f"{word} rights", f"others than its owner may open {found.name} ({found.rights:04o})", mend)
