"""What the store says of a test call, on the sample directory; and a token that does not outlive it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.config import Settings
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.lookup.adapters.own_or_shared import OwnOrShared
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.store import DirectoryStore, SqliteStore
from ctibridge.selftest.adapters import directory as the_room
from ctibridge.selftest.adapters.directory import desk_token, directory, evidence
from ctibridge.selftest.timeline import Stopped
from ctibridge.sip.settings import SelftestSettings
from tests.lookup.adapters import asking
from tests.selftest.adapters.sample import TEST, configured

AT = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


async def stopped(settings: Settings, agent: str) -> str:
    with pytest.raises(Stopped) as why:
        async with directory(settings, settings.trunk[0], agent):
            pass
    assert why.value.finding.mend
    return why.value.finding.text


async def test_what_its_agent_should_see(sampled: Settings) -> None:
    async with directory(sampled, sampled.trunk[0], "ana") as says:
        known = await says.says(TEST, AT)
    assert (known.number, known.account, known.status) == ("+41790000017", "acme", "identified")
    assert (known.people, known.language) == (("acme/p17",), "de-CH")


async def test_people_may_be_elsewhere(sampled: Settings) -> None:
    path = sampled.node.state_dir / FILE

    async def elsewhere() -> DirectoryStore:
        own = await SqliteStore.open(path)
        return OwnOrShared(own, asking.store(), own)

    async with directory(sampled, sampled.trunk[0], "ana", elsewhere) as says:
        assert (await says.says(TEST, AT)).people == ()


async def test_who_has_no_grant_should_see_nobody(sampled: Settings) -> None:
    test = SelftestSettings("+33639980101", TEST.dial)
    async with directory(sampled, sampled.trunk[0], "ben") as says:
        known = await says.says(test, AT)
    assert (known.status, known.people) == ("unknown", ())


async def test_an_agent_who_is_not_there(sampled: Settings) -> None:
    assert await stopped(sampled, "zoe") == "agent zoe is not in the directory"


async def test_no_store_and_a_broken_one(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    assert await stopped(settings, "ana") == "ctibridge.db does not exist yet"
    settings.node.state_dir.mkdir()
    (settings.node.state_dir / FILE).write_bytes(b"no database" * 1000)
    assert "database" in await stopped(settings, "ana")
    with pytest.raises(Stopped, match="no token can be made"):
        async with desk_token(settings.node.state_dir, "ana"):
            pass


async def test_the_token_ends_with_the_test_whatever_happened(sampled: Settings) -> None:
    state = sampled.node.state_dir

    async def fails() -> None:
        async with desk_token(state, "ana") as text:
            token = await store.find(text)
            assert token is not None
            assert token.state(datetime.now(UTC)) == "valid"
            assert token.expires_at is not None
            assert (token.expires_at - token.issued_at).total_seconds() == 600
            raise RuntimeError

    store = await TokenStore.open(state / FILE)
    try:
        with pytest.raises(RuntimeError):
            await fails()
        assert [token.state(datetime.now(UTC)) for token in await store.all()] == ["revoked"]
    finally:
        await store.close()


async def test_an_import_that_holds_the_store(sampled: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_room, "BUSY_MS", 20)
    state = sampled.node.state_dir
    with closing(sqlite3.connect(state / FILE, isolation_level=None)) as importing:
        async with desk_token(state, "ana"):
            importing.execute("BEGIN IMMEDIATE")
        with pytest.raises(Stopped, match="no token can be made: database is locked"):
            async with desk_token(state, "ana"):
                pass


def test_a_daemon_that_never_ran_knows_nothing(tmp_path: Path) -> None:
    assert evidence(tmp_path, "pbx") == {}
    (tmp_path / "desks.db").write_bytes(b"no database" * 1000)
    assert evidence(tmp_path, "pbx") == {}
