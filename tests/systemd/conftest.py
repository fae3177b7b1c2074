"""Fixtures of the booted machine, and of what is installed on it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.process import PeerError
from tests.systemd import package as packages
from tests.systemd.machine import UNBOOTED, Machine, why_not


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A Debian of this test file's own, booted and untouched. Skipped, and said so, where none can be booted; what goes
    wrong where it can is a failure."""
    with _machine(tmp_path_factory.mktemp("machine")) as made:
        yield made


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Debian package of this tree, not compressed; built once for a run."""
    if (reason := why_not()) is not None:
        pytest.skip(f"{UNBOOTED}: {reason}")
    return _once(tmp_path_factory, "package", packages.build)


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Path:
    """What a Debian writes that installs the package: a machine that is booted upon it has it."""

    def install(folder: Path) -> Path:
        with _machine(folder) as box:
            packages.install(box, package)
        return box.above

    return _once(tmp_path_factory, "installed", install)


@pytest.fixture
def box(tmp_path: Path, installed: Path) -> Iterator[Machine]:
    """A machine with the package, as it is right after its installation."""
    with _machine(tmp_path / "box", installed) as made:
        yield made


def _machine(folder: Path, upon: Path | None = None) -> Machine:
    if (reason := why_not()) is not None:
        pytest.skip(f"{UNBOOTED}: {reason}")
    try:
        return Machine(folder, upon)
    except PeerError as error:
        pytest.skip(f"{UNBOOTED}: {error}")


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """What `make` makes in a folder of that name, once for all workers of this run."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    said = shared / f"{name}.made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            (shared / name).mkdir()
            said.write_text(str(make(shared / name)), encoding="utf-8")
    return Path(said.read_text(encoding="utf-8"))
