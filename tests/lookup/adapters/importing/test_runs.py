"""Text cut where another account begins: as if every row had been read."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup.adapters.importing import runs
from ctibridge.lookup.adapters.importing.runs import Run, cut
from ctibridge.lookup.sheets import SHEETS, Chunk, Refused, Row
from ctibridge.lookup.sources.csv import Parser
from ctibridge.lookup.sources.files import open_tables
from tests.lookup.adapters.files import write

PEOPLE = SHEETS["people"]
PARSE = Parser(PEOPLE, ("account", "id", "name"), ",")
TEXT = st.text(st.sampled_from('a,"\n\r b'), max_size=60)


def chunk(text: str) -> Chunk:
    return Chunk("people.csv", 2, text, 0)


def test_runs_of_one_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "FEWEST_ROWS", 1)
    found = cut(chunk('acme,p1,One\nacme,p2,"Two, Too"\n\nzeta,p1,N\nacme,p3,Three\n'), PEOPLE, PARSE)
    assert found == [
        Run("acme", 2, 2, b'acme,p1,One\nacme,p2,"Two, Too"\n'),
        Run("zeta", 5, 1, b"zeta,p1,N"),
        Run("acme", 6, 1, b"acme,p3,Three\n"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'acme,p1,"One\nTwo"\n',  # a row of two lines
        'acme,p1,"One"x\n',  # not as it should be
        "acme,p1,One\racme,p2,Two\r",
        "acme,p1,Andr\udce9\n",  # a byte of another encoding
        "".join(f"a{number},p1,N\n" for number in range(100)),  # sorted by nobody
    ],
    ids=["two lines", "behind a quote", "carriage returns", "encoding", "unsorted"],
)
def test_what_has_to_be_read(text: str) -> None:
    assert cut(chunk(text), PEOPLE, PARSE) is None


def test_files_of_other_kinds_have_to_be_read(tmp_path: Path) -> None:
    people = tmp_path / "people.jsonl"
    people.write_text('{"account": "acme", "id": "p1", "name": "One"}\n')
    (table,) = open_tables([people])
    assert cut(next(table.chunks), table.sheet, table.parse) is None
    (table,) = open_tables([write(tmp_path / "files", {"people": "id,account,name\np1,acme,One\n"})])
    assert cut(next(table.chunks), table.sheet, table.parse) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('acme,p1,One\nacme,p2,"Two, Too"\n', [(7, ["acme", "p1", "One"]), (8, ["acme", "p2", "Two, Too"])]),
        ("acme,p1,One\r\n", [(7, ["acme", "p1", "One"])]),
        ("acme,p1,One\n\nacme,p2,Two\n", None),
        ("acme,p1\n", None),
        ("acme,p1,O\0ne\n", None),
        ("account,id,name\n", None),
        ("acme,p1,%s\n" % ("x" * 200_000), None),
    ],
    ids=["quotes", "carriage return", "empty line", "too short", "no text", "header", "too long"],
)
def test_rows_of_a_run(text: str, expected: list[tuple[int, list[str]]] | None) -> None:
    before = csv.field_size_limit(131_072)
    assert runs.rows(PARSE, 7, text) == expected
    csv.field_size_limit(before)


@given(st.lists(st.tuples(st.sampled_from(["acme", "zeta", " acme", ""]), TEXT), max_size=8), st.booleans())
def test_the_same_rows_with_the_same_lines(drawn: list[tuple[str, str]], quoted: bool) -> None:
    """Rows as a program writes them, and texts as nobody should."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\n").writerows([account, "p1", text] for account, text in drawn)
    text = written.getvalue() if quoted else "".join(f"{account},p1,{text}\n" for account, text in drawn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "FEWEST_ROWS", 0)
        found = cut(chunk(text), PEOPLE, PARSE)
    if found is not None:
        of_runs = [(run, PARSE(Chunk("people.csv", run.line, run.data.decode(), 0))) for run in found]
        assert [row for _, rows in of_runs for row in rows] == PARSE(chunk(text))
        for run, rows in of_runs:
            # Others are nobody's account; their rows are read at once.
            if run.account in {"acme", "zeta"}:
                fast = runs.rows(PARSE, run.line, run.data.decode())
                if fast is not None:
                    assert [Row(line, dict(zip(PARSE.names, cells, strict=True))) for line, cells in fast] == rows
                named = {row.key[0] if isinstance(row, Refused) else row.cells["account"] for row in rows}
                assert named == {run.account}
                assert len(rows) == run.rows
