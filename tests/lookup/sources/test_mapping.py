from pathlib import Path

import pytest

from ctibridge.lookup.sources.mapping import load, parse
from ctibridge.lookup.sources.remap import WrongMap

WHERE = Path("map.toml")
GOOD = """
[[file]]
path = "HR_*.txt"
sheet = "people"
delimiter = "|"
encoding = "windows-1250"
columns = { id = "Nr", Name = "{Vor} {Nach}", vip = "Chef" }
constants = { account = "acme", disabled = false }
values.vip = { ja = true }
[[file.keep]]
column = "Status"
is = "active"
matches = "^a"
is_not = ["left"]
not_empty = true

[[file]]
path = "HR_*.txt"
sheet = "phones"
columns = { account = "Firma", person = "Nr", number = "Tel" }
"""


def test_one_export_may_feed_several_sheets() -> None:
    (people, of_people), (phones, of_phones) = parse(GOOD.encode(), WHERE).of(Path("/tmp/HR_2026.txt"))  # noqa: S108
    assert (people.name, phones.name) == ("people", "phones")
    assert (of_people.delimiter, of_people.encoding, of_phones.delimiter) == ("|", "windows-1250", None)
    row = of_people.row({"Nr": "7", "Vor": "R", "Nach": "F", "Chef": "ja", "Status": "active"})
    assert row == {"id": "7", "name": "R F", "vip": "true", "account": "acme", "disabled": "false"}
    assert of_people.row({"Nr": "7", "Vor": "R", "Nach": "F", "Chef": "ja", "Status": "left"}) is None


def test_other_files_are_as_they_always_are() -> None:
    assert parse(GOOD.encode(), WHERE).of(Path("people.csv")) == []


def test_an_entry_without_a_file_would_import_nothing_and_say_nothing() -> None:
    found = parse(GOOD.encode(), WHERE)
    found.check([Path("x/HR_1.txt")])
    with pytest.raises(WrongMap, match=r"map\.toml: file\[0\]\.path: none of the files is a 'HR_\*\.txt'; give"):
        found.check([Path("people.csv")])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('sheet = "people"', 'sheet = "poeple"', r"file\[0\]\.sheet: 'poeple' is not known; known are accounts, sites"),
        ("delimiter", "delimeter", r"file\[0\]: Object contains unknown field `delimeter`; see docs/import\.md"),
        ('is = "active"', 'iss = "active"', r"file\[0\]\.keep\[0\]: Object contains unknown field `iss`"),
        ('path = "HR_*.txt"\nsheet = "phones"', 'sheet = "phones"', r"file\[1\]: Object missing required field `path`"),
        ('id = "Nr"', "id = 7", r"file\[0\]\.columns\[\.\.\.\]: Expected `str`, got `int`"),
        ('id = "Nr"', 'idd = "Nr"', r"file\[0\]\.columns: unknown column 'idd'; known are account, id"),
        ('id = "Nr"', 'id = "{Nr"', r"file\[0\]\.columns\.id: '\{Nr': .*; write a column of the export"),
        ('id = "Nr", ', "", r"file\[0\]: id is missing; people needs it, in columns or constants"),
        ('account = "acme"', 'id = "1", account = "acme"', r"file\[0\]\.constants\.id: stands in columns, too"),
        ("values.vip", "values.site", r"file\[0\]\.values\.site: no such column in file\[0\]\.columns; add it"),
        ("values.vip", "values.vipp", r"file\[0\]\.values: unknown column 'vipp'"),
        ('"|"', '"||"', r"file\[0\]\.delimiter: '\|\|' is not one sign; write one like"),
        ('"|"', "'\"'", r"file\[0\]\.delimiter: "),
        ("windows-1250", "ansi", r"file\[0\]\.encoding: 'ansi' is no encoding; write it like utf-8"),
        ('"^a"', '"("', r"file\[0\]\.keep\[0\]\.matches: .*; write a regular expression like"),
        ('"^a"', f'"{"a" * 201}"', r"matches: longer than 200 characters"),
        ('"^a"', '"^(a+)+$"', r"matches: repeats a group in which something repeats"),
        ('"^a"', '"^(a|a)*$"', r"matches: repeats a group"),
        ('"^a"', '"^((a+)b){2,}$"', r"matches: repeats a group"),
        (
            'is = "active"\nmatches = "^a"\nis_not = ["left"]\nnot_empty = true\n',
            "",
            r"file\[0\]\.keep\[0\]: asks for nothing; write is, is_not, matches or not_empty",
        ),
        (GOOD, "", r"Object missing required field `file`; see docs"),
        (GOOD, "file = []", r"file: no entry; write \[\[file\]\]"),
        (GOOD, "[[file", r"map\.toml: .*; see docs/import\.md"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(WrongMap, match=says) as error:
        parse(GOOD.replace(old, new, 1).encode(), WHERE)
    assert str(error.value).startswith("map.toml: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("pattern", ["^(abc)+$", "^[0-9]+(-[0-9]{2})?$", "(a|b)c*", r"\(+\)+", "[(+]*x"])
def test_patterns_that_come_to_an_end(pattern: str) -> None:
    parse(GOOD.replace('"^a"', f"'{pattern}'").encode(), WHERE)


def test_a_map_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(WrongMap, match=r"map\.toml: No such file .*; name the map with --map FILE"):
        load(tmp_path / "map.toml")
    (tmp_path / "map.toml").write_text("x" * 2_000_000)
    with pytest.raises(WrongMap, match="is it the export itself"):
        load(tmp_path / "map.toml")
    (tmp_path / "map.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(WrongMap, match="see docs"):
        load(tmp_path / "map.toml")


def test_editors_begin_a_file_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(GOOD, encoding="utf-8-sig")
    assert load(tmp_path / "map.toml").of(Path("HR_1.txt"))
