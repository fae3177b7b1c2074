import os
import pickle
from pathlib import Path

import pytest

from ctibridge.lookup.sheets import SHEETS, Refused, Row, Table
from ctibridge.lookup.sources import plain_file
from ctibridge.lookup.sources.csv import WrongHeader, read
from ctibridge.lookup.sources.encoding import Unreadable
from ctibridge.lookup.sources.remap import Condition, Remap, WrongMap
from ctibridge.lookup.sources.template import parse as template


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
        ("account,,id,name\n", "''"),
        ("PK\x03\x04account,id,name\n", "no text; save it as CSV"),
        ("account,id,na\0me\n", "no text; save it as CSV"),
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


def test_a_quote_left_open_near_the_end_does_not_swallow_the_people_behind_it(tmp_path: Path) -> None:
    """The reader of the standard library makes one name of them all and says nothing."""
    table = opened(tmp_path, 'account,id,name\nacme,p1,One\nacme,p2,"Two\nacme,p3,Three\nacme,p4,Four\n')
    with pytest.raises(Unreadable, match=r"people\.csv:3: a quote is opened in this row and never closed"):
        list(table.rows)


@pytest.mark.parametrize(
    "text",
    [
        'acme,p2,"Two\nacme,p3,Three\nacme,p4,"Four"\nacme,p5,Five\n',  # one cell of three people, and no fault
        '"acme","p2","Two\n"acme","p3","Three"\n"acme","p4","Four"\n',
    ],
)
def test_a_quote_left_open_is_closed_by_the_next_cell_and_the_people_between_are_not_lost_in_silence(
    tmp_path: Path, text: str
) -> None:
    """With --replace they would have been removed."""
    table = opened(tmp_path, f"account,id,name\n{text}")
    with pytest.raises(
        Unreadable, match=r"people\.csv:2: a quote is opened in this row and closed in the midst of line"
    ):
        list(table.rows)


def test_a_row_of_several_lines_and_another_width_says_how_far_it_goes(tmp_path: Path) -> None:
    (refused, _) = opened(tmp_path, 'account,id,name\nacme,p2,"Two\nlines",3\nacme,p5,Five\n').rows
    assert isinstance(refused, Refused)
    assert "goes on for 1 more lines: is a quote open?" in refused.reason


def test_delimiters_that_a_program_left_at_the_end_of_every_row(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, "account;id;name;;\nacme;p1;One;;\n")) == [(2, "One")]
    assert rows(opened(tmp_path, "account,id,name\nacme,p1,One,\nacme,p2,Two,,,\n")) == [(2, "One"), (3, "Two")]
    (refused,) = opened(tmp_path, "account;id;name;\nacme;p1;One;1\n").rows
    assert isinstance(refused, Refused)


def test_lines_that_end_as_on_an_old_macintosh(tmp_path: Path) -> None:
    assert rows(opened(tmp_path, "account,id,name\racme,p1,One\r\racme,p2,Two\r")) == [(2, "One"), (4, "Two")]


def test_two_files_joined_with_mark_and_header(tmp_path: Path) -> None:
    text = "\ufeffAccount,ID,name\nacme,p1,One\n\ufeffAccount,ID,name\n\ufeffacme,p2,Two\n"
    found = list(opened(tmp_path, text).rows)
    assert [row.cells["id"] for row in found if isinstance(row, Row)] == ["p1", "p2"]
    (refused,) = (row for row in found if isinstance(row, Refused))
    assert (refused.line, refused.reason) == (3, "the header once more; were two files joined?")


@pytest.mark.parametrize("byte", [b"\0", b"\xe8"])
def test_a_row_with_a_byte_that_is_no_text_is_left_out_and_the_rest_is_taken(tmp_path: Path, byte: bytes) -> None:
    path = tmp_path / "people.csv"
    text = "account,id,name\nacme,p1,Zürich\nacme,p2,Gen@ve\nacme,p3,Bâle\n"
    path.write_bytes(text.encode().replace(b"@", byte))
    table = read(path, SHEETS["people"])
    found = list(table.rows)
    assert table.form == "UTF-8, comma"
    assert [row.cells["name"] for row in found if isinstance(row, Row)] == ["Zürich", "Bâle"]
    (refused,) = (row for row in found if isinstance(row, Refused))
    assert (refused.line, refused.key) == (3, ("acme", "p2"))
    assert "no text in the encoding of the file" in refused.reason


def test_rows_are_the_same_whatever_the_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "account,id,name\n" + "".join(
        f'acme,p{n},"Zürich, {n}\nHaus ""{n}"""\r\nacme,q{n},5" {n}\r' for n in range(50)
    )
    whole = list(opened(tmp_path, text).rows)
    assert len(whole) == 100
    for block in (64, 65, 100, 1000):
        monkeypatch.setattr(plain_file, "BLOCK", block)
        table = opened(tmp_path, text)
        pieces = list(table.chunks)
        assert len(pieces) > 1
        assert [row for piece in pieces for row in table.parse(piece)] == whole


def test_another_process_reads_a_chunk_as_we_do(tmp_path: Path) -> None:
    table = opened(tmp_path, "account,id,name\nacme,p1,One\nacme,p2,\n")
    (chunk,) = table.chunks
    parse, piece = pickle.loads(pickle.dumps((table.parse, chunk)))  # noqa: S301 - made here
    assert parse(piece) == table.parse(chunk)
    assert (chunk.line, chunk.read, table.size) == (2, table.size, (tmp_path / "people.csv").stat().st_size)


def test_a_file_that_changes_between_header_and_rows(tmp_path: Path) -> None:
    table = opened(tmp_path, "account,id,name\nacme,p1,One\n")
    with (tmp_path / "people.csv").open("a") as file:
        file.write("acme,p2,Two\n")
    with pytest.raises(Unreadable, match="changed while it was read; import it again"):
        list(table.rows)


@pytest.mark.parametrize(("text", "line"), [("", 1), ("account,id,name\n", 2), ("account,id,name\nacme,p1,One\n", 3)])
def test_ten_gigabytes_of_nothing(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    os.truncate(path, 10 << 30)
    with pytest.raises((Unreadable, WrongHeader), match=rf"people\.csv:{line}: a line of more|people\.csv: no text"):
        list(read(path, SHEETS["people"]).rows)


def test_a_header_without_end(tmp_path: Path) -> None:
    with pytest.raises(WrongHeader, match=r"people\.csv:1: more than 65,536 characters, so it is no header"):
        opened(tmp_path, "account," * 200_000)


@pytest.mark.parametrize(
    "text",
    [
        f"account,id,{'x' * 140_000}\nacme,p1,One\n",
        "account,id,name" + "," * 200_000 + "\nacme,p1,One\n",
        "x" * 300_000,
        f'account,id,"{"x" * 140_000}"\nacme,p1,One\n',
    ],
    ids=["one cell over the limit of csv", "commas that a program left", "one line", "one quoted cell"],
)
def test_a_first_line_that_csv_cannot_read_is_one_clear_line_and_no_traceback(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongHeader, match=r"people\.csv:1: more than 65,536 characters.*each row stands") as error:
        opened(tmp_path, text)
    assert len(str(error.value)) < len(str(tmp_path)) + 200


def test_of_a_file_of_one_line_only_the_beginning_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_so_far = 0
    before = plain_file.PlainFile._read

    def counted(file: plain_file.PlainFile, at: int) -> bytes:
        nonlocal read_so_far
        block = before(file, at)
        read_so_far += len(block)
        return block

    monkeypatch.setattr(plain_file.PlainFile, "_read", counted)
    path = tmp_path / "people.csv"
    with path.open("wb") as file:
        file.write(b"account,id,name,")
        file.truncate(200_000_000)  # NUL: no text; what is said first
    with pytest.raises(WrongHeader, match="no text"):
        read(path, SHEETS["people"])
    assert read_so_far < 10_000_000


PEOPLE = "".join(f"acme,p{n},Person {n},work:+4930231250{n:02}\n" for n in range(50))


@pytest.mark.parametrize(
    "behind",
    [PEOPLE, PEOPLE + 'acme,q,"Weiss, Anna",\n' + PEOPLE, PEOPLE * 200],
    ids=["to the end", "to the next quote", "farther than is looked"],
)
@pytest.mark.parametrize("mapped", [False, True])
def test_an_open_quote_in_the_header_is_said_without_the_people_that_it_swallows(
    tmp_path: Path, behind: str, mapped: bool
) -> None:
    path = tmp_path / "people.csv"
    path.write_text('account,id,name,"phones\n' + behind)
    remap = Remap("map", {"id": template("id"), "name": template("Name")}, {"account": "acme"}) if mapped else None
    with pytest.raises(WrongHeader, match=r"people\.csv:1: a quote is opened in .* and never closed") as error:
        read(path, SHEETS["people"], remap)
    assert "Person" not in str(error.value)
    assert "+49" not in str(error.value)
    assert "phones" in str(error.value)


def test_a_header_in_quotes_over_two_lines_that_fit_is_one(tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text('Konto,Nr,"Name\nder Person"\nacme,p1,Jo\n')
    remap = Remap("map", {"account": template("Konto"), "id": template("Nr"), "name": template("Name\nder Person")})
    assert rows(read(path, SHEETS["people"], remap)) == [(3, "Jo")]


def test_a_header_without_line_end_whose_quote_is_open(tmp_path: Path) -> None:
    with pytest.raises(WrongHeader, match=r":1: a quote is opened"):
        opened(tmp_path, 'account,id,name,"phones')


def test_an_unknown_column_is_shown_short_and_on_one_line_and_cannot_paint_the_terminal(tmp_path: Path) -> None:
    heading = "\x1b[31mnmae" + "x" * 100
    with pytest.raises(WrongHeader) as error:
        opened(tmp_path, f'account,id,name,"{heading}\nacme,p1,Jo Doe"\n')
    text = str(error.value)
    assert "unknown column '[31mnmae" in text
    assert "x" * 40 not in text
    assert "Jo Doe" not in text
    assert text.isprintable()


EXPORT = "Nr|Name|Tel|Lohn|Status\n7|Łucja|1|2|active\n8|Ola|3|4|left\n9|x|y\n"
REMAP = Remap(
    "map.toml: file[0]",
    {"id": template("Nr"), "name": template("Name"), "phones": template("work:{Tel}")},
    {"account": "acme"},
    keep=(Condition("Status", not_among=frozenset({"left"})),),
)


def test_an_export_with_other_names(tmp_path: Path) -> None:
    path = tmp_path / "HR_Export.txt"
    path.write_bytes(EXPORT.encode("cp1250"))
    remap = Remap(REMAP.place, REMAP.templates, REMAP.constants, keep=REMAP.keep, delimiter="|", encoding="cp1250")
    table = read(path, SHEETS["people"], remap)
    assert (table.form, table.columns) == ("cp1250, bar", ("id", "name", "phones", "account"))
    assert table.ignored == ("Lohn",)
    row, refused = table.rows
    assert row == Row(2, {"id": "7", "name": "Łucja", "phones": "work:1", "account": "acme"})
    assert isinstance(refused, Refused)
    assert (refused.line, refused.key) == (4, ("acme", "9"))  # so that its person is not taken for gone


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_of_an_export_is_recognised_by_what_the_map_asks_for(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "export.txt"
    path.write_text(EXPORT.replace("|", sign))
    assert len(list(read(path, SHEETS["people"], REMAP).rows)) == 2


def test_an_export_without_a_column_that_the_map_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text(EXPORT.replace("Tel", "Telefon"))
    with pytest.raises(WrongMap, match=r"file\[0\]\.columns\.phones: .*export\.txt has no column 'Tel'; did you mean"):
        read(path, SHEETS["people"], REMAP)


def test_columns_are_named_in_their_one_spelling(tmp_path: Path) -> None:
    table = opened(tmp_path, "Number,Account,Name,greeting_de_ch\n", sheet="service_numbers")
    assert table.columns == ("number", "account", "name", "greeting_de-CH")
