"""`joining/calendar.py`: by how much our calendar is ahead of a real Redis's, also when somebody has set ours."""

import time

import pytest

from ctibridge.joining.calendar import ASKS_EVERY, Calendar
from tests.cluster.conftest import reach
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


async def test_ours_is_set_and_redis_need_not_be_asked(empty: RedisServer) -> None:
    link, set_by, passed = reach(empty.url).link("{ctibridge}:lots"), [7200.0], [0.0]
    calendar = Calendar(lambda: time.time() + set_by[0], lambda: time.monotonic() + passed[0])
    assert calendar.ahead() is None
    assert abs(await calendar.ahead_of(link) - 7200) < 60
    set_by[0] = -7200.0
    empty.say("CONFIG", "RESETSTAT")
    assert abs(await calendar.ahead_of(link) + 7200) < 60
    assert "cmdstat_time" not in empty.info("commandstats")
    passed[0] += ASKS_EVERY
    set_by[0] += ASKS_EVERY  # a minute goes by here, and none in Redis
    assert (before := calendar.ahead()) is not None
    assert abs(before + 7200) < 30
    assert abs(await calendar.ahead_of(link) + 7200 - ASKS_EVERY) < 30
    assert "cmdstat_time" in empty.info("commandstats")
    await link.close()
