"""The Debian package as a file: what is in it, whose it is, and nothing of the machine that built it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge import __version__
from tests.systemd import package as packages

pytestmark = [pytest.mark.e2e, pytest.mark.peer("ip", "debootstrap", "systemd-nspawn")]


def field(package: Path, name: str) -> str:
    return subprocess.run(
        ["dpkg-deb", "--field", package, name], capture_output=True, text=True, check=True
    ).stdout.strip()  # fmt: skip


def listed(package: Path) -> list[str]:
    shown = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True)
    return shown.stdout.splitlines()


def test_it_has_nothing_of_the_machine_that_built_it(package: Path) -> None:
    """It is not compressed, so that all of its bytes can be looked at."""
    content = package.read_bytes()
    assert b"/opt/ctibridge/lib/python3" in content, "else this looked at nothing"
    for path in (str(packages.ROOT), sys.prefix, "/tmp/tmp."):  # noqa: S108
        assert path.encode() not in content, path


def test_its_files_are_roots_and_nobody_else_may_write_them(package: Path) -> None:
    lines = [line.split(None, 5) for line in listed(package)]
    assert {owner for _, owner, *_ in lines} == {"root/root"}
    assert [path for mode, *_, path in lines if mode[0] != "l" and "w" in mode[5] + mode[8]] == []
    assert [path for mode, *_, path in lines if "s" in mode] == []
    modes = {path: mode for mode, *_, path in lines}
    assert modes["./etc/ctibridge/secrets/"] == "drwxr-x---"
    assert modes["./etc/ctibridge/ctibridge.toml"] == "-rw-r-----"


def test_it_asks_for_the_python_that_it_was_built_with(package: Path) -> None:
    assert field(package, "Version") == __version__
    (python,) = {
        found[1] for line in listed(package) if (found := re.search(r"/lib/(python3\.\d+)/site-packages/", line))
    }
    assert field(package, "Depends").startswith(f"{python}, libc6 (>= 2.")


def test_it_has_the_units_of_the_tree_the_pages_and_the_sample(package: Path) -> None:
    paths = {line.split(None, 5)[5].split(" -> ")[0].removeprefix(".") for line in listed(package)}
    units = {f"/lib/systemd/system/{path.name}" for path in (packages.ROOT / "systemd").glob("*.service")}
    docs = {
        f"/usr/share/doc/ctibridge/{path.relative_to(packages.ROOT)}" for path in packages.ROOT.glob("docs/**/*.md")
    }
    assert units | docs <= paths
    assert "/usr/share/doc/ctibridge/examples/directory/people.csv" in paths
    assert "/usr/bin/ctibridge" in paths
    assert not {path for path in paths if "pyvoip" in path.lower() or path.endswith("/pip/")}


@pytest.mark.skipif(packages.LONG not in os.environ, reason="half a minute: make boot")
def test_the_same_tree_makes_the_same_package(package: Path, tmp_path: Path) -> None:
    again = packages.build(tmp_path, PYTHONHASHSEED="1")
    assert again.read_bytes() == package.read_bytes()
