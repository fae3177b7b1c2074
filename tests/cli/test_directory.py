"""`ctibridge import`: what it says, and how it ends."""

import argparse
import csv
import re
import stat
from pathlib import Path

import pytest

from ctibridge.cli import directory, main
from ctibridge.cli.problem import Problem
from ctibridge.lookup.sources import mapping
from tests.lookup.adapters.files import BASE, WHOLE, write

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config" / "sample"
DOCUMENT = ROOT / "docs" / "import.md"


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
    out = capsys.readouterr().out
    assert out.endswith("announcements.csv: 4 rows (UTF-8, comma): 4 as before\nNothing has changed.\n")


def test_the_night_after_a_customer_took_his_role_back_nobody_of_him_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sample's files have the column `ends_at`, empty: the next import once shared ACME again, and its people."""
    path = config(tmp_path)
    look = ["lookup", "+41790000017", "--agent", "ana", "--config", path]
    run(tmp_path, "import", str(SAMPLE))
    main(look)
    assert "Regula Frei" in capsys.readouterr().out
    assert main(["share", "acme", "--revoke", "--config", path]) == 0
    capsys.readouterr()
    assert run(tmp_path, "import", str(SAMPLE)) == 1
    out, err = capsys.readouterr()
    assert "role_shares.csv: 3 rows (UTF-8, comma): 3 as before\n" in out
    assert "1 shares or grants stay narrower than the files say" in out
    assert "announcements.csv:2: account 'acme': its role share ended on" in err
    main(look)
    assert "Regula" not in capsys.readouterr().out


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


def test_numbers_that_an_account_does_not_allow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are left out, what came in before leaves, and the report does not hold what the store may not."""
    files, report = write(tmp_path / "files", WHOLE), tmp_path / "report.csv"
    run(tmp_path, "import", str(files))
    capsys.readouterr()
    (tmp_path / "narrow").mkdir()
    narrow = Path(config(tmp_path / "narrow"))
    narrow.write_text(
        f'[node]\nname = "desk-1"\nstate_dir = "{tmp_path}/state"\n'
        '[[privacy.account]]\nid = "acme"\nphone_labels = ["Mobile"]\n'
    )
    people = write(
        tmp_path / "people", {"people": "account,id,name,phones\nacme,p18,Urs,work:+493023124712;x:4712;y:n/a\n"}
    )
    told = "2 numbers left out: acme does not allow work (1), x (1)\n"
    for more, left in (("--dry-run",), False), ((), True):
        argv = ("import", "--report", str(report), *more, str(people), "--config", str(narrow))
        assert main(list(argv)) == 0
        out, err = capsys.readouterr()
        assert (told in out, err) == (True, "")
        # Of p17 the files tell nothing, of p18 they tell all: his went with the import itself.
        assert ("2 numbers left the store: acme does not allow work (1), home (1)\n" in out) is left
        assert "+49" not in out + report.read_text()
    with report.open(encoding="utf-8", newline="") as file:
        rows = [(row["kind"], row["line"], row["person"], row["text"], row["reason"]) for row in csv.DictReader(file)]
    assert rows == [("left out", "2", "p18", "", f"acme does not allow {label}") for label in ("work", "x")]
    assert main(["lookup", "+41440000117", "--config", str(narrow)]) == 0
    assert "Regula" not in capsys.readouterr().out


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


@pytest.mark.parametrize(
    ("argv", "files", "code", "names"),
    [
        ([], {"poeple": "x\n"}, 2, "did you mean people.csv"),
        ([], {"people": "account,id,name,nmae\n"}, 2, "unknown column 'nmae'"),
        ([], {"people": ""}, 2, "no header"),
        (["--replace"], BASE, 2, "--replace needs --account"),
        (["--map", "/nowhere/at/all.toml"], BASE, 2, "/nowhere/at/all.toml: .*name the map with --map FILE"),
        ([], {"people": 'account,id,name\nacme,p1,"One\nacme,p2,Two\n'}, 1, "people.csv:2: a quote .*nothing was imp"),
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
    assert "people.csv  [################] 100%" in err
    assert " rows" in err
    assert err.endswith("\r")


def test_a_wrong_column_does_not_print_ten_million_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "MOST_PRINTED", 3)
    people = "account,id,name,vip\n" + "".join(f"acme,p{number},N,perhaps\n" for number in range(8))
    folder = str(write(tmp_path / "files", {**BASE, "people": people}))
    report = tmp_path / "report.csv"
    assert run(tmp_path, "import", "--report", str(report), folder) == 1
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 4
    assert err[-1] == f"… and 5 more rows were refused; {report} lists them all"
    assert len(report.read_text().splitlines()) == 9


def shown(language: str) -> list[str]:
    """The blocks of the documentation in this language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)


def test_the_example_of_the_documentation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (export,) = shown("text")[:1]
    files = write(tmp_path / "files", {"accounts": "id,name,country\nacme,ACME AG,CH\n"})
    (files / "HR_Export_2026-11.txt").write_bytes(export.encode("cp1250"))
    (tmp_path / "hr.toml").write_text(shown("toml")[0])
    assert run(tmp_path, "import", "--map", str(tmp_path / "hr.toml"), str(files)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.replace(str(files), "files") == shown("console")[0].partition("\n")[2]


def test_the_documentation_knows_each_key_of_a_map_and_each_option() -> None:
    text = DOCUMENT.read_text()
    for struct in (mapping.File, mapping.Keep):
        for key in struct.__struct_encode_fields__:
            assert f"`{key}`" in text, key
    parser = argparse.ArgumentParser()
    directory.add(parser.add_subparsers())
    (commands,) = (action for action in parser._actions if action.dest == "==SUPPRESS==")
    assert isinstance(commands.choices, dict)
    for option in re.findall(r"^  (--[a-z-]+)", commands.choices["import"].format_help(), re.MULTILINE):
        assert f"`{option}" in text, option


def test_the_help_shows_a_map_that_holds() -> None:
    example = directory._MAP_HELP.partition("\n\n")[2]
    (_, remap), *_ = mapping.parse(example.encode(), Path("map.toml")).of(Path("HR_Export_1.txt"))
    assert remap.constants == {"account": "acme"}


@pytest.mark.parametrize("place", ["state/ctibridge.db", "ctibridge.toml", "files/people.csv", "map.toml"])
def test_a_report_in_the_place_of_the_store_or_of_what_is_read_is_refused_and_nothing_is_lost(
    tmp_path: Path, place: str
) -> None:
    files = str(write(tmp_path / "files", WHOLE))
    entry = '[[file]]\npath = "people.csv"\nsheet = "people"\n[file.columns]\n'
    (tmp_path / "map.toml").write_text(entry + "".join(f'{name} = "{name}"\n' for name in ("account", "id", "name")))
    run(tmp_path, "import", files)
    target = tmp_path / place
    before = target.read_bytes()
    with pytest.raises(Problem, match="--report") as problem:
        run(tmp_path, "import", "--report", str(target), "--map", str(tmp_path / "map.toml"), files)
    assert problem.value.code == 2
    assert target.read_bytes() == before


def test_a_refused_row_cannot_paint_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stranger = "account,id,name\nac\x1b[31mme,p1,One\n"
    assert run(tmp_path, "import", str(write(tmp_path / "fi\x1b[2Jles", {**BASE, "people": stranger}))) == 1
    err = capsys.readouterr().err
    assert "people.csv:2: " in err
    assert "\x1b" not in err
