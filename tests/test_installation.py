"""A state directory is one installation: one daemon, one name for ever."""

import os
from pathlib import Path

import pytest

from ctibridge import installation
from ctibridge.installation import StartError


def test_one_daemon_at_a_time_and_the_next_when_it_is_gone(tmp_path: Path) -> None:
    first = installation.take(tmp_path)
    with pytest.raises(StartError, match="in use by another ctibridge"):
        installation.take(tmp_path)
    os.close(first)
    os.close(installation.take(tmp_path))


def test_a_refused_lock_leaves_no_descriptor(tmp_path: Path) -> None:
    first = installation.take(tmp_path)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(StartError):
        installation.take(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    os.close(first)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"nowhere: No such file or directory; make it writable"):
        installation.take(tmp_path / "nowhere")


def test_the_name_is_made_once(tmp_path: Path) -> None:
    made = installation.name(tmp_path)
    assert (len(made), installation.name(tmp_path)) == (32, made)


def test_a_name_that_is_no_text_is_said_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / installation.INSTANCE).write_bytes(b"\xff\xff")
    with pytest.raises(StartError, match="or remove it"):
        installation.name(tmp_path)


def test_a_kernel_that_does_not_name_its_boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert installation.boot_id()
    monkeypatch.setattr(installation, "BOOT_ID", tmp_path / "none")
    assert installation.boot_id() is None
