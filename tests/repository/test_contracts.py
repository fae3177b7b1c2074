"""Every import contract and the ban on the clock bite: a violation is seeded into a copy and has to be caught."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORES = ("calls", "cluster", "delivery", "domain", "lookup", "selftest", "sip", "watch")
ADAPTERS = (
    "cluster/adapters",
    "delivery/adapters",
    "lookup/adapters",
    "lookup/sources",
    "selftest/adapters",
    "sip/adapters",
    "watch/adapters",
)


@dataclass(frozen=True)
class Seed:
    """file and imported are dotted and below ctibridge, `imported` may also name what is not ours."""

    contract: str
    file: str
    imported: str

    def __str__(self) -> str:
        return f"{self.file}->{self.imported}"


SEEDS = [
    Seed("rooms", "domain.seed", "ctibridge.lookup"),
    Seed("rooms", "domain.seed", "ctibridge.fields"),
    Seed("rooms", "calls.seed", "ctibridge.sip.events"),
    Seed("rooms", "calls.seed", "ctibridge.lookup"),
    Seed("rooms", "lookup.seed", "ctibridge.delivery"),
    Seed("rooms", "delivery.adapters.seed", "ctibridge.calls"),
    Seed("rooms", "lookup.seed", "ctibridge.config"),
    Seed("rooms", "utils", "re"),
    Seed("rooms", "config", "ctibridge.cli"),
    Seed("sip-alone", "sip.seed", "ctibridge.domain.call"),
    Seed("sip-alone", "sip.adapters.seed", "ctibridge.domain"),
    Seed("settings", "config", "ctibridge.lookup.seed"),
    Seed("app", "__main__", "ctibridge.app"),
    Seed("flow", "cli.seed", "ctibridge.flow"),
    Seed("demo", "__main__", "ctibridge.demo"),
    Seed("softphone", "demo.seed", "ctibridge.softphone.phone"),
    Seed("adapters", "lookup.seed", "ctibridge.lookup.adapters"),
    Seed("adapters", "sip.seed", "ctibridge.sip.adapters"),
    Seed("adapters", "lookup.adapters.seed", "ctibridge.lookup.sources"),
    *(Seed("pure", f"{room}.seed", "asyncio") for room in CORES),
    Seed("pure", "fields", "time"),
    Seed("pure", "delivery.seed", "prometheus_client"),
    Seed("rooms", "flow.seed", "ctibridge.metrics"),
    Seed("pure", "sip.settings", "starlette.applications"),
    Seed("plain", "calls.seed", "msgspec"),
    Seed("plain", "domain.seed", "phonenumbers"),
    Seed("numbers", "sip.seed", "phonenumbers"),
    Seed("numbers", "delivery.seed", "babel.core"),
]


def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def names() -> dict[str, str]:
    """Contract id -> its name, as the report prints it."""
    prefix = "importlinter:contract:"
    parser = contracts()
    return {title.removeprefix(prefix): parser[title]["name"] for title in parser if title.startswith(prefix)}


def broken_contracts(tree: Path) -> tuple[set[str], str]:
    """import-linter looks at the package of the folder that it is started in."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tree,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    report = done.stdout + done.stderr
    broken = {key for key, name in names().items() if f"\n{name} BROKEN" in report}
    return broken, report


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copy(ROOT / ".importlinter", tmp_path)
    shutil.copytree(ROOT / "ctibridge", tmp_path / "ctibridge", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def plant(tree: Path, module: str, line: str) -> None:
    path = tree / "ctibridge" / f"{module.replace('.', '/')}.py"
    with path.open("a") as file:
        file.write(f"\n{line}\n")


def test_the_tree_itself_keeps_them(tree: Path) -> None:
    broken, report = broken_contracts(tree)
    assert broken == set(), report
    assert " KEPT" in report, report


@pytest.mark.parametrize("seed", SEEDS, ids=str)
def test_a_seeded_violation_is_caught(tree: Path, seed: Seed) -> None:
    if seed.imported.startswith("ctibridge.") and "seed" in seed.imported:
        plant(tree, seed.imported.removeprefix("ctibridge."), "")
    plant(tree, seed.file, f"import {seed.imported}")
    broken, report = broken_contracts(tree)
    assert broken == {seed.contract}, report


def test_every_contract_is_seeded() -> None:
    assert {seed.contract for seed in SEEDS} == set(names())


def test_the_one_door_between_rooms_is_open(tree: Path) -> None:
    plant(tree, "calls.intake", "import ctibridge.sip.events")
    assert broken_contracts(tree)[0] == set()


IMPORTED_AS = {"dnspython": "dns", "prometheus-client": "prometheus_client"}


def test_every_dependency_has_taken_a_side() -> None:
    """A package that no contract names could be imported by every core without a word."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["fast"], *extras["softphone"]]
    packages = {re.split(r"[^\w-]", requirement)[0] for requirement in wanted}
    packages = {IMPORTED_AS.get(package, package) for package in packages}
    parser = contracts()
    sided = {name for title in parser for name in parser[title].get("forbidden_modules", "").split()}
    assert packages - sided == set()


CLOCKS = """
import random, secrets, time, uuid, os
import datetime as dt
from datetime import datetime, UTC, date
from os import urandom
now = datetime.now(UTC)
then = dt.datetime.now(tz=UTC)
late = datetime.utcnow()
today = date.today()
token = urandom(8)
tick = time.monotonic()
"""


def ruff(path: str, rules: str) -> list[int]:
    """The lines of CLOCKS that ruff, configured as it is, objects to if they stood in that file.

    What was banned as it was imported is not reported again where it is used.
    """
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--output-format=json", f"--select={rules}", "--stdin-filename", path],
        cwd=ROOT,
        input=CLOCKS,
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted({found["location"]["row"] for found in json.loads(done.stdout)})


@pytest.mark.parametrize("room", [*CORES, "."])
def test_the_clock_is_banned_from_cores(room: str) -> None:
    assert ruff(f"ctibridge/{room}/seed.py", "TID251") == [2, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("place", [*ADAPTERS, "cli", "demo"])
def test_who_drives_the_machines_may_look_at_the_clock(place: str) -> None:
    assert ruff(f"ctibridge/{place}/seed.py", "TID251") == []


@pytest.mark.parametrize("place", [*CORES, *ADAPTERS])
def test_nobody_has_a_time_without_zone(place: str) -> None:
    assert ruff(f"ctibridge/{place}/seed.py", "DTZ") == [8, 9]
