"""Who may see whom, as an administrator says it."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.commands import Run, directory, heard


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """ACME has one person."""
    command = heard(tmp_path, capsys)
    with closing(directory(tmp_path)) as store:
        store.execute("INSERT INTO directory_person (no, account, id, name) VALUES (1, 1, 'p17', 'Regula Frei')")
        store.execute("INSERT INTO directory_phone VALUES (1, 41790000017, 1, 1, 0, 1, NULL)")
        store.execute("UPDATE directory_change SET version = version + 1, tables = version + 1")
    return command


@pytest.fixture
def store(tmp_path: Path, run: Run) -> sqlite3.Connection:
    return directory(tmp_path)


def state(run: Run) -> dict[str | None, str]:
    return {row["agent"]: row["state"] for row in json.loads(run("grants", "--json")[1])}


def test_nothing_is_shared_at_first_and_the_mend_is_named(run: Run) -> None:
    assert run("grants")[1] == "nothing is shared or granted yet; begin with: ctibridge share ACCOUNT\n"


def test_a_share_and_a_grant_hold_at_once(run: Run) -> None:
    assert run("share", "acme") == (0, "acme shares its role until it is revoked\n", "")
    assert run("grant", "ana", "acme", "--until", "2099-01-01")[1] == (
        "ana may see the people of acme until 2099-01-01 00:00 UTC\n"
    )
    assert state(run) == {None: "holds", "ana": "holds"}
    table = run("grants")[1]
    assert "(share)" in table
    assert "2099-01-01 00:00" in table


def test_a_grant_without_a_share_says_what_is_missing(run: Run) -> None:
    out = run("grant", "ana", "acme")[1]
    assert out.endswith("but acme does not share its role now; run: ctibridge share acme\n")
    assert state(run) == {"ana": "not shared"}


def test_a_grant_with_hours(run: Run) -> None:
    run("share", "acme")
    assert run("grant", "ana", "acme", "--hours", "Mo-Su 00:00-24:00 Europe/Berlin")[0] == 0
    assert state(run)["ana"] == "holds"
    code, _, err = run("grant", "ana", "acme", "--hours", "always")
    assert (code, err.count("\n")) == (2, 1)


def test_what_holds_later_or_at_other_hours_is_not_said_to_hold(run: Run, store: sqlite3.Connection) -> None:
    share = "INSERT INTO directory_role_share VALUES ('acme', 'service_desk_analyst', ?, NULL)"
    store.execute(share, ("2098-01-01T00:00:00+00:00",))
    store.execute("INSERT INTO directory_grant VALUES ('ana', 'acme', '2099-01-01T00:00:00+00:00', NULL, NULL)")
    assert state(run) == {None: "not yet", "ana": "not yet"}
    run("grant", "ana", "acme")
    assert state(run)["ana"] == "not shared"
    run("share", "acme")
    now = datetime.now(UTC)
    day = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[(now + timedelta(days=3)).weekday()]
    run("grant", "ana", "acme", "--hours", f"{day} 00:00-24:00 UTC")
    assert state(run)["ana"] == "other hours"


def test_people_who_cannot_leave_are_a_problem_that_names_the_store(run: Run, store: sqlite3.Connection) -> None:
    """The role is taken back all the same, and the daemon tries again."""
    run("share", "acme")
    store.execute("CREATE TRIGGER stuck BEFORE DELETE ON directory_person BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    code, _, err = run("share", "acme", "--revoke")
    assert (code, err.count("\n")) == (1, 1)
    assert "people of ended shares could not be removed: disk full" in err
    assert state(run) == {None: "ended"}
    assert run("check")[0] == 1


def test_what_is_revoked_ends_now_and_cannot_end_twice(run: Run) -> None:
    run("share", "acme")
    run("grant", "ana", "acme")
    assert run("revoke", "ana", "acme")[0] == 0
    assert state(run)["ana"] == "ended"
    code, _, err = run("revoke", "ana", "acme")
    assert (code, err) == (1, "ctibridge: agent 'ana' has no grant for 'acme'; see: ctibridge grants\n")


def test_a_grant_that_ended_begins_anew(run: Run, store: sqlite3.Connection) -> None:
    run("share", "acme")
    run("grant", "ana", "acme")
    run("revoke", "ana", "acme")
    (ended,) = store.execute("SELECT ends_at FROM directory_grant").fetchone()
    run("grant", "ana", "acme")
    starts, ends = store.execute("SELECT starts_at, ends_at FROM directory_grant").fetchone()
    assert starts > ended
    assert ends is None


def test_whose_role_is_taken_back_his_people_leave_the_store(run: Run, store: sqlite3.Connection) -> None:
    run("share", "acme")
    assert run("share", "acme", "--revoke")[1] == "acme no longer shares its role; 1 people left the store\n"
    for table in ("directory_person", "directory_phone", "directory_term"):
        assert store.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
    assert store.execute("SELECT count(*) FROM directory_account").fetchone() == (1,)
    assert run("share", "acme", "--revoke")[0] == 1
    assert "ended shares      0 people" in run("check")[1]


def test_people_may_stay_for_a_while(run: Run, store: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "ctibridge.toml").write_text('[node]\nstate_dir = "state"\n[privacy]\npurge_after = "30d"\n')
    run("share", "acme")
    assert run("share", "acme", "--revoke")[1] == "acme no longer shares its role\n"
    assert store.execute("SELECT count(*) FROM directory_person").fetchone() == (1,)
    assert run("check")[0] == 0


def test_check_counts_who_was_left_behind(run: Run, store: sqlite3.Connection) -> None:
    store.execute(
        "INSERT INTO directory_role_share VALUES ('acme', 'service_desk_analyst', NULL, '2020-01-01T00:00:00+00:00')"
    )
    code, out, _ = run("check")
    assert code == 1
    assert "1 people of accounts whose share has ended: acme" in out


def test_an_announcement_stands_in_the_default_language(run: Run, store: sqlite3.Connection) -> None:
    assert run("announce", "acme", "  Mail is down.\x07 ", "--until", "2099-01-01")[0] == 0
    (text, site) = store.execute("SELECT text, site FROM directory_announcement").fetchone()
    assert (json.loads(text), site) == ({"en": "Mail is down."}, None)
    assert run("announce", "acme", " ")[0] == 2
    assert "no site 'Bern'" in run("announce", "acme", "x", "--site", "Bern")[2]


def test_an_announcement_without_an_end_says_how_to_end_it(run: Run, store: sqlite3.Connection, tmp_path: Path) -> None:
    """It once said "until it is revoked", and nothing revokes an announcement."""
    out = run("announce", "acme", "Mail is down.")[1]
    ((name,),) = store.execute("SELECT id FROM directory_announcement").fetchall()
    assert out == (
        "each pop of acme says so without end; "
        f"to end it, import announcements.csv with id {name}, text_en and ends_at\n"
    )
    file = tmp_path / "announcements.csv"
    file.write_text(f"account,id,text_en,ends_at\nacme,{name},Mail is down.,2026-01-01\n")
    assert run("import", str(file))[0] == 0
    assert store.execute("SELECT id, ends_at FROM directory_announcement").fetchall() == [
        (name, "2026-01-01T00:00:00+00:00")
    ]


def test_who_shares_no_more_gets_no_announcement_that_nobody_would_see(run: Run, store: sqlite3.Connection) -> None:
    run("share", "acme")
    run("share", "acme", "--revoke")
    assert run("announce", "acme", "Mail is down.") == (
        1,
        "",
        "ctibridge: account 'acme': its role share has ended; first run: ctibridge share acme\n",
    )
    assert run("check")[1].count("MEND ended shares") == 0
    run("share", "acme")
    assert run("announce", "acme", "Mail is down.")[0] == 0


ENDED = "INSERT INTO directory_role_share VALUES ('acme', 'service_desk_analyst', NULL, '2020-01-01T00:00:00+00:00')"


def test_a_share_that_has_ended_already_is_revoked_where_its_people_are_still_there(
    run: Run, store: sqlite3.Connection
) -> None:
    """Ended by a file, with no daemon running: `check` asked for a mend, and the command for it refused."""
    store.execute(ENDED)
    assert run("share", "acme", "--revoke") == (0, "acme no longer shares its role; 1 people left the store\n", "")
    assert store.execute("SELECT count(*) FROM directory_person").fetchone() == (0,)
    code, _, err = run("share", "acme", "--revoke")
    assert (code, err) == (1, "ctibridge: account 'acme' does not share its role now; see: ctibridge grants\n")


def test_people_of_a_share_that_an_import_ends_leave_at_once(
    run: Run, store: sqlite3.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "role_shares.csv"
    file.write_text("account,role,ends_at\nacme,service_desk_analyst,2026-01-01\n")
    assert "left the store" not in run("import", "--dry-run", str(file))[1]
    out = run("import", str(file))[1]
    assert out.endswith("acme no longer shares its role; 1 people left the store\n")
    assert store.execute("SELECT count(*) FROM directory_phone").fetchone() == (0,)
    assert "left the store" not in run("import", str(file))[1]


def test_people_of_a_share_that_an_import_ends_may_stay_for_a_while(
    run: Run, store: sqlite3.Connection, tmp_path: Path
) -> None:
    (tmp_path / "ctibridge.toml").write_text('[node]\nstate_dir = "state"\n[privacy]\npurge_after = "36500d"\n')
    file = tmp_path / "role_shares.csv"
    file.write_text("account,role,ends_at\nacme,service_desk_analyst,2026-01-01\n")
    assert "left the store" not in run("import", str(file))[1]
    assert store.execute("SELECT count(*) FROM directory_person").fetchone() == (1,)


def test_the_summary_says_what_stays_narrower_than_the_file(run: Run, tmp_path: Path) -> None:
    run("share", "acme")
    run("share", "acme", "--revoke")
    file = tmp_path / "role_shares.csv"
    file.write_text("account,role,ends_at\nacme,service_desk_analyst,\n")
    code, out, _ = run("import", str(file))
    assert code == 0
    assert "1 rows (UTF-8, comma): 1 as before\n1 shares or grants stay narrower than the files say" in out
    assert state(run) == {None: "ended"}


def test_an_import_is_in_the_audit_and_a_dry_run_is_not(run: Run, store: sqlite3.Connection, tmp_path: Path) -> None:
    """Its files may say who shares, and who may see whom."""
    file = tmp_path / "role_shares.csv"
    file.write_text("account,role,ends_at\nacme,service_desk_analyst,\n")
    run("import", str(file), "--dry-run")
    run("import", str(file))
    run("import", str(file), "--account", "acme", "--replace")
    assert store.execute("SELECT act, account, detail FROM directory_audit ORDER BY no").fetchall() == [
        ("import", None, "1 changes"),
        ("import", "acme", "replace, 0 changes"),
    ]


def test_every_act_is_in_the_audit_with_who_did_it(
    run: Run, store: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUDO_USER", "root-but-really-eva")
    run("share", "acme")
    run("grant", "ana", "acme", "--until", "2099-01-01")
    run("revoke", "ana", "acme")
    run("announce", "acme", "Mail is down.")
    run("share", "acme", "--revoke")
    rows = store.execute("SELECT act, account, agent, actor FROM directory_audit ORDER BY no").fetchall()
    assert [row[:3] for row in rows] == [
        ("share", "acme", None),
        ("grant", "acme", "ana"),
        ("revoke", "acme", "ana"),
        ("announce", "acme", None),
        ("end share", "acme", None),
    ]
    assert {row[3] for row in rows} == {"root-but-really-eva"}


def test_every_act_moves_the_version_that_a_running_daemon_watches(run: Run, store: sqlite3.Connection) -> None:
    versions = [store.execute("SELECT version, tables FROM directory_change").fetchone()]
    for act in (("share", "acme"), ("grant", "ana", "acme"), ("revoke", "ana", "acme"), ("announce", "acme", "x")):
        run(*act)
        versions.append(store.execute("SELECT version, tables FROM directory_change").fetchone())
    assert [version for version, _ in versions] == list(range(versions[0][0], versions[0][0] + 5))
    assert all(version == tables for version, tables in versions)


@pytest.mark.parametrize(
    ("arguments", "code", "mend"),
    [
        (("share", "acmee"), 1, "import accounts.csv"),
        (("grant", "nobody", "acme"), 1, "import agents.csv"),
        (("grant", "ana", "acmee"), 1, "import accounts.csv"),
        (("announce", "acmee", "x"), 1, "import accounts.csv"),
        (("grant", "ana", "acme", "--hours", ""), 2, "Mo-Fr 22:00-06:00 Europe/Berlin"),
        (("grant", "ana", "acme", "--hours", " "), 2, "leave it out"),
        (("share", "acme", "--until", "tomorrow"), 2, "2026-12-31"),
        (("share", "acme", "--until", "2020-01-01"), 2, "over already"),
        (("share", "acme", "--until", "2099-01-01", "--revoke"), 2, "either"),
    ],
)
def test_refusals_are_one_line_with_the_mend_and_change_nothing(
    run: Run, store: sqlite3.Connection, arguments: tuple[str, ...], code: int, mend: str
) -> None:
    before = list(store.iterdump())
    found, _, err = run(*arguments)
    assert (found, err.count("\n")) == (code, 1)
    assert mend in err
    assert list(store.iterdump()) == before
