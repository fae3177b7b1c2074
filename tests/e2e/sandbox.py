"""A command within the unit's own system call filter: `python -m tests.e2e.sandbox UNIT PROGRAM ARGUMENT…`.

Comes in: a unit file. Goes out: the program in this process, with SystemCallFilter=, RestrictAddressFamilies=,
MemoryDenyWriteExecute= and NoNewPrivileges= as systemd sets them (systemd.exec(5)); the namespaces need systemd itself.
libseccomp is systemd's own, so it is where systemd-analyze is.
"""

import ctypes
import errno
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ALLOW = 0x7FFF0000
REFUSE = 0x00050000
"""SCMP_ACT_ALLOW, SCMP_ACT_ERRNO (seccomp.h); the error number stands in the low 16 bits."""
EQUAL = 4
SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
"""PR_SET_MDWE (prctl(2), Linux 6.3)."""
FAMILIES = 46
"""AF_MAX."""
_LIBRARY = ctypes.CDLL("libseccomp.so.2", use_errno=True)
_LIBRARY.seccomp_init.restype = ctypes.c_void_p


class _Compared(ctypes.Structure):
    _fields_ = (("argument", ctypes.c_uint), ("how", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64))


def values(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def allowed_calls(unit: Path) -> set[str]:
    """The names that are left of all SystemCallFilter= lines; the first one says that it is a list of what may be."""
    allowed: set[str] = set()
    for line in values(unit, "SystemCallFilter"):
        names = {name for word in line.removeprefix("~").split() for name in calls(word)}
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def calls(word: str) -> Iterator[str]:
    """A call, or those of a group, with its groups."""
    if not word.startswith("@"):
        yield word
        return
    shown = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True, text=True, check=True)
    for line in shown.stdout.splitlines()[1:]:
        inner = line.strip()
        if inner and not inner.startswith("#"):
            yield from calls(inner)


def confine(unit: Path) -> None:
    """For this process and all that it starts, for good."""
    calls_allowed = _filter(REFUSE | errno.EPERM)
    # `@default` is what systemd always allows.
    for name in {*allowed_calls(unit), *calls("@default")}:
        if (number := _LIBRARY.seccomp_syscall_resolve_name(name.encode())) >= 0:  # others are no calls of this machine
            _must(_LIBRARY.seccomp_rule_add_array(calls_allowed, ALLOW, number, 0, None))
    families = _filter(ALLOW)
    wanted = {
        getattr(socket, name)
        for line in values(unit, "RestrictAddressFamilies")
        for name in line.split()
        if name != "none"
    }
    for family in set(range(FAMILIES)) - wanted:
        compared = _Compared(0, EQUAL, family, 0)
        number = _LIBRARY.seccomp_syscall_resolve_name(b"socket")
        refuse = REFUSE | errno.EAFNOSUPPORT
        _must(_LIBRARY.seccomp_rule_add_array(families, refuse, number, 1, ctypes.byref(compared)))
    if values(unit, "MemoryDenyWriteExecute") == ["yes"]:
        _must(ctypes.CDLL(None).prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0))
    for each in (families, calls_allowed):
        _must(_LIBRARY.seccomp_load(each))


def _filter(otherwise: int) -> ctypes.c_void_p:
    return ctypes.c_void_p(_LIBRARY.seccomp_init(ctypes.c_uint32(otherwise)))


def _must(result: int) -> None:
    if result < 0:
        raise OSError(-result, f"libseccomp: {os.strerror(-result)}")


if __name__ == "__main__":
    confine(Path(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell wanted
