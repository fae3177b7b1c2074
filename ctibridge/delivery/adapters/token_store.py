"""Tokens in `ctibridge.db`, hashed. Other processes (`ctibridge token`) change them while the daemon runs.

Comes in: token texts and ids. Goes out: `Token` values; the text itself leaves once, when it is issued.
"""

import asyncio
import logging
import os
import stat
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import DatabaseError, OperationalError, Row
from typing import Self

import aiosqlite
import structlog

from ctibridge.delivery import tokens
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.private import Private
from ctibridge.domain.shared_table import SharedTable
from ctibridge.domain.store_version import later

# At DEBUG it writes statements with their parameters.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

ROOM = "delivery"
VERSION = 2
KNOWN = (1,)
"""Older versions, which `open` brings up."""
BUSY_MS = 5000
WAL_PAUSE_MS = 50
OWNER_ONLY = 0o600
SHARED = SharedTable("token", ("id",), act=False)
"""With the other nodes of a cluster. It needs no lease: ids are of chance, and who revokes is not undone by who issues.
"""

log = structlog.get_logger()

_TABLES = """
CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER);
CREATE TABLE IF NOT EXISTS token (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    agent TEXT,
    issued_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
);
INSERT OR IGNORE INTO schema_version VALUES ('delivery', 1);
"""
# Version 1 did not know tokens by sign-in. Its daemon, if it still runs, reads and writes the columns that it names.
_TO_2 = (
    "ALTER TABLE token ADD COLUMN signed_in INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX token_signed_in ON token (agent, issued_at) WHERE signed_in",
    "UPDATE schema_version SET version = 2 WHERE room = 'delivery'",
)
_SELECT = "SELECT id, kind, agent, issued_at, expires_at, revoked_at, signed_in FROM token"
_INSERT = "INSERT INTO token (id, hash, kind, agent, issued_at, expires_at, signed_in) VALUES (?, ?, ?, ?, ?, ?, ?)"
_HOLDING = "SELECT id FROM token WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)"
# By their place in the table: a clock that was put back makes the newest the oldest by its time.
_NEWEST = "SELECT id FROM token WHERE signed_in AND agent = ? ORDER BY rowid DESC LIMIT ?"
_FORGET = f"DELETE FROM token WHERE signed_in AND agent = ? AND (expires_at <= ? OR id NOT IN ({_NEWEST}))"  # noqa: S608


class TooNew(DatabaseError):
    """The store was written by a later version of ctibridge."""


class TokenStore:
    """Open it with `open`. Methods raise sqlite3.Error where the store cannot be read or written."""

    def __init__(self, database: aiosqlite.Connection) -> None:
        self._database = database
        self._data_version = -1

    @classmethod
    async def open(cls, path: Path, *, busy_ms: int = BUSY_MS) -> Self:
        """Makes the file and the table where they are missing, and brings up an older one; else nothing is written.
        Raises TooNew, sqlite3.Error.

        busy_ms: how long each act waits for another process's transaction.
        """
        try:
            _keep_private(path)
        except OSError as error:
            raise OperationalError(f"unable to open database file: {error.strerror}") from None
        database = await aiosqlite.connect(path, isolation_level=None)
        store = cls(database)
        try:
            await database.execute_fetchall(f"PRAGMA busy_timeout = {busy_ms}")
            await store._use_wal()
            if await store._version() is None:
                # `executescript` would commit before it begins: two that start together must not see half of it.
                await database.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
            await store._check_version()
            if await store._version() == 1:
                await store._bring_up()
        except BaseException:
            await database.close()
            raise
        return store

    @classmethod
    async def open_reader(cls, path: Path) -> Self:
        """Of a file that `open` has opened before; it stays as it is. Raises TooNew, sqlite3.Error."""
        database = await aiosqlite.connect(_read_only(path), uri=True, isolation_level=None)
        store = cls(database)
        try:
            await store._check_version()
        except BaseException:
            await database.close()
            raise
        return store

    async def close(self) -> None:
        await self._database.close()

    async def issue(
        self, kind: Kind, agent: str | None, expires_at: datetime | None, at: datetime
    ) -> tuple[Private, Token]:
        """A new token: its text, which is nowhere else from now on, and what is kept of it."""
        return await self._add(Token(fresh.token_id(), kind, agent, at, expires_at))

    async def sign_in(self, agent: str, expires_at: datetime, at: datetime, most: int) -> tuple[Private, Token]:
        """A new token for the page of an agent whom a proxy has signed in. Of those he has `most` stay, the newest, and
        none that has expired: the others open no desk any more. It waits for other processes' transactions, and so does
        whoever asks the same store meanwhile."""
        added = await self._add(Token(fresh.token_id(), Kind.DESK, agent, at, expires_at, signed_in=True))
        await self._database.execute(_FORGET, (agent, _written(at), agent, most))
        return added

    async def find(self, text: Private) -> Token | None:
        """The token of this text, good or not."""
        found = tokens.hash_of(text)
        return None if found is None else await self.find_hash(found)

    async def find_hash(self, found: bytes) -> Token | None:
        """The token with this hash, good or not."""
        rows = await self._rows(_SELECT + " WHERE hash = ?", (found,))
        return _token(rows[0]) if rows else None

    async def get(self, token_id: str) -> Token | None:
        """The token of this id, good or not."""
        rows = await self._rows(_SELECT + " WHERE id = ?", (token_id,))
        return _token(rows[0]) if rows else None

    async def holding(self, at: datetime) -> frozenset[str]:
        """Ids of those that are neither revoked nor expired: of tens of thousands in a moment, which `all` is not."""
        return frozenset(row[0] for row in await self._rows(_HOLDING, (_written(at),)))

    async def all(self) -> list[Token]:
        """Oldest first."""
        return [_token(row) for row in await self._rows(_SELECT + " ORDER BY issued_at, id")]

    async def revoke(self, token_id: str, at: datetime) -> bool:
        """False: there is no such token. One that was revoked before stays revoked as of then."""
        changed = await self._database.execute(
            "UPDATE token SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (_written(at), token_id)
        )
        return changed.rowcount > 0

    async def changed(self) -> bool:
        """Has anybody else written to the store since the last time this was asked? Costs microseconds."""
        (row,) = await self._rows("PRAGMA data_version")
        before, self._data_version = self._data_version, row[0]
        return before != self._data_version

    async def _add(self, token: Token) -> tuple[Private, Token]:
        text = tokens.text_of(fresh.token_secret())
        times = (_written(token.issued_at), _written(token.expires_at))
        values = (token.id, tokens.hash_of(text), token.kind.value, token.agent, *times, token.signed_in)
        await self._database.execute(_INSERT, values)
        return text, token

    async def _bring_up(self) -> None:
        """Of two that start together, the second finds it done."""
        await self._rows("BEGIN IMMEDIATE")
        try:
            if await self._version() == 1:
                for statement in _TO_2:
                    await self._rows(statement)
            await self._rows("COMMIT")
        except BaseException:
            await self._database.rollback()
            raise

    async def _use_wal(self) -> None:
        """Only the first who opens a new file changes anything; SQLite refuses the others meanwhile without waiting."""
        for _ in range(BUSY_MS // WAL_PAUSE_MS):
            try:
                await self._rows("PRAGMA journal_mode = WAL")
            except OperationalError:
                await asyncio.sleep(WAL_PAUSE_MS / 1000)
            else:
                return
        await self._rows("PRAGMA journal_mode = WAL")

    async def _version(self) -> int | None:
        """None: the room has no tables here yet."""
        if not await self._rows("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"):
            return None
        rows = await self._rows("SELECT version FROM schema_version WHERE room = ?", (ROOM,))
        return int(rows[0][0]) if rows else None

    async def _check_version(self) -> None:
        version = await self._version()
        if version is not None and version > VERSION:
            raise TooNew(later(ROOM, version, VERSION))

    async def _rows(self, query: str, values: tuple[object, ...] = ()) -> list[Row]:
        rows: Iterable[Row] = await self._database.execute_fetchall(query, values)
        return list(rows)


def _keep_private(path: Path) -> None:
    """What the file holds is for the service's user alone: made by us and not by SQLite, which follows the umask.

    An existing one is never opened here: to close it would drop the locks that this process's other connections hold
    on it (POSIX), and SQLite would lose its data.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
    except FileExistsError:
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            _tighten(each)


def _read_only(path: Path) -> str:
    """SQLite's name for a file that it may only read, and never makes. Raises sqlite3.Error where there is none: nobody
    waits for the thread of an aiosqlite connection that could not be opened (0.22)."""
    if not path.exists():
        raise aiosqlite.OperationalError("unable to open database file")
    return f"{path.absolute().as_uri()}?mode=ro"


def _tighten(path: Path) -> None:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~OWNER_ONLY:
            path.chmod(mode & OWNER_ONLY)
    except FileNotFoundError:
        pass  # the last connection takes -wal and -shm away
    except PermissionError:
        log.warning("store_open_to_others", file=path.name)  # another user's file; only he can


def _written(at: datetime | None) -> str | None:
    """In UTC and always of one length: as text they sort as they happened."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _token(row: Row) -> Token:
    number, kind, agent, issued_at, expires_at, revoked_at, signed_in = row
    issued = datetime.fromisoformat(issued_at)
    return Token(number, Kind(kind), agent, issued, _read(expires_at), _read(revoked_at), bool(signed_in))
