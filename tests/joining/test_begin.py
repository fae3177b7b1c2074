"""`joining/begin.py`: by what nodes know each other, from Redis or from the node's own disk."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.cluster.adapters import looking
from ctibridge.cluster.server import Server
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.config import NodeSettings
from ctibridge.health import Health
from ctibridge.installation import StartError
from ctibridge.joining import passport
from ctibridge.joining.begin import begin
from ctibridge.joining.node import Joined
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")

NOBODY = "redis://127.0.0.1:1"
SECRET = "{ctibridge}:secret"


@pytest.fixture
def url(empty: RedisServer) -> str:
    return empty.url


async def at(url: str, folder: Path, name: str) -> Joined:
    (folder / name).mkdir(exist_ok=True)
    return await begin(NodeSettings(name, folder / name), RedisAccess(RedisSettings(url)), Health(), {})


async def test_all_nodes_have_the_secret_of_the_first(tmp_path: Path, url: str) -> None:
    first, second = await at(url, tmp_path, "n1"), await at(url, tmp_path, "n2")
    assert first.key == second.key
    assert len(first.key) == passport.KEY_BYTES
    assert first.service == "ctibridge"


async def test_it_comes_back_into_a_redis_that_was_emptied(tmp_path: Path, url: str, empty: RedisServer) -> None:
    before = (await at(url, tmp_path, "n1")).key
    empty.say("FLUSHALL")
    assert (await at(url, tmp_path, "n1")).key == before
    assert empty.say("EXISTS", SECRET) == 1
    assert (await at(url, tmp_path, "n2")).key == before


async def test_who_never_met_the_others_needs_redis_to_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"\[redis\]: .*nobody listens there.*; a node needs it for its first start"):
        await at(NOBODY, tmp_path, "n1")
    assert passport.known_key(tmp_path / "n1") is None


async def test_who_did_starts_without_it(tmp_path: Path, url: str) -> None:
    before = (await at(url, tmp_path, "n1")).key
    with capture_logs() as logs:
        assert (await at(NOBODY, tmp_path, "n1")).key == before
    assert [line["event"] for line in logs] == ["redis_failed"]


async def test_who_comes_from_another_cluster_takes_the_secret_of_this_one(tmp_path: Path, url: str) -> None:
    here = (await at(url, tmp_path, "n1")).key
    (tmp_path / "n2").mkdir()
    passport.show(tmp_path / "n2", passport.fresh_key())
    with capture_logs() as logs:
        assert (await at(url, tmp_path, "n2")).key == here
    assert passport.known_key(tmp_path / "n2") == here
    assert [line["event"] for line in logs] == ["cluster_secret_changed"]


async def test_a_redis_that_is_too_old_is_refused_at_each_start(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at(url, tmp_path, "n1")
    monkeypatch.setattr(looking, "parse", lambda _: Server("6.2.14", "standalone", "noeviction", 1, 0, keeps=True))
    for name in ("n1", "n2"):
        with pytest.raises(StartError, match=r"^\[redis\]: redis: it is version 6\.2\.14; install Redis 7 or newer$"):
            await at(url, tmp_path, name)
