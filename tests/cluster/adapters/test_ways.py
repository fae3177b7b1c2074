"""Which server is asked: the next Sentinel or Cluster node where one is silent, and the one that answered from then on.
How a failover and a slot that moves are followed stands in `test_connection.py`."""

import asyncio
from typing import Any

import pytest

from ctibridge.cluster.adapters.faults import RedisFault, Refused, Unreachable
from ctibridge.cluster.adapters.ways import BySentinels, InCluster, Straight, way
from ctibridge.cluster.settings import Place, RedisSettings

DEAD, ONE, TWO, PRIMARY = (Place(f"10.0.0.{n}", 1) for n in range(4))
Answers = dict[Place, Any]


class Dialled:
    """A connection to a server that says one thing, or is not there."""

    def __init__(self, place: Place, says: Any) -> None:
        self.place, self.where, self._says, self.open = place, str(place), says, True

    async def one(self, *command: str) -> Any:
        return self._says

    def cut(self) -> None:
        self.open = False


class FakeDialling:
    def __init__(self, answers: Answers) -> None:
        self.answers, self.dialled = answers, list[Dialled]()
        self.silent: Place | None = None

    async def redis(self, place: Place) -> Any:
        if place == self.silent:
            await asyncio.Event().wait()
        if place not in self.answers:
            raise Unreachable(f"{place}: nobody; see")
        self.dialled.append(Dialled(place, self.answers[place]))
        return self.dialled[-1]

    sentinel = redis


def by_sentinels(answers: Answers) -> tuple[Any, FakeDialling]:
    dialling: Any = FakeDialling(answers)
    return BySentinels(dialling, [DEAD, ONE, TWO], "desks"), dialling


NAMED = [PRIMARY.host.encode(), str(PRIMARY.port).encode()]


async def test_a_sentinel_that_is_gone_is_passed_over_and_the_good_one_asked_first() -> None:
    found, dialling = by_sentinels({ONE: NAMED, TWO: NAMED, PRIMARY: [b"master", 0, []]})
    assert (await found.open(0)).place == PRIMARY
    assert [one.open for one in dialling.dialled] == [False, True]
    assert await found._primary() == PRIMARY
    assert [one.place for one in dialling.dialled] == [ONE, PRIMARY, ONE]


async def test_who_is_named_primary_and_is_none_is_refused_and_cut() -> None:
    found, dialling = by_sentinels({ONE: NAMED, PRIMARY: [b"slave", b"x", 1, b"connected", 0]})
    with pytest.raises(Unreachable, match=r"10\.0\.0\.3:1 is no primary now"):
        await found.open(0)
    assert not any(one.open for one in dialling.dialled)


async def test_none_knows_or_none_answers() -> None:
    found, _ = by_sentinels({ONE: None})
    with pytest.raises(RedisFault, match=r"10\.0\.0\.0:1: nobody"):
        await found.open(0)
    found, _ = by_sentinels({DEAD: None})
    with pytest.raises(Refused, match="knows no primary desks; write the name"):
        await found.open(0)


async def test_cluster_nodes_that_were_named_are_asked_when_the_first_is_gone() -> None:
    slots = [[0, 99, [b"", 1, b"id"]], [100, 16383, [TWO.host.encode(), TWO.port, b"id"], [b"10.0.0.3", 1, b"id"]]]
    dialling: Any = FakeDialling({ONE: slots, TWO: slots})
    found = InCluster(dialling, ONE)
    assert (await found.open(100)).place == TWO
    assert (await found.open(0)).place == ONE  # it does not know its own address
    del dialling.answers[ONE]
    assert (await found.open(5000)).place == TWO


async def test_a_slot_that_nobody_holds() -> None:
    dialling: Any = FakeDialling({ONE: [[0, 99, [b"", 1, b"id"]]]})
    with pytest.raises(Unreachable, match="nobody holds our slot"):
        await InCluster(dialling, ONE).open(100)


@pytest.mark.parametrize("kind", ["sentinels", "cluster"])
async def test_one_that_swallows_what_is_sent_is_not_asked_first_again_by_who_was_cut_short(kind: str) -> None:
    """A sign of life waits for less than a connection may take: with a machine that is gone it would never get on."""
    slots = [[0, 16383, [ONE.host.encode(), ONE.port, b"id"], [TWO.host.encode(), TWO.port, b"id"]]]
    dialling: Any = FakeDialling({ONE: NAMED, PRIMARY: [b"master", 0, []]} if kind == "sentinels" else {ONE: slots})
    found: Any = BySentinels(dialling, [DEAD, ONE], "desks") if kind == "sentinels" else InCluster(dialling, ONE)
    if kind == "cluster":
        await found.open(0)
        dialling.answers = {TWO: [[0, 16383, [TWO.host.encode(), TWO.port, b"id"]]]}
    dialling.silent = DEAD if kind == "sentinels" else ONE
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(found.open(0), 0.01)
    assert (await asyncio.wait_for(found.open(0), 5)).place == (PRIMARY if kind == "sentinels" else TWO)


def test_the_settings_decide() -> None:
    dialling: Any = FakeDialling({})
    assert isinstance(way(RedisSettings("redis://a"), dialling), Straight)
    assert isinstance(way(RedisSettings("redis://a", cluster=True), dialling), InCluster)
    assert isinstance(way(RedisSettings("redis://a", sentinels=("b:1",)), dialling), BySentinels)
