"""Commands at a node whose store goes without people, beside a real Redis and a node that keeps them."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from ctibridge.cli import main
from ctibridge.joining import directory
from ctibridge.joining.directory import Directory
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.commands import Run
from tests.joining.conftest import empty, redis, server
from tests.joining.copies import MOMENT, access
from tests.lookup.adapters.files import WHOLE, write
from tests.peers.redis import RedisServer

__all__ = ["empty", "redis", "server"]

pytestmark = pytest.mark.peer("redis-server")

URS = "+491713920018"


def node(folder: Path, redis: RedisServer, capsys: pytest.CaptureFixture[str]) -> Run:
    folder.mkdir()
    config = folder / "ctibridge.toml"
    config.write_text(
        f'[node]\nname = "{folder.name}"\nstate_dir = "state"\n[redis]\nurl = "{redis.url}"\ndirectory = "redis"\n'
    )

    def command(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--config", str(config)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def two(
    tmp_path: Path, redis: RedisServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Run, Run]:
    """The first one keeps people, and the second one has heard of all else."""
    monkeypatch.setattr(directory, "MOMENT", MOMENT)
    monkeypatch.setattr(directory, "LOOK_EVERY", 0.05)
    first, second = (node(tmp_path / name, redis, capsys) for name in ("one", "two"))
    assert first("import", str(write(tmp_path / "files", WHOLE)))[0] == 0
    with serving(tmp_path / "one", redis):
        assert second("announce", "acme", "hello")[0] == 0
    return first, second


@contextmanager
def serving(folder: Path, redis: RedisServer) -> Iterator[None]:
    """The service of this node, as far as its directory goes."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        daemon = Directory(folder / "state" / FILE, access(redis.url, "redis"), folder.name, moment=MOMENT)
        task = asyncio.create_task(daemon.run())
        await stop.wait()
        task.cancel()
        await asyncio.wait({task})

    thread = Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def people(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "state" / FILE)) as db:
        return int(db.execute("SELECT count(*) FROM directory_person").fetchone()[0])


def test_what_only_people_could_tell_is_refused_in_one_line_and_the_rest_is_told(
    two: tuple[Run, Run], tmp_path: Path, redis: RedisServer
) -> None:
    first, second = two
    assert (people(tmp_path / "one"), people(tmp_path / "two")) == (3, 0)
    assert second("lookup", URS) == first("lookup", URS)
    assert "Urs Zgraggen" in second("lookup", URS)[1]
    for refused in (
        ("import", str(tmp_path / "files"), "--dry-run"),
        ("erase", "--account", "acme", "--person", "p18", "--dry-run"),
        ("export", "--account", "acme", "--person", "p18"),
    ):
        code, out, err = second(*refused)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert "goes without people; ctibridge cluster status shows the nodes that keep them" in err
    assert "in Redis; how many there are say the nodes that keep them" in second("account", "check", "acme")[1]
    code, _, err = second("backup", str(tmp_path / "two.backup"))
    assert (code, "they are in the backups of the nodes that keep them" in err) == (0, True)
    assert second("grants")[0] == 0
    assert second("audit")[0] == 0
    (tmp_path / "two" / "state").rename(tmp_path / "two" / "before")
    code, out, err = second("restore", str(tmp_path / "two.backup"))
    assert (code, "people are not in it" in out) == (0, True), err
    redis.say("FLUSHALL")
    code, out, err = second("lookup", URS)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "it has none or does not answer" in err


def test_who_erases_has_all_people_first(two: tuple[Run, Run], tmp_path: Path, redis: RedisServer) -> None:
    first, second = two
    with serving(tmp_path / "one", redis):
        code, _, err = second("erase", "--account", "acme", "--person", "p18", "--yes")
    assert (code, err.splitlines()[-1]) == (0, "all people are in this node's store from now on")
    assert people(tmp_path / "two") == 2
    assert "Urs" not in first("lookup", URS)[1] + second("lookup", URS)[1]


def test_where_no_node_gives_them_that_is_said(
    two: tuple[Run, Run], tmp_path: Path, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "NO_KEEPER", 0.1)
    _, second = two
    code, out, err = second("cluster", "keep")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "no node that keeps them answers; start one that does" in err
    with serving(tmp_path / "one", redis):
        monkeypatch.setattr(directory, "NO_KEEPER", 10.0)
        assert second("cluster", "keep")[:2] == (0, "this node keeps all people\n")
    assert people(tmp_path / "two") == 3
