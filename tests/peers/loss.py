"""A bad wire between the PBX and one side: a UDP relay that loses, repeats and delays datagrams, by a seed.

Comes in: datagrams to its front address, which a client uses as its registrar or outbound proxy, and datagrams from
the PBX. Goes out: the same bytes, some never, some twice, some late. Nothing is rewritten, so it works like this:

* Each client gets a back socket of its own; the PBX sees that as the client's source address. It answers there
  (rport) and, since the Via names another address, calls a contact there as well (`received`).
* Requests of the PBX reach the client from the front address, which is the only one it knows the PBX by. Its answers
  go to that address and to the *port* in the Via, so the front has the same port number as the PBX.

It needs no privileges, unlike a network namespace with netem, which not every kernel has.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.peers.ports import Loopback, host_port

_Address = tuple[str, int]
_Send = Callable[[bytes], None]


@dataclass(slots=True)
class Quality:
    """Shares of datagrams, 0 to 1, in each direction; may be changed while the wire is up.

    Some late ones change the order; `late=1.0` with two equal times delays all and keeps it.
    """

    loss: float = 0.0
    repeat: float = 0.0
    late: float = 0.0
    late_by: tuple[float, float] = (0.01, 0.1)  # seconds: enough for others to overtake


@dataclass(slots=True)
class Counts:
    """What has happened to the datagrams of one direction. What is sent again is the same
    (RFC 3261 17.1), and counts as seen, but not as different."""

    seen: int = 0
    different: set[bytes] = field(default_factory=set)
    lost: int = 0
    repeated: int = 0
    late: int = 0


class LossyWire:
    """Use as an async context manager, or start() and close()."""

    def __init__(
        self,
        loopback: Loopback,
        pbx: _Address,
        quality: Quality,
        *,
        seed: int = 1,
        address: str | None = None,
        down: Quality | None = None,
    ) -> None:
        self.address = address or loopback.address()
        self.port = pbx[1]
        self.quality = quality
        self.quality_down = down  # of what the PBX says, where that differs: a registrar that answers late
        self._whole = True
        self.up, self.down = Counts(), Counts()  # towards the PBX, towards the client
        self._pbx = pbx
        # One sequence for each direction: what one side sends does not change the fate of what the other sends.
        self._luck_up, self._luck_down = random.Random(seed), random.Random(seed + 1)
        self._front: asyncio.DatagramTransport | None = None
        self._backs: dict[_Address, asyncio.Task[asyncio.DatagramTransport]] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def host(self) -> str:
        """host:port for the client's `registrar` or `outbound_proxy`."""
        return host_port(self.address, self.port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._front, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(self._from_client), local_addr=(self.address, self.port)
        )

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        backs = await asyncio.gather(*self._backs.values(), return_exceptions=True)
        self._backs.clear()
        for transport in (self._front, *backs):
            if transport is not None and not isinstance(transport, BaseException):
                transport.close()
        self._front = None
        await asyncio.sleep(0)  # transports let go of their sockets one turn of the loop later

    def cut(self) -> None:
        """Nothing passes until join(), and counts as lost; what is under way is gone as well."""
        self._whole = False
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def join(self) -> None:
        self._whole = True

    def _from_client(self, data: bytes, client: _Address) -> None:
        if client not in self._backs:
            self._backs[client] = asyncio.create_task(self._open_back(client))
        back = self._backs[client]

        def to_pbx(passed: bytes) -> None:
            back.add_done_callback(lambda opened: None if opened.cancelled() else opened.result().sendto(passed))

        self._pass(data, self.quality, self._luck_up, self.up, to_pbx)

    async def _open_back(self, client: _Address) -> asyncio.DatagramTransport:
        def to_client(data: bytes) -> None:
            if self._front is not None:
                self._front.sendto(data, client)

        def from_pbx(data: bytes, _: _Address) -> None:
            self._pass(data, self.quality_down or self.quality, self._luck_down, self.down, to_client)

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Ear(from_pbx), local_addr=(self.address, 0), remote_addr=self._pbx
        )
        return transport

    def _pass(self, data: bytes, quality: Quality, luck: random.Random, counts: Counts, send: _Send) -> None:
        # Always three draws, so that changing one share leaves the others' choices as they were.
        lost, repeated, late = (luck.random() for _ in range(3))
        counts.seen += 1
        counts.different.add(data)
        if lost < quality.loss or not self._whole:
            counts.lost += 1
            return
        times = 1
        if repeated < quality.repeat:
            counts.repeated += 1
            times = 2
        for _ in range(times):
            if late < quality.late:
                counts.late += 1
                self._later(luck.uniform(*quality.late_by), data, send)
            else:
                send(data)

    def _later(self, delay: float, data: bytes, send: _Send) -> None:
        def due() -> None:
            self._timers.discard(timer)
            send(data)

        timer = asyncio.get_running_loop().call_later(delay, due)
        self._timers.add(timer)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, hear: Callable[[bytes, _Address], None]) -> None:
        self._hear = hear

    def datagram_received(self, data: bytes, addr: tuple[str | object, ...]) -> None:
        self._hear(data, (str(addr[0]), int(str(addr[1]))))

    def error_received(self, exc: Exception) -> None:
        """ICMP refused: the other end is down, which is a loss like any other."""
