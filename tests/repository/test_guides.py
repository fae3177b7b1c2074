"""What people are told to read and to type: every link leads somewhere, every command is one, every table of the
configuration holds."""

import re
import shlex
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from ctibridge import config
from ctibridge.cli import parser
from tests.repository.test_docs import ROOT, blocks, keep, prose, tables, words

README = ROOT / "README.md"
EXAMPLES = ROOT / "examples" / "README.md"
INDEX = ROOT / "docs" / "index.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
GUIDES = (README, ROOT / "CHANGELOG.md", EXAMPLES, *DOCS)
WEBHOOKS = ROOT / "docs" / "webhooks.md"


def links(path: Path) -> set[Path]:
    """Where a document leads to within the repository."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", prose(path))
    return {(path.parent / target).resolve() for target in targets if not target.startswith("https://")}


def commands(path: Path) -> list[list[str]]:
    """What is typed behind `ctibridge`, of whole lines within fences."""
    fenced = re.findall(r"^```[a-z]*\n(.*?)^```", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ") for block in fenced for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if re.match("ctibridge [a-z]", line)]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_link_leads_somewhere(guide: Path) -> None:
    assert {target for target in links(guide) if not target.exists()} == set()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_table_stands_apart_from_the_sentence_before_it(guide: Path) -> None:
    """Some readers of Markdown take it for the end of that sentence."""
    assert re.findall(r"^[^|#\n].*\n\|.*", prose(guide), re.MULTILINE) == []


def test_each_document_is_in_the_map_that_the_readme_leads_to() -> None:
    assert INDEX in links(README)
    assert {*DOCS, EXAMPLES} - links(INDEX) - {INDEX} == set()


def test_each_command_that_is_named_in_a_sentence_is_one() -> None:
    """Its own help has its options; of `one|other` the first is looked at."""
    found = {words for guide in GUIDES for words in re.findall(r"`ctibridge ([a-z][^`]*)`", prose(guide))}
    assert len(found) > 20
    for each in found:
        words = shlex.split(re.sub(r"\|\w+|…", "", each), comments=True)
        with redirect_stdout(StringIO()) as said, pytest.raises(SystemExit) as ended:
            parser().parse_args([*words, "--help"])
        assert ended.value.code == 0, each
        assert [word for word in words if word.startswith("--") and word not in said.getvalue()] == [], each


def test_each_command_that_is_shown_is_understood() -> None:
    shown = [words for guide in GUIDES for words in commands(guide)]
    assert len(shown) > 5
    for each in shown:
        parser().parse_args(each)


def test_each_room_stands_in_the_map() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (rows,) = [rows for head, rows in tables(text) if head[0] == "room"]
    rooms = {path.name + "/" * path.is_dir() for path in (ROOT / "ctibridge").iterdir() if path.name[0] != "_"}
    assert {name for row in rows for name in words(row[0])} == rooms


@pytest.mark.parametrize("guide", [WEBHOOKS, EXAMPLES], ids=lambda path: path.name)
def test_each_receiver_that_is_shown_is_accepted(guide: Path, tmp_path: Path) -> None:
    shown = blocks(guide, "toml")
    for block in shown:
        (secret,) = re.findall(r'file = "([^"]+)"', block)
        keep(tmp_path / secret, "whsec_" + "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0")
        keep(tmp_path / "ctibridge.toml", block)
        (webhook,) = config.load(tmp_path / "ctibridge.toml").webhook
        assert webhook.secret is not None
        assert config.read_secret(webhook.secret, "webhook", tmp_path)
    assert shown
