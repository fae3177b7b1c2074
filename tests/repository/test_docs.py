"""What the documentation of the signalling says, where a test can see it: what it names exists, what it shows works."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctibridge import config

ROOT = Path(__file__).parents[2]
CONFORMANCE = ROOT / "docs" / "conformance.md"
PBXS = sorted((ROOT / "docs" / "pbx").glob("*.md"))
DOCUMENTS = (CONFORMANCE, *PBXS)
SELFTEST = ROOT / "docs" / "selftest.md"
STATES = {"done", "partly", "not", "on purpose"}
KNOWN_BY = re.compile(r"\[[TCRU]\]")
"""Tested here, seen in captures, read in source or documentation, untested."""

# Each option of pjsip.conf that our examples show was looked up in Asterisk's own documentation (pjsip_config.xml).
PJSIP_OPTIONS = {
    "type", "context", "disallow", "allow", "auth", "aors", "allow_subscribe", "subscribe_context",
    "notify_early_inuse_ringing", "auth_type", "username", "password", "max_contacts", "remove_existing",
}  # fmt: skip


def words(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Head and rows of each table."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        yield head, rows


def conformance_rows() -> list[list[str]]:
    text = CONFORMANCE.read_text(encoding="utf-8")
    return [row for head, rows in tables(text) if head[0] == "section" for row in rows]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def module(name: str) -> Path:
    return ROOT / "ctibridge" / "sip" / f"{name}.py"


def file_of(test: str) -> Path:
    return ROOT / test if test.endswith(".py") else ROOT / "tests" / "sip" / f"{test}.py"


def prose(path: Path) -> str:
    """Without what stands in fences."""
    return re.sub(r"^```.*?^```\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def statements(plain: str) -> Iterator[str]:
    """List items with what is indented under them, and rows of tables that say something of a PBX."""
    yield from re.findall(r"^\* .*(?:\n  .*)*", plain, re.MULTILINE)
    for head, rows in tables(plain):
        if head[-1] != "constant":
            yield from (" | ".join(row) for row in rows)


def test_each_row_says_how_far_it_goes_and_where_or_why_not() -> None:
    rows = conformance_rows()
    assert len(rows) > 150
    for row in rows:
        assert len(row) == 5, row
        section, asks, state, where, test = row
        assert state in STATES, row
        assert all((section, asks, where)), row
        assert state not in ("done", "partly") or words(where), f"where? {row}"
        assert state != "done" or words(test), f"which test? {row}"


def test_each_module_that_is_named_exists() -> None:
    named = {name for row in conformance_rows() for name in words(row[3])}
    assert {name for name in named if not module(name).exists()} == set()


def test_each_test_that_is_named_exists() -> None:
    named = {name for row in conformance_rows() for name in words(row[4])}
    assert {name for name in named if not file_of(name).exists()} == set()


def test_each_rfc_that_the_code_cites_has_a_section() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ctibridge" / "sip").rglob("*.py"))
    headings = re.findall(r"^## (.*)$", CONFORMANCE.read_text(encoding="utf-8"), re.MULTILINE)
    sections = {number for heading in headings for number in re.findall(r"RFC ([0-9]{4})", heading)}
    assert set(re.findall(r"RFC ?([0-9]{4})", code)) - sections == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_figures_are_those_of_the_code(document: Path) -> None:
    rows = [
        row for head, rows in tables(document.read_text(encoding="utf-8")) if head[-1] == "constant" for row in rows
    ]
    assert rows
    for _, seconds, constant in rows:
        name, _, attribute = words(constant)[0].rpartition(".")
        found = importlib.import_module(f"ctibridge.sip.{name.replace('/', '.')}")
        assert float(seconds) == getattr(found, attribute), constant


@pytest.mark.parametrize("document", [*DOCUMENTS, SELFTEST], ids=lambda path: path.name)
def test_files_that_are_named_by_their_path_exist(document: Path) -> None:
    named = {name for name in words(prose(document)) if re.match(r"(tests|docs|config|ctibridge)/", name)}
    assert {name for name in named if not any(ROOT.glob(name.rstrip("/")))} == set()


@pytest.mark.parametrize("document", PBXS, ids=lambda path: path.name)
def test_each_statement_says_how_it_is_known(document: Path) -> None:
    silent = [statement for statement in statements(prose(document)) if not KNOWN_BY.search(statement)]
    assert silent == []


@pytest.mark.parametrize(
    ("document", "block"),
    [pytest.param(path, block, id=f"{path.stem}-{n}") for path in PBXS for n, block in enumerate(blocks(path, "toml"))],
)
def test_each_configuration_is_accepted(
    document: Path, block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    for secret in re.findall(r'file = "([^"]+)"', block):
        keep(tmp_path / secret, "secret")
    for credential in re.findall(r'credential = "([^"]+)"', block):
        keep(tmp_path / "credentials" / credential, "secret")
    keep(tmp_path / "6001.secret", "secret")
    keep(tmp_path / "lines.csv", "user,username,password_file,agents\n6001,6001,6001.secret,ana\n")
    keep(tmp_path / "ctibridge.toml", block)
    (trunk,) = config.load(tmp_path / "ctibridge.toml").trunk
    access = config.access_of(trunk, tmp_path)
    assert trunk.name == document.stem
    # Who registers needs the line's own password, who only subscribes needs one of somebody.
    assert all(line.password for line in access.lines) if trunk.registers else access.observer is not None


def test_the_test_line_of_the_selftest_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its two secrets are all that the unit is told to hand over."""
    (block,) = blocks(SELFTEST, "toml")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    for credential in set(re.findall(r"LoadCredential=([^:]+):", SELFTEST.read_text(encoding="utf-8"))):
        keep(tmp_path / "credentials" / credential, "secret")
    keep(tmp_path / "ctibridge.toml", block)
    (trunk,) = config.load(tmp_path / "ctibridge.toml").trunk
    test = trunk.selftest
    assert test is not None
    assert test.password is not None
    assert config.read_secret(test.password, "selftest", tmp_path) == "secret"
    line = config.line_access(trunk, test.phone or "", tmp_path)
    assert line is not None
    assert (line.password, line.agents) == ("secret", (test.agent,))
    assert trunk.alone == "stay"


def keep(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)


def test_each_document_shows_each_way_to_observe() -> None:
    for path in PBXS:
        shown = set(re.findall(r"^observe = (.*)$", "".join(blocks(path, "toml")), re.MULTILINE))
        assert {'["dialog-info"]', '["contact", "dialog-info"]'} <= shown, path.name


def test_no_option_of_asterisk_is_invented() -> None:
    shown = [line for path in PBXS for block in blocks(path, "ini") for line in block.splitlines()]
    options = {line.partition("=")[0].strip() for line in shown if "=" in line.partition(";")[0]}
    assert options <= PJSIP_OPTIONS
    assert options >= PJSIP_OPTIONS, "no longer shown: take it off the list"
