"""Rows on disk, sorted by account."""

import errno
import os
import resource
import signal
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing.spill import Group, Spill, pack, unpack
from ctibridge.lookup.adapters.schema import StoreFault


def test_rows_come_back_account_by_account_in_their_order(tmp_path: Path) -> None:
    ours = theirs = b""
    with Spill(tmp_path) as spill:
        for line in (1, 2):
            ours, theirs = pack([(line, ["a"])]), pack([(line, ["x"]), (line, ["y"])])
            spill.add(line, [Group("ours", len(ours), 1), Group("theirs", len(theirs), 2)], ours + theirs)
        assert spill.rows() == {"ours": 2, "theirs": 4}
        assert [(table, unpack(data)) for table, _, data in spill.read("ours")] == [
            (1, [(1, ["a"])]),
            (2, [(2, ["a"])]),
        ]
        assert [table for table, _, _ in spill.read("nobody's")] == []
        assert (spill.size("ours"), spill.size("nobody's")) == (2 * len(ours), 0)


def test_the_file_has_no_name(tmp_path: Path) -> None:
    """Whatever ends the import, nothing of it stays."""
    with Spill(tmp_path) as spill:
        spill.add(0, [Group("acme", 4, 1)], b"rows")
        assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_line_with_the_mend(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with Spill(tmp_path) as spill:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
            with pytest.raises(StoreFault, match=r"make room and run the same import again") as fault:
                spill.add(0, [Group("acme", 2000, 1)], b"x" * 2000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, ignored)
    assert str(tmp_path) in str(fault.value)
    assert os.strerror(errno.EFBIG) in str(fault.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="gone"):
        Spill(tmp_path / "gone")
