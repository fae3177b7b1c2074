"""The pages that the code writes are as the code is, and say all of it."""

import argparse

import pytest

from ctibridge.cli import parser
from tools.reference import markdown
from tools.reference.__main__ import DOCS, stale
from tools.reference.commands import _commands


def test_no_page_is_older_than_the_code() -> None:
    assert [str(path.relative_to(DOCS)) for path in stale()] == [], "run make docs"


def test_a_page_is_made_below_its_mark_alone() -> None:
    page = f"# By hand\n\n{markdown.MARK}\n\nold\n"
    assert markdown.renewed(page, "new | one\n") == f"# By hand\n\n{markdown.MARK}\n\nnew | one\n"
    with pytest.raises(ValueError, match="no mark"):
        markdown.renewed("# By hand\n", "new")


def test_a_cell_stays_in_its_row() -> None:
    assert markdown.table(("a", "b"), [("x|y", "two\nlines")]) == "| a | b |\n| --- | --- |\n| x\\|y | two lines |\n"


@pytest.mark.parametrize(
    ("heading", "expected"),
    [("The findings", "#the-findings"), ("`[web.sign_in]`", "#websign_in"), ("`call.ringing`", "#callringing")],
)
def test_anchors_are_those_of_github(heading: str, expected: str) -> None:
    assert markdown.anchor(heading) == expected


def test_each_argument_of_each_command_is_explained() -> None:
    silent = {
        f"{one.prog} {action.dest}"
        for one, _ in _commands(parser(), "") for action in one._actions
        if not action.help and action.help != argparse.SUPPRESS
    }  # fmt: skip
    assert silent == set(), "give them help="
