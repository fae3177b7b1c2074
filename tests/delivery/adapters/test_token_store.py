import asyncio
import sqlite3
from collections.abc import AsyncIterator
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
        assert dict(database.execute("SELECT room, version FROM schema_version")) == {"directory": 7, "delivery": 1}
        database.execute("UPDATE schema_version SET version = 2 WHERE room = 'delivery'")
    database.close()
    with pytest.raises(TooNew, match="newer ctibridge"):
        await TokenStore.open(path)
