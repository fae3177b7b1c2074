import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ctibridge.lookup.sources import plain_file
from ctibridge.lookup.sources.plain_file import PlainFile, Unreadable


def files_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(plain_file, "BLOCK", 4)
    path = tmp_path / "people.csv"
    path.write_bytes(b"0123456789")
    return path


def test_blocks_can_be_read_again(path: Path) -> None:
    file = PlainFile(path)
    assert file.size == 10
    assert [*file.blocks()] == [*file.blocks()] == [b"0123", b"4567", b"89"]


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def shrink(path: Path) -> None:
    os.truncate(path, 5)


def overwrite(path: Path) -> None:
    path.write_bytes(b"9876543210")
    os.utime(path, ns=(0, 0))  # a clock too coarse for a test, made fine


def replace(path: Path) -> None:
    other = path.with_name("new")
    other.write_bytes(b"0123456789")
    other.replace(path)


def remove(path: Path) -> None:
    path.unlink()


CHANGES = [grow, shrink, overwrite, replace, remove]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_it_is_read(path: Path, change: Callable[[Path], None]) -> None:
    blocks = PlainFile(path).blocks()
    next(blocks)
    change(path)
    with pytest.raises(Unreadable, match=r"people\.csv: changed while it was read; import it again"):
        list(blocks)


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_between_two_passes(path: Path, change: Callable[[Path], None]) -> None:
    """The first pass finds the encoding, the second uses it."""
    file = PlainFile(path)
    list(file.blocks())
    change(path)
    with pytest.raises(Unreadable, match="changed while it was read"):
        next(file.blocks())


def test_who_may_no_longer_look_into_the_folder_reads_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`import` opens files as root and reads them as the service's user."""
    file = PlainFile(path)

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    assert b"".join(file.blocks()) == b"0123456789"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"people\.csv: No such file"):
        PlainFile(tmp_path / "people.csv")


def test_a_folder_with_the_name_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="a folder, no file"):
        PlainFile(tmp_path)


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "people.csv")
    with pytest.raises(Unreadable, match="a pipe or device, no file"):
        PlainFile(tmp_path / "people.csv")


def test_a_pipe_that_comes_to_be_where_a_file_was_is_not_waited_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = path.stat()
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "stat", lambda _: status)
    with pytest.raises(Unreadable, match="a pipe or device, no file"):
        PlainFile(path)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty"])
def test_a_device_is_refused(device: str) -> None:
    with pytest.raises(Unreadable, match="a pipe or device, no file"):
        PlainFile(Path(device))


def test_a_file_that_is_closed_to_us_says_for_whom_to_open_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # the suite may run as root, who may read all
    with pytest.raises(Unreadable, match=r"people\.csv: Permission denied; let the user who imports read it"):
        PlainFile(path)


def test_a_file_that_nobody_reads_to_its_end_is_closed(path: Path) -> None:
    before = files_open()
    file = PlainFile(path)
    blocks = file.blocks()
    next(blocks)
    assert files_open() == before + 1
    del blocks, file
    assert files_open() == before
