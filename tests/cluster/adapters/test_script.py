"""Scripts are files of the package, and run by their hash."""

from hashlib import sha1
from pathlib import Path

import pytest

from ctibridge.cluster import adapters
from ctibridge.cluster.adapters.script import Script
from tests.cluster.conftest import reach
from tests.peers.redis import RedisServer

NAMES = sorted(path.stem for path in Path(adapters.__path__[0]).glob("*.lua"))


@pytest.mark.parametrize("name", NAMES)
def test_its_hash_is_that_of_its_text(name: str) -> None:
    script = Script(name)
    assert script.sha == sha1(script.text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.peer("redis-server")
async def test_its_text_goes_along_where_redis_has_not_got_it(empty: RedisServer) -> None:
    script = Script.__new__(Script)
    script.text = "return {KEYS[1], ARGV[1]}"
    script.sha = sha1(script.text.encode(), usedforsecurity=False).hexdigest()
    link = reach(empty.url).link("{ctibridge}:a")
    for _ in range(2):
        empty.say("SCRIPT FLUSH")
        for _ in range(2):
            assert await link.run(script, ["{ctibridge}:a"], "b") == [b"{ctibridge}:a", b"b"]
    calls = empty.info("commandstats")
    assert calls["cmdstat_eval"]["calls"] == 2
    await link.close()
