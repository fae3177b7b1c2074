"""Commands that change a directory which several nodes share, beside a real Redis and without one."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.joining import directory
from tests.cli.commands import Run, heard
from tests.joining.conftest import empty, redis, server
from tests.joining.copies import MOMENT
from tests.peers.redis import RedisServer

__all__ = ["empty", "redis", "server"]

pytestmark = pytest.mark.peer("redis-server")

SQL = "SELECT count(*) FROM {}"


def node(folder: Path, redis: RedisServer, capsys: pytest.CaptureFixture[str]) -> Run:
    folder.mkdir()
    command = heard(folder, capsys)
    with (folder / "ctibridge.toml").open("a") as more:
        more.write(f'\n[redis]\nurl = "{redis.url}"\n')
    return command


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / "state" / "ctibridge.db")) as db:
        return int(db.execute(SQL.format(table)).fetchone()[0])


@pytest.fixture
def two(
    tmp_path: Path, redis: RedisServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Run, Run]:
    monkeypatch.setattr(directory, "MOMENT", MOMENT)
    monkeypatch.setattr(directory, "LONGEST", 3.0)
    first, second = (node(tmp_path / name, redis, capsys) for name in ("one", "two"))
    return first, second


def test_a_command_on_any_node_goes_on_from_what_was_said_on_another_one(two: tuple[Run, Run], tmp_path: Path) -> None:
    first, second = two
    assert first("share", "acme") == (0, "acme shares its role until it is revoked\n", "")
    store = tmp_path / "two" / "state" / "ctibridge.db"  # a backup of the first one, restored there
    for old in store.parent.glob("ctibridge.db*"):
        old.unlink()
    with closing(sqlite3.connect(tmp_path / "one" / "state" / "ctibridge.db", isolation_level=None)) as db:
        db.execute("VACUUM INTO ?", (str(store),))
    assert first("grant", "ana", "acme")[0] == 0
    assert second("grant", "ana", "acme", "--hours", "Mo-Fr 08:00-18:00 Europe/Berlin")[0] == 0
    assert first("revoke", "ana", "acme")[0] == 0
    code, _, err = second("revoke", "ana", "acme")
    assert (code, "has no grant" in err) == (1, True)
    code, token, _ = second("token", "issue", "--agent", "ana")
    assert code == 0
    assert token.strip()
    assert first("announce", "acme", "hello")[0] == 0
    assert count(tmp_path / "one", "token") == 1, "who announces catches up first"


def test_without_redis_nothing_is_written_unless_it_is_said_to_be_for_here(
    two: tuple[Run, Run], tmp_path: Path, redis: RedisServer
) -> None:
    first, _ = two
    assert first("share", "acme")[0] == 0
    assert first("grant", "ana", "acme")[0] == 0
    redis.pause()
    try:
        code, out, err = first("revoke", "ana", "acme")
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert "no answer in time" in err
        assert "--here does it on this node alone" in err
        assert "--here" not in first("announce", "acme", "hello")[2]
        assert first("grants")[0] == 0, "reading goes on"
        code, out, _ = first("revoke", "ana", "acme", "--here")
        assert code == 0
        assert "this holds on this node alone now" in out
    finally:
        redis.wake()
    assert count(tmp_path / "one", "directory_noted") > 0, "the service tells it when Redis is back"


def test_one_node_alone_knows_no_here_and_loads_nothing_of_a_cluster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("ctibridge.joining", "ctibridge.cluster.adapters"))]:
        monkeypatch.delitem(sys.modules, name)
    command = heard(tmp_path, capsys)
    assert command("share", "acme")[0] == 0
    assert not [name for name in sys.modules if name.startswith(("ctibridge.joining", "ctibridge.cluster.adapters"))]
    code, _, err = command("share", "acme", "--revoke", "--here")
    assert (code, err.count("\n")) == (2, 1)
