"""The demo's PBX on its socket: signs devices on, and plays one call after the other."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from ctibridge.demo.group_call import Over
from ctibridge.demo.incoming import Incoming
from ctibridge.demo.pbx import Fact, Pbx
from ctibridge.sip.adapters.udp import UdpDriver, bind, fresh
from ctibridge.sip.via import Address

HOST = "127.0.0.1"
HANG_UP = 0.5
"""Seconds that the phones have for their last answers when the demo ends."""


class Exchange:
    """address: where phones register. audio: where phones may send their silence; it is bound and never read."""

    def __init__(self, address: Address, audio: Address, pbx: Pbx) -> None:
        self.address = address
        self.audio = audio
        self._pbx = pbx
        self._driver: UdpDriver[Fact] | None = None
        self._over: dict[str, asyncio.Event] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, passwords: Mapping[str, str]) -> "AsyncIterator[Exchange]":
        """passwords: by line. Raises OSError where this machine has no free port."""
        with bind((HOST, 0)) as audio:
            sock = bind((HOST, 0))
            address, sink = (HOST, sock.getsockname()[1]), (HOST, audio.getsockname()[1])
            exchange = cls(address, sink, Pbx(passwords, address, sink, fresh()))
            driver: UdpDriver[Fact] = await UdpDriver.open(sock, exchange._pbx, exchange._heard)
            exchange._driver = driver
            try:
                yield exchange
            finally:
                driver.close()

    def devices(self, line: str) -> int:
        """How many devices are signed on there."""
        return self._pbx.devices(line, time.monotonic())

    async def play(self, incoming: Incoming) -> None:
        """Somebody calls; returns when nobody rings and nobody talks any more."""
        over = self._over[incoming.call_id] = asyncio.Event()
        self._pbx.dial(incoming, time.monotonic())
        self._pump()
        await over.wait()
        del self._over[incoming.call_id]

    async def hang_up(self) -> None:
        """All callers put the phone down, and the phones hear of it."""
        self._pbx.hang_up(time.monotonic())
        self._pump()
        give_up = time.monotonic() + HANG_UP
        while not self._pbx.quiet and time.monotonic() < give_up:  # noqa: ASYNC110 - a bounded wait
            await asyncio.sleep(0.02)

    def _heard(self, fact: Fact) -> None:
        if isinstance(fact, Over) and fact.call_id in self._over:
            self._over[fact.call_id].set()

    def _pump(self) -> None:
        assert self._driver is not None
        self._driver.pump()
