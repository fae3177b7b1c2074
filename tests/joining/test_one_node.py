"""One node whose rooms are joined with its cluster, in this process, on a real Redis.

What several of them do together stands in tests/cluster and tests/e2e/test_cluster.py.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from ctibridge.app import App
from ctibridge.cluster.adapters.registry import RedisRegistry
from ctibridge.cluster.beat import Beat
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.settings import RedisAccess, RedisSettings
from ctibridge.cluster.view import Info
from ctibridge.config import NodeSettings, Settings
from ctibridge.delivery.settings import WebSettings
from ctibridge.fields import Duration
from ctibridge.joining.held import HELD
from tests.cluster.conftest import reach
from tests.joining.copies import PATIENCE
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


@asynccontextmanager
async def running(folder: Path, server: RedisServer) -> AsyncIterator[App]:
    redis = RedisSettings(server.url, lease=Duration(2))
    settings = Settings(node=NodeSettings("n1", folder / "state"), web=WebSettings("127.0.0.1:0"), redis=redis)
    (folder / "state").mkdir(exist_ok=True)
    app, stop = App(settings, {}, redis=RedisAccess(redis)), asyncio.Event()
    await app.open()
    task = asyncio.create_task(app.run(stop))
    try:
        yield app
    finally:
        stop.set()
        await task


async def test_it_has_all_lots_says_so_and_gives_them_back(tmp_path: Path, empty: RedisServer) -> None:
    registry = RedisRegistry(reach(empty.url))
    async with running(tmp_path, empty) as app:
        joined = app._joined
        assert joined is not None
        assert joined.home("ana") == "", "nobody's yet"
        await until(lambda: joined.mine("ana"), "the desk is at home here", PATIENCE)
        await until(lambda: joined.home("ana") is None, "and may be sat at", PATIENCE)
        assert joined.acts()
        figures = joined.figures()
        assert (figures.alone, figures.nodes, figures.lots, figures.lines, figures.relayed) == (False, 1, LOTS, 0, 0)
        assert app._desks._source == "/ctibridge/ctibridge"
        assert app.health.reasons() == []
        kept = await app._outbox.fact(HELD, "n1")
        assert len(msgspec.json.decode(kept or b"{}")) == LOTS, "for a start without Redis"
    left = await registry.look()
    assert left.nodes == {}
    assert {(record.node, record.incarnation) for record in left.lots.values()} == {("n1", "")}, "released"
    await registry.close()


async def test_another_one_has_its_name(tmp_path: Path, empty: RedisServer) -> None:
    registry = RedisRegistry(reach(empty.url))
    await registry.ask(Beat("n1", "another", "", 1, 60.0, Info()))
    async with running(tmp_path, empty) as app:
        joined = app._joined
        assert joined is not None
        await until(
            lambda: any("another ctibridge is n1" in one for one in app.health.reasons()), "it says so", PATIENCE
        )
        assert (joined.figures().lots, joined.mine("ana")) == (0, False)
    assert (await registry.look()).nodes["n1"].incarnation == "another"
    await registry.close()
