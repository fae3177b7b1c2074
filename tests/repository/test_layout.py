"""Where things stand: a test file for each module, names that say what is inside, files that can be read in one go."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ctibridge"
OURS = ("ctibridge", "tests", "bench", "examples", "tools")
CODE = {".py", ".js", ".css", ".html", ".sh", ".cfg"}
LONGEST = 350

# Names for what has not been named yet.
NAMELESS = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}

# path -> why it is longer than LONGEST lines.
LONGER: dict[str, str] = {}


def code_files() -> Iterator[Path]:
    for folder in OURS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix in CODE)


def mirror(module: Path) -> Path:
    """ctibridge/sip/via.py -> tests/sip/test_via.py"""
    return ROOT / "tests" / module.relative_to(PACKAGE).with_name(f"test_{module.name}")


def test_every_module_has_its_test() -> None:
    exempt = {"__init__.py", "__main__.py"}  # they gather others and run them
    modules = [path for path in PACKAGE.rglob("*.py") if path.name not in exempt]
    missing = sorted(str(mirror(module).relative_to(ROOT)) for module in modules if not mirror(module).exists())
    assert missing == []


def test_names_say_what_is_inside() -> None:
    assert [path for path in code_files() if NAMELESS & {*path.parent.parts, path.stem}] == []


def test_no_file_is_too_long() -> None:
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in code_files()}
    long = {path: length for path, length in lengths.items() if length > LONGEST}
    assert long.keys() - LONGER.keys() == set(), "at 350 lines ask whether two nouns live together"
    assert LONGER.keys() - long.keys() == set(), "no longer long: take it off the list"


def test_tests_are_packages() -> None:
    """Else two test files of one name would be one module to pytest."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
