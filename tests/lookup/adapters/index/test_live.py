import asyncio
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.index import build as index_build
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.index.child import Made
from ctibridge.lookup.adapters.index.live import LiveIndex, Pace
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.numbers import Understood
from tests.lookup.adapters.numbered import ACCOUNTS, People, change, ordered, store
from tests.lookup.laid_out import LABELS
from tests.lookup.test_overlay import ANA

MOBILE = "+491713920017"
KEY = number_key.pack(MOBILE)
NUMBER = Understood(MOBILE)
FAST = Pace(moment=0.001, poll=0.005, settle=0, patience=0, retry=0.01)
FEW = 3
LARGE = Pace(moment=0.001, poll=0.005, settle=0, patience=0, retry=0.01, few=FEW)


class Here:
    """Makes the index without another process."""

    def __init__(self, path: Path, before: Callable[[], None] = lambda: None) -> None:
        self.path, self.before, self.runs = path, before, 0

    def run(self) -> Made:
        self.runs += 1
        self.before()
        index_build.build(self.path)
        return Made()

    def stop(self) -> None:
        pass


@asynccontextmanager
async def live(path: Path, pace: Pace = FAST, child: Here | None = None) -> AsyncIterator[LiveIndex]:
    made = child or Here(path)
    index = LiveIndex(path, pace, lambda _: made)
    index.start()
    try:
        yield index
    finally:
        await index.close()


async def at(index: LiveIndex, version: int) -> list[str]:
    """What it says of the number at that version, once it is there."""
    async with asyncio.timeout(20):
        while (found := index.rows(NUMBER, "acme", ANA, version)) is None:  # noqa: ASYNC110 - as a call would ask
            await asyncio.sleep(0.001)
    return ordered(found)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - of what has no event
            await asyncio.sleep(0.001)


async def expected(path: Path) -> list[str]:
    directory = await SqliteStore.open(path)
    found = (await directory.holders(NUMBER, "acme", ANA)).seen_by(ANA)
    await directory.close()
    return ordered(found)


def people(count: int) -> People:
    return {("acme", f"p{no}"): [(KEY, "work", False, False)] for no in range(count)}


@pytest.mark.parametrize("pace", [FAST, LARGE], ids=["few", "many"])
async def test_it_follows_the_store(tmp_path: Path, pace: Pace) -> None:
    path = await store(tmp_path)
    version = change(path, people(8))
    async with live(path, pace) as index:
        assert len(await at(index, version)) == 8
        for changes in (
            {("acme", "p1"): None},
            {("fleuron", "e1"): [(KEY, "home", True, True)], ("khalij", "k1"): [(KEY, "home", False, False)]},
            {("acme", "p2"): [(KEY, "mobile", False, True), (KEY, "work", False, False)]},
            {("acme", "p1"): [(KEY, "mobile", True, False)]},
        ):
            version = change(path, changes)
            assert await at(index, version) == await expected(path)


key = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from([f"p{no}" for no in range(6)]))
held = st.lists(
    st.tuples(st.sampled_from([KEY, KEY + 1]), st.sampled_from(LABELS), st.just(False), st.booleans()), max_size=3
)
steps = st.lists(st.tuples(st.dictionaries(key, held | st.none(), max_size=6), st.booleans()), min_size=1, max_size=5)


@settings(max_examples=25)
@given(steps, st.sampled_from([0, 2, 100]))
async def test_whatever_changes_it_says_what_the_store_says(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[People, bool]], few: int
) -> None:
    path = await store(tmp_path_factory.mktemp("live"))
    pace = Pace(moment=0.001, poll=0.005, settle=0, patience=0, retry=0.01, few=few)
    async with live(path, pace) as index:
        for changes, logged in steps:
            version = change(path, changes, logged=logged)
            assert await at(index, version) == await expected(path)


async def test_at_another_version_the_store_is_asked(tmp_path: Path) -> None:
    path = await store(tmp_path)
    version = change(path, people(1))
    async with live(path) as index:
        assert index.rows(NUMBER, "acme", ANA, version) is None
        await at(index, version)
        assert index.rows(NUMBER, "acme", ANA, version + 1) is None
        assert index.rows(NUMBER, "acme", ANA, version - 1) is None
    assert index.rows(NUMBER, "acme", ANA, version) is None


async def test_a_file_of_an_older_version_is_caught_up_and_not_made_anew(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(60))
    index_build.build(path)
    version = change(path, {("acme", "p7"): None})
    child = Here(path)
    async with live(path, LARGE, child) as index:
        assert len(await at(index, version)) == 59
        assert index.state.changed == 1
        assert index.state.numbers == 60
        assert index.state.bytes > 0
    assert child.runs == 0


@pytest.mark.parametrize("spoil", ["cut", "foreign", "folder"])
async def test_a_broken_file_is_made_anew(tmp_path: Path, spoil: str) -> None:
    path = await store(tmp_path)
    version = change(path, people(10))
    index_build.build(path)
    file = index_file.beside(path)
    if spoil == "cut":
        file.write_bytes(file.read_bytes()[:-3])
    else:
        file.write_bytes(b"no index")
    child = Here(path)
    async with live(path, LARGE, child) as index:
        assert len(await at(index, version)) == 10
    assert child.runs == 1


async def test_the_index_of_another_store_that_is_at_the_same_version_is_not_believed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    other, path = await store(tmp_path / "a"), await store(tmp_path / "b")
    change(other, people(10))
    index_build.build(other)
    shutil.copy(index_file.beside(other), index_file.beside(path))
    version = change(path, {("fleuron", f"e{no}"): [(KEY, "work", False, False)] for no in range(5)})
    async with live(path, LARGE) as index:
        assert await at(index, version) == await expected(path)


async def test_a_backup_that_was_put_back_and_changed_again_is_not_served_by_the_old_index(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(10))
    shutil.copy(path, tmp_path / "backup")
    change(path, {("acme", "p1"): None})
    index_build.build(path)
    path.with_name("ctibridge.db-wal").unlink(missing_ok=True)
    path.with_name("ctibridge.db-shm").unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup", path)
    change(path, {("acme", "p2"): None})
    version = change(path, {("acme", "p3"): None})
    async with live(path, LARGE) as index:
        assert await at(index, version) == await expected(path)
        assert len(await at(index, version)) == 8


async def test_it_is_made_anew_when_the_changes_outgrow_it(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(10))
    child = Here(path)
    async with live(path, LARGE, child) as index:
        await until(lambda: child.runs == 1)
        version = change(path, {("acme", f"q{no}"): [(KEY, "home", False, False)] for no in range(FEW + 1)})
        await until(lambda: index.state.changed == 0 and index.state.version == version and child.runs == 2)
        assert len(await at(index, version)) == 10 + FEW + 1


async def test_what_changes_while_it_is_made_is_not_lost(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(10))

    def late() -> None:
        change(path, {("acme", "late"): [(KEY, "home", False, False)]})

    child = Here(path, late)
    async with live(path, LARGE, child) as index:
        assert len(await at(index, 2)) == 11


async def test_who_has_left_leaves_the_file_too(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(10))
    index_build.build(path)
    change(path, {("acme", "p9"): None})
    pace = Pace(moment=0.001, poll=0.005, settle=0, patience=0, retry=0.01, few=FEW, forget=0)
    child = Here(path)
    async with live(path, pace, child) as index:
        await until(lambda: child.runs == 1 and index.state.changed == 0 and index.state.version == 2)
    assert len(index_file.read(index_file.beside(path)).index) == 9


async def test_what_may_be_of_who_had_to_leave_is_in_memory_no_longer_than_the_store_is_read(tmp_path: Path) -> None:
    """Of many people the next index takes minutes, and whoever erases somebody waits for that he is forgotten."""
    path = await store(tmp_path)
    change(path, people(10))
    index_build.build(path)
    goes_on = threading.Event()

    def waits() -> None:
        goes_on.wait(10)

    child = Here(path, waits)
    try:
        async with live(path, LARGE, child) as index:
            await until(lambda: index.state.version == 1)
            assert (index.state.of, index.state.bytes > 0) == (1, True)
            version = change(path, {("acme", "p9"): None}, logged=False)
            await until(lambda: index.state.building)
            assert (index.state.of, index.state.bytes, index.state.numbers) == (version, 0, 0)
            later = change(path, {}, logged=False)
            await until(lambda: index._seen == later)
            assert index.state.of == version, "what is being made is of before"
            goes_on.set()
            version = later
            assert len(await at(index, version)) == 9
    finally:
        goes_on.set()


async def test_of_few_people_no_file_stays(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(10))
    index_build.build(path)
    version = change(path, {}, logged=False)
    async with live(path) as index:
        assert len(await at(index, version)) == 10
    assert not index_file.beside(path).exists()


async def test_a_child_that_fails_is_tried_again_and_the_store_answers_meanwhile(tmp_path: Path) -> None:
    path = await store(tmp_path)
    version = change(path, people(10))

    class Failing(Here):
        def run(self) -> Made:
            return super().run() if self.runs == 1 else self.fail()

        def fail(self) -> Made:
            self.runs += 1
            return Made("disk full")

    child = Failing(path)
    async with live(path, LARGE, child) as index:
        assert index.rows(NUMBER, "acme", ANA, version) is None
        assert len(await at(index, version)) == 10
    assert child.runs == 2


async def test_a_fault_of_ours_does_not_end_it_for_good(tmp_path: Path) -> None:
    """One exception that nobody had thought of, and until the next start every call asked SQLite."""
    path = await store(tmp_path)
    version = change(path, people(10))

    class Broken(Here):
        def run(self) -> Made:
            if self.runs == 0:
                self.runs = 1
                raise RuntimeError("nobody thought of it")
            return super().run()

    child = Broken(path)
    async with live(path, LARGE, child) as index:
        assert len(await at(index, version)) == 10
    assert child.runs == 2


async def test_a_store_that_fails_is_asked_again_later(tmp_path: Path) -> None:
    path = await store(tmp_path)
    version = change(path, people(2))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("ALTER TABLE directory_label RENAME TO hidden")
    async with live(path) as index:
        await asyncio.sleep(0.05)
        assert index.rows(NUMBER, "acme", ANA, version) is None
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("ALTER TABLE hidden RENAME TO directory_label")
        assert len(await at(index, version)) == 2


async def test_closed_while_it_is_made_it_waits_for_nobody(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, people(10))
    index = await LiveIndex.open(path, LARGE)
    with index_file.writing(index_file.beside(path)):
        await until(lambda: index.state.building)
        async with asyncio.timeout(10):
            await index.close()


def test_the_daemon_never_loads_numpy() -> None:
    """Its 20 MB and 100 ms are those of the process that makes the index."""
    code = "import sys; import ctibridge.lookup.adapters.lookup; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
