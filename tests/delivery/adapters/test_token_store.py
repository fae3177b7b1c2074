import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ctibridge.delivery.adapters.token_store import TokenStore, TooNew
from ctibridge.delivery.tokens import Kind
from ctibridge.domain.private import Private
from tests.delivery.examples import AT


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[TokenStore]:
    opened = await TokenStore.open(tmp_path / "ctibridge.db")
    yield opened
    await opened.close()


async def test_issued_found_and_revoked(store: TokenStore) -> None:
    text, token = await store.issue(Kind.DESK, "ana", AT + timedelta(days=1), AT)
    assert await store.find(text) == token
    assert await store.find(Private("ctb_" + "A" * 43)) is None
    assert await store.find(Private("nonsense")) is None
    assert await store.revoke(token.id, AT)
    assert await store.revoke(token.id, AT + timedelta(days=2))
    found = await store.find(text)
    assert found is not None
    assert found.revoked_at == AT
    assert not await store.revoke("nothing", AT)
    assert [one.id for one in await store.all()] == [token.id]


async def test_the_text_is_nowhere_in_the_file(store: TokenStore, tmp_path: Path) -> None:
    text, _ = await store.issue(Kind.IVR, None, None, AT)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert written
    assert text.value.encode() not in written
    assert text.value.removeprefix("ctb_").encode() not in written


async def test_another_process_is_noticed(store: TokenStore, tmp_path: Path) -> None:
    assert await store.changed()
    assert not await store.changed()
    text, token = await store.issue(Kind.DESK, "ana", None, AT)
    assert not await store.changed(), "what we write ourselves is no news"
    other = await TokenStore.open(tmp_path / "ctibridge.db")
    await other.revoke(token.id, AT)
    await other.close()
    assert await store.changed()
    found = await store.find(text)
    assert found is not None
    assert found.state(AT) == "revoked"


async def test_of_an_agents_sign_ins_the_newest_stay_and_none_that_has_expired(store: TokenStore) -> None:
    _, by_hand = await store.issue(Kind.DESK, "ana", AT + timedelta(seconds=1), AT)
    _, of_ben = await store.sign_in("ben", AT + timedelta(seconds=1), AT, 2)
    made = [await store.sign_in("ana", AT + timedelta(hours=12), AT, 2) for _ in range(3)]
    assert await store.all() == sorted((by_hand, of_ben, made[1][1], made[2][1]), key=lambda one: one.id)
    assert await store.find(made[0][0]) is None
    _, newest = await store.sign_in("ana", AT + timedelta(hours=36), AT + timedelta(hours=24), 2)
    assert [one for one in await store.all() if one.agent == "ana" and one.signed_in] == [newest]
    assert newest.kind is Kind.DESK


async def test_after_the_clock_was_put_back_the_newest_sign_in_is_the_one_that_stays(store: TokenStore) -> None:
    shift, day = timedelta(hours=12), timedelta(days=1)
    tomorrow = [await store.sign_in("ana", AT + day + shift, AT + day, 2) for _ in range(2)]
    text, token = await store.sign_in("ana", AT + shift, AT, 2)
    assert await store.find(text) == token
    assert await store.find(tomorrow[0][0]) is None


async def test_which_hold_and_what_each_of_them_is(store: TokenStore) -> None:
    made = [(await store.issue(Kind.DESK, "ana", AT + timedelta(seconds=one), AT))[1] for one in range(3)]
    _, forever = await store.issue(Kind.IVR, None, None, AT)
    assert await store.holding(AT) == {made[1].id, made[2].id, forever.id}
    await store.revoke(forever.id, AT)
    assert await store.holding(AT + timedelta(seconds=1)) == {made[2].id}
    assert await store.get(made[0].id) == made[0]
    assert await store.get("nothing") is None


VERSION_1 = """
CREATE TABLE schema_version (room TEXT PRIMARY KEY, version INTEGER);
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, agent TEXT, issued_at TEXT NOT NULL,
    expires_at TEXT, revoked_at TEXT
);
INSERT INTO schema_version VALUES ('delivery', 1);
INSERT INTO token VALUES ('old', x'00', 'desk', 'ana', '2026-11-22T12:00:00.000000+00:00', NULL, NULL);
"""


async def test_a_store_of_version_1_keeps_its_tokens_also_when_five_open_it_at_once(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as database:
        database.executescript(VERSION_1)
    database.close()
    stores = await asyncio.gather(*(TokenStore.open(tmp_path / "old.db") for _ in range(5)))
    (old,) = await stores[0].all()
    assert (old.id, old.agent, old.signed_in) == ("old", "ana", False)
    _, token = await stores[1].sign_in("ana", AT + timedelta(hours=12), AT, 1)
    assert token in await stores[2].all()
    for one in stores:
        await one.close()


async def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    stores = await asyncio.gather(*(TokenStore.open(tmp_path / "new.db") for _ in range(5)))
    await asyncio.gather(*(one.issue(Kind.DESK, "ana", None, AT) for one in stores))
    assert len(await stores[0].all()) == 5
    for one in stores:
        await one.close()


async def test_it_lives_beside_other_rooms_and_refuses_what_is_newer(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID")
        database.execute("INSERT INTO schema_version VALUES ('directory', 7)")
    await (await TokenStore.open(path)).close()
    with sqlite3.connect(path) as database:
        assert dict(database.execute("SELECT room, version FROM schema_version")) == {"directory": 7, "delivery": 2}
        database.execute("UPDATE schema_version SET version = 3 WHERE room = 'delivery'")
    database.close()
    with pytest.raises(TooNew, match="newer ctibridge"):
        await TokenStore.open(path)


async def test_opening_a_store_that_is_set_up_waits_for_no_writer(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    await (await TokenStore.open(path)).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = await TokenStore.open(path, busy_ms=1)
    assert await store.all() == []
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await store.revoke("some", AT)
    await store.close()
    other.close()


async def test_the_daemon_waits_as_long_as_it_did(store: TokenStore) -> None:
    assert [tuple(row) for row in await store._rows("PRAGMA busy_timeout")] == [(5000,)]


# -- who may read the file ---------------------------------------------------------------------------------------------


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


@pytest.fixture
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("_usual_umask")
async def test_a_new_store_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = await TokenStore.open(tmp_path / "ctibridge.db")
    await store.issue(Kind.DESK, "ana", None, AT)
    assert modes(tmp_path) == dict.fromkeys(("ctibridge.db", "ctibridge.db-wal", "ctibridge.db-shm"), 0o600)
    await store.close()


@pytest.mark.usefixtures("_usual_umask")
async def test_a_store_that_others_could_read_is_tightened(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE anything (x)")
    assert set(modes(tmp_path).values()) == {0o644}
    store = await TokenStore.open(path)
    assert modes(tmp_path) == dict.fromkeys(("ctibridge.db", "ctibridge.db-wal", "ctibridge.db-shm"), 0o600)
    await store.close()
    other.close()


async def test_opening_a_store_leaves_the_locks_of_this_process_on_it(tmp_path: Path) -> None:
    """Closing any descriptor of the file would drop them all, and SQLite would lose what is in its log."""
    path = tmp_path / "ctibridge.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE anything (x)")
    await (await TokenStore.open(path)).close()
    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT * FROM anything').fetchall()"
    subprocess.run([sys.executable, "-c", program, str(path)], check=True)
    assert (tmp_path / "ctibridge.db-wal").exists(), "the other process took itself for the last one"
    other.close()


async def test_a_folder_that_is_not_there_is_an_error_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="No such file"):
        await TokenStore.open(tmp_path / "missing" / "ctibridge.db")


async def test_a_reader_makes_nothing_and_waits_for_no_writer(store: TokenStore, tmp_path: Path) -> None:
    _, token = await store.issue(Kind.DESK, "ana", None, AT)
    with closing(sqlite3.connect(tmp_path / "ctibridge.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        reader = await TokenStore.open_reader(tmp_path / "ctibridge.db")
        assert await reader.all() == [token]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await reader.revoke(token.id, AT)
        await reader.close()
        writer.execute("UPDATE schema_version SET version = 99 WHERE room = 'delivery'")
        writer.execute("COMMIT")
    with pytest.raises(TooNew):
        await TokenStore.open_reader(tmp_path / "ctibridge.db")
    with pytest.raises(sqlite3.OperationalError):
        await TokenStore.open_reader(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
