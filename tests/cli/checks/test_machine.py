"""Clock and limits, by table."""

from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.cli.checks import machine
from ctibridge.cli.checks.kernel import KernelClock
from ctibridge.domain.finding import Kind

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEPT = KernelClock(synchronised=True, max_error=0.01)


@pytest.mark.parametrize(
    ("told", "kind"),
    [(KEPT, Kind.GOOD), (KernelClock(synchronised=False, max_error=16), Kind.NOTE), (None, Kind.GOOD)],
)
def test_is_the_clock_kept(told: KernelClock | None, kind: Kind) -> None:
    (found,) = machine.clock(told, None, AT, zones=True)
    assert (found.what, found.kind) == ("time", kind)


@pytest.mark.parametrize(
    ("newest", "ahead"),
    [
        (AT + timedelta(seconds=60), None),
        (AT - timedelta(days=3), None),
        (AT + timedelta(minutes=5), "5 minutes"),
        (AT + timedelta(days=1, hours=3), "1 day"),
    ],
)
def test_an_event_of_tomorrow_says_that_the_clock_went_back(newest: datetime, ahead: str | None) -> None:
    _, *found = machine.clock(KEPT, newest, AT, zones=True)
    assert [one.kind for one in found] == ([] if ahead is None else [Kind.MEND])
    assert all(f"is {ahead} in the future" in one.text for one in found)


def test_a_machine_without_time_zones() -> None:
    _, found = machine.clock(KEPT, None, AT, zones=False)
    assert (found.kind, found.mend) == (Kind.MEND, "install tzdata")


@pytest.mark.parametrize(
    ("largest", "kind"), [(212_992, Kind.NOTE), (4 << 20, Kind.GOOD), (8 << 20, Kind.GOOD), (None, Kind.GOOD)]
)
def test_the_buffer_of_datagrams(largest: int | None, kind: Kind) -> None:
    assert machine.buffer(largest, 4 << 20).kind is kind


@pytest.mark.parametrize(("most", "kind"), [(1024, Kind.NOTE), (4096, Kind.GOOD), (65_536, Kind.GOOD)])
def test_open_files(most: int, kind: Kind) -> None:
    assert machine.files(most).kind is kind
