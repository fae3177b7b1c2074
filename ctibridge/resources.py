"""What the machine has to give us: room on the disk for the next start, and file descriptors.

SQLite needs 32 KiB for the shared memory of its log before it opens anything. On a disk that others have filled there
was no start, so no pop, until somebody came: hence the reserve, which is given back to the disk then.
"""

import asyncio
import os
import resource
from contextlib import suppress
from pathlib import Path

import structlog

from ctibridge.health import Health

RESERVE = "reserve"
RESERVED = 2 << 20
"""Bytes: both databases' shared memory, `desks.sent` twice, and the first of what is written."""
LOOK_EVERY = 5.0
NEARLY_ALL = 0.95
_OWNER_ONLY = 0o600

log = structlog.get_logger()


def reserve(state_dir: Path) -> None:
    """Takes the room, if it is there. What cannot be taken now is taken later."""
    path = state_dir / RESERVE
    with suppress(OSError):
        if path.exists():
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        try:
            os.posix_fallocate(descriptor, 0, RESERVED)
        except OSError:
            path.unlink()
            raise
        finally:
            os.close(descriptor)


def give_back(state_dir: Path) -> bool:
    """False: there is nothing to give back."""
    try:
        (state_dir / RESERVE).unlink()
    except OSError:
        return False
    return True


def descriptors(open_now: int, most: int) -> str | None:
    """What is to be said of so many; None: nothing."""
    if open_now < most * NEARLY_ALL:
        return None
    return (
        f"{open_now} of {most} file descriptors are open, and no desk more can connect; "
        "find out who opens them, or raise LimitNOFILE="
    )


def _descriptors_now() -> str | None:
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        return descriptors(sum(1 for _ in Path("/proc/self/fd").iterdir()), most)
    except OSError:  # it takes one to look
        return descriptors(most, most)


async def keep_looking(state_dir: Path, health: Health) -> None:
    """For ever."""
    while True:
        await asyncio.to_thread(reserve, state_dir)
        said = await asyncio.to_thread(_descriptors_now)
        if said is None:
            health.well("descriptors")
        else:
            health.ill("descriptors", said)
        await asyncio.sleep(LOOK_EVERY)
