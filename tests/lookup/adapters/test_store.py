"""One suite over every directory store; then what only a file can do."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiosqlite
import pytest

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup.adapters import records, schema
from ctibridge.lookup.adapters import store as stores
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.store import DirectoryStore, SqliteStore
from ctibridge.lookup.claims import KINDS, Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings
from ctibridge.lookup.visibility import every_shared
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.files import BASE, WHOLE, imported
from tests.lookup.examples import AT, signalled

URS = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"))
CLAIMED = {
    **BASE,
    "people": "account,id,name,employee_id,support_id,email,disabled,phones\n"
    "acme,p17,Regula,E-17,,Regula@ACME.example,,\n"
    "acme,p19,Gone,E-17,S-1,,true,\n"
    "fleuron,e1,Elodie,e-17,,,,01 99 00 11 01\n",
}
MOBILE = "+491713920018"


async def sqlite_store(tmp_path: Path) -> DirectoryStore:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    return await SqliteStore.open(tmp_path / FILE)


async def fake_store(tmp_path: Path) -> DirectoryStore:
    store = await sqlite_store(tmp_path)
    snapshot = await store.snapshot()
    await store.close()
    return FakeDirectoryStore(snapshot, {MOBILE: [NumberRow("acme", "p18", "mobile")]}, [URS])


@pytest.fixture(params=[sqlite_store, fake_store])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DirectoryStore]:
    opened: DirectoryStore = await request.param(tmp_path)
    yield opened
    await opened.close()


async def test_the_small_tables(store: DirectoryStore) -> None:
    snapshot = await store.snapshot()
    assert {account.id: account.country for account in snapshot.accounts.values()} == {"acme": "DE", "fleuron": "FR"}
    assert snapshot.agents["ana"].languages == ("de", "en")
    assert {grant.account for grant in snapshot.grants["ana"]} == {"acme", "fleuron"}
    assert set(snapshot.shares) == {"acme", "fleuron"}
    assert snapshot.sites["acme", "Zürich"].time_zone == "Europe/Zurich"
    assert snapshot.service_numbers["+493023125100"].greetings == {"de": "Hallo"}
    assert snapshot.version == store.version()


async def test_who_holds_a_number(store: DirectoryStore) -> None:
    visible = every_shared(await store.snapshot(), AT)
    assert (await store.holders(MOBILE)).seen_by(visible) == (NumberRow("acme", "p18", "mobile"),)
    assert (await store.holders("+493023125999")).seen_by(visible) == ()


def _private(text: str) -> Private | None:
    return Private(text) if text else None


async def fake_claimed(tmp_path: Path) -> DirectoryStore:
    people = [line.split(",") for line in CLAIMED["people"].splitlines()[1:]]
    store = await sqlite_claimed(tmp_path)
    snapshot = await store.snapshot()
    await store.close()
    records = [
        Person(PersonKey(account, id_), Name(name), disabled == "true",
               employee_id=_private(employee), support_id=_private(support), email=_private(email))
        for account, id_, name, employee, support, email, disabled, _ in people
    ]  # fmt: skip
    return FakeDirectoryStore(snapshot, {"+33199001101": [NumberRow("fleuron", "e1", "work")]}, records)


async def sqlite_claimed(tmp_path: Path) -> DirectoryStore:
    await imported(tmp_path / FILE, tmp_path / "files", CLAIMED)
    return await SqliteStore.open(tmp_path / FILE)


@pytest.mark.parametrize("make", [sqlite_claimed, fake_claimed])
@pytest.mark.parametrize(
    ("kind", "value", "number", "called", "found"),
    [
        ("employee_id", "E-17", None, "acme", {"p17", "p19"}),
        ("employee_id", "e-17", None, "fleuron", {"e1"}),
        ("employee_id", "E-17", "+33199001101", "acme", {"p17", "p19", "e1"}),
        ("employee_id", "E-17", "+33199001101", None, {"e1"}),
        ("employee_id", "E-17", None, None, set()),
        ("employee_id", "E-1", None, "acme", set()),
        ("employee_id", "%", None, "acme", set()),
        ("support_id", "S-1", None, "acme", {"p19"}),
        ("email", "regula@acme.example", None, "acme", {"p17"}),
        ("email", "regula@acme.example' OR 1", None, "acme", set()),
    ],
)
async def test_whose_record_has_what_is_claimed(
    tmp_path: Path, make: Any, kind: str, value: str, number: str | None, called: str | None, found: set[str]
) -> None:
    store: DirectoryStore = await make(tmp_path)
    claim = Claim(kind, Private(value))
    visible = every_shared(await store.snapshot(), AT)
    rows = (await store.claimants([claim], number, called)).seen_by(visible)
    assert {row.person for row in rows} == found
    assert all(row == ClaimRow(row.account, row.person, row.person == "p19", claim) for row in rows)
    await store.close()


async def test_what_nearly_everybody_has_names_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "MOST_CLAIMANTS", 1)
    store = await sqlite_claimed(tmp_path)
    visible = every_shared(await store.snapshot(), AT)
    both = [Claim("employee_id", Private("E-17")), Claim("support_id", Private("S-1"))]
    rows = (await store.claimants(both, None, "acme")).seen_by(visible)
    assert [(row.person, row.claim.kind) for row in rows] == [("p19", "support_id")]
    await store.close()


async def test_what_is_claimed_is_found_by_index_alone(tmp_path: Path) -> None:
    connection = await schema.open_file(tmp_path / FILE)
    for kind in KINDS:
        rows = await connection.execute_fetchall(f"EXPLAIN QUERY PLAN {records.CLAIMED[kind]}", ("x", "a", "+49", 9))
        plan = [row[3] for row in rows]
        index = f"COVERING INDEX directory_person_by_{kind} (account=? AND {kind}=?)"
        assert any(f"SEARCH directory_person USING {index}" in step for step in plan), plan
        assert not any("SCAN directory_person" in step for step in plan), plan
    await connection.close()


async def test_people_as_far_as_they_exist(store: DirectoryStore) -> None:
    assert await store.people([URS.key, PersonKey("acme", "nobody"), PersonKey("fleuron", "p18")]) == {URS.key: URS}
    assert await store.people([]) == {}


async def test_more_people_than_one_query_takes(tmp_path: Path) -> None:
    people = "account,id,name\n" + "".join(f"acme,{number},N{number}\n" for number in range(1200))
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "people": people})
    store = await SqliteStore.open(tmp_path / FILE)
    assert len(await store.people(PersonKey("acme", str(number)) for number in range(1200))) == 1200
    await store.close()


async def test_the_version_moves_with_the_directory_and_not_with_the_file(tmp_path: Path) -> None:
    """Other rooms write into the same file for every call; what is hot must stay hot."""
    store = await sqlite_store(tmp_path)
    before = store.version()
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("CREATE TABLE delivery_event (id)")
        other.execute("INSERT INTO delivery_event VALUES (1)")
    other.close()
    assert store.version() == before
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    assert store.version() == before  # the same files again change nothing
    await imported(tmp_path / FILE, tmp_path / "files", {"agents": "id,name\nnova,Nova\n"})
    assert store.version() == before + 1
    await store.close()


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
    call, plan, agents = signalled(MOBILE), DialPlan("DE"), frozenset({"ana"})
    await lookup.answers(call, plan, agents, "c1", AT)
    assert lookup.hot(call, plan, agents, "c2", AT) is not None
    people = "account,id,name,phones\nacme,p18,Urs Neu,mobile:0171 3920018\n"
    script = textwrap.dedent(IMPORT)
    root = str(Path(__file__).parents[3])
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script, root, str(tmp_path), people], check=True, capture_output=True
    )
    assert done.returncode == 0
    assert lookup.hot(call, plan, agents, "c3", AT) is None
    answer = (await lookup.answers(call, plan, agents, "c3", AT)).first["ana"]
    assert answer.resolution.candidates[0].person.name == Name("Urs Neu")
    await lookup.close()


async def test_a_writer_in_the_middle_does_not_hold_up_readers(tmp_path: Path) -> None:
    store = await sqlite_store(tmp_path)
    writer = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM directory_person")
    before = store.version()
    assert await store.people([URS.key]) == {URS.key: URS}
    assert store.version() == before
    writer.execute("ROLLBACK")
    writer.close()
    await store.close()


async def test_a_closed_store_is_a_store_that_fails(tmp_path: Path) -> None:
    store = await sqlite_store(tmp_path)
    await store.close()
    lookup = Lookup(store, ResolutionSettings(), LanguageSettings())
    answers = await lookup.answers(signalled(MOBILE), DialPlan("DE"), frozenset({"ana"}), "c1", AT)
    assert (answers.first["ana"].resolution.status, answers.first["ana"].complete) == ("unknown", False)


async def test_no_store_can_be_opened_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="state_dir"):
        await SqliteStore.open(tmp_path / "missing" / FILE)


async def test_a_damaged_row_fails_and_does_not_hang(tmp_path: Path) -> None:
    store = await sqlite_store(tmp_path)
    with sqlite3.connect(tmp_path / FILE) as other:
        other.execute("UPDATE directory_service_number SET greeting = '{damaged'")
        other.execute("UPDATE directory_change SET version = version + 1")
    other.close()
    lookup = Lookup(store, ResolutionSettings(), LanguageSettings())
    for _ in range(2):
        answers = await lookup.answers(signalled(MOBILE), DialPlan("DE"), frozenset({"ana"}), "c1", AT)
        assert not answers.first["ana"].complete
    assert await store.people([URS.key]) == {URS.key: URS}
    await lookup.close()
    with pytest.raises(StoreFault, match=r"ctibridge\.db: the directory in it cannot be read"):
        await Lookup.open(tmp_path / FILE, ResolutionSettings(), LanguageSettings())


@pytest.mark.parametrize("broken", ["_check_version", "sqlite3.connect"])
async def test_an_unforeseen_fault_while_it_opens_leaves_no_connection_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
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
    else:
        monkeypatch.setattr(stores, "sqlite3", SimpleNamespace(connect=fail, Error=sqlite3.Error))
    with pytest.raises(RuntimeError):
        await SqliteStore.open(tmp_path / FILE)
    assert len(closed) == 1
