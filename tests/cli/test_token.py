"""Tokens as an administrator makes them, in a state directory of their own."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.cli import main
from ctibridge.lookup.adapters.schema import FILE

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("list")` is `ctibridge token list`: exit code, output, errors. Ana is an agent, Ben a disabled one."""
    config = tmp_path / "ctibridge.toml"
    config.write_text('[node]\nstate_dir = "state"\n')

    def token(*arguments: str) -> tuple[int, str, str]:
        code = main(["token", *arguments, "--config", str(config)])
        said = capsys.readouterr()
        return code, said.out, said.err

    assert token("issue", "--agent", "ana")[0] == 1, "makes the store"
    with sqlite3.connect(tmp_path / "state" / FILE) as store:
        store.execute("INSERT INTO directory_agent (id, name, disabled) VALUES ('ana', 'Ana', 0), ('ben', 'Ben', 1)")
        store.execute("UPDATE directory_change SET version = version + 1")
    store.close()
    return token


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


def test_an_ivr_has_no_agent(run: Run) -> None:
    _, out, _ = run("issue", "--kind", "ivr", "--json")
    assert json.loads(out)["agent"] is None
    code, _, err = run("issue", "--kind", "ivr", "--agent", "ana")
    assert (code, err.count("\n")) == (2, 1)


def test_revoked(run: Run) -> None:
    token = json.loads(run("issue", "--agent", "ana", "--json")[1])
    assert run("revoke", token["id"])[0] == 0
    assert run("revoke", token["id"])[0] == 0
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
