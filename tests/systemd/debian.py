"""An untouched Debian 12 as debootstrap(8) makes it, once for all runs on this machine: it takes 50 seconds, before
the tests (`python -m tests.systemd.debian`, as `make test` does).

Comes in: debootstrap, root, and Debian's packages by the way that this machine's apt goes. Goes out: a folder that is
only read: machines are booted upon it (`machine`). It is kept in ~/.cache/ctibridge-tests; CTIBRIDGE_DEBIAN names
another one.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tests.peers.process import PeerError, require_program

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ctibridge-tests"
READY = "CTIBRIDGE_DEBIAN"
RELEASE = "bookworm"
PACKAGES = ("ca-certificates", "dbus", "python3", "python3-venv", "systemd", "systemd-sysv")
"""Besides what no Debian is without; an installation that an administrator inherits has more."""
_TIMEOUT = 600.0
_NAME = f"{RELEASE}-{sha256(' '.join(PACKAGES).encode()).hexdigest()[:8]}"  # another list of packages is another root


def debian() -> Path:
    """Raises PeerError where there is none. No test makes it: it would be taken for one that hangs."""
    kept = Path(os.environ.get(READY) or CACHE / _NAME)
    if not kept.exists():
        raise PeerError("no Debian was made yet: .venv/bin/python -m tests.systemd.debian")
    return kept


def make() -> Path:
    """Makes it where there is none. Raises PeerError where that cannot be: debootstrap's last line says why."""
    kept = CACHE / _NAME
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second finds it
        if not kept.exists():
            _make(kept)
    return kept


def _make(kept: Path) -> None:
    """Whole or not at all: what was interrupted has another name."""
    if os.geteuid() != 0:
        raise PeerError("debootstrap needs root")
    half = kept.with_suffix(".half")
    subprocess.run(["rm", "-rf", "--one-file-system", half], check=True)
    command: list[str] = [
        require_program("debootstrap"),
        "--variant=minbase",
        f"--include={','.join(PACKAGES)}",
        RELEASE,
        str(half),
    ]
    done = subprocess.run(
        [*command, *_mirror()], capture_output=True, text=True, check=False, timeout=_TIMEOUT, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines() or ["(nothing said)"]
        raise PeerError(f"debootstrap: {said[-1]}")
    half.rename(kept)


def _mirror() -> list[str]:
    """Where this machine's own apt finds the release; debootstrap's default where it does not say."""
    shown = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {RELEASE}", "Created-By: Packages"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return shown.stdout.split()[:1]


if __name__ == "__main__":
    try:
        sys.stdout.write(f"machine: {os.environ.get(READY) or make()}\n")
    except (PeerError, OSError, subprocess.SubprocessError) as error:
        sys.stdout.write(f"machine: no Debian to boot: {error}\n")
