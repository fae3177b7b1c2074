"""The state directory's rows, from real files."""

import asyncio
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.cli.checks import stored
from ctibridge.cli.checks.scene import Scene
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.adapters import outbox_tables
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import Kind as TokenKind
from ctibridge.domain.finding import Kind
from ctibridge.lookup.adapters.schema import FILE
from tests.delivery.adapters.outboxes import opened, told
from tests.delivery.kept_examples import at
from tests.lookup.adapters.files import WHOLE, imported

VERSION_1 = """
CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER);
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, agent TEXT, issued_at TEXT NOT NULL,
    expires_at TEXT, revoked_at TEXT
);
INSERT INTO schema_version VALUES ('delivery', 1);
"""
Found = dict[str, tuple[str, Kind]]
"""By what: the subject and how it stands."""


def rows(folder: Path, now: datetime | None = None) -> Found:
    settings = Settings(node=NodeSettings(state_dir=folder))
    scene = Scene(settings, folder / "c.toml", {}, now or datetime.now(UTC), None, lambda _: None)
    return {row.finding.what: (row.subject or "", row.finding.kind) for row in stored.rows(scene)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    asyncio.run(imported(tmp_path / FILE, tmp_path / "files", WHOLE))
    return tmp_path


def test_an_empty_folder(tmp_path: Path) -> None:
    found = rows(tmp_path)
    assert found.pop("free space")[0] == "store"
    assert found == {"store": ("store", Kind.MEND), "desks": ("store", Kind.GOOD)}
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_a_desk(folder: Path) -> None:
    found = rows(folder)
    assert found["store"] == found["store file"] == ("store", Kind.GOOD)
    assert found["freshness"] == ("directory", Kind.GOOD)
    assert found["grants"] == ("agents", Kind.GOOD)
    assert found["tokens"] == ("tokens", Kind.GOOD)


def test_a_week_later_the_directory_is_old(folder: Path) -> None:
    assert rows(folder, datetime.now(UTC) + timedelta(days=8))["freshness"] == ("directory", Kind.NOTE)


def test_a_token_that_ends_soon(folder: Path) -> None:
    async def issue() -> None:
        store = await TokenStore.open(folder / FILE)
        now = datetime.now(UTC)
        await store.issue(TokenKind.IVR, None, now + timedelta(days=3), now)
        await store.close()

    asyncio.run(issue())
    assert rows(folder)["tokens"] == ("tokens", Kind.NOTE)


def test_desks_and_their_newest_event(folder: Path) -> None:
    async def desk() -> None:
        outbox = await opened(folder)
        told(outbox, 1, 3)
        await outbox.close()

    assert stored.newest_event(folder) is None
    asyncio.run(desk())
    assert rows(folder)["desks file"] == ("store", Kind.GOOD)
    assert stored.newest_event(folder) == at(3)
    with closing(sqlite3.connect(folder / outbox_tables.FILE)) as db:
        db.execute("UPDATE desk_event SET at = 1e300")
        db.commit()
    assert stored.newest_event(folder) is None


@pytest.mark.parametrize("damage", ["text", "cut", "half"])
def test_desks_that_are_damaged_leave_the_directory_judged(folder: Path, damage: str) -> None:
    outbox_tables.connect(folder / outbox_tables.FILE)[0].close()
    spoil(folder / outbox_tables.FILE, damage)
    found = rows(folder)
    assert found["desks"] == ("store", Kind.MEND)
    assert found["freshness"] == ("directory", Kind.GOOD)
    assert stored.newest_event(folder) is None


@pytest.mark.parametrize("damage", ["text", "cut", "half"])
def test_of_a_damaged_store_nothing_more_is_judged(folder: Path, damage: str) -> None:
    spoil(folder / FILE, damage)
    found = rows(folder)
    assert found["store"] == ("store", Kind.MEND)
    assert not {"freshness", "agents", "tokens"} & found.keys()


def test_a_table_that_is_missing_is_said_in_a_row(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.execute("DROP TABLE directory_grant")
        db.commit()
    assert rows(folder)["store"] == ("store", Kind.MEND)


@pytest.mark.parametrize(
    "spoiling",
    [
        "UPDATE import_journal SET at = 'yesterday'",
        "UPDATE import_journal SET unmatchable = '[]'",
        "INSERT INTO token (id, hash, kind, issued_at) VALUES ('t1', x'00', 'visitor', '2026-11-22T12:00:00+00:00')",
    ],
)
def test_rows_that_nobody_of_ours_wrote_are_a_finding(folder: Path, spoiling: str) -> None:
    asyncio.run(_with_tokens(folder / FILE))
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.execute(spoiling)
        db.commit()
    assert rows(folder)["store"] == ("store", Kind.MEND)


async def _with_tokens(path: Path) -> None:
    await (await TokenStore.open(path)).close()


def test_two_rooms_of_other_versions(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.execute("UPDATE schema_version SET version = 2 WHERE room = 'directory'")
        db.commit()
        assert rows(folder)["store version"] == ("store", Kind.NOTE)
        db.execute("UPDATE schema_version SET version = 4 WHERE room = 'imports'")
        db.commit()
    found = rows(folder)
    assert found["store version"] == ("store", Kind.MEND)
    assert "freshness" not in found


def test_a_store_of_before_the_sign_in_is_brought_up_at_the_next_start(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db:
        db.executescript(VERSION_1)
    found = rows(folder)
    assert found["store version"] == ("store", Kind.NOTE)
    assert "store" not in {what for what, (_, kind) in found.items() if kind is Kind.MEND}
    assert found["freshness"] == ("directory", Kind.GOOD)
    assert "tokens" not in found


def spoil(path: Path, how: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    if how == "text":
        path.write_text("what a backup program wrote instead\n" * 100)
    elif how == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(data[:8192] + b"\xff" * (len(data) - 8192))


def test_a_pipe_in_their_place_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "desks.db")
    assert stored.newest_event(tmp_path) is None
