"""Each answer of the security model names a test, and each of them is there."""

import re

import pytest

from tests.repository.test_docs import ROOT, tables, words

DOCUMENT = ROOT / "docs" / "security.md"
ROWS = [row for head, rows in tables(DOCUMENT.read_text(encoding="utf-8")) if head[0] == "threat" for row in rows]


def is_there(named: str) -> bool:
    """`folder/test_x.py` or `folder/test_x.py::test_y`, below tests/."""
    name, _, test = named.partition("::")
    path = ROOT / "tests" / name
    return path.is_file() and (not test or re.search(rf"def {test}\(", path.read_text(encoding="utf-8")) is not None)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_each_answer_is_shown_by_a_test_that_is_there(row: list[str]) -> None:
    assert len(row) == 3
    assert all(row)
    assert words(row[2])
    assert [named for named in words(row[2]) if not is_there(named)] == []


def test_a_test_that_is_gone_would_be_seen() -> None:
    assert len(ROWS) > 30
    assert is_there("repository/test_security.py::test_a_test_that_is_gone_would_be_seen")
    assert not is_there("repository/test_security.py::test_nothing")
    assert not is_there("repository/test_nowhere.py")
