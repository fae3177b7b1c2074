"""What nobody may do who has taken over the daemon: run in the unit's own sandbox it prints how each attempt ended.

Comes in: a process that is confined, or root's own for comparison, and the id of another user's process. Goes out: as
JSON, for each attempt the name of the error, or `done`. The standard library alone: it is run by a Debian's Python.
"""

import ctypes
import json
import mmap
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

STATE = Path("/var/lib/ctibridge")
OTHER = int(sys.argv[1]) if __name__ == "__main__" else 0
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_USER, NEW_NETWORK, NEW_MOUNTS = 0x10000000, 0x40000000, 0x00020000
PTRACE_SEIZE, NOT_RANDOM = 0x4206, 0x0040000
SYSLOG_READ_ALL, FINIT_MODULE, KEXEC_LOAD = 3, 313, 246


def call(function: str, *arguments: object) -> None:
    """A function of the C library that says -1 where it fails."""
    if getattr(LIBC, function)(*arguments) == -1:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def write(path: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("was here\n")


def read(path: str) -> None:
    with Path(path).open("rb") as file:
        file.read(1)


def see_others() -> None:
    """Raises PermissionError where /proc shows nobody else's process."""
    mine = os.getuid()
    numbers = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    if all(entry.stat().st_uid == mine for entry in numbers):
        raise PermissionError("nobody else is seen")


def see_tmp() -> None:
    """Raises PermissionError where /tmp is a folder of its own."""
    if not Path("/tmp/of-somebody").exists():  # noqa: S108
        raise PermissionError("it is another folder")


def become_root() -> None:
    os.setuid(0)
    if os.getuid() == 0 and STATE.stat().st_uid == os.getuid():
        raise PermissionError("it was root only in a world of its own")


def set_user_bit() -> None:
    path = STATE / "program"
    path.touch()
    try:
        path.chmod(0o4755)
    finally:
        path.unlink()


def packets() -> None:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()


def raw() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


def netlink() -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


def writable_code() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def real_time() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))


ATTEMPTS: dict[str, Callable[[], object]] = {
    "write below /etc": lambda: write("/etc/taken"),
    "write into /etc/ctibridge": lambda: write("/etc/ctibridge/taken"),
    "write into the program": lambda: write("/opt/ctibridge/taken"),
    "write below /usr": lambda: write("/usr/taken"),
    "write below /var/lib": lambda: write("/var/lib/taken"),
    "write a control group": lambda: Path("/sys/fs/cgroup/systemd/taken").mkdir(),
    "set a kernel variable": lambda: Path("/proc/sys/kernel/core_pattern").write_text("|/bin/sh", encoding="ascii"),
    "read the shadow file": lambda: read("/etc/shadow"),
    "read the credential's file": lambda: read("/etc/ctibridge/secrets/6002"),
    "read root's home": lambda: read("/root/private"),
    "read a home": lambda: read("/home/ana/private"),
    "open another's memory": lambda: os.close(os.open(f"/proc/{OTHER}/mem", os.O_RDWR)),
    "read another's environment": lambda: read(f"/proc/{OTHER}/environ"),
    "see other processes": see_others,
    "see others' /tmp": see_tmp,
    "trace another process": lambda: call("ptrace", PTRACE_SEIZE, OTHER, 0, 0),
    "end another process": lambda: os.kill(OTHER, 0),
    "become root": become_root,
    "take a group": lambda: os.setgroups([0]),
    "set a user bit": set_user_bit,
    "make a user namespace": lambda: call("unshare", NEW_USER),
    "make a network": lambda: call("unshare", NEW_NETWORK),
    "make a mount namespace": lambda: call("unshare", NEW_MOUNTS),
    "mount": lambda: call("mount", b"none", str(STATE).encode(), b"tmpfs", 0, None),
    "listen to all packets": packets,
    "make a raw socket": raw,
    "speak netlink": netlink,
    "run what was written": writable_code,
    "take real time": real_time,
    "take another personality": lambda: call("personality", NOT_RANDOM),
    "rename the machine": lambda: call("sethostname", b"taken", 5),
    "set the clock": lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()),
    "read the kernel's log": lambda: call("klogctl", SYSLOG_READ_ALL, ctypes.create_string_buffer(16), 16),
    "load a module": lambda: call("syscall", FINIT_MODULE, -1, b"", 0),
    "load another kernel": lambda: call("syscall", KEXEC_LOAD, 0, 0, None, 0),
    "make a device": lambda: os.mknod(STATE / "disk", 0o60600, os.makedev(8, 0)),
    "read the memory": lambda: read("/dev/mem"),
}
MAY: dict[str, Callable[[], object]] = {
    "keep the store": lambda: write(str(STATE / "kept")),
    "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "read the secret that is its own": lambda: read("/etc/ctibridge/secrets/6001"),
    "read the credential": lambda: read(f"{os.environ['CREDENTIALS_DIRECTORY']}/pbx-6002"),
}


def outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return type(error).__name__ if error.errno is None else f"{type(error).__name__} {error.strerror}"
    except KeyError:
        return "nothing there"
    return "done"


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: outcome(attempt) for name, attempt in (MAY | ATTEMPTS).items()}))
