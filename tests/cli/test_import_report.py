import csv
import errno
import stat
from pathlib import Path

import pytest

from ctibridge.cli import import_report
from ctibridge.cli.import_report import COLUMNS, ImportReport, check_place
from ctibridge.cli.problem import Problem
from ctibridge.domain.private import Number
from ctibridge.lookup.adapters.importing.staging import Unusable
from ctibridge.lookup.sheets import Refused


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_lines_stand_in_the_order_of_the_files(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with ImportReport(path, ["people.csv", "phones.csv"]) as report:
        report.add(Refused("phones.csv", 3, "no person", ("acme", "p9", "1")))
        report.add(Refused("people.csv", 9, "stands already in line 2", ("acme", "p1")))
        report.add(Unusable("people.csv", 4, "acme", "p2", Number("n/a"), "no digits"))
    assert [(row["file"], row["line"]) for row in rows(path)] == [
        ("people.csv", "4"),
        ("people.csv", "9"),
        ("phones.csv", "3"),
    ]
    assert rows(path)[0] == dict(
        zip(COLUMNS, ("number", "people.csv", "4", "acme", "p2", "n/a", "no digits"), strict=True)
    )


def test_millions_of_lines_are_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_report, "MOST_HELD", 2)
    with ImportReport(tmp_path / "report.csv", ["a"]) as report:
        for line in (2, 1, 3):
            report.add(Refused("a", line, "bad"))
            assert len(report._held) < 2
    assert [row["line"] for row in rows(tmp_path / "report.csv")] == ["1", "2", "3"]


def test_it_is_for_whoever_asked_alone(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    with ImportReport(path, []):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="No such file") as problem:
        ImportReport(tmp_path / "nowhere" / "report.csv", [])
    assert problem.value.code == 2


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Problem, match="No space left on device; the report is not whole"):  # noqa: SIM117 - the order
        with ImportReport(tmp_path / "report.csv", ["a"]) as report:
            monkeypatch.setattr(report._file, "flush", refuse)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-x", "'-x"),
        ("+49 30 (0) 1/2-3", "+49 30 (0) 1/2-3"),
        ("n/a", "n/a"),
    ],
)
def test_no_cell_is_a_formula(tmp_path: Path, text: str, cell: str) -> None:
    with ImportReport(tmp_path / "report.csv", ["a"]) as report:
        report.add(Unusable("a", 2, "acme", "p1", Number(text), "no number"))
    assert rows(tmp_path / "report.csv")[0]["text"] == cell


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("state/ctibridge.db", "state_dir"),
        ("state/new/report.csv", "state_dir"),
        ("b/../state/ctibridge.db-wal", "state_dir"),
        ("ctibridge.toml", "the configuration file"),
        ("b/people.csv", "one of the files that are read"),
        ("b/soft.csv", "one of the files that are read"),
        ("b/hard.csv", "one of the files that are read"),
        ("soft_state/ctibridge.db", "state_dir"),
    ],
)
def test_what_the_report_would_destroy_is_refused(tmp_path: Path, place: str, why: str) -> None:
    for folder in ("state", "b"):
        (tmp_path / folder).mkdir()
    people = tmp_path / "b" / "people.csv"
    for file in (people, tmp_path / "ctibridge.toml", tmp_path / "state" / "ctibridge.db"):
        file.write_text("precious")
    (tmp_path / "b" / "soft.csv").symlink_to(people)
    (tmp_path / "b" / "hard.csv").hardlink_to(people)
    (tmp_path / "soft_state").symlink_to(tmp_path / "state")
    with pytest.raises(Problem, match=why) as problem:
        check_place(tmp_path / place, [people], tmp_path / "ctibridge.toml", tmp_path / "state")
    assert problem.value.code == 2
    check_place(tmp_path / "b" / "report.csv", [people], tmp_path / "ctibridge.toml", tmp_path / "state")
