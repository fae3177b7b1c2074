"""Root becomes somebody, and gets through closed folders or does not. Real: it takes root to try."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to become somebody")
NOBODY = 65534
TRY = """
import os, sqlite3, subprocess, sys
from ctibridge.cli import passage

store, passing = sys.argv[1], sys.argv[2] == "passing"
passage.become({user}, {user}, passing=passing)
try:
    sqlite3.connect(store).executescript("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (x)")
    print("opened")
except sqlite3.Error:
    print("not opened")
print(os.getresuid(), os.getgroups())
print(subprocess.run(["ls", os.path.dirname(store)], capture_output=True).returncode)
for path in sys.argv[3:]:
    try:
        open(path, "w").close()
        print("written")
    except PermissionError:
        print("not written")
"""


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """As /var/lib/private/ctibridge stands in its folder."""
    state = tmp_path / "private" / "state"
    state.mkdir(parents=True)
    state.parent.chmod(0o700)
    state.chmod(0o700)
    os.chown(state, NOBODY, NOBODY)
    return state


def tried(state: Path, how: str, *others: Path) -> list[str]:
    argv = [sys.executable, "-c", TRY.format(user=NOBODY), str(state / "ctibridge.db"), how, *map(str, others)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


def test_who_passes_opens_the_store_and_owns_what_he_makes_there(private: Path) -> None:
    roots = private.parent / "roots"
    roots.touch(0o600)
    opened, ids, listed, *written = tried(private, "passing", roots, private.parent / "new")
    assert opened == "opened"
    assert ids == f"({NOBODY}, {NOBODY}, {NOBODY}) [{NOBODY}]"
    assert listed != "0", "a program that he starts has nothing of it"
    assert written == ["not written", "not written"]
    assert {path.stat().st_uid for path in private.iterdir()} == {NOBODY}


def test_who_needs_no_passage_keeps_nothing_of_root(private: Path) -> None:
    opened, ids, *_ = tried(private, "plain")
    assert (opened, ids) == ("not opened", f"({NOBODY}, {NOBODY}, {NOBODY}) [{NOBODY}]")
