"""Whether the other nodes have said how things stand."""

import asyncio
from time import monotonic

import pytest

from ctibridge.flow.legs import Who
from ctibridge.joining import others
from ctibridge.joining.others import Others
from tests.peers.process import until

BEN, CLEO = ("ben", "1"), ("cleo", "1")


async def test_it_waits_for_all_that_live_once() -> None:
    live: list[Who] = [BEN, CLEO]
    room = Others(lambda: live)
    waiting = asyncio.create_task(room.stand())
    room.said(BEN)
    room.said(("cleo", "0"))
    await until(lambda: not room._news.is_set(), "it has looked")
    assert not waiting.done()
    room.said(CLEO)
    await waiting
    live.append(("dora", "1"))
    room.said(BEN)
    await room.stand()
    assert room._said == set()


async def test_who_stands_still_is_not_waited_for_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(others, "PATIENCE", 0.05)
    began = monotonic()
    await Others(lambda: [BEN]).stand()
    assert 0.05 <= monotonic() - began < 5


async def test_who_has_nobody_waits_for_nobody() -> None:
    await Others(list).stand()
