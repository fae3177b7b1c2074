"""The controls of the fake; what it answers is tested with the others in `test_directory_behaviour`."""

import asyncio
import sqlite3

import pytest

from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.visibility import visible_to
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.examples import AT, MOBILE, REGULA, SNAPSHOT, row


async def test_it_holds_back_and_releases() -> None:
    store = FakeDirectoryStore(SNAPSHOT, {MOBILE: [row()]}, [REGULA])
    reached = store.hold("people")
    asked = asyncio.create_task(store.people([REGULA.key], visible_to("ana", SNAPSHOT, AT)))
    await reached.wait()
    assert not asked.done()
    store.release("people")
    assert await asked == {REGULA.key: REGULA}


async def test_it_breaks_and_recovers() -> None:
    store = FakeDirectoryStore(SNAPSHOT, {})
    store.broken = True
    with pytest.raises(sqlite3.Error):
        await store.holders(Understood(e164=MOBILE), None, visible_to("ana", SNAPSHOT, AT))
    store.broken = False
    assert await store.snapshot() is SNAPSHOT
