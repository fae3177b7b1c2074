"""The PBX on its real socket."""

import asyncio

from ctibridge.demo.exchange import Exchange
from ctibridge.demo.incoming import Incoming


def incoming(**more: float) -> Incoming:
    return Incoming("c1", ("6001",), "+49301234560", "+498912345678", **more)  # type: ignore[arg-type]


async def test_a_call_that_nobody_can_take_is_over_at_once() -> None:
    async with Exchange.open({"6001": "x"}) as exchange:
        assert exchange.devices("6001") == 0
        await asyncio.wait_for(exchange.play(incoming()), 1.0)


async def test_several_stand_beside_each_other() -> None:
    async with Exchange.open({"6001": "x"}) as one, Exchange.open({"6001": "x"}) as other:
        assert len({one.address, one.audio, other.address, other.audio}) == 4


async def test_hanging_up_where_nobody_calls() -> None:
    async with Exchange.open({"6001": "x"}) as exchange:
        await exchange.hang_up()
