"""Desks that come while Redis is slow for a moment, or had forgotten, come with what they were told all the same."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from ctibridge.cluster.adapters.faults import RedisFault, Refused
from ctibridge.cluster.outputs import Gained
from ctibridge.joining import moves as module
from tests.joining.test_moves import KEYS, LOT, gives, node
from tests.peers.process import until
from tests.peers.redis import RedisServer

pytestmark = pytest.mark.peer("redis-server")


def failing(of: Callable[..., Awaitable[Any]], *faults: RedisFault) -> Callable[..., Awaitable[Any]]:
    """Answers only behind these."""
    left = list(faults)

    async def ask(*words: Any) -> Any:
        if left:
            raise left.pop(0)
        return await of(*words)

    return ask


async def test_who_takes_over_asks_again_what_was_told(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        await one.replica.written()
        two.calls.ringing = frozenset({"01JDX001"})
        monkeypatch.setattr(two.replica, "of", failing(two.replica.of, RedisFault("slow")))
        two.moves.gains(Gained({LOT: 2}, "fresh"))
        await two.heard(("settled", {LOT: 2}))
        assert two.has() == ["01JDX001"]


async def test_a_desk_that_is_handed_over_is_asked_for_again(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        epoch = await gives(one)
        link = two.moves._link
        monkeypatch.setattr(link, "call", failing(link.call, RedisFault("slow"), RedisFault("slow")))
        two.moves.gains(Gained({LOT: 2}, "handed"))
        await two.heard(("settled", {LOT: 2}))
        assert two.epoch() == epoch


async def test_what_redis_refuses_is_not_asked_for_again(
    tmp_path: Path, empty: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Iterable[str]] = []

    async def refuse(agents: Iterable[str]) -> Any:
        asked.append(agents)
        raise Refused("no", "NOPERM")

    monkeypatch.setattr(module, "AGAIN", 0.0)
    async with node(tmp_path / "one", empty) as one:
        monkeypatch.setattr(one.replica, "of", refuse)
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
    assert len(asked) == 1


async def test_what_redis_forgot_of_desks_that_stay_is_written_again(tmp_path: Path, empty: RedisServer) -> None:
    async with node(tmp_path / "one", empty) as one, node(tmp_path / "two", empty) as two:
        one.moves.gains(Gained({LOT: 1}, "fresh"))
        await one.heard(("settled", {LOT: 1}))
        one.ring(1)
        await one.replica.written()
        before = (await one.replica.of(["ana"]))["ana"]
        empty.say("FLUSHALL")
        one.calls.ringing = two.calls.ringing = frozenset({"01JDX001"})
        one.moves.gains(Gained({LOT: 1}, "own"))
        await until(lambda: empty.say("EXISTS", KEYS.calls("ana")) == 1, "it lies there again", 5)
        assert (await one.replica.of(["ana"]))["ana"] == before
        two.moves.gains(Gained({LOT: 2}, "fresh"))
        await two.heard(("settled", {LOT: 2}))
        assert two.has() == ["01JDX001"]
