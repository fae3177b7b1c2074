from pathlib import Path

import pytest

from ctibridge.lookup.sources.encoding import Unreadable
from ctibridge.lookup.sources.files import WrongFile, find, open_tables
from ctibridge.lookup.sources.mapping import parse
from ctibridge.lookup.sources.remap import WrongMap


def make(folder: Path, *names: str, text: str = "account,id,name\n") -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(text)


def test_files_come_in_the_order_in_which_they_point(tmp_path: Path) -> None:
    make(tmp_path, "people.csv", "phones.csv", "grants.csv", "accounts.csv", "agents.csv", "sites.csv")
    order = [one.sheet.name for one in find([tmp_path / "phones.csv", tmp_path])]
    assert order == ["accounts", "sites", "agents", "grants", "people", "phones"]


def test_a_folder_stands_for_its_directory_files(tmp_path: Path) -> None:
    make(tmp_path, "people.csv", "lines.csv", "ctibridge.toml", "README.md", "agents.jsonl", "Sites.CSV")
    assert sorted(one.path.name for one in find([tmp_path])) == ["Sites.CSV", "agents.jsonl", "people.csv"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("poeple.csv", "did you mean people.csv"), ("export.csv", "known are accounts.csv"), ("people.xlsx", "people")],
)
def test_an_unknown_name_is_refused(tmp_path: Path, name: str, hint: str) -> None:
    make(tmp_path, name)
    with pytest.raises(WrongFile, match=hint):
        find([tmp_path / name])


def test_a_misspelt_file_in_a_folder_is_not_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "people.csv", "phonse.csv")
    with pytest.raises(WrongFile, match=r"phonse\.csv.*phones\.csv"):
        find([tmp_path])


def test_a_missing_path_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(WrongFile, match="no such file"):
        find([tmp_path / "people.csv"])
    with pytest.raises(WrongFile, match="no directory files"):
        find([tmp_path])


def test_two_files_of_one_kind_tell_the_same_columns(tmp_path: Path) -> None:
    make(tmp_path / "a", "people.csv")
    make(tmp_path / "b", "people.csv")
    assert len(open_tables([tmp_path / "a", tmp_path / "b"])) == 2
    make(tmp_path / "b", "people.csv", text="account,id,name,email\n")
    with pytest.raises(WrongFile, match="one after the other"):
        open_tables([tmp_path / "a", tmp_path / "b"])


MAP = b"""
[[file]]
path = "HR_*"
sheet = "phones"
columns = { person = "Nr", number = "Tel" }
constants = { account = "acme" }

[[file]]
path = "HR_*"
sheet = "people"
columns = { id = "Nr", name = "Name" }
constants = { account = "acme" }
"""


def test_one_export_is_several_files_in_their_order(tmp_path: Path) -> None:
    make(tmp_path, "HR_1.txt", text="Nr,Name,Tel\n1,One,2\n")
    make(tmp_path, "sites.csv", text="account,name\n")
    make(tmp_path, "notes.txt", text="nothing of ours")
    tables = open_tables([tmp_path], parse(MAP, Path("map.toml")))
    assert [(Path(table.file).name, table.sheet.name) for table in tables] == [
        ("sites.csv", "sites"),
        ("HR_1.txt", "people"),
        ("HR_1.txt", "phones"),
    ]
    assert [len(list(table.rows)) for table in tables] == [0, 1, 1]


def test_a_map_for_none_of_the_files(tmp_path: Path) -> None:
    make(tmp_path, "people.csv")
    with pytest.raises(WrongMap, match="none of the files is a 'HR_"):
        open_tables([tmp_path], parse(MAP, Path("map.toml")))


def test_a_folder_with_the_name_of_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    with pytest.raises(Unreadable, match=r"people\.csv: a folder, no file"):
        open_tables([tmp_path])


def test_the_sample_is_read() -> None:
    sample = Path(__file__).parents[3] / "config" / "sample"
    tables = open_tables([sample])
    assert {table.form for table in tables} == {"UTF-8, comma"}
    assert all(list(table.rows) for table in tables)
