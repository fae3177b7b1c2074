"""What the kernel of this machine says, and what is made of it where it says something else."""

import fcntl
import os
import resource
from pathlib import Path

import pytest

from ctibridge.cli.checks import kernel


def test_the_clock_is_asked_and_not_set() -> None:
    told = kernel.clock()
    assert told is not None
    # 16 s is the most that the kernel counts up to.
    assert 0 <= told.max_error <= 16


def test_a_kernel_without_the_call_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda *_, **__: object())
    assert kernel.clock() is None


def test_the_largest_buffer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "RMEM_MAX", tmp_path / "rmem_max")
    assert kernel.largest_buffer() is None
    (tmp_path / "rmem_max").write_text("212992\n")
    assert kernel.largest_buffer() == 212_992


def test_who_holds_a_lock_is_found_without_taking_it(tmp_path: Path) -> None:
    lock = tmp_path / "ctibridge.lock"
    assert kernel.holder(lock) is None
    with lock.open("w") as held:
        assert kernel.holder(lock) is None
        fcntl.flock(held, fcntl.LOCK_EX)
        assert kernel.holder(lock) == os.getpid()
    assert kernel.holder(lock) is None


def test_how_many_files_a_process_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kernel.most_files(os.getpid()) == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert kernel.most_files(2**22 + 1) is None  # beyond pid_max
    assert kernel.most_files(-1) is None


def test_the_disk_of_a_folder(tmp_path: Path) -> None:
    free, total = kernel.disk(tmp_path)
    assert 0 <= free <= total
    with pytest.raises(FileNotFoundError):
        kernel.disk(tmp_path / "none")
