"""What makes a state directory one installation: one daemon at a time, one name for ever, and the boot it runs in."""

import fcntl
import os
import secrets
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LOCK = "ctibridge.lock"
INSTANCE = "instance"
"""Names this installation for ever, so that a registrar knows our contacts again (RFC 5626 4.1)."""


class StartError(Exception):
    """Why the daemon cannot start, or not go on as it was told: one line with the mend."""


def take(state_dir: Path) -> int:
    """The lock's descriptor: while it is open no other daemon runs here. Raises StartError."""
    try:
        lock = os.open(state_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"state_dir {state_dir}: {error.strerror}; make it writable for the service") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise StartError(
            f"state_dir {state_dir} is in use by another ctibridge; stop it or choose another [node] state_dir"
        ) from None
    return lock


def name(state_dir: Path) -> str:
    """Made at the first start. Raises StartError."""
    path = state_dir / INSTANCE
    try:
        if not path.exists():
            made = path.with_suffix(".new")
            made.write_text(secrets.token_hex(16), encoding="ascii")
            made.replace(path)
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: {error}; make it readable and writable for the service, or remove it") from None


def boot_id() -> str | None:
    """Of the kernel: as long as it runs, what a killed process left in its files is there. None: it does not say."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
