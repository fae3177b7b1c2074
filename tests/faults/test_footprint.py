"""The figures that a leak would show in."""

import os
import threading

import pytest

from tests.faults import footprint


def test_memory_that_is_taken_shows() -> None:
    before = footprint.resident(os.getpid())
    taken = bytearray(b"\1" * (32 << 20))
    assert footprint.resident(os.getpid()) - before > 30 << 20
    del taken


def test_descriptors_and_threads_are_counted() -> None:
    before = footprint.descriptors(os.getpid()), footprint.threads(os.getpid())
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    with open(os.devnull, "rb"):  # noqa: PTH123 - a descriptor is what is wanted
        assert (footprint.descriptors(os.getpid()), footprint.threads(os.getpid())) == (before[0] + 1, before[1] + 1)
    done.set()
    thread.join()


@pytest.mark.parametrize(("points", "rises"), [([(0, 5), (10, 5)], 0), ([(0, 0), (1, 3), (2, 6)], 3)])
def test_the_slope_of_a_line(points: list[tuple[float, float]], rises: float) -> None:
    assert footprint.slope(points) == rises


def test_one_point_is_no_line() -> None:
    with pytest.raises(ValueError, match="1 points"):
        footprint.slope([(0, 0)])
