"""What the kernel says of clock, limits and locks; anybody may ask."""

import ctypes
import os
import resource
from dataclasses import dataclass
from pathlib import Path

RMEM_MAX = Path("/proc/sys/net/core/rmem_max")
LOCKS = Path("/proc/locks")
_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


class _Timex(ctypes.Structure):
    """struct timex of <sys/timex.h>, of 64-bit and 32-bit Linux alike: `long` is a word."""

    _fields_ = (
        ("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_byte * 256),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class KernelClock:
    """synchronised: does a time service keep it, as the kernel knows? max_error: seconds by which it may be wrong."""

    synchronised: bool
    max_error: float


def clock() -> KernelClock | None:
    """adjtimex(2) that changes nothing (modes 0). None where the kernel does not say."""
    told = _Timex(modes=0)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(told))
    except (AttributeError, OSError):
        return None
    if state < 0:
        return None
    return KernelClock(state != _TIME_ERROR and not told.status & _STA_UNSYNC, told.maxerror / 1e6)


def largest_buffer() -> int | None:
    """Bytes that a socket may ask for to receive into. None where the kernel does not say."""
    try:
        return int(RMEM_MAX.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def holder(lock: Path) -> int | None:
    """The process that holds this lock file (flock(2)), without trying to take it: a daemon that starts must find it
    free. None: nobody, or it cannot be seen from here."""
    try:
        inode, lines = lock.stat().st_ino, LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for words in map(str.split, lines):
        # 1: FLOCK  ADVISORY  WRITE 4711 fe:01:131072 0 EOF
        if len(words) >= 6 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode):
            return int(words[4])
    return None


def most_files(process: int) -> int | None:
    """How many descriptors that process may have. None where we may not ask."""
    try:
        return resource.prlimit(process, resource.RLIMIT_NOFILE)[0]
    except (OSError, ValueError):
        return None


def disk(folder: Path) -> tuple[int, int]:
    """(free, total) bytes for a user without privileges. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
