"""`ctibridge lookup`: one number, many numbers, and what is wrong with them."""

import io
import json
import re
import sqlite3
import sys
from pathlib import Path

import pytest

from ctibridge import logs
from ctibridge.cli.problem import Problem
from tests.cli.test_directory import SAMPLE, run

REGULA = "+41 79 000 00 17"
DESK = "+49 30 23125 100"


@pytest.fixture(autouse=True)
def _the_tests_own_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command silences the whole process, and this one goes on."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    return tmp_path


def test_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "lookup", REGULA, "--called", DESK, "--agent", "ana") == 0
    out = capsys.readouterr().out
    assert "identified: the number belongs to one person (ACME AG)" in out
    assert "Regula Frei, ACME AG (acme/p17)" in out
    assert "Deutsch (Schweiz), of the person; ana speaks it" in out
    assert "because mobile +41790000017 is the number; the company called is this one" in out


def test_as_the_events_data(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "lookup", REGULA, "--called", DESK, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["call"] is None
    assert set(data) == {
        "call", "caller", "called", "language", "resolution", "context", "trust", "links", "hand_over", "customer",
    }  # fmt: skip
    assert data["resolution"]["status"] == "identified"
    assert data["resolution"]["candidates"][0]["person"]["name"] == "Regula Frei"
    assert data["caller"]["number"] == "+41790000017"
    assert data["language"]["greeting"] is None  # it names the agent, and nobody was asked for


@pytest.mark.parametrize("agent", [[], ["--agent", "ana"]])
def test_a_link_that_needs_a_call_is_left_out_where_nobody_calls(
    folder: Path, capsys: pytest.CaptureFixture[str], agent: list[str]
) -> None:
    templates = "Call=https://a.example/{call_id};Number=https://a.example/{number}"
    (folder / "accounts.csv").write_text(f"id,name,links\nacme,ACME AG,{templates}\n")
    run(folder, "import", str(folder / "accounts.csv"))
    capsys.readouterr()
    run(folder, "lookup", REGULA, "--called", DESK, *agent, "--json")
    links = json.loads(capsys.readouterr().out)["links"]
    assert [link["title"] for link in links] == ["Number"]


def test_a_greeting_that_names_the_agent_is_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "lookup", REGULA, "--called", DESK)
    out = capsys.readouterr().out
    assert "greeting names the agent; see it with --agent A" in out
    assert "{agent}" not in out


@pytest.mark.parametrize(
    ("word", "presentation"),
    [
        *((word, "restricted") for word in ("anonymous", "Anonymous", "restricted", "private", "withheld")),
        *((word, "unavailable") for word in ("unavailable", "unknown", "")),
    ],
)
def test_a_caller_who_stays_unknown_is_withheld_as_in_the_pop(
    folder: Path, capsys: pytest.CaptureFixture[str], word: str, presentation: str
) -> None:
    run(folder, "lookup", word, "--called", DESK, "--json")
    data = json.loads(capsys.readouterr().out)
    assert data["resolution"]["status"] == "withheld"
    caller = data["caller"]
    assert caller["presentation"] == presentation
    assert [caller[name] for name in ("number", "raw", "display_name", "extension", "diverted_by")] == [None] * 5


def test_an_unknown_agent_is_a_fault_of_his_line_and_the_batch_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = folder / "batch.jsonl"
    batch.write_text('{"number": "+4917604069003"}\n{"number": "1", "agent": "zoe"}\n{"number": "+4917604069003"}\n')
    assert run(folder, "lookup", "--batch", str(batch)) == 1
    out, err = capsys.readouterr()
    assert out.count("Ayşe Yıldırım") == 2
    assert err == f"{batch}:2: agent 'zoe' is not known; import agents.csv with them first\n"


def test_as_an_agent_who_may_not_see_him(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "lookup", "+33639980101", "--agent", "ana", "--json")
    data = json.loads(capsys.readouterr().out)
    assert (data["resolution"]["status"], data["resolution"]["candidates"]) == ("unknown", [])
    run(folder, "lookup", "+33639980101", "--agent", "ana")
    out = capsys.readouterr().out
    assert "why not: fleuron knows this number too; not granted to ana" in out
    assert "Lefèvre" not in out


def test_a_batch(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        {"number": REGULA, "called": DESK, "agent": "ana"},
        {"number": "0171 3920002", "country": "de"},
        {"number": "anonymous"},
    ]
    text = "\n".join([*map(json.dumps, lines[:2]), "", "nonsense", '{"nummer": "1"}', json.dumps(lines[2])])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert run(folder, "lookup", "--batch", "-", "--json") == 1
    out, err = capsys.readouterr()
    statuses = [json.loads(line)["resolution"]["status"] for line in out.splitlines()]
    assert statuses == ["identified", "identified", "withheld"]
    assert [line.split(" no question")[0] for line in err.splitlines()] == ["-:4:", "-:5:"]


def test_the_data_has_the_context_that_a_desk_would_have_in_the_end(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said once that there is none, and that this is complete."""
    run(folder, "lookup", REGULA, "--called", DESK, "--agent", "ana", "--json")
    context = json.loads(capsys.readouterr().out)["context"]
    assert context["complete"]
    assert [one["subject"] for one in context["requests"]]


def test_a_line_of_a_batch_that_is_too_long_is_one_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It was taken for several lines, and those behind it were named by wrong numbers."""
    question = '{"number": "+4917604069003"}\n'
    whole = '{"number": "1", "called": "' + "x" * (4096 - 29) + '"}\n'
    (folder / "batch.jsonl").write_text(
        "x" * 20_000 + "\n" + question + "y" * 4095 + "\n" + whole + "nonsense\n" + question
    )
    assert run(folder, "lookup", "--batch", str(folder / "batch.jsonl")) == 1
    out, err = capsys.readouterr()
    assert out.count("Ayşe Yıldırım") == 2
    assert re.findall(r"jsonl:(\d+):", err) == ["1", "3", "5"]


def test_a_batch_out_of_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "batch.jsonl").write_text('{"number": "+4917604069003"}\n')
    assert run(folder, "lookup", "--batch", str(folder / "batch.jsonl")) == 0
    assert "Ayşe Yıldırım" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "code", "names"),
    [
        ([], 2, "either NUMBER or --batch"),
        (["+49", "--batch", "-"], 2, "either NUMBER or --batch"),
        (["--batch", "-", "--agent", "ana"], 2, "stand in the lines"),
        (["--batch", "/nowhere.jsonl"], 2, "/nowhere.jsonl"),
        (["+49", "--agent", "zoe"], 1, "agent 'zoe' is not known"),
    ],
)
def test_problems(folder: Path, argv: list[str], code: int, names: str) -> None:
    with pytest.raises(Problem, match=names) as problem:
        run(folder, "lookup", *argv)
    assert problem.value.code == code


def test_before_anything_was_imported(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="does not exist yet; run `ctibridge import` first") as problem:
        run(tmp_path, "lookup", "+49")
    assert problem.value.code == 1


def test_the_first_trunk_says_how_numbers_come(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = (
        '[node]\nname = "x"\nstate_dir = "state"\n[[trunk]]\nname = "pbx"\nregistrar = "sip:pbx.example.net"\n'
        'country = "DE"\noutside_line_prefix = "0"\nline = [{ user = "6001", agents = ["ana"] }]\n'
    )
    monkeypatch.setattr("tests.cli.test_directory.config", lambda folder: str(_written(folder / "other.toml", toml)))
    assert run(folder, "lookup", "0 0171 3920002") == 0
    assert "Jürgen Weiß" in capsys.readouterr().out


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("country", ["XX", "Q", "", "de_DE", "ZZ"])
def test_a_country_that_there_is_not_is_a_line_of_its_own_and_the_others_are_answered(
    folder: Path, capsys: pytest.CaptureFixture[str], country: str
) -> None:
    batch = folder / "batch.jsonl"
    lines = [{"number": "0790000017", "country": country}, {"number": "0790000017", "country": "ch"}]
    batch.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert run(folder, "lookup", "--batch", str(batch), "--json") == 1
    out, err = capsys.readouterr()
    assert err == f"{batch}:1: country {country!r} is not known; write two letters like DE (ISO 3166)\n"
    (answer,) = out.splitlines()
    assert json.loads(answer)["caller"]["number"] == "+41790000017"


def test_a_name_or_an_id_of_an_older_store_that_would_paint_the_terminal_is_printed_without(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(next(folder.rglob("ctibridge.db"))) as store:
        store.execute(
            "UPDATE directory_person SET id = ?, name = ?, job_title = ? WHERE name = 'Regula Frei'",
            ("p\x1b[1m17", "Regula\x1b[31m\x07", "Boss\x1b]0;hi\x07"),
        )
    store.close()
    assert run(folder, "lookup", REGULA, "--called", DESK) == 0
    out = capsys.readouterr().out
    assert "Regula[31m, ACME AG (acme/p[1m17)" in out
    assert "".join(out.splitlines()).isprintable()


def test_a_number_from_standard_input_stands_in_no_process_list(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{REGULA}\n"))
    assert run(folder, "lookup", "-", "--called", DESK) == 0
    assert "Regula Frei, ACME AG (acme/p17)" in capsys.readouterr().out
    with pytest.raises(Problem, match="standard input is empty") as problem:
        run(folder, "lookup", "-")
    assert problem.value.code == 2
