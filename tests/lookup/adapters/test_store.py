"""What only a directory in a file can do; what every directory answers stands in `test_directory_behaviour`."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import aiosqlite
import msgspec
import pytest

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.lookup.adapters import schema
from ctibridge.lookup.adapters import store as stores
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.store import FAULTS, SqliteStore
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.visibility import every_shared
from tests.lookup.adapters.directories import Held, Small, sqlite
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.examples import ACME, AT, SNAPSHOT, question, signalled

URS = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"))
MOBILE = "+491713920018"
SMALL = Small((ACME,), (URS,), (Held(URS.key, MOBILE),), service_numbers=tuple(SNAPSHOT.service_numbers.values()))
VISIBLE = every_shared(SNAPSHOT, AT)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await sqlite(SMALL, tmp_path)
    yield opened
    await opened.close()


def elsewhere(path: Path, *statements: str) -> None:
    """Somebody else writes into the file."""
    with sqlite3.connect(path) as other:
        for statement in statements:
            other.execute(statement)
    other.close()


async def test_the_version_moves_with_the_directory_and_not_with_the_file(store: SqliteStore, tmp_path: Path) -> None:
    """Other rooms write into the same file for every call; what is hot must stay hot."""
    before = store.version()
    elsewhere(tmp_path / FILE, "CREATE TABLE delivery_event (id)", "INSERT INTO delivery_event VALUES (1)")
    assert (store.version(), store.tables_version()) == (before, 1)
    elsewhere(tmp_path / FILE, "UPDATE directory_change SET version = version + 1")
    assert (store.version(), store.tables_version()) == (before + 1, 1)
    elsewhere(tmp_path / FILE, "UPDATE directory_change SET version = version + 1, tables = version + 1")
    assert (store.tables_version(), store.version()) == (before + 2, before + 2)


async def test_a_snapshot_at_a_later_version_is_what_would_be_read(store: SqliteStore, tmp_path: Path) -> None:
    snapshot = await store.snapshot()
    elsewhere(tmp_path / FILE, "UPDATE directory_change SET version = version + 1")
    assert snapshot.at(store.version()) == await store.snapshot()


async def test_a_writer_in_the_middle_does_not_hold_up_readers(store: SqliteStore, tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM directory_person")
    before = store.version()
    assert await store.people([URS.key], VISIBLE) == {URS.key: URS}
    assert [found.key for found in await store.search("urs", ("acme",), VISIBLE, 20)] == [URS.key]
    assert store.version() == before
    writer.execute("ROLLBACK")
    writer.close()


async def test_it_only_reads(store: SqliteStore) -> None:
    for connection in (store._pops, store._rest, store._searching._connection):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await connection.execute("DELETE FROM directory_person")
        ((size,),) = await connection.execute_fetchall("PRAGMA mmap_size")
        assert size == 0  # a page that has to come from the disk must not stop the loop


class Slow:
    """A SQL function that stands still until it is let go, and says when it is there."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.there = asyncio.Event()
        self.called = 0
        self._go = threading.Event()

    def __call__(self, *_: object) -> int:
        self.called += 1
        if not self._go.is_set():
            self.loop.call_soon_threadsafe(self.there.set)
            self._go.wait(10)  # seconds; a test that fails before it lets go ends all the same
        return 0

    def let_go(self) -> None:
        self._go.set()


async def test_no_pop_waits_behind_a_search_nor_the_small_tables(store: SqliteStore) -> None:
    slow = Slow()
    await store._searching._connection.create_function("directory_fit", 5, slow)
    searching = asyncio.create_task(store.search("urs", ("acme",), VISIBLE, 20))
    await slow.there.wait()
    rows = (await store.holders(Understood(e164=MOBILE), None, VISIBLE)).seen_by(VISIBLE)
    assert [row.person for row in rows] == ["p18"]
    assert await store.people([URS.key], VISIBLE) == {URS.key: URS}
    assert (await store.snapshot()).version == 1
    assert not searching.done()
    slow.let_go()
    assert [found.key for found in await searching] == [URS.key]


async def test_a_search_that_was_given_up_stops_at_the_next_row_and_the_next_one_is_answered(
    store: SqliteStore, tmp_path: Path
) -> None:
    """The agent typed on; what he had typed before would go on for all the people who begin with it."""
    more = "SELECT 1, 'x' || value, 'Urs' FROM json_each('[1,2,3,4,5,6,7,8,9]')"
    elsewhere(
        tmp_path / FILE,
        f"INSERT INTO directory_person (account, id, name) {more}",
        "INSERT INTO directory_term SELECT 1, 'urs', no FROM directory_person WHERE name = 'Urs'",
    )
    slow = Slow()
    await store._searching._connection.create_function("directory_fit", 5, slow)
    searching = asyncio.create_task(store.search("urs", ("acme",), VISIBLE, 20))
    await slow.there.wait()
    searching.cancel()
    next_one = asyncio.create_task(store.search("nobody", ("acme",), VISIBLE, 20))
    with pytest.raises(asyncio.CancelledError):
        await searching
    slow.let_go()
    assert await next_one == ()
    assert slow.called == 1


async def test_two_who_read_the_small_tables_at_one_moment(store: SqliteStore) -> None:
    first, second, changes = await asyncio.gather(store.snapshot(), store.snapshot(), store.changes(1))
    assert first == second
    assert changes is not None


@pytest.mark.parametrize("steps", range(8))
async def test_whoever_gives_up_reading_the_small_tables_leaves_no_transaction_open(
    store: SqliteStore, steps: int
) -> None:
    """A desk took its question back in the middle of it: nobody could read them any more, until a restart."""
    asked = asyncio.ensure_future(store.snapshot())
    for _ in range(steps):
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert (await store.snapshot()).accounts.keys() == {"acme"}
    assert not store._rest.in_transaction


async def test_a_closed_store_is_a_store_that_fails(tmp_path: Path) -> None:
    store = await sqlite(SMALL, tmp_path)
    await store.close()
    with pytest.raises(FAULTS):
        store.version()
    with pytest.raises(FAULTS):
        await store.people([URS.key], VISIBLE)
    with pytest.raises(FAULTS):
        await store.snapshot()


async def test_no_store_can_be_opened_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="state_dir"):
        await SqliteStore.open(tmp_path / "missing" / FILE)


async def test_a_damaged_row_fails_and_does_not_hang(store: SqliteStore, tmp_path: Path) -> None:
    elsewhere(tmp_path / FILE, "UPDATE directory_service_number SET greeting = '{damaged'")
    for _ in range(2):
        with pytest.raises(msgspec.MsgspecError):
            await store.snapshot()
    assert await store.people([URS.key], VISIBLE) == {URS.key: URS}


@pytest.mark.parametrize(
    ("broken", "opened"), [("_check_version", 1), ("open_reader", 1), ("Searching", 2), ("sqlite3.connect", 3)]
)
async def test_an_unforeseen_fault_while_it_opens_leaves_no_connection_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, opened: int
) -> None:
    closed: list[aiosqlite.Connection] = []
    close = aiosqlite.Connection.close

    async def spy(connection: aiosqlite.Connection) -> None:
        await close(connection)
        closed.append(connection)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(aiosqlite.Connection, "close", spy)
    if broken == "_check_version":
        monkeypatch.setattr(schema, "_check_version", fail)
    elif broken == "open_reader":
        monkeypatch.setattr(stores, "open_reader", fail)
    elif broken == "Searching":
        monkeypatch.setattr(stores, "Searching", SimpleNamespace(open=fail))
    else:
        monkeypatch.setattr(stores, "sqlite3", SimpleNamespace(connect=fail, Error=sqlite3.Error))
    with pytest.raises(RuntimeError):
        await SqliteStore.open(tmp_path / FILE)
    assert len(closed) == opened


IMPORT = """
import asyncio, pathlib, sys
sys.path.insert(0, sys.argv[1])
from tests.lookup.adapters.files import imported
folder = pathlib.Path(sys.argv[2])
asyncio.run(imported(folder / "ctibridge.db", folder / "new", {"people": sys.argv[3]}))
"""


async def test_what_another_process_imported_the_next_call_sees(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    lookup = await Lookup.open(tmp_path / FILE, ResolutionSettings(), LanguageSettings())
    asked = question(signalled(MOBILE))
    before = (await lookup.answers(asked, {"ana"})).first["ana"]
    assert before.resolution.candidates[0].person.name == Name("Urs Zgraggen")
    people = "account,id,name,phones\nacme,p18,Urs Neu,mobile:0171 3920018\n"
    script = textwrap.dedent(IMPORT)
    root = str(Path(__file__).parents[3])
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script, root, str(tmp_path), people], check=True, capture_output=True
    )
    assert done.returncode == 0
    assert lookup.hot(asked, {"ana"}) is None
    answer = (await lookup.answers(asked, {"ana"})).first["ana"]
    assert answer.resolution.candidates[0].person.name == Name("Urs Neu")
    await lookup.close()


async def test_a_look_up_over_a_closed_store_answers_without_it(tmp_path: Path) -> None:
    store = await sqlite(SMALL, tmp_path)
    await store.close()
    lookup = Lookup(store, ResolutionSettings(), LanguageSettings())
    answers = await lookup.answers(question(signalled(MOBILE)), {"ana"})
    assert (answers.first["ana"].resolution.status, answers.first["ana"].complete) == ("unknown", False)


async def test_a_look_up_over_a_damaged_row_answers_and_does_not_open_again(tmp_path: Path) -> None:
    store = await sqlite(SMALL, tmp_path)
    elsewhere(tmp_path / FILE, "UPDATE directory_service_number SET greeting = '{damaged'")
    lookup = Lookup(store, ResolutionSettings(), LanguageSettings())
    for _ in range(2):
        answers = await lookup.answers(question(signalled(MOBILE)), {"ana"})
        assert not answers.first["ana"].complete
    await lookup.close()
    with pytest.raises(StoreFault, match=r"ctibridge\.db: the directory in it cannot be read"):
        await Lookup.open(tmp_path / FILE, ResolutionSettings(), LanguageSettings())
