"""All that `check` can ask for stands on the page, each with its own mend."""

import re

from tests.repository.test_docs import ROOT, tables
from tools.reference import findings
from tools.reference.templates import GAP

MAKES = re.compile(r"\b(Finding|note)\(")
CHECK = ROOT / "docs" / "check.md"


def test_each_module_that_finds_something_is_looked_at() -> None:
    makers = {path.stem for path in findings.CHECKS.glob("*.py") if MAKES.search(path.read_text(encoding="utf-8"))}
    assert makers - findings._SUBJECTS.keys() == set(), "say in tools/reference/findings.py of which subject they are"


def test_no_row_is_without_a_name() -> None:
    assert [one for one in findings.troubles() if GAP in one.what or not one.text] == []


def test_the_rows_that_check_md_explains_are_those_that_the_code_finds() -> None:
    """Of those that ask for something; some never do."""
    (rows,) = [rows for head, rows in tables(CHECK.read_text()) if head[:2] == ["subject", "what"]]
    explained = {(row[0], what.strip()) for row in rows for what in row[1].split(",")}
    silent = {("redis", "redis disk"), ("store", "store file"), ("store", "desks file")}
    assert explained - silent == {(one.subject, one.what) for one in findings.troubles()}


def test_a_text_has_the_mend_that_is_said_with_it() -> None:
    mends = {(one.kind, one.text): one.mend for one in findings.troubles()}
    text = "none, and … is reached from other machines without encryption"
    assert mends["NOTE", text] == "listen at 127.0.0.1, put a proxy with TLS before it and write public_url"
    assert mends["MEND", "damaged: …"].startswith(("restore it", "stop ctibridge"))
    assert mends["NOTE", "imported in the future: …"] == "set the clock, then import again"
