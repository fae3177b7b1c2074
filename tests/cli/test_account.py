"""Is a customer ready for its first call? As the administrator reads it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.domain.last_call import LastCall
from ctibridge.selftest.adapters import kept
from tests.cli.commands import run
from tests.cli.test_directory import SAMPLE


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    run(tmp_path, "import", str(SAMPLE))
    capsys.readouterr()
    return tmp_path


def test_what_is_missing_is_named_with_the_mend(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "service_numbers.csv").write_text("number,account,name,greeting_fr\n7006,fleuron,VIP,Bonjour\n")
    run(folder, "import", str(folder / "service_numbers.csv"))
    assert run(folder, "revoke", "chloe", "fleuron") == 0
    capsys.readouterr()
    assert run(folder, "account", "check", "fleuron") == 1
    rows = capsys.readouterr().out.splitlines()
    assert "MEND  grants            no agent may see its people - ctibridge grant AGENT fleuron" in rows
    assert any(row.startswith("ok    people") for row in rows)
    assert "MEND  greeting          none in pl at 7006 - fill greeting_pl in service_numbers.csv" in rows
    assert "ok    greeting          in fr" in rows
    assert any(row.startswith("MEND  hours             none at 7006") for row in rows)


def test_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, "account", "check", "acme", "--json")
    findings = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert findings["share"]["ok"]
    assert findings["grants"]["text"].endswith("may see its people now")
    assert findings["test call"]["mend"] is None


def test_the_last_test_call_of_this_customer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 11, 22, 6, 31, tzinfo=UTC)
    for call in (LastCall("pbx", "acme", at, None, 12), LastCall("pbx", "fleuron", at, "pop", None)):
        kept.keep(folder / "state", call)
    run(folder, "account", "check", "acme")
    said = capsys.readouterr().out.splitlines()
    assert "ok    test call         2026-11-22 06:31 UTC by trunk pbx: good, popped after 12 ms" in said
    assert run(folder, "account", "check", "fleuron") == 1
    (row,) = (row for row in capsys.readouterr().out.splitlines() if "test call" in row)
    assert row.startswith("MEND  test call")
    assert row.endswith("failed (pop) - ctibridge selftest --trunk pbx says why")


def test_no_such_customer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "account", "check", "acmee") == 1
    assert capsys.readouterr().err == ("ctibridge: account 'acmee' is not known; import accounts.csv with it first\n")
