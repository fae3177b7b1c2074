"""Tokens as an administrator makes them, in a state directory of their own."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.cli import main, token
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.lookup.adapters.schema import FILE

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("list")` is `ctibridge token list`: exit code, output, errors. Ana is an agent, Ben a disabled one."""
    config = tmp_path / "ctibridge.toml"
    config.write_text('[node]\nstate_dir = "state"\n')

    def typed(*arguments: str) -> tuple[int, str, str]:
        code = main(["token", *arguments, "--config", str(config)])
        said = capsys.readouterr()
        return code, said.out, said.err

    assert typed("issue", "--agent", "ana")[0] == 1, "makes the store"
    with sqlite3.connect(tmp_path / "state" / FILE) as store:
        store.execute("INSERT INTO directory_agent (id, name, disabled) VALUES ('ana', 'Ana', 0), ('ben', 'Ben', 1)")
        store.execute("UPDATE directory_change SET version = version + 1")
    store.close()
    return typed


def test_a_token_is_printed_alone_and_once(run: Run) -> None:
    code, out, err = run("issue", "--agent", "ana")
    assert (code, err) == (0, "")
    assert out.startswith("ctb_")
    assert out.count("\n") == 1
    assert len(out.strip()) == 47
    assert out.strip() not in run("list")[1]
    assert "ana" in run("list")[1]


def test_for_programs(run: Run) -> None:
    _, out, _ = run("issue", "--agent", "ana", "--days", "7", "--json")
    issued = json.loads(out)
    assert list(issued) == ["id", "token", "agent", "kind", "expires_at"]
    assert (issued["agent"], issued["kind"]) == ("ana", "desk")
    left = datetime.fromisoformat(issued["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    (listed,) = json.loads(run("list", "--json")[1])
    assert (listed["id"], listed["state"]) == (issued["id"], "valid")
    assert "token" not in listed


def left(issued: str) -> timedelta:
    return datetime.fromisoformat(json.loads(issued)["expires_at"]) - datetime.now(UTC)


def test_a_desks_token_ends_with_the_shift_and_an_ivrs_does_not(run: Run) -> None:
    shift = left(run("issue", "--agent", "ana", "--json")[1])
    assert timedelta(hours=11, minutes=59) < shift <= timedelta(hours=12)
    assert timedelta(days=364) < left(run("issue", "--kind", "ivr", "--json")[1]) <= timedelta(days=365)
    ends = f"{datetime.now().astimezone() + shift:%Y-%m-%d %H:%M}"
    assert ends[:10] in run("list")[1], "until when, with its time of day"


async def test_the_list_says_which_token_came_by_sign_in(run: Run, tmp_path: Path) -> None:
    store = await TokenStore.open(tmp_path / "state" / FILE)
    now = datetime.now(UTC)
    await store.sign_in("ana", now + timedelta(hours=12), now, 10)
    await store.close()
    await asyncio.to_thread(run, "issue", "--agent", "ana")
    said = [line.split()[-2:] for line in (await asyncio.to_thread(run, "list"))[1].splitlines()]
    assert said == [["BY", "STATE"], ["sign-in", "valid"], ["hand", "valid"]]
    assert [one["by"] for one in json.loads((await asyncio.to_thread(run, "list", "--json"))[1])] == ["sign-in", "hand"]


async def test_who_revokes_a_token_by_sign_in_hears_that_its_page_can_get_another(run: Run, tmp_path: Path) -> None:
    store = await TokenStore.open(tmp_path / "state" / FILE)
    now = datetime.now(UTC)
    _, token = await store.sign_in("ana", now + timedelta(hours=12), now, 10)
    await store.close()
    _, said, _ = await asyncio.to_thread(run, "revoke", token.id)
    assert said.startswith(f"token {token.id} is revoked\n")
    assert "disable the agent in agents.csv" in said


def test_an_ivr_has_no_agent(run: Run) -> None:
    _, out, _ = run("issue", "--kind", "ivr", "--json")
    assert json.loads(out)["agent"] is None
    code, _, err = run("issue", "--kind", "ivr", "--agent", "ana")
    assert (code, err.count("\n")) == (2, 1)


def test_revoked(run: Run) -> None:
    issued = json.loads(run("issue", "--agent", "ana", "--json")[1])
    assert run("revoke", issued["id"])[:2] == (0, f"token {issued['id']} is revoked\n")
    assert run("revoke", issued["id"])[0] == 0
    assert "revoked" in run("list")[1]
    code, _, err = run("revoke", "nothing")
    assert code == 1
    assert "ctibridge token list" in err


@pytest.mark.parametrize(
    ("arguments", "code", "mend"),
    [
        (["--agent", "nobody"], 1, "agents.csv"),
        (["--agent", "ben"], 1, "disabled"),
        ([], 2, "--agent"),
        (["--agent", "ana", "--days", "0"], 2, "--days"),
        (["--agent", "ana", "--days", "99999999999"], 2, "--days"),
    ],
)
def test_what_is_refused_says_the_mend(run: Run, arguments: list[str], code: int, mend: str) -> None:
    found, out, err = run("issue", *arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert mend in err
    assert run("list")[1].startswith("no tokens yet")


def test_a_store_that_is_none_is_one_line(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path / "state").glob(f"{FILE}*"):
        path.unlink()
    (tmp_path / "state" / FILE).write_text("this is no database, whatever its name says" * 100)
    code, _, err = run("list")
    assert (code, err.count("\n")) == (1, 1)


def test_no_configuration_is_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["token", "list", "--config", str(tmp_path / "nothing.toml")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# -- while an import writes --------------------------------------------------------------------------------------------


@pytest.fixture
def importing(run: Run, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another process in the midst of its transaction."""
    assert run("list")[0] == 0, "the store is set up"
    other = sqlite3.connect(tmp_path / "state" / FILE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


def test_who_revokes_while_a_large_account_is_imported_waits_and_is_told_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = json.loads(run("issue", "--agent", "ana", "--json")[1])
    other = sqlite3.connect(tmp_path / "state" / FILE, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    told = []

    def end_the_import(text: str) -> int:
        told.append(text)
        if other.in_transaction:
            other.execute("COMMIT")
        return len(text)

    monkeypatch.setattr(token, "TELL_AFTER", 0.01)
    monkeypatch.setattr(sys.stderr, "write", end_the_import)
    assert run("revoke", issued["id"])[0] == 0
    other.close()
    assert "".join(told) == "another ctibridge is writing to the store; waiting up to 120 s for it\n"


def test_who_has_waited_in_vain_is_sent_to_try_again_and_not_to_his_backups(
    run: Run, importing: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert importing.in_transaction
    monkeypatch.setattr(token, "WAIT_MS", 10)
    code, out, err = run("revoke", "some")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "database is locked; another ctibridge is writing; try again" in err


def test_who_only_lists_does_not_wait_for_an_import(
    run: Run, importing: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert importing.in_transaction
    monkeypatch.setattr(token, "WAIT_MS", 10)
    assert run("list")[0] == 0


def test_who_made_and_who_revoked_a_token_is_in_the_audit_without_its_text(run: Run, tmp_path: Path) -> None:
    text = run("issue", "--agent", "ana")[1].strip()
    number = json.loads(run("list", "--json")[1])[0]["id"]
    run("revoke", number)
    run("revoke", number)
    with sqlite3.connect(tmp_path / "state" / FILE) as store:
        rows = store.execute("SELECT act, agent, detail FROM directory_audit ORDER BY no").fetchall()
    store.close()
    assert rows == [("token issue", "ana", f"{number}, desk"), ("token revoke", "ana", f"{number}, desk")]
    assert text.split("_")[-1] not in repr(rows)


def test_a_token_that_cannot_be_noted_is_none(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state" / FILE) as store:
        full = "SELECT RAISE(ABORT, 'database or disk is full')"
        store.execute(f"CREATE TRIGGER no BEFORE INSERT ON directory_audit BEGIN {full}; END")
    store.close()
    code, out, err = run("issue", "--agent", "ana")
    assert (code, out) == (1, "")
    assert "make room on its disk" in err
    assert [one["state"] for one in json.loads(run("list", "--json")[1])] == ["revoked"]
