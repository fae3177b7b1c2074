"""What Redis says of the people that lie there."""

import pytest

from ctibridge.lookup.adapters.shared import state as states
from ctibridge.lookup.adapters.shared.layout import Layout
from ctibridge.lookup.adapters.shared.state import Standing, State
from tests.lookup.adapters.shared.redis import spread_over

pytestmark = pytest.mark.peer("redis-server")

OLD, NEW = Layout("cti", "old", 6), Layout("cti", "new", 7)


async def test_it_says_what_counts_and_what_was_begun() -> None:
    async with spread_over() as (server, spread):
        assert await states.read(spread, "cti") == State(None, None, None, (), {})
        await spread.ask([*states.begins(OLD), *states.begins(NEW), *states.knows("cti", {"acme": 1, "khalij": 2})])
        await spread.ask([states.counts(NEW, Standing(7, "seven"))])
        found = await states.read(spread, "cti")
        assert found.layout is None  # not yet whole
        assert set(found.begun) == {OLD, NEW}
        await spread.ask(states.whole(NEW, Standing(7, "seven")))
        found = await states.read(spread, "cti")
        assert (found.layout, found.at, found.going) == (NEW, Standing(7, "seven"), Standing(7, "seven"))
        assert found.accounts == {"acme": 1, "khalij": 2}
        await spread.ask([states.goes(NEW, Standing(8, "eight")), *states.gone(OLD)])
        found = await states.read(spread, "cti")
        assert (found.at, found.going, found.begun) == (Standing(7, "seven"), Standing(8, "eight"), (NEW,))
        await spread.ask(states.whole(NEW, Standing(8, "eight"))[:30])  # on its way
        assert (await states.read(spread, "cti")).layout == NEW
        await spread.ask([states.counts(NEW, Standing(8, "eight"))])
        assert (await states.read(spread, "cti")).layout is None  # some have lost their last writes
        await spread.ask(states.whole(NEW, Standing(8, "eight")))
        assert (await states.read(spread, "cti")).layout == NEW
        server.say("DEL", NEW.heres()[9])  # that shard was lost
        assert (await states.read(spread, "cti")).layout is None


def test_many_accounts_are_said_in_pieces() -> None:
    said = states.knows("cti", {f"a{number}": number for number in range(600)})
    assert [len(command) - 2 for command in said] == [500, 500, 200]
    assert states.knows("cti", {}) == []
