from pathlib import Path

import pytest

from ctibridge.lookup.sources.files import WrongFile, find, open_tables


def make(folder: Path, *names: str, text: str = "account,id,name\n") -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(text)


def test_files_come_in_the_order_in_which_they_point(tmp_path: Path) -> None:
    make(tmp_path, "people.csv", "phones.csv", "grants.csv", "accounts.csv", "agents.csv", "sites.csv")
    order = [sheet.name for _, sheet in find([tmp_path / "phones.csv", tmp_path])]
    assert order == ["accounts", "sites", "agents", "grants", "people", "phones"]


def test_a_folder_stands_for_its_directory_files(tmp_path: Path) -> None:
    make(tmp_path, "people.csv", "lines.csv", "ctibridge.toml", "README.md", "agents.jsonl", "Sites.CSV")
    assert sorted(path.name for path, _ in find([tmp_path])) == ["Sites.CSV", "agents.jsonl", "people.csv"]


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


def test_the_sample_is_read() -> None:
    sample = Path(__file__).parents[3] / "config" / "sample"
    tables = open_tables([sample])
    assert {table.form for table in tables} == {"UTF-8, comma"}
    assert all(list(table.rows) for table in tables)
