"""What this process knows stays in it when it dies: no core dump of ours, by whatever way the machine keeps them.

The limit keeps the kernel from writing a file. It does not keep it from piping a dump into a program (core(5)), as with
systemd-coredump; that is the other half, which also takes `/proc/PID/mem` and `environ` from everybody but root. A
change of user and an exec undo it, so it is said again behind each.
"""

import resource
from contextlib import suppress

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE, prctl(2)


def refuse() -> bool:
    """For this process, from now on; the limit also for those that it starts. False where only the limit holds: there
    is no Linux, or no ctypes."""
    with suppress(OSError, ValueError):  # a sandbox may forbid it; ours has LimitCORE=0
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    try:
        import ctypes  # noqa: PLC0415 - a hardened kernel may refuse it its memory

        return bool(ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    except (ImportError, MemoryError, OSError, AttributeError):
        return False
