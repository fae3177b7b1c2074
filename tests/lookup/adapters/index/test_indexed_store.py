from pathlib import Path

from ctibridge.lookup.adapters.index.live import LiveIndex
from ctibridge.lookup.adapters.store import DirectoryStore, SqliteStore
from ctibridge.lookup.index import MOST_PEOPLE
from ctibridge.lookup.numbers import Understood
from tests.lookup.adapters.index.test_live import FAST, KEY, LARGE, NUMBER, at, expected, live, people, until
from tests.lookup.adapters.indexed_store import IndexedStore
from tests.lookup.adapters.numbered import People, change, ordered, store
from tests.lookup.test_overlay import ANA


async def test_memory_answers_where_it_is_up_to_date_and_else_the_store(tmp_path: Path) -> None:
    path = await store(tmp_path)
    version = change(path, people(3))
    index = LiveIndex(path, FAST)
    indexed = IndexedStore(await SqliteStore.open(path), index)
    both: DirectoryStore = indexed
    try:
        assert indexed.held(NUMBER, "acme", ANA) is None
        assert ordered((await both.holders(NUMBER, "acme", ANA)).seen_by(ANA)) == await expected(path)
        index.start()
        await at(index, version)
        held = indexed.held(NUMBER, "acme", ANA)
        assert held is not None
        assert ordered(held.seen_by(ANA)) == await expected(path)
        # The very next call sees an import, whatever the index knows.
        change(path, {("acme", "p1"): None, ("acme", "q"): [(KEY, "home", False, False)]})
        assert ordered((await both.holders(NUMBER, "acme", ANA)).seen_by(ANA)) == await expected(path)
        assert indexed.held(Understood(tail="3920017"), "acme", ANA) is None
    finally:
        await both.close()


async def test_of_a_crowd_memory_says_the_same_as_the_store_or_nothing(tmp_path: Path) -> None:
    """Of 80 people who list one number the index took others than the store did, the more so when some had changed."""
    path = await store(tmp_path)
    crowd: People = {("acme", f"p{99 - no}"): [(KEY, "work", False, False)] for no in range(MOST_PEOPLE + 16)}
    version = change(path, crowd)
    async with live(path, LARGE) as index:
        assert await at(index, version) == await expected(path)
        both = IndexedStore(await SqliteStore.open(path), index)
        # Somebody beyond those whom the store takes; one of them; one more.
        for changes, known in (
            ({("acme", "p30"): None}, True),
            ({("acme", "p99"): None}, False),
            ({("acme", "q"): [(KEY, "home", False, False)]}, False),
        ):
            version = change(path, changes)
            await until(lambda version=version: index.state.version == version)  # type: ignore[misc]
            assert (both.held(NUMBER, "acme", ANA) is not None) == known
            assert ordered((await both.holders(NUMBER, "acme", ANA)).seen_by(ANA)) == await expected(path)
        await both.close()


async def test_all_else_is_the_stores(tmp_path: Path) -> None:
    path = await store(tmp_path)
    version = change(path, people(3))
    async with live(path, FAST) as index:
        inner = await SqliteStore.open(path)
        both = IndexedStore(inner, index)
        assert both.version() == version == (await both.snapshot()).version
        assert both.tables_version() == inner.tables_version()
        assert await both.people([], ANA) == {}
        assert await both.search("somebody", ["acme"], ANA, 5) == await inner.search("somebody", ["acme"], ANA, 5)
        assert (await both.claimants([], ANA)).seen_by(ANA) == ()
        assert await both.changes(0) == await inner.changes(0) is not None
        await both.close()
