"""`ctibridge export` beside no daemon; with one: tests/e2e."""

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.commands import Run
from tests.cli.test_access import run
from tests.cli.test_erase import told

__all__ = ["run", "told"]
PERSON = ("export", "--account", "acme", "--person", "p17")


def test_all_of_her_with_where_it_is_kept_and_until_when(run: Run, told: Path) -> None:
    config = told.parent / "ctibridge.toml"
    config.write_text(config.read_text() + '[[privacy.account]]\nid = "acme"\ncall_log_days = 14\n')
    code, said, complained = run(*PERSON)
    assert (code, complained) == (0, "")
    document = json.loads(said)
    assert document["directory"]["record"] == {"id": "p17", "name": "Regula Frei"}
    assert [one["number"] for one in document["directory"]["numbers"]] == ["+41790000017"]
    assert document["calls"]["events"][0]["data"]["caller"]["number"] == "+41790000017"
    assert document["calls"]["retention"].startswith("14 days")
    assert {document[part]["kept_in"] for part in ("directory", "calls", "sights")} == {FILE, DESKS}
    with closing(sqlite3.connect(told / FILE)) as db:
        acts = db.execute("SELECT act, account, detail FROM directory_audit").fetchall()
    assert acts == [("export", "acme", None)], "and no person"


def test_a_file_is_for_whoever_asked_alone_and_takes_no_others_place(run: Run, told: Path, tmp_path: Path) -> None:
    out = tmp_path / "hers.json"
    assert run(*PERSON, "--output", str(out))[:2] == (0, f"all that is kept of this person is in {out}\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    before = out.read_bytes()
    assert json.loads(before)["person"] == "p17"
    code, _, complained = run(*PERSON, "--output", str(out))
    assert code == 2
    assert "is there already; name a new file" in complained
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("account", "complaint"),
    [("nope", "account 'nope' is not known"), ("acme", "nothing is kept of anybody with this id of acme")],
)
def test_of_nobody_there_is_nothing_and_no_file(run: Run, told: Path, account: str, complaint: str) -> None:
    out = told.parent / "x.json"
    code, said, complained = run("export", "--account", account, "--person", "nobody", "--output", str(out))
    assert (code, said, complained) == (1, "", f"ctibridge: {complaint}\n")
    assert not out.exists()


def test_who_has_left_is_told_what_desks_still_have(run: Run, told: Path) -> None:
    with closing(sqlite3.connect(told / FILE)) as db, db:
        db.execute("DELETE FROM directory_person")
    document = json.loads(run(*PERSON)[1])
    assert document["directory"]["record"] is None
    assert len(document["calls"]["events"]) == 1


def test_a_newer_desks_file_is_refused_in_one_line(run: Run, told: Path) -> None:
    with closing(sqlite3.connect(told / DESKS)) as db, db:
        db.execute("UPDATE schema_version SET version = 99 WHERE room = 'desks'")
    code, _, complained = run(*PERSON)
    assert code == 1
    assert "are of version 99" in complained
    assert complained.count("\n") == 1
