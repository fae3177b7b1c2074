from pathlib import Path

import pytest

from ctibridge.lookup.sheets import SHEETS, Refused, Row, Table
from ctibridge.lookup.sources.csv import WrongHeader, read
from ctibridge.lookup.sources.encoding import Unreadable

PEOPLE = SHEETS["people"]


def opened(tmp_path: Path, text: str, encoding: str = "utf-8", sheet: str = "people") -> Table:
    path = tmp_path / f"{sheet}.csv"
    path.write_bytes(text.encode(encoding))
    return read(path, SHEETS[sheet])


def rows(table: Table) -> list[tuple[int, str]]:
    return [(row.line, row.cells["name"]) for row in table.rows if isinstance(row, Row)]


@pytest.mark.parametrize(("delimiter", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiter_and_encoding_are_recognised(tmp_path: Path, delimiter: str, name: str, encoding: str) -> None:
    text = "account,id,name,phones\nacme,p1,Jürgen Weiß,work:1\n".replace(",", delimiter)
    table = opened(tmp_path, text, encoding)
    assert table.form.endswith(f", {name}")
    assert rows(table) == [(2, "Jürgen Weiß")]


def test_the_delimiter_is_the_one_by_which_columns_are_known(tmp_path: Path) -> None:
    table = opened(tmp_path, '"account";"id";"name"\nacme;p1;"a,b,c,d"\n')
    assert table.form == "UTF-8, semicolon"
    assert rows(table) == [(2, "a,b,c,d")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "no header"),
        ("\n", "no header"),
        ("account,id,name,nmae\n", "'nmae'"),
        ("account,id,name,\n", "''"),
        ("account,id\n", "column name is missing"),
        ("account,id,name,Name\n", "column name stands there twice"),
        ("acme,p1,Regula\nacme,p2,Urs\n", "'acme'"),  # a file without header
    ],
)
def test_a_header_that_does_not_fit(tmp_path: Path, text: str, names: str) -> None:
    with pytest.raises(WrongHeader, match=rf"people\.csv: .*{names}"):
        opened(tmp_path, text)


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    text = 'account,id,name\nacme,p1,One\n\nacme,p2,"Two\nlines"\nacme,p3,Three\n'
    assert rows(opened(tmp_path, text)) == [(2, "One"), (4, "Two\nlines"), (6, "Three")]


def test_line_ends_of_every_system(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, "account,id,name\r\nacme,p1,One\r\nacme,p2,Two")) == [(2, "One"), (3, "Two")]


def test_a_row_of_another_width_is_refused(tmp_path: Path) -> None:
    table = opened(tmp_path, "account,id,name\nacme,p1\nacme,p2,Two\nacme,p3,Frei, Regula\n")
    refused = [row for row in table.rows if isinstance(row, Refused)]
    assert [(one.file, one.line, one.key) for one in refused] == [
        (str(tmp_path / "people.csv"), 2, ("acme", "p1")),
        (str(tmp_path / "people.csv"), 4, ("acme", "p3")),
    ]
    assert "4 cells under 3 columns" in refused[1].reason


def test_a_quote_that_is_never_closed_ends_in_words(tmp_path: Path) -> None:
    table = opened(tmp_path, 'account,id,name\nacme,p1,"' + "x\n" * 600_000)
    with pytest.raises(Unreadable, match=r"people\.csv:2: "):
        list(table.rows)


def test_columns_are_named_in_their_one_spelling(tmp_path: Path) -> None:
    table = opened(tmp_path, "Number,Account,Name,greeting_de_ch\n", sheet="service_numbers")
    assert table.columns == ("number", "account", "name", "greeting_de-CH")
