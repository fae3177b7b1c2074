"""An untouched Debian 12 as debootstrap(8) makes it, once for all runs on this machine: it takes 50 seconds.

Comes in: debootstrap, root, and Debian's packages by the way that this machine's apt goes. Goes out: a folder that is
only read: machines are booted upon it (`machine`). It is kept in ~/.cache/ctibridge-tests; CTIBRIDGE_DEBIAN names
another one.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.peers.process import PeerError, require_program

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ctibridge-tests"
READY = "CTIBRIDGE_DEBIAN"
RELEASE = "bookworm"
PACKAGES = ("ca-certificates", "dbus", "python3", "python3-venv", "systemd", "systemd-sysv")
"""Besides what no Debian is without; an installation that an administrator inherits has more."""
_TIMEOUT = 600.0


def debian() -> Path:
    """Raises PeerError where there is none and none can be made: debootstrap's last line says why."""
    if named := os.environ.get(READY):
        return Path(named)
    # Another list of packages is another root.
    name = f"{RELEASE}-{sha256(' '.join(PACKAGES).encode()).hexdigest()[:8]}"
    kept = CACHE / name
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two workers want it at once: the second one finds it
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
