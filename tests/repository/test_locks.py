"""The lock files hold what pyproject.toml asks for, each with hashes, and nothing of the machine that wrote them."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
RUN = [*PROJECT["project"]["dependencies"], *EXTRAS["fast"]]
WANTED = [*RUN, *PROJECT["build-system"]["requires"]]

PIN = re.compile(r"^([\w.-]+)==[^\s;]+( ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMENT = re.compile(r"^    #( |$)")


def name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize(
    ("lock", "wanted"), [("dev", WANTED + EXTRAS["dev"]), ("demo", WANTED + EXTRAS["softphone"]), ("run", RUN)]
)
def test_a_lock_pins_and_hashes_all_that_is_wanted(lock: str, wanted: list[str]) -> None:
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    pins = [match[1] for line in lines if (match := PIN.match(line))]
    assert {name(requirement) for requirement in wanted} <= set(pins), "run make lock"
    strangers = [line for line in lines if not (PIN.match(line) or HASH.match(line) or COMMENT.match(line))]
    assert strangers == []


def test_the_locks_agree() -> None:
    """Two share one environment, and the third is what the tests of the first were about."""
    pins = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE))
        for lock in ("dev", "demo", "run")
    ]
    for other in pins[1:]:
        assert {package for package in pins[0].keys() & other if pins[0][package] != other[package]} == set()


def test_the_package_takes_nothing_that_only_the_tests_know() -> None:
    """What is installed is in the lock that the tests run with, and the softphone, which is under GPL, is not in it."""
    dev, run = ((ROOT / "requirements" / f"{lock}.txt").read_text().splitlines() for lock in ("dev", "run"))
    names = [{match[1] for line in lines if (match := PIN.match(line))} for lines in (dev, run)]
    assert names[1] <= names[0]
    assert "pyvoip" not in names[1]


def test_the_lock_of_the_page_pins_by_hash_and_names_no_registry() -> None:
    """`npm install --omit-lockfile-registry-resolved`: else it would fetch from where its writer did."""
    folder = ROOT / "requirements" / "page"
    wanted = json.loads((folder / "package.json").read_text())["devDependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    packages = {path.removeprefix("node_modules/"): package for path, package in locked.items() if path}
    assert {name: package["version"] for name, package in packages.items()} == wanted
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert "resolved" not in (folder / "package-lock.json").read_text()
