"""The Debian package of this tree: built, installed, and made into the one of another version.

Comes in: this tree, a booted machine. Goes out: files, and a machine that has it. `make test` builds it before the
tests (`python -m tests.systemd.package FOLDER`): by a slow way to the packages it takes longer than a test may.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.systemd.machine import UNBOOTED, Machine, why_not

ROOT = Path(__file__).parents[2]
READY = "CTIBRIDGE_PACKAGE"
"""Environment: a package that was built already."""
LONG = "CTIBRIDGE_BOOT"
"""Environment: what takes a minute runs, too. `make boot` sets it."""
_BUILD = 600.0
_INSTALL = 180.0


def build(folder: Path, **environment: str) -> Path:
    """Into that folder; as it lies there, since pressing it small takes longer than all the rest."""
    if (ready := os.environ.get(READY)) and not environment:
        return Path(ready)
    done = subprocess.run(
        [ROOT / "packaging/deb.sh", folder], env={**os.environ, "COMPRESSION": "none", **environment},
        capture_output=True, text=True, check=False, timeout=_BUILD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def install(box: Machine, package: Path, *, step: str = "install") -> str:
    """As an administrator does, except that the disk of a machine that ends with the test need not be waited for. step:
    `unpack`, behind which `configure` is still to come, as where many packages are upgraded at once."""
    inside = f"/root/{package.name}"
    box.copy(package, inside)
    try:
        return box.run(f"dpkg --force-unsafe-io --{step} {inside} 2>&1", timeout=_INSTALL)
    finally:
        box.run(f"rm {inside}")


def configure(box: Machine) -> str:
    return box.run("dpkg --configure ctibridge 2>&1", timeout=_INSTALL)


def of_version(package: Path, version: str, folder: Path) -> Path:
    """The same package as its next version would be: the program in it says that version, too."""
    root, made = folder / "root", folder / f"ctibridge_{version}.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", package, root], check=True, timeout=_BUILD)
    control = root / "DEBIAN/control"
    lines = control.read_text(encoding="utf-8").splitlines()
    said = [f"Version: {version}" if line.startswith("Version: ") else line for line in lines]
    control.write_text("\n".join([*said, ""]), encoding="utf-8")
    (module,) = root.glob("opt/ctibridge/lib/python*/site-packages/ctibridge/__init__.py")
    module.write_text(f'__version__ = "{version}"\n', encoding="utf-8")
    for compiled in (module.parent / "__pycache__").glob("__init__.*"):
        compiled.unlink()  # it would be taken unseen
    build: list[str | Path] = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", root, made]
    subprocess.run(build, check=True, capture_output=True, timeout=_BUILD)
    subprocess.run(["rm", "-r", root], check=True)
    return made


if __name__ == "__main__":
    if (reason := why_not()) is None:
        sys.stdout.write(f"{build(Path(sys.argv[1]), COMPRESSION='none')}\n")
    else:
        sys.stderr.write(f"package: not built, as {UNBOOTED}: {reason}\n")
