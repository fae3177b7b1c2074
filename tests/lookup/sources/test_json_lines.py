from pathlib import Path

from ctibridge.lookup.sheets import SHEETS, Refused, Row
from ctibridge.lookup.sources.json_lines import read


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
