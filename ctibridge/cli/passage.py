"""Root's command becomes the store's owner, and still gets to the store.

What systemd keeps for a dynamic user lies behind /var/lib/private, which root alone may enter: the unit sees it by a
mount of its own, a command does not. Of root's capabilities (capabilities(7)) one stays then, by which folders are
passed and files read; nothing can be written by it, and no program that is started inherits it.
"""

import os
import struct

_KEEP_CAPABILITIES = 8  # PR_SET_KEEPCAPS, prctl(2)
_PASS_AND_READ = 1 << 2  # CAP_DAC_READ_SEARCH
_HEADER = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread: capset(2)
_SETS = struct.pack("6I", _PASS_AND_READ, _PASS_AND_READ, 0, 0, 0, 0)
"""Effective, permitted, inheritable, and once more for capabilities 32 to 63."""


def become(uid: int, gid: int, *, passing: bool) -> None:
    """This process, which is root's, from now on; before it has a second thread. passing: also through folders that are
    closed to that user. Raises OSError."""
    if passing:
        _call("prctl", _KEEP_CAPABILITIES, 1, 0, 0, 0)
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)
    if passing:
        _call("capset", _HEADER, _SETS)


def _call(name: str, *args: int | bytes) -> None:
    import ctypes  # noqa: PLC0415 - a hardened kernel may refuse it its memory, and it is seldom needed

    if getattr(ctypes.CDLL(None, use_errno=True), name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
