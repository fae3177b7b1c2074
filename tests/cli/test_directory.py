"""`ctibridge import`: what it says, and how it ends."""

import argparse
import csv
import stat
from pathlib import Path

import pytest

from ctibridge.cli import directory
from ctibridge.cli.problem import Problem
from tests.lookup.adapters.files import BASE, WHOLE, write

SAMPLE = Path(__file__).parents[2] / "config" / "sample"


def config(folder: Path) -> str:
    path = folder / "ctibridge.toml"
    path.write_text('[node]\nname = "desk-1"\nstate_dir = "state"\n')
    return str(path)


def run(folder: Path, *argv: str) -> int:
    parser = argparse.ArgumentParser()
    directory.add(parser.add_subparsers())
    args = parser.parse_args([*argv, "--config", config(folder)])
    code = args.run(args)
    assert isinstance(code, int)
    return code


def test_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "import", str(SAMPLE)) == 0
    out, err = capsys.readouterr()
    assert "people.csv: 36 rows (UTF-8, comma): 36 new\n" in out
    assert "can never match" not in out
    assert err == ""
    assert run(tmp_path, "import", str(SAMPLE)) == 0
    assert capsys.readouterr().out.endswith("phones.csv: 8 rows (UTF-8, comma): 8 as before\nNothing has changed.\n")


def test_a_bad_row_is_one_line_on_standard_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = "account,id,name,vip\nacme,p1,One,\nacme,p2,Two,perhaps\n"
    assert run(tmp_path, "import", str(write(tmp_path / "files", {**BASE, "people": broken}))) == 1
    out, err = capsys.readouterr()
    assert err == f"{tmp_path}/files/people.csv:3: vip: 'perhaps' is neither true nor false\n"
    assert "people.csv: 2 rows (UTF-8, comma): 1 new, 1 refused" in out


def test_a_row_is_named_by_the_path_as_it_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "files", {**BASE, "people": "account,id,name\nacme,p1,One,more\n"})
    monkeypatch.chdir(tmp_path)
    run(tmp_path, "import", "files")
    assert capsys.readouterr().err.startswith("files/people.csv:2: ")
    run(tmp_path, "import", "files/people.csv")
    assert capsys.readouterr().err.startswith("files/people.csv:2: ")


def test_strict_does_not_call_rows_as_before_that_were_never_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = "account,id,name,vip\nacme,p1,One,\nacme,p2,Two,perhaps\n"
    run(tmp_path, "import", "--strict", str(write(tmp_path / "files", {**BASE, "people": people})))
    out = capsys.readouterr().out
    assert "people.csv: 2 rows (UTF-8, comma): nothing written, 1 refused\n" in out
    assert "as before" not in out


def test_a_misspelt_account_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(
        Problem, match="'acmee' is neither in these files nor in the store; known are acme, f"
    ) as problem:
        run(tmp_path, "import", "--account", "acmee", str(write(tmp_path / "files", WHOLE)))
    assert problem.value.code == 2


def test_fax_numbers_stand_in_the_report_and_are_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.csv"
    assert run(tmp_path, "import", "--report", str(report), str(write(tmp_path / "files", WHOLE))) == 0
    assert "can never match" not in capsys.readouterr().out
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["person"], row["text"], row["reason"]) for row in rows] == [
        ("p18", "+493023125199", "a fax number never matches")
    ]


def test_strict_and_dry_run_say_that_nothing_was_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = "account,id,name,vip\nacme,p2,Two,perhaps\n"
    assert run(tmp_path, "import", "--strict", str(write(tmp_path / "files", {**BASE, "people": broken}))) == 1
    assert capsys.readouterr().out.endswith("Nothing was imported: 1 rows were refused (--strict).\n")
    assert run(tmp_path, "import", "--dry-run", str(write(tmp_path / "files", BASE))) == 0
    assert capsys.readouterr().out.endswith("Nothing was imported (--dry-run).\n")


def test_an_account_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "import", str(write(tmp_path / "files", WHOLE)))
    people = write(tmp_path / "new", {"people": "account,id,name\nacme,p18,Urs Zgraggen\nfleuron,e9,New\n"})
    capsys.readouterr()
    assert run(tmp_path, "import", "--account", "acme", "--replace", str(people)) == 0
    out = capsys.readouterr().out
    assert "people.csv: 2 rows (UTF-8, comma): 1 removed, 1 of other accounts left out\n" in out


def test_a_whole_folder_for_one_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Agents belong to no account: they are taken, and never removed."""
    folder = str(write(tmp_path / "files", WHOLE))
    assert run(tmp_path, "import", "--account", "acme", "--replace", folder) == 0
    out = capsys.readouterr().out
    assert "agents.csv: 2 rows (UTF-8, comma): 2 new\n" in out
    assert "people.csv: 3 rows (UTF-8, comma): 2 new, 1 of other accounts left out\n" in out
    assert run(tmp_path, "import", "--account", "acme", "--replace", folder) == 0
    assert capsys.readouterr().out.endswith("Nothing has changed.\n")


def test_the_report_is_for_the_customer_and_for_nobody_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = "account,id,name,vip,phones\nacme,p1,One,,work:n/a;mobile:0171 3920001\nacme,p2,Two,perhaps,\n"
    report = tmp_path / "report.csv"
    run(tmp_path, "import", "--report", str(report), str(write(tmp_path / "files", {**BASE, "people": people})))
    assert "1 numbers can never match; " + str(report) in capsys.readouterr().out
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    with report.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["kind"], row["line"], row["person"], row["text"]) for row in rows] == [
        ("number", "2", "p1", "n/a"),
        ("row", "3", "p2", ""),
    ]
    assert rows[0]["reason"] == "no digits"


def test_a_file_of_a_later_version_is_checked_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {**BASE, "requests": "account,id,subject\nacme,r1,Printer\n"}
    assert run(tmp_path, "import", str(write(tmp_path / "files", files))) == 0
    assert (
        "requests.csv: 1 rows (UTF-8, comma): checked for its columns; kept from a later version on"
        in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("argv", "files", "code", "names"),
    [
        ([], {"poeple": "x\n"}, 2, "did you mean people.csv"),
        ([], {"people": "account,id,name,nmae\n"}, 2, "unknown column 'nmae'"),
        ([], {"people": ""}, 2, "no header"),
        (["--replace"], BASE, 2, "--replace needs --account"),
        (["--report", "/nowhere/at/all.csv"], BASE, 2, "/nowhere/at/all.csv"),
        ([], {"people": 'account,id,name\nacme,p1,"' + "x\n" * 600_000}, 1, "people.csv:2: .*; nothing was imported"),
    ],
)
def test_problems(tmp_path: Path, argv: list[str], files: dict[str, str], code: int, names: str) -> None:
    folder = write(tmp_path / "files", files)
    with pytest.raises(Problem, match=names) as problem:
        run(tmp_path, "import", *argv, str(folder))
    assert problem.value.code == code
    assert "\n" not in str(problem.value)


def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is no such file") as problem:
        run(tmp_path, "import", str(tmp_path / "people.csv"))
    assert problem.value.code == 2


def test_a_store_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "ctibridge.db").write_text("no database at all, and long enough to be looked at" * 20)
    with pytest.raises(Problem, match="file is not a database") as problem:
        run(tmp_path, "import", str(SAMPLE))
    assert problem.value.code == 1


def test_progress_is_for_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    run(tmp_path, "import", str(SAMPLE))
    err = capsys.readouterr().err
    assert f"\r{SAMPLE}/people.csv: 36 rows" in err
    assert err.endswith("\r")
