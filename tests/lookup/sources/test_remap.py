import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from ctibridge.lookup.sources import template
from ctibridge.lookup.sources.remap import LONGEST_LOOKED_AT, Condition, Remap, WrongMap

REMAP = Remap(
    "map.toml: file[0]",
    {"id": template.parse("Nr"), "name": template.parse("{Vor} {Nach}"), "language": template.parse("Sprache")},
    {"account": "acme"},
    {"language": {"D": "de", "": "en"}},
    (Condition("Status", among=frozenset({"active"})),),
)
ROW = {"Nr": "7", "Vor": "Regula", "Nach": "Frei", "Sprache": "D", "Status": "active", "Lohn": "1"}


def test_a_row_becomes_one_of_ours() -> None:
    assert REMAP.row(ROW) == {"id": "7", "name": "Regula Frei", "language": "de", "account": "acme"}
    assert tuple(REMAP.row(ROW) or ()) == REMAP.columns


@pytest.mark.parametrize(("text", "language"), [("D", "de"), (" D ", "de"), ("F", "F"), ("", "en")])
def test_values(text: str, language: str) -> None:
    assert REMAP.cells({**ROW, "Sprache": text})["language"] == language


def test_a_row_that_is_not_wanted() -> None:
    assert REMAP.row({**ROW, "Status": "left"}) is None


@pytest.mark.parametrize(
    ("condition", "text", "holds"),
    [
        (Condition("c", among=frozenset({"a", "b"})), " a ", True),
        (Condition("c", among=frozenset({"a"})), "A", False),
        (Condition("c", among=frozenset({""})), "", True),
        (Condition("c", not_among=frozenset({"a"})), "b", True),
        (Condition("c", not_among=frozenset({"a"})), "a", False),
        (Condition("c", matches=re.compile("^[0-9]+$")), "12", True),
        (Condition("c", matches=re.compile("^[0-9]+$")), "12a", False),
        (Condition("c", filled=True), " ", False),
        (Condition("c", filled=True), "x", True),
        (Condition("c", filled=False), "", True),
        (Condition("c", filled=False), "x", False),
        (Condition("c", among=frozenset({"a"}), not_among=frozenset({"a"})), "a", False),
        (Condition("c", matches=re.compile("z")), "x" * LONGEST_LOOKED_AT + "z", False),
    ],
)
def test_conditions(condition: Condition, text: str, holds: bool) -> None:
    cells: Mapping[str, str] = {"c": text}
    assert condition.holds(cells) is holds


def test_the_header_of_an_export() -> None:
    header = [" Nr ", "Vor", "Nach", "Sprache", "Status", "Lohn", ""]
    assert REMAP.names(header, Path("hr.txt")) == ("Nr", "Vor", "Nach", "Sprache", "Status", "Lohn", "")
    assert REMAP.ignored(REMAP.names(header, Path("hr.txt"))) == ("Lohn",)


def test_a_column_that_is_missing_shows_the_others_without_what_a_quote_has_swallowed() -> None:
    with pytest.raises(WrongMap) as error:
        REMAP.names(["Nr", "Vor\x1b[31m", "Tel\nacme,p1,Jo Doe,+4930"], Path("hr.txt"))
    assert "it has Nr, Vor[31m, Tel" in str(error.value)
    assert "Jo Doe" not in str(error.value)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Nr,Vor,Nachn,Sprache,Status", r"file\[0\]\.columns\.name: hr.txt has no column 'Nach'; did you mean 'Nachn'"),
        ("Nr,Vor,Nach,Sprache", r"file\[0\]\.keep\[0\]\.column: hr.txt has no column 'Status'; it has Nr, Vor"),
        ("Nr,Nr,Vor,Nach,Sprache,Status", r"file\[0\]\.columns\.id: hr.txt has column 'Nr' twice"),
    ],
)
def test_a_header_that_does_not_fit(header: str, says: str) -> None:
    with pytest.raises(WrongMap, match=says):
        REMAP.names(header.split(","), Path("hr.txt"))


def test_what_nobody_asks_for_may_stand_there_twice() -> None:
    REMAP.names(["Nr", "Vor", "Nach", "Sprache", "Status", "Lohn", "Lohn"], Path("hr.txt"))


def test_another_process_gets_the_same() -> None:
    assert pickle.loads(pickle.dumps(REMAP)).row(ROW) == REMAP.row(ROW)  # noqa: S301 - made here
