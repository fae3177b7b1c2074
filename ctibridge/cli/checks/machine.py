"""The clock and the limits of the machine. Pure: what the kernel said comes in."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ctibridge.cli.checks.kernel import KernelClock
from ctibridge.cli.checks.wording import counted, size, span
from ctibridge.domain.finding import Finding, note

AHEAD = timedelta(minutes=1)
LEAST_FILES = 4_096
"""Each open desk is one; a plain process gets 1,024."""


def clock(told: KernelClock | None, newest: datetime | None, at: datetime, *, zones: bool) -> Iterator[Finding]:
    """newest: when the newest stored event happened; at: now; both aware UTC. zones: is there a time zone database?"""
    if told is None:
        yield Finding("time", "the kernel does not say whether its clock is kept")
    elif told.synchronised:
        yield Finding("time", "kept by a time service")
    else:
        text = "no time service keeps the clock, as far as the kernel knows; grants and hours go by it"
        yield note("time", text, "timedatectl set-ntp true, or install chrony")
    if newest is not None and newest > at + AHEAD:
        ahead = span((newest - at).total_seconds())
        text = f"the newest stored event is {ahead} in the future: the clock went back, or was wrong then"
        yield Finding("time", text, "compare it with another clock and set it")
    if not zones:
        yield Finding("time zones", "this machine knows none: hours and local times are not shown", "install tzdata")


def buffer(largest: int | None, wanted: int) -> Finding:
    """Bytes: what the kernel grants for a trunk's datagrams, and what a trunk asks for."""
    if largest is None:
        return Finding("UDP buffer", "the kernel does not say how large it may be")
    if largest < wanted:
        text = f"the kernel grants {size(largest)} of {size(wanted)}: a burst of calls may not fit"
        return note("UDP buffer", text, "copy config/sysctl.d to /etc/sysctl.d and run: sysctl --system")
    return Finding("UDP buffer", size(wanted))


def files(most: int) -> Finding:
    """most: descriptors of the running daemon."""
    if most < LEAST_FILES:
        text = f"the daemon may open {counted(most, 'file')}; each open page is one"
        return note("open files", text, "LimitNOFILE=65536 in its unit, then restart it")
    return Finding("open files", f"{most:,}")
