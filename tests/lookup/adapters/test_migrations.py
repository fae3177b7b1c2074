"""Stores as older versions made them, brought up with all that is in them."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters import migrations, schema
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.migrations import KNOWN, STEP
from ctibridge.lookup.adapters.schema import FILE, VERSION, StoreFault, open_file
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.adapters.tables import MOST_LABELS
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.progress import Progress
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.visibility import every_shared
from tests.lookup.examples import AT

# What ctibridge 0.1 ran, word for word but for the comments: version 1, and what version 2 had besides.
FIRST = """
CREATE TABLE IF NOT EXISTS schema_version (room TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_change (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
INSERT OR IGNORE INTO directory_change VALUES (1, 0);
CREATE TABLE IF NOT EXISTS directory_account (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, country TEXT, languages TEXT, default_language TEXT, time_zone TEXT,
    holidays TEXT, links TEXT, briefing TEXT, verification TEXT, out_of_hours TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_site (
    account TEXT NOT NULL, name TEXT NOT NULL, country TEXT, language TEXT, time_zone TEXT, extensions TEXT,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_agent (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, login TEXT, languages TEXT, disabled INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_role_share (
    account TEXT NOT NULL, role TEXT NOT NULL, starts_at TEXT, ends_at TEXT, PRIMARY KEY (account, role)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_grant (
    agent TEXT NOT NULL, account TEXT NOT NULL, starts_at TEXT, ends_at TEXT, hours TEXT, PRIMARY KEY (agent, account)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_service_number (
    number TEXT PRIMARY KEY, account TEXT NOT NULL, name TEXT NOT NULL, greeting TEXT, support_hours TEXT,
    default_language TEXT, caller_name_prefix TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_person (
    account TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, pronunciation TEXT, email TEXT, employee_id TEXT,
    support_id TEXT, job_title TEXT, organization TEXT, site TEXT, location TEXT, language TEXT, time_zone TEXT,
    vip INTEGER, disabled INTEGER, manager TEXT, source TEXT, source_id TEXT, updated_at TEXT,
    PRIMARY KEY (account, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS directory_phone (
    account TEXT NOT NULL, person TEXT NOT NULL, number TEXT NOT NULL, label TEXT NOT NULL, origin TEXT NOT NULL,
    imported INTEGER NOT NULL, changed_at TEXT, disabled INTEGER NOT NULL,
    PRIMARY KEY (account, person, number, label, origin)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS directory_phone_by_number
    ON directory_phone (number, account, person, label, disabled, imported, changed_at);
"""
SECOND = """
CREATE INDEX IF NOT EXISTS directory_person_by_employee_id
    ON directory_person (account, employee_id COLLATE NOCASE, disabled) WHERE employee_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS directory_person_by_support_id
    ON directory_person (account, support_id COLLATE NOCASE, disabled) WHERE support_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS directory_person_by_email
    ON directory_person (account, email COLLATE NOCASE, disabled) WHERE email IS NOT NULL;
"""
ROWS = """
INSERT INTO directory_account (id, name, country, languages, briefing) VALUES
    ('fleuron', 'Fleuron SA', 'FR', NULL, NULL), ('acme', 'ACME AG', 'DE', 'de;en', '{"de":"B"}');
INSERT INTO directory_agent VALUES ('ana', 'Ana', NULL, 'de', 0);
INSERT INTO directory_role_share VALUES ('acme', 'service_desk_analyst', NULL, NULL),
    ('fleuron', 'service_desk_analyst', NULL, '2027-01-01T00:00:00+00:00');
INSERT INTO directory_grant VALUES ('ana', 'acme', NULL, NULL, NULL);
INSERT INTO directory_service_number (number, account, name) VALUES ('+493023125100', 'acme', 'Desk');
INSERT INTO directory_site (account, name) VALUES ('acme', 'Bern');
INSERT INTO directory_person (account, id, name, email, employee_id, disabled, vip, updated_at) VALUES
    ('acme', 'p2', 'Jörg Müller', 'j@acme.example', 'E-2', 1, 0, '2026-11-01T12:30:00+00:00'),
    ('acme', 'p1', 'Regula Frei', NULL, 'E-1', 0, 1, NULL),
    ('fleuron', 'p1', 'Élodie O''Neill', NULL, NULL, NULL, NULL, NULL),
    ('nowhere', 'p1', 'Nobody', NULL, NULL, 0, 0, NULL);
INSERT INTO directory_phone VALUES
    ('acme', 'p1', '+491713920018', 'mobile', 'people', 0, '2026-11-01T12:30:00.25+00:00', 0),
    ('acme', 'p1', '+491713920018', 'mobile', 'phones', 1, NULL, 0),
    ('acme', 'p2', '+491713920018', 'desk 7', 'people', 0, NULL, 1),
    ('acme', 'p2', '0042', 'work', 'phones', 0, NULL, 1),
    ('fleuron', 'p1', '+491713920018', 'work', 'people', 0, NULL, 0),
    ('fleuron', 'p1', '+33123456789012345', 'work', 'people', 0, NULL, 0),
    ('fleuron', 'gone', '+33199001101', 'work', 'people', 0, NULL, 0);
UPDATE directory_change SET version = 7;
"""
SEVERAL = [*KNOWN]


def made(path: Path, version: int, rows: str = ROWS) -> None:
    with sqlite3.connect(path) as older:
        older.executescript(FIRST + (SECOND if version > 1 else "") + rows)
        older.execute("INSERT INTO schema_version VALUES ('directory', ?), ('delivery', 1)", (version,))
    older.close()


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as reader:
        rows = reader.execute(query).fetchall()
    reader.close()
    return rows


def structure(path: Path) -> set[tuple[object, ...]]:
    rows = asked(path, "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    return {row for row in rows if str(row[2]).startswith("directory_")}


@pytest.mark.parametrize("version", SEVERAL)
async def test_it_becomes_what_a_new_store_is(tmp_path: Path, version: int) -> None:
    old, new = tmp_path / FILE, tmp_path / "new.db"
    made(old, version)
    for path in (old, new, old):
        await (await open_file(path)).close()
    assert structure(old) == structure(new)
    rooms = asked(old, "SELECT room, version FROM schema_version ORDER BY room")
    assert rooms == [("delivery", 1), ("directory", VERSION)]
    assert asked(old, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("version", SEVERAL)
async def test_everything_in_it_is_found_again(tmp_path: Path, version: int) -> None:
    made(tmp_path / FILE, version)
    store = await SqliteStore.open(tmp_path / FILE)
    snapshot = await store.snapshot()
    visible = every_shared(snapshot, AT)
    assert visible.accounts == {"acme", "fleuron"}
    assert (snapshot.accounts["acme"].languages, snapshot.accounts["acme"].briefing) == (("de", "en"), {"de": "B"})
    assert (*snapshot.grants, *snapshot.service_numbers, *snapshot.sites) == ("ana", "+493023125100", ("acme", "Bern"))
    rows = (await store.holders(Understood(e164="+491713920018"), None, visible)).seen_by(visible)
    assert {(row.account, row.person, row.label, row.disabled, row.imported) for row in rows} == {
        ("acme", "p1", "mobile", False, False),
        ("acme", "p1", "mobile", False, True),
        ("acme", "p2", "desk 7", True, False),
        ("fleuron", "p1", "work", False, False),
    }
    (short,) = (await store.holders(Understood(extension="0042"), "acme", visible)).seen_by(visible)
    assert (short.person, short.label) == ("p2", "work")
    people = await store.people([PersonKey("acme", "p1"), PersonKey("acme", "p2")], visible)
    assert {number: at.isoformat() for number, at in people[PersonKey("acme", "p1")].numbers_changed.items()} == {
        "+491713920018": "2026-11-01T12:30:00+00:00"
    }
    assert people[PersonKey("acme", "p1")].vip
    for text, id_ in (("mueller", "p2"), ("e-1", "p1"), ("j@acme", "p2")):
        assert [one.key.id for one in await store.search(text, ["acme"], visible, 20)] == [id_]
    await store.close()


@pytest.mark.parametrize("version", SEVERAL)
async def test_moments_origins_and_what_is_nobodys(tmp_path: Path, version: int) -> None:
    path = tmp_path / FILE
    made(path, version)
    await (await open_file(path)).close()
    updated = asked(path, "SELECT updated_at FROM directory_person WHERE email = 'j@acme.example'")
    assert updated == [(int(AT.replace(month=11, day=1, hour=12, minute=30).timestamp()),)]
    origins = asked(path, "SELECT origin, imported FROM directory_phone WHERE changed_at IS NULL ORDER BY 1, 2")
    assert origins == [(0, 0), (0, 0), (1, 0), (1, 1)]
    assert asked(path, "SELECT count(*) FROM directory_phone") == [(5,)]  # no number of nobody, and none that is none
    # No share of an account that is not known: its people stay unseen, as they were.
    assert asked(path, "SELECT id, name FROM directory_account ORDER BY no")[-1] == ("nowhere", "nowhere")


@pytest.mark.parametrize("version", SEVERAL)
async def test_who_holds_something_of_before_reads_all_anew(tmp_path: Path, version: int) -> None:
    made(tmp_path / FILE, version)
    store = await SqliteStore.open(tmp_path / FILE)
    assert (store.version(), store.tables_version()) == (8, 8)
    assert await store.changes(7) is None
    await store.close()


async def test_more_labels_than_there_is_room_for_become_other_the_rarest_first(tmp_path: Path) -> None:
    path = tmp_path / FILE
    rows = ["INSERT INTO directory_account (id, name) VALUES ('acme', 'ACME');"]
    rows += ["INSERT INTO directory_person (account, id, name) VALUES ('acme', 'p0', 'N'), ('acme', 'p1', 'N');"]
    phone = "INSERT INTO directory_phone VALUES ('acme', 'p{}', '+4930123456', '{}', 'people', 0, NULL, 0);"
    rows += [phone.format(person, f"rare {number:02}") for number in range(40) for person in range(1 + number // 30)]
    made(path, 2, "\n".join(rows))
    await (await open_file(path)).close()
    labels = [row[0] for row in asked(path, "SELECT name FROM directory_label ORDER BY no")]
    assert len(labels) == MOST_LABELS
    assert labels[:6] == ["other", "mobile", "work", "home", "general", "fax"]
    assert set(labels[6:]) == {f"rare {number:02}" for number in (*range(30, 40), *range(15))}
    assert asked(path, "SELECT count(*) FROM directory_phone WHERE label = 0") == [(1,)]  # of 15 equal rows


async def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    made(tmp_path / FILE, 2)
    told: list[Progress] = []
    await (await open_file(tmp_path / FILE, tell=told.append)).close()
    assert told == [Progress(STEP, done, 3, people) for done, people in ((0, 0), (1, 2), (2, 3), (3, 4))]
    await (await open_file(tmp_path / FILE, tell=told.append)).close()
    assert len(told) == 4


@pytest.mark.parametrize("failing", ["directory_packed", "_LABELS", "_drop"])
async def test_where_it_fails_in_the_middle_the_old_store_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / FILE
    made(path, 2)
    before = structure(path)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    if failing == "directory_packed":
        monkeypatch.setattr(migrations, "_packed", fail)
    elif failing == "_drop":
        monkeypatch.setattr(migrations, "_drop", fail)
    else:
        monkeypatch.setattr(migrations, "_LABELS", "INSERT INTO nowhere VALUES (?)")
    with pytest.raises(StoreFault, match=r"ctibridge\.db: "):
        await open_file(path)
    assert structure(path) == before
    assert asked(path, "SELECT version FROM directory_change") == [(7,)]
    monkeypatch.undo()
    await (await open_file(path)).close()
    assert asked(path, "SELECT count(*) FROM directory_person") == [(4,)]


async def test_what_was_freed_says_nothing_of_anybody(tmp_path: Path) -> None:
    """A purge overwrites what it removes; it cannot know of copies that were left in free pages."""
    path = tmp_path / FILE
    made(path, 2)
    connection = await open_file(path)
    await connection.execute("PRAGMA secure_delete = ON")
    await connection.execute("DELETE FROM directory_person")
    await connection.execute("DELETE FROM directory_term")
    await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    await connection.close()
    assert b"Regula" not in path.read_bytes()


def holding(path: Path) -> Callable[[], None]:
    """Another process in the middle of it. Returns what ends it."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN IMMEDIATE")

    def end() -> None:
        other.execute("COMMIT")
        other.close()

    return end


async def test_who_comes_while_another_process_is_at_it_waits(tmp_path: Path) -> None:
    path = tmp_path / FILE
    made(path, 2)
    end = holding(path)
    told: list[Progress] = []
    waits = asyncio.Event()

    def tell(progress: Progress) -> None:
        told.append(progress)
        waits.set()

    opening = asyncio.create_task(open_file(path, busy_ms=1, tell=tell))
    await waits.wait()
    assert not opening.done()
    assert told[0] == migrations.waiting(0)
    end()
    await (await opening).close()
    assert told[-1] == Progress(STEP, 3, 3, 4)


async def test_whoever_opens_the_whole_directory_hears_of_it_too(tmp_path: Path) -> None:
    path = tmp_path / FILE
    made(path, 2)
    told: list[Progress] = []
    await (await Lookup.open(path, ResolutionSettings(), LanguageSettings(), tell=told.append)).close()
    assert told[-1] == Progress(STEP, 3, 3, 4)


async def test_who_has_waited_long_enough_says_for_whom(tmp_path: Path) -> None:
    path = tmp_path / FILE
    made(path, 1)
    end = holding(path)
    with pytest.raises(StoreFault, match=r"ctibridge\.db: being upgraded by another process; try again"):
        await open_file(path, busy_ms=1, upgrade_ms=3)
    end()


@pytest.mark.parametrize("version", SEVERAL)
async def test_two_who_bring_it_up_at_one_moment_do_not_harm_each_other(tmp_path: Path, version: int) -> None:
    path = tmp_path / FILE
    made(path, version)
    told: list[Progress] = []
    both = await asyncio.gather(*(open_file(path, tell=told.append) for _ in range(2)))
    for connection in both:
        await connection.close()
    assert asked(path, "SELECT version FROM directory_change") == [(8,)]
    assert [progress.done for progress in told if progress.step == STEP] == [0, 1, 2, 3]


@pytest.mark.parametrize("version", [0, VERSION + 1, 99])
async def test_a_version_that_is_not_known_is_left_alone(tmp_path: Path, version: int) -> None:
    path = tmp_path / FILE
    made(path, 2)
    with sqlite3.connect(path) as other:
        other.execute("UPDATE schema_version SET version = ? WHERE room = 'directory'", (version,))
    other.close()
    before = structure(path)
    with pytest.raises(StoreFault, match=f"of version {version}, this ctibridge knows {VERSION}; run the newer"):
        await open_file(path)
    assert structure(path) == before


def test_every_version_before_this_one_is_known() -> None:
    assert tuple(range(1, schema.VERSION)) == KNOWN
