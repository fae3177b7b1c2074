"""`joining/fitness.py`: a Redis that is too old, or may evict what we keep there, is said in the health."""

import asyncio

import pytest

from ctibridge.cluster.adapters import looking
from ctibridge.cluster.server import Server
from ctibridge.health import Health
from ctibridge.joining.fitness import Fitness
from tests.cluster.conftest import reach
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


async def test_what_is_wrong_with_it_is_said_until_it_is_mended(
    empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health()
    health.started()
    fitness = Fitness(reach(empty.url).link("{ctibridge}:lots"), health)
    task = asyncio.create_task(fitness.run())
    try:
        empty.say("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        fitness.want()
        await until(lambda: any("allkeys-lru; set it to noeviction" in one for one in health.remarks()), "said", 5)
        assert health.reasons() == []
        empty.say("CONFIG", "SET", "maxmemory-policy", "noeviction")
        fitness.want()
        await until(lambda: health.remarks() == [], "mended", 5)
        with monkeypatch.context() as patch:
            old = Server("6.2.14", "standalone", "noeviction", 1, 0, keeps=True)
            patch.setattr(looking, "parse", lambda _: old)
            fitness.want()
            await until(lambda: any("6.2.14" in one for one in health.reasons()), "refused", 5)
        fitness.want()
        await until(lambda: health.reasons() == [], "another one", 5)
    finally:
        empty.say("CONFIG", "SET", "maxmemory-policy", "noeviction")
        task.cancel()
        await asyncio.wait({task})
