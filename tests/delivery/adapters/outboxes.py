"""Opening an outbox as the tests do, and looking at what it has written."""

import itertools
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.kept import KeptDesk, KeptEvent
from tests.delivery.examples import AT
from tests.delivery.kept_examples import event

BOOT = "boot-1"
USUAL = OutboxSettings()
_fresh = itertools.count(1)


async def opened(folder: Path, now: datetime = AT, boot: str = BOOT, settings: OutboxSettings = USUAL) -> Outbox:
    return await Outbox.open(folder, lambda: f"fresh-{next(_fresh)}", now, boot, settings)


async def close_unclean(outbox: Outbox) -> None:
    """With all written, and without a word that it is: as a kill leaves it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox.file, "end", lambda: None)
        await outbox.close()


class Full:
    """A disk that takes nothing until `mend`."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, code: int = sqlite3.SQLITE_FULL, *, readable: bool = True
    ) -> None:
        self._patch = monkeypatch
        self._code = code
        for name in ("connect",) if readable else ("connect", "connect_beside"):
            self._patch.setattr(outbox_tables, name, self._connect)

    def mend(self) -> None:
        self._patch.undo()

    def _connect(self, _: Path) -> tuple[sqlite3.Connection, bool]:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = self._code
        raise error


def told(outbox: Outbox, first: int, last: int, agent: str = "ana", epoch: str = "e1") -> list[KeptEvent]:
    """The desk said these events, both included."""
    events = [event(sequence, agent, epoch) for sequence in range(first, last + 1)]
    for one in events:
        outbox.keep_event(one)
    return events


def desk(outbox: Outbox, agent: str = "ana") -> KeptDesk:
    return next(one for one in outbox.desks if one.agent == agent)


def sql(folder: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as db:
        return db.execute(statement, values).fetchall()


def raw(folder: Path) -> bytes:
    """All that stands on the disk."""
    return b"".join(path.read_bytes() for path in folder.iterdir())
