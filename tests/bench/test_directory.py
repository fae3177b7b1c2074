"""What the directory bench says of its figures, and what it feeds to the product. No figure is judged here."""

import csv
import sys
from pathlib import Path

import pytest

from bench import directory_calls, directory_floor, directory_import, people, people_plan, people_tables
from bench.directory_figures import Figure, not_measured, or_not_measured, table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("people")
    people.generate(made, people_plan.plan(3_000, 60, 1))
    return made


def test_what_was_not_measured_shows_its_reason_and_no_figure() -> None:
    (line,) = table(not_measured(["search"], "no such thing yet")).splitlines()[1:]
    assert " ".join(line.split()) == "search not measured: no such thing yet"


def test_a_part_that_does_not_exist_yet_is_not_measured() -> None:
    def missing() -> list[Figure]:
        raise AttributeError("search")

    assert [each.value for each in or_not_measured(["a", "b"], missing)] == [None, None]


def test_a_figure_stands_beside_its_aim_and_its_floor() -> None:
    reached, missed = Figure("import", 10.0, "s", 30.0, 5.0), Figure("import", 31.0, "s", 30.0)
    assert (reached.ratio, reached.reached) == (2.0, True)
    assert (missed.ratio, missed.reached) == (None, False)
    lines = table([reached, missed]).splitlines()
    assert "ok" in lines[1].split()
    assert "no" in lines[2].split()


def test_the_desk_is_that_of_most_grants_and_is_called_by_his_own_by_others_and_by_nobody(folder: Path) -> None:
    at = directory_calls.desk(folder, 100)
    assert (at.agent, at.grants) == (people_tables.FIRST_AGENT, 50)
    assert len(at.callers) == len(set(at.callers)) == 100
    known = sum(number in at.people for number in at.callers)
    assert known == 80
    assert sum(number.startswith(directory_calls.NOBODY) for number in at.callers) == 10


def test_changed_people_are_whole_rows_with_another_job_and_a_number_more(folder: Path, tmp_path: Path) -> None:
    path = directory_import.changed(folder, tmp_path, 50)
    with path.open(encoding="utf-8", newline="") as file, (folder / "people.csv").open(encoding="utf-8") as before:
        pairs = list(zip(csv.DictReader(file), csv.DictReader(before), strict=False))
    assert len(pairs) == 50
    for after, row in pairs:
        assert (after["account"], after["id"], after["name"]) == (row["account"], row["id"], row["name"])
        assert after["job_title"] != row["job_title"]
        assert len(after["phones"].split(";")) == len([entry for entry in row["phones"].split(";") if entry]) + 1


def test_the_floor_takes_every_row(folder: Path, tmp_path: Path) -> None:
    assert directory_floor.main([str(folder), str(tmp_path / "flat.db")]) == 0
    assert (tmp_path / "flat.db").stat().st_size > (folder / "people.csv").stat().st_size


def test_a_program_is_measured_with_its_children(tmp_path: Path) -> None:
    # Held for ten looks: a child that ends sooner was too short to be seen.
    child = "import time; held = bytearray(64 << 20); time.sleep(0.5)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('done')"
    ran = directory_import.run([sys.executable, "-c", code], tmp_path / "said")
    assert (ran.code, ran.said.strip()) == (0, "done")
    assert ran.peak > 64
