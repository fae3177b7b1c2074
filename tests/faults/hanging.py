"""One thread of another process stands still while its other threads go on: a loop that hangs, made from outside.

By ptrace(2), which the kernel gives a parent over its child. SIGSTOP would stop all threads, also one that fed the
watchdog beside a loop that hangs.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
_WALL = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


@contextmanager
def hanging(thread: int) -> Iterator[None]:
    """The thread with this id (the main one has its process's) does nothing in here. Its process may end meanwhile.
    Raises OSError where the kernel does not allow it."""
    _ptrace(_SEIZE, thread)
    _ptrace(_INTERRUPT, thread)
    os.waitpid(thread, _WALL)  # it stands; nobody else shall take this for an exit
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            _ptrace(_DETACH, thread)


def _ptrace(request: int, thread: int) -> None:
    if _libc.ptrace(request, thread, None, None) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
