"""A restored store comes to its place whole, wherever it is killed on its way."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ctibridge import installation
from ctibridge.cli.backups import packing, placing
from ctibridge.cli.problem import Problem
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.backups.stores import AT, store, whose

OLD = (FILE, DESKS, "instance", f"{DESKS}-wal", f"{DESKS}.damaged", "desks.sent", "ctibridge.index", "selftest.json")


class Killed(BaseException):
    """Nothing of ours catches it."""


def old_and_new(state: Path) -> Path:
    """The store of before is Ben's; what is laid out, Ana's."""
    store(state, "ben")
    for name in OLD[3:]:
        (state / name).write_bytes(b"of before")
    (state / f"{DESKS}-wal").unlink()
    (state / "notes.txt").write_bytes(b"the administrator's")
    return store(placing.lay_out(state, AT), "ana")


def calls(monkeypatch: pytest.MonkeyPatch, most: int) -> Callable[[], int]:
    """After so many changes of the folder the process is killed; how many there were."""
    done = 0

    def counting(name: str) -> None:
        really = getattr(Path, name)

        def act(self: Path, *rest: object, **more: object) -> object:
            nonlocal done
            if done == most:
                raise Killed
            done += 1
            return really(self, *rest, **more)

        monkeypatch.setattr(Path, name, act)

    for name in ("rename", "rmdir", "mkdir"):
        counting(name)
    return lambda: done


def test_the_store_of_before_is_set_aside_whole(tmp_path: Path) -> None:
    laid_out = old_and_new(tmp_path)
    aside = placing.put_in_place(laid_out)
    assert aside == tmp_path / "replaced-20261123T010203Z"
    assert (whose(tmp_path), whose(aside)) == (("ana",) * 3, ("ben",) * 3)
    assert {path.name for path in aside.iterdir()} == set(OLD) - {f"{DESKS}-wal"}
    assert aside.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in tmp_path.iterdir()} == {FILE, DESKS, "instance", aside.name, "notes.txt"}


def test_into_an_empty_folder_nothing_is_set_aside(tmp_path: Path) -> None:
    assert placing.put_in_place(store(placing.lay_out(tmp_path, AT))) is None
    assert whose(tmp_path) == ("ana",) * 3
    assert {path.name for path in tmp_path.iterdir()} == {FILE, DESKS, "instance"}


def test_killed_anywhere_it_has_happened_or_not(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        laid_out = old_and_new(tmp_path / "whole")
        counted = calls(patch, 1_000)
        placing.put_in_place(laid_out)
    every, outcomes = counted(), []
    for most in range(every):
        state = tmp_path / str(most)
        laid_out = old_and_new(state)
        with pytest.MonkeyPatch.context() as patch:
            calls(patch, most)
            with pytest.raises(Killed):
                placing.put_in_place(laid_out)
        for again in range(most % 3):  # whoever finishes it may be killed, too
            with pytest.MonkeyPatch.context() as patch:
                calls(patch, again)
                with suppress(Killed):
                    placing.settle(state)
        placing.settle(state)
        outcomes.append(whose(state)[0])
        assert len(set(whose(state))) == 1, f"killed at step {most}: half of each"
        if outcomes[-1] == "ana":
            assert whose(state / "replaced-20261123T010203Z") == ("ben",) * 3
        assert not [path for path in state.iterdir() if path.name.startswith("restore-")]
    assert every > 10
    assert outcomes == ["ben"] + ["ana"] * (every - 1), "the folder's new name is the moment"


def test_what_a_killed_backup_left_goes_and_one_that_is_made_stays(tmp_path: Path) -> None:
    work = tmp_path / packing.WORK
    with packing.working(tmp_path):
        (work / "ctibridge.db").write_bytes(b"everybody")
        placing.settle(tmp_path)
        assert (work / "ctibridge.db").exists()
    work.mkdir()
    (work / "ctibridge.db").write_bytes(b"half of everybody")
    placing.settle(tmp_path)
    assert not work.exists()


def test_a_restore_that_is_being_made_is_nobodys_to_finish(tmp_path: Path) -> None:
    laid_out = old_and_new(tmp_path)
    lock = installation.take(tmp_path)
    with pytest.raises(Problem, match="a restore is being made; try again"):
        placing.settle(tmp_path)
    os.close(lock)
    assert laid_out.exists()
    placing.settle(tmp_path)
    assert not laid_out.exists()
    assert whose(tmp_path) == ("ben",) * 3


def test_what_cannot_be_put_in_place_says_so_and_comes_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out = old_and_new(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "mkdir", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(Problem, match="restored, but not in place: No space left on device"):
            placing.put_in_place(laid_out)
    placing.settle(tmp_path)
    assert whose(tmp_path) == ("ana",) * 3


def test_a_store_that_a_command_has_open_is_in_use(tmp_path: Path) -> None:
    path = store(tmp_path) / FILE
    assert not placing.in_use(path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("SELECT count(*) FROM token").fetchone()
        assert placing.in_use(path)
    assert not placing.in_use(path)
    path.write_bytes(b"damaged" * 1000)
    assert not placing.in_use(path)
    path.unlink()
    assert not placing.in_use(path)
    assert not path.exists()


def test_which_folders_hold_a_store(tmp_path: Path) -> None:
    assert placing.holds_store(tmp_path) is None
    (tmp_path / DESKS).touch()
    assert placing.holds_store(tmp_path) == DESKS
