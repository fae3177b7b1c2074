import os
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.index import build as index_build
from ctibridge.lookup.adapters.index import file as index_file
from ctibridge.lookup.adapters.index.file import IndexFault
from ctibridge.lookup.numbers import Understood
from tests.lookup.adapters.index.test_build import KEY, MOBILE
from tests.lookup.adapters.numbered import change, said, store
from tests.lookup.test_overlay import ANA


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    made = await store(tmp_path)
    change(made, {("acme", f"p{no}"): [(KEY, "work", False, False)] for no in range(60)})
    index_build.build(made)
    return index_file.beside(made)


@pytest.mark.parametrize("length", [0, 4, 20, 100, -8, -1])
def test_a_file_cut_short_is_no_index(path: Path, length: int) -> None:
    os.truncate(path, length if length >= 0 else path.stat().st_size + length)
    with pytest.raises(IndexFault):
        index_file.read(path)


@pytest.mark.parametrize("place", [0, 7, 9, 13, 20, 300, -1, -500])
def test_a_byte_that_changed_is_found(path: Path, place: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[place] ^= 4
    path.write_bytes(raw)
    with pytest.raises(IndexFault):
        index_file.read(path)


def test_what_stands_behind_the_end_is_no_index_either(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0" * 8)
    with pytest.raises(IndexFault, match="not whole"):
        index_file.read(path)


@pytest.mark.parametrize("raw", [b"", b"something else, and long enough to be one", b"cti-ix02" + b"\xff" * 400])
def test_a_foreign_file_is_no_index(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with pytest.raises(IndexFault):
        index_file.read(path)


def test_no_file_and_a_folder_are_faults_in_words(path: Path) -> None:
    index_file.forget(path.with_name("ctibridge.db"))
    with pytest.raises(IndexFault, match="No such file"):
        index_file.read(path)
    index_file.forget(path.with_name("ctibridge.db"))
    path.mkdir()
    with pytest.raises(IndexFault, match="directory"):
        index_file.read(path)


def test_what_is_read_does_not_need_the_file_any_more(path: Path) -> None:
    """Its pages may be evicted, its bytes overwritten: a pop never waits for a disk."""
    loaded = index_file.read(path)
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
    assert len(said(loaded.index, Understood(MOBILE), ANA)) == 60


def test_memory_that_was_given_back_is_empty(path: Path) -> None:
    loaded = index_file.read(path)
    loaded.release()
    assert not any(bytes(loaded.memory))


def test_whoever_fails_while_he_writes_leaves_the_old_file_and_nothing_else(path: Path) -> None:
    before = path.read_bytes()

    def half() -> None:
        with index_file.writing(path) as new:
            new.file.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk"):
        half()
    assert path.read_bytes() == before
    assert not path.with_name("ctibridge.index.new").exists()


def test_a_link_in_the_place_of_the_new_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    path.with_name("ctibridge.index.new").symlink_to(other)
    with pytest.raises(OSError, match="symbolic"), index_file.writing(path):
        pass
    assert other.read_text() == "kept"
