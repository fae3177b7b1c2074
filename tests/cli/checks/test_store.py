"""What is said of the store's files and of the disk, by table."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

import pytest

from ctibridge.cli.checks import store
from ctibridge.cli.checks.database import FileState
from ctibridge.cli.checks.store import LARGE_LOG, LEAST_FREE, Disk, Versions
from ctibridge.cli.store_fault import RESTORE
from ctibridge.domain.finding import Finding, Kind
from ctibridge.lookup.adapters.state import DirectoryState
from ctibridge.lookup.snapshot import build

KNOWN = {"directory": Versions(3, (1, 2)), "delivery": Versions(1)}
SOUND = FileState("ctibridge.db", 5 << 20, versions={"directory": 3, "delivery": 1}, tables=20)


def kinds(found: Iterable[Finding]) -> dict[str, Kind]:
    return {one.what: one.kind for one in found}


def test_a_sound_store() -> None:
    found = list(store.directory(SOUND, KNOWN))
    assert kinds(found) == {"store file": Kind.GOOD, "store version": Kind.GOOD}
    assert found[0].text == "ctibridge.db is sound, 5 MiB"


def test_what_is_in_it() -> None:
    assert store.contents(DirectoryState(build(), {"acme": 3}, 4, {}, {})).text == "sound, 3 people with 4 numbers"


def test_a_store_that_goes_without_people() -> None:
    state = DirectoryState(build(), {}, 0, {}, {}, lean=True)
    shared, alone = store.contents(state, shared=True), store.contents(state)
    assert (shared.kind, "they are in Redis" in shared.text) == (Kind.GOOD, True)
    assert (alone.kind, "a node that asked Redis for them" in alone.text) == (Kind.MEND, True)


@pytest.mark.parametrize("found", [None, FileState("ctibridge.db")])
def test_no_directory_yet(found: FileState | None) -> None:
    assert list(store.directory(found, KNOWN)) == [
        Finding("store", "there is no directory yet", "ctibridge import PATH")
    ]


def test_no_desks_yet_is_good() -> None:
    assert kinds(store.desks(None, KNOWN)) == {"desks": Kind.GOOD}


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        (sqlite3.DatabaseError("file is not a database"), "restore it from a backup, or move it away and import again"),
        (
            sqlite3.OperationalError("database or disk is full"),
            "make room on its disk",
        ),
    ],
)
def test_a_file_that_cannot_be_read(fault: sqlite3.Error, mend: str) -> None:
    (found,) = store.directory(replace(SOUND, fault=fault), KNOWN)
    assert (found.what, found.mend) == ("store", mend)
    (found,) = store.desks(replace(SOUND, fault=fault), KNOWN)
    assert found.mend == (store.REMAKE if "backup" in mend else mend)


def test_damage_is_mended_from_a_backup_but_the_desks_begin_anew() -> None:
    damaged = replace(SOUND, damage="*** in database main ***")
    assert [one.mend for one in store.directory(damaged, KNOWN)] == [RESTORE]
    assert [one.mend for one in store.desks(damaged, KNOWN)] == [store.REMAKE]


def test_what_was_not_looked_at_is_said() -> None:
    (file, _) = store.directory(replace(SOUND, tables=18, unread=("a", "b")), KNOWN)
    assert "18 of 20 tables" in file.text
    assert "--whole" in file.text


@pytest.mark.parametrize(
    ("versions", "kind"),
    [
        ({"directory": 3}, Kind.GOOD),
        ({"directory": 2}, Kind.NOTE),
        ({"directory": 4}, Kind.MEND),
        ({"directory": 2, "delivery": 2}, Kind.MEND),
        ({"directory": 3, "later": 1}, Kind.GOOD),
    ],
)
def test_versions(versions: dict[str, int], kind: Kind) -> None:
    assert kinds(store.directory(replace(SOUND, versions=versions), KNOWN))["store version"] is kind


def test_a_log_that_is_never_copied_and_rights_that_are_too_wide() -> None:
    found = kinds(store.desks(replace(SOUND, log=LARGE_LOG + 1, rights=0o640), KNOWN))
    assert (found["desks log"], found["desks rights"]) == (Kind.NOTE, Kind.MEND)
    assert not {"desks log", "desks rights"} & kinds(store.desks(replace(SOUND, log=LARGE_LOG), KNOWN)).keys()


GIB = 1 << 30


@pytest.mark.parametrize(
    ("disk", "stored", "kind"),
    [
        (Disk(50 * GIB, 100 * GIB), GIB, Kind.GOOD),
        (Disk(LEAST_FREE - 1, 100 * GIB), 0, Kind.MEND),
        (Disk(2 * GIB, 10 * GIB), 2 * GIB, Kind.NOTE),
        (Disk(4 * GIB, 100 * GIB), GIB, Kind.NOTE),
        (Disk(0, 0), 0, Kind.MEND),
    ],
)
def test_free_space(disk: Disk, stored: int, kind: Kind) -> None:
    assert store.free_space(disk, stored).kind is kind


def test_free_space_is_said_in_bytes_and_as_a_share() -> None:
    assert store.free_space(Disk(50 * GIB, 100 * GIB), 0).text == "50.0 GiB (50%)"
