import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge.delivery.adapters.sent_marks import FILE, SentMarks

RUN = "boot-1 run-1"


def test_what_was_marked_is_read_in_the_next_run(tmp_path: Path) -> None:
    marks = SentMarks.begin(tmp_path, RUN, slots=4)
    marks.set(0, 7)
    marks.set(3, 2**63)
    marks.close()
    read = SentMarks.read(tmp_path, RUN)
    assert read is not None
    assert list(read) == [7, 0, 0, 2**63]


def test_a_mark_never_falls(tmp_path: Path) -> None:
    marks = SentMarks.begin(tmp_path, RUN, slots=1)
    marks.set(0, 7)
    marks.set(0, 3)
    marks.close()
    assert list(SentMarks.read(tmp_path, RUN) or ()) == [7]


def test_they_outlive_a_kill(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from ctibridge.delivery.adapters.sent_marks import SentMarks\n"
        "marks = SentMarks.begin(Path(sys.argv[1]), sys.argv[2]); marks.set(1, 42)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path, RUN], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert list(SentMarks.read(tmp_path, RUN) or ())[:3] == [0, 42, 0]


def test_another_runs_marks_say_nothing(tmp_path: Path) -> None:
    SentMarks.begin(tmp_path, RUN, slots=1).close()
    assert SentMarks.read(tmp_path, "boot-1 run-2") is None
    SentMarks.begin(tmp_path, "boot-1 run-2", slots=1).close()
    assert SentMarks.read(tmp_path, RUN) is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_marks_that_lack_one_say_nothing(tmp_path: Path) -> None:
    marks = SentMarks.begin(tmp_path, RUN, slots=2)
    marks.set(1, 7)
    assert SentMarks.read(tmp_path, RUN) is not None
    marks.set(2, 1)
    marks.close()
    assert SentMarks.read(tmp_path, RUN) is None


def test_a_desk_in_doubt_goes_on_under_nothing_until_somebody_vouches_for_it(tmp_path: Path) -> None:
    marks = SentMarks.begin(tmp_path, RUN, slots=2)
    marks.set(0, 7)
    marks.doubt(0)
    marks.set(0, 8)
    marks.doubt(1)
    marks.vouch(1, 3)
    marks.vouch(9, 3)  # it has no slot, and nobody asks for it
    marks.close()
    assert list(SentMarks.read(tmp_path, RUN) or ()) == [2**63, 3]


@pytest.mark.parametrize("content", [b"", b"ctisent1", b"x" * 8192, b"ctisent1" + bytes(4095)])
def test_what_is_no_marks_file_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert SentMarks.read(tmp_path, RUN) is None


def test_none_at_all_say_nothing(tmp_path: Path) -> None:
    assert SentMarks.read(tmp_path, RUN) is None


def test_its_blocks_are_taken_from_the_disk_beforehand(tmp_path: Path) -> None:
    """On a full disk a page of a sparse file would be a SIGBUS in the middle of a call."""
    SentMarks.begin(tmp_path, RUN).close()
    found = (tmp_path / FILE).stat()
    assert found.st_blocks * 512 >= found.st_size
    assert found.st_mode & 0o777 == 0o600


def test_where_none_can_be_made_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space"):
        SentMarks.begin(tmp_path, RUN)
    assert list(tmp_path.iterdir()) == []
