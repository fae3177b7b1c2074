import asyncio
import sys
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.index import child as index_child
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.index.child import IndexChild, Made
from tests.lookup.adapters.numbered import change, store


async def test_it_makes_the_index(tmp_path: Path) -> None:
    path = await store(tmp_path)
    change(path, {("acme", "p1"): [(12, "work", False, False)]})
    assert await asyncio.to_thread(IndexChild(path).run) == Made()
    assert len(index_file.read(index_file.beside(path)).index) == 1


def test_what_went_wrong_is_said_in_its_own_words(tmp_path: Path) -> None:
    assert IndexChild(tmp_path / "nothing.db").run() == Made("unable to open database file")
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_dies_without_a_word_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_child, "_MODULE", "ctibridge.no_such_module")
    assert IndexChild(tmp_path).run() == Made("its process ended with 1")


def test_a_python_that_is_not_there_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert IndexChild(tmp_path).run() == Made("it could not be started: No such file or directory")


async def test_stopped_it_ends_at_once(tmp_path: Path) -> None:
    path = await store(tmp_path)
    child = IndexChild(path)
    with index_file.writing(index_file.beside(path)):  # it would wait for us for ever
        running = asyncio.create_task(asyncio.to_thread(child.run))
        while child._process is None:  # noqa: ASYNC110 - it says so to nobody
            await asyncio.sleep(0.001)
        child.stop()
        assert await running == Made("its process ended with -9")
    assert await asyncio.to_thread(child.run) == Made("its process ended with -9")
