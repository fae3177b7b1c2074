"""Who saw whom, as an administrator asks for it and a customer reads it."""

import asyncio
import csv
import io
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.cli import audit
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from tests.cli.commands import Run, heard
from tests.delivery.adapters.outboxes import opened
from tests.delivery.test_unwritten_sights import sight

NOW = datetime.now(UTC).replace(microsecond=0)


async def _see(state: Path) -> None:
    outbox = await opened(state)
    outbox.keep_sights([
        replace(sight(1), at=NOW - timedelta(days=2)),
        replace(sight(2, account="globex", agent="ben", how="webhook:crm"), at=NOW - timedelta(days=1)),
        replace(sight(3, agent="=cmd|' /C calc'!A0", person="p2", how="search"), at=NOW + timedelta(days=1)),
    ])  # fmt: skip
    await outbox.close()


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("audit")`: exit code, output, errors. Three sights, between them what eva allowed."""
    monkeypatch.setenv("SUDO_USER", "eva")
    command = heard(tmp_path, capsys)
    command("share", "acme")
    command("token", "issue", "--kind", "ivr")
    asyncio.run(_see(tmp_path / "state"))
    return command


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def kinds(text: str) -> list[str]:
    return [row["kind"] for row in read(text)]


def test_sights_and_acts_in_the_order_of_time(run: Run) -> None:
    code, out, err = run("audit")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "at,kind,account,agent,person,call,how,actor,detail"
    assert kinds(out) == ["sight", "sight", "share", "token issue", "sight"]
    rows = read(out)
    assert rows[0] == {
        **dict.fromkeys(audit.HEADER, ""),
        "at": f"{NOW - timedelta(days=2):%Y-%m-%dT%H:%M:%S}.000Z",
        "kind": "sight",
        "account": "acme",
        "agent": "ana",
        "person": "p1",
        "call": "c1",
        "how": "pop",
    }
    assert (rows[1]["how"], rows[2]["actor"], rows[2]["account"]) == ("webhook:crm", "eva", "acme")


def test_no_cell_is_a_formula(run: Run) -> None:
    assert read(run("audit")[1])[-1]["agent"] == "'=cmd|' /C calc'!A0"
    for text in ("=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1"):
        assert audit.cell(text) == f"'{text}"
    assert audit.cell("p-17") == "p-17"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--account", "acme"], ["sight", "share", "sight"]),
        (["--agent", "ben"], ["sight"]),
        (["--account", "acme", "--person", "p2"], ["sight"]),
        (["--until", f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"], ["sight", "sight"]),
        (["--since", f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"], ["share", "token issue", "sight"]),
        (["--since", "2099-01-01"], []),
    ],
)
def test_a_part_of_it(run: Run, options: list[str], found: list[str]) -> None:
    assert kinds(run("audit", *options)[1]) == found


def test_a_customers_part_says_nothing_of_others(run: Run) -> None:
    out = run("audit", "--account", "acme")[1]
    assert "globex" not in out
    assert "ben" not in out
    assert "ivr" not in out


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (["--person", "p1"], 2, "--person needs --account"),
        (["--since", "yesterday"], 2, "--since 'yesterday' is no time"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], 2, "nothing is between them"),
        (["--account", "acmee"], 1, "account 'acmee' is not known"),
        (["--output", "/nowhere/a.csv"], 1, "No such file or directory; name a file in a folder"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, options: list[str], code: int, why: str) -> None:
    found, out, err = run("audit", *options)
    assert (found, out) == (code, "")
    assert why in err
    assert err.count("\n") == 1


def test_a_file_is_for_him_alone_and_takes_nobodys_place(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "audit.csv"
    assert run("audit", "--output", str(file)) == (0, f"5 rows in {file}\n", "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(kinds(file.read_text())) == 5
    before = file.read_bytes()
    code, _, err = run("audit", "--output", str(file))
    assert (code, file.read_bytes()) == (2, before)
    assert "is there already" in err
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "elsewhere.csv")
    assert run("audit", "--output", str(link))[0] == 2
    assert not (tmp_path / "elsewhere.csv").exists()


def test_a_store_of_a_newer_ctibridge_is_refused(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state" / DESKS, isolation_level=None)) as db:
        db.execute("UPDATE schema_version SET version = 9")
    code, _, err = run("audit")
    assert code == 1
    assert "desks.db: its tables (desks) are of version 9, this ctibridge knows 2; run the newer ctibridge" in err


def test_nothing_is_changed(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    before = {path.name: path.read_bytes() for path in state.iterdir() if path.suffix == ".db"}
    run("audit")
    assert {path.name: path.read_bytes() for path in state.iterdir() if path.suffix == ".db"} == before
