"""A share of a core for each of some processes, by control groups of Linux: what a node carries is told by filling it,
and two nodes can only be filled where they leave something to the PBX, Redis and the screens on the same machine."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

PERIOD_US = 5_000
"""A node that has used up its share stands still for the rest of such a period."""
_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
_numbers = count(1)


class NoShare(Exception):
    """This machine gives none: why."""


@contextmanager
def shares(processes: Iterable[int], share: float) -> Iterator[None]:
    """Of one core, for each of these alone. Raises NoShare: it wants root, and the controller `cpu`."""
    groups: list[Path] = []
    try:
        try:
            for process in processes:
                groups.append(_group())
                _limit(groups[-1], round(share * PERIOD_US))
                (groups[-1] / "cgroup.procs").write_text(str(process), encoding="ascii")
        except OSError as error:
            raise NoShare(f"no control group of ours: {error.strerror}") from None
        yield
    finally:
        for group in groups:
            with suppress(OSError):  # a process that is gone is nowhere
                _leave(group)


def _group() -> Path:
    group = (_V1 if _V1.is_dir() else _V2) / f"ctibridge-bench-{os.getpid()}-{next(_numbers)}"
    group.mkdir()
    return group


def _limit(group: Path, quota_us: int) -> None:
    if group.parent == _V2:
        (group / "cpu.max").write_text(f"{quota_us} {PERIOD_US}", encoding="ascii")
    else:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US), encoding="ascii")
        (group / "cpu.cfs_quota_us").write_text(str(quota_us), encoding="ascii")


def _leave(group: Path) -> None:
    """Its processes are limited no more."""
    for process in (group / "cgroup.procs").read_text(encoding="ascii").split():
        (group.parent / "cgroup.procs").write_text(process, encoding="ascii")
    group.rmdir()
