"""The figures that a leak would show in."""

import os
import subprocess
import sys

import pytest

from tests.faults import footprint


def test_memory_that_is_taken_shows() -> None:
    before = footprint.resident(os.getpid())
    taken = bytearray(b"\1" * (32 << 20))
    assert footprint.resident(os.getpid()) - before > 30 << 20
    del taken


TAKES_MORE = """
import os, threading
print("ready", flush=True)
input()
threading.Thread(target=threading.Event().wait, daemon=True).start()
more = open(os.devnull, "rb")
print("taken", flush=True)
input()
"""


def test_descriptors_and_threads_are_counted() -> None:
    """Of a process of its own: seen once, a thread of another test ended in this one meanwhile."""
    command = [sys.executable, "-c", TAKES_MORE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        before = footprint.descriptors(process.pid), footprint.threads(process.pid)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "taken\n"
        assert (footprint.descriptors(process.pid), footprint.threads(process.pid)) == (before[0] + 1, before[1] + 1)
        process.communicate("\n", timeout=20)


@pytest.mark.parametrize(("points", "rises"), [([(0, 5), (10, 5)], 0), ([(0, 0), (1, 3), (2, 6)], 3)])
def test_the_slope_of_a_line(points: list[tuple[float, float]], rises: float) -> None:
    assert footprint.slope(points) == rises


def test_one_point_is_no_line() -> None:
    with pytest.raises(ValueError, match="1 points"):
        footprint.slope([(0, 0)])
