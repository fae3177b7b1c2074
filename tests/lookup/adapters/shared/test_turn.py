"""Whose turn it is to write people, decided by Redis."""

import pytest

from ctibridge.lookup.adapters.shared.layout import tags
from ctibridge.lookup.adapters.shared.turn import AT_ONCE, Passed, Turn, added, removed
from tests.lookup.adapters.shared.redis import spread_over

pytestmark = pytest.mark.peer("redis-server")

ONE, TWO = (f"{tag}:x" for tag in tags("cti")[:2])


async def test_who_took_it_writes_and_who_had_it_does_not() -> None:
    async with spread_over() as (server, spread):
        first, second = Turn(spread, "cti", "first"), Turn(spread, "cti", "second")
        with pytest.raises(Passed):
            await first.write([("SET", ONE, 1)])  # never took it
        await first.take()
        await first.write([("SET", ONE, 1), ("SET", TWO, 1), ("SET", "{cti}:directory:x", 1)])
        await second.take()
        await second.write([])
        await second.write([("SET", TWO, 2)])
        for key in ONE, TWO, "{cti}:directory:x":
            with pytest.raises(Passed):
                await first.write([("SET", key, 3)])
        assert server.say("MGET", ONE, TWO, "{cti}:directory:x") == ["1", "2", "1"]


async def test_members_come_and_go_however_many_they_are() -> None:
    members = {(ONE, b"\xff\0%d" % number) for number in range(3 * AT_ONCE)} | {(TWO, b"\0")}
    async with spread_over() as (server, spread):
        turn = Turn(spread, "cti", "word")
        await turn.take()
        await turn.write(added(members))
        assert (server.say("ZCARD", ONE), server.say("ZCARD", TWO)) == (3 * AT_ONCE, 1)
        await turn.write(removed(members))
        assert server.say("EXISTS", ONE, TWO) == 0
    assert added([]) == removed([]) == []
