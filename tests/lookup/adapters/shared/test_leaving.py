"""Who is erased leaves Redis at once, and nobody else is written anew for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing
from ctibridge.lookup.adapters.shared import reading
from ctibridge.lookup.adapters.shared.leaving import leave
from ctibridge.lookup.adapters.shared.state import Standing
from tests.lookup.adapters.directories import PREFIX
from tests.lookup.adapters.shared.moments import BEFORE, REGULA
from tests.lookup.adapters.shared.redis import Cut, CutAsk, content, kept, raw, spread_over, up

pytestmark = [pytest.mark.peer("redis-server"), pytest.mark.usefixtures("few_shards")]

ACTOR = Actor("eva", datetime(2026, 11, 23, 12, tzinfo=UTC))


async def standing(path: Path) -> Standing:
    async with reading.opened(path) as opened:
        return await opened.standing()


async def erased(path: Path) -> tuple[Standing, Standing]:
    """The store's standing before, and now."""
    before = await standing(path)
    async with await Erasing.open(path) as erasing:
        subject = await erasing.person(REGULA.key.account, REGULA.key.id)
        await erasing.order(subject, ACTOR, keep_out=True)
    return before, await standing(path)


async def test_he_is_nowhere_and_the_others_are_where_they_were(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (server, spread):
        await up(path, spread)
        assert b"p17" in raw(server)
        before, now = await erased(path)
        assert await leave(spread, PREFIX, [REGULA.key], before, now)
        assert b"p17" not in raw(server)
        assert b"Regula" not in raw(server)
        left, after = content(server), CutAsk(spread)
        assert await up(path, after)
        assert after.written == []
        server.say("FLUSHALL")
        await up(path, spread)
        assert content(server) == left, "as if all had been written anew"


async def test_killed_anywhere_he_leaves_with_the_next_run(tmp_path: Path) -> None:
    cuts = 0
    while True:
        path = await kept(BEFORE, tmp_path / str(cuts))
        async with spread_over() as (server, spread):
            await up(path, spread)
            before, now = await erased(path)
            try:
                await leave(CutAsk(spread, cuts), PREFIX, [REGULA.key], before, now)
            except Cut:
                cuts += 1
                assert await up(path, spread)
                assert b"p17" not in raw(server)
                continue
            break
    assert cuts > 2


async def test_where_redis_is_of_another_standing_all_is_to_be_brought_up(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (server, spread):
        _, now = await erased(path)
        assert not await leave(spread, PREFIX, [REGULA.key], Standing(7, "another"), now)
        assert content(server) == {}
