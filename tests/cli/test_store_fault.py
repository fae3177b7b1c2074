import sqlite3

import pytest

from ctibridge.cli.store_fault import RESTORE, told
from ctibridge.lookup.adapters.schema import StoreFault


@pytest.mark.parametrize(
    "words", ["disk I/O error", "disk I/O error; restore it from a backup", "database or disk is full"]
)
def test_a_full_disk_is_no_reason_to_restore_or_move_the_store(words: str) -> None:
    text, mend = told(StoreFault(f"state/ctibridge.db: {words}"))
    assert text == f"state/ctibridge.db: {words.partition(';')[0]}"
    assert mend.startswith("make room on its disk")
    assert "backup" not in mend
    assert "import" not in mend


def test_a_mend_that_the_fault_brings_stands_alone() -> None:
    fault = StoreFault("a.db: has version 9, this program knows 3; run the newer ctibridge, or take another state_dir")
    assert told(fault) == (
        "a.db: has version 9, this program knows 3",
        "run the newer ctibridge, or take another state_dir",
    )


def test_who_waits_for_another_process_is_not_sent_to_his_backups() -> None:
    assert "try again" in told(sqlite3.OperationalError("database is locked"))[1]


def test_damage_is_restored() -> None:
    fault = sqlite3.DatabaseError("database disk image is malformed")
    assert told(fault) == ("database disk image is malformed", RESTORE)
