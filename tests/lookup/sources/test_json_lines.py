import pickle
from pathlib import Path

from ctibridge.lookup.sheets import SHEETS, Refused, Row
from ctibridge.lookup.sources.json_lines import read
from ctibridge.lookup.sources.remap import Condition, Remap
from ctibridge.lookup.sources.template import parse as template


def test_values_become_cells(tmp_path: Path) -> None:
    path = tmp_path / "agents.jsonl"
    first = '{"id": "ana", "name": "Ana", "languages": ["de", "en"], "disabled": false, "login": null}'
    path.write_text(f'{first}\n\n{{"id": 7, "name": "B"}}\n')
    table = read(path, SHEETS["agents"])
    assert table.form == "UTF-8, JSON Lines"
    assert list(table.rows) == [
        Row(1, {"id": "ana", "name": "Ana", "languages": "de;en", "disabled": "false", "login": ""}),
        Row(3, {"id": "7", "name": "B"}),
    ]


def test_families_have_the_names_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "service_numbers.jsonl"
    path.write_text('{"number": "7005", "account": "acme", "name": "N", "greeting_de": "Hallo"}\n')
    (row,) = read(path, SHEETS["service_numbers"]).rows
    assert isinstance(row, Row)
    assert row.cells["greeting_de"] == "Hallo"


def test_what_is_no_row_is_refused_and_the_rest_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    lines = [
        "nonsense",
        "[1]",
        '{"account": "acme", "id": "p1", "nmae": "x"}',
        '{"account": "acme", "id": "p2", "name": {"first": "x"}}',
        '{"a":' * 5000,
        '{"account": "acme", "id": "p3", "name": "Three"}',
    ]
    path.write_text("\n".join(lines))
    found = list(read(path, SHEETS["people"]).rows)
    assert [row.line for row in found] == [1, 2, 3, 4, 5, 6]
    refused = [row for row in found if isinstance(row, Refused)]
    assert len(refused) == 5
    assert "'nmae'" in refused[2].reason
    assert refused[2].key == ("acme", "p1")
    assert "an object is no cell" in refused[3].reason


def test_bytes_that_are_no_text_cost_their_line(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    good = '{"account": "acme", "id": "p1", "name": "Zürich"}\n'
    path.write_bytes(good.encode() + good.encode("cp1252") + good.encode())
    found = list(read(path, SHEETS["people"]).rows)
    assert [type(row) for row in found] == [Row, Refused, Row]


def test_another_process_reads_a_chunk_as_we_do(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text('\n{"account": "acme", "id": "p1", "name": "One\u2028Two"}\r\n{"id": ["p2"]}\n')
    table = read(path, SHEETS["people"])
    (chunk,) = table.chunks
    parse, piece = pickle.loads(pickle.dumps((table.parse, chunk)))  # noqa: S301 - made here
    rows = table.parse(chunk)
    assert parse(piece) == rows
    assert [row.line for row in rows] == [2, 3]


def test_an_export_with_other_names(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text(
        '{"nr": 7, "name": "One", "tel": ["1", "2"], "more": {"x": 1}, "left": false}\n'
        '{"nr": 8, "name": "Two", "left": true}\n'
        '{"nr": 9, "name": {"first": "x"}}\n'
    )
    remap = Remap(
        "map.toml: file[0]",
        {"id": template("nr"), "name": template("name"), "phones": template("tel")},
        {"account": "acme"},
        keep=(Condition("left", not_among=frozenset({"true"})),),
    )
    table = read(path, SHEETS["people"], remap)
    row, refused = table.rows
    assert table.columns == ("id", "name", "phones", "account")
    assert row == Row(1, {"id": "7", "name": "One", "phones": "1;2", "account": "acme"})
    assert isinstance(refused, Refused)
    assert refused.key == ("acme", "9")
