"""What only the disk can say, looked at in a thread: a disk that hangs must not hold up a pop, nor a scrape."""

import asyncio
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from ctibridge.domain import last_call
from ctibridge.domain.last_call import LastCall
from ctibridge.lookup.adapters.following import tables

log = structlog.get_logger()

LOOK_EVERY = 15.0
COUNT_EVERY = 600.0
"""Seconds between two counts of the people at least: of ten million one takes a second of a thread."""
FILES = ("ctibridge.db", "ctibridge.db-wal", "desks.db", "desks.db-wal", "ctibridge.index")

_IMPORTS = """
SELECT max(strftime('%s', j.at)), min(CASE WHEN EXISTS (
    SELECT 1 FROM directory_person p JOIN directory_account a ON a.no = p.account WHERE a.id = j.account
) AND EXISTS (
    SELECT 1 FROM directory_role_share s WHERE s.account = j.account
    AND (s.ends_at IS NULL OR s.ends_at > strftime('%Y-%m-%dT%H:%M:%S', 'now'))
) THEN strftime('%s', j.at) END) FROM import_journal j
"""
"""A company without people, or whose share has ended, has left, and no import tells of it any more, also while its
people stay for `purge_after`."""


@dataclass(frozen=True, slots=True)
class OnDisk:
    """free: bytes that we may still write, None where the system does not say; files: the sizes of those that there
    are; people: None until they are counted; imports: of those that told of each company last, when the newest and the
    oldest was (Unix seconds), None where there was none; last_calls: the last test calls."""

    free: int | None = None
    files: dict[str, int] = field(default_factory=dict)
    people: int | None = None
    imports: tuple[int, int] | None = None
    last_calls: tuple[LastCall, ...] = ()


class Disk:
    def __init__(self, folder: Path, store: Path) -> None:
        self.found = OnDisk()
        self._folder = folder
        self._store = store
        self._counted_at = float("-inf")

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            now = asyncio.get_running_loop().time()
            anew = now - self._counted_at >= COUNT_EVERY
            if anew:
                self._counted_at = now
            try:
                people = None if anew else self.found.people
                self.found = await asyncio.to_thread(look, self._folder, self._store, people)
            except Exception:
                # Figures that are not there are no reason to stop.
                log.error("disk_not_looked_at", exc_info=True)
            await asyncio.sleep(LOOK_EVERY)


def look(folder: Path, store: Path, people: int | None) -> OnDisk:
    """people: as counted before; None: count them, where the store does not go without. What cannot be read is left
    out: who has to know that hears it from the rooms."""
    sizes = {name: size for name in FILES if (size := _size(folder / name)) is not None}
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True, timeout=0.1)) as file,
    ):
        if people is None and not tables.is_lean(file):
            people = int(file.execute("SELECT count(*) FROM directory_person").fetchone()[0])
        return OnDisk(_free(folder), sizes, people, _imports(file), _last_calls(folder))
    return OnDisk(_free(folder), sizes, people, last_calls=_last_calls(folder))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _free(folder: Path) -> int | None:
    try:
        room = os.statvfs(folder)
    except OSError:
        return None
    return room.f_bavail * room.f_frsize


def _last_calls(folder: Path) -> tuple[LastCall, ...]:
    """The selftest, a process of its own, has written them."""
    try:
        with (folder / last_call.FILE).open("rb") as file:
            return last_call.read(file.read(last_call.LONGEST))
    except OSError:
        return ()


def _imports(file: sqlite3.Connection) -> tuple[int, int] | None:
    if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'import_journal'").fetchone():
        return None
    newest, oldest = file.execute(_IMPORTS).fetchone()
    return None if newest is None else (int(newest), int(newest if oldest is None else oldest))
