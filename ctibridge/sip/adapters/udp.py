"""A UDP socket that drives one machine: datagrams and deadlines in, datagrams and facts out."""

import asyncio
import secrets
import socket
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from random import SystemRandom
from typing import Generic, Protocol, TypeVar, cast

from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.via import Address

WANTED_BUFFER = 4 * 1024 * 1024
"""Bytes: 3,640 INVITEs fit; the default holds 92 (facts: one second of a queue that comes back from a restart)."""

_TOKEN_BYTES = 16
"""128 bits, so that nobody guesses a contact (RFC 3261 19.3 wants 32 bits for a tag)."""

_hop = lru_cache(maxsize=1024)(datagram)
"""Peers are few and send often: remembered, a hop costs an eighth."""

Fact = TypeVar("Fact", covariant=True)
F = TypeVar("F")


class Machine(Protocol[Fact]):
    """The one shape of a machine: feed, drain, ask for the next deadline, wait."""

    @property
    def deadline(self) -> float | None: ...

    def receive(self, data: bytes, hop: Hop, now: float) -> None: ...

    def wake(self, now: float) -> None: ...

    def drain(self) -> Iterable[Datagram | Fact]: ...


def fresh() -> Fresh:
    """Tokens from the system's secure source."""
    return Fresh(lambda: secrets.token_hex(_TOKEN_BYTES), SystemRandom().random)


def bind(address: Address) -> socket.socket:
    """A bound UDP socket with as much buffer as the system grants. Raises OSError (port in use, no such address)."""
    v6 = ":" in address[0]
    sock = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if v6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _ask_for_buffer(sock)
        sock.setblocking(False)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def granted_buffer(sock: socket.socket) -> int:
    """Bytes that the kernel gave; it books twice what one asks for, to cover its own overhead (socket(7))."""
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2


def local_host_towards(target: Address, bound: Address) -> str:
    """Our own address as that peer sees it, also when we listen on all of them. Sends nothing. Raises OSError."""
    if bound[0] not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return bound[0]
    with socket.socket(socket.AF_INET6 if ":" in target[0] else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(target)
        return str(probe.getsockname()[0])


class UdpDriver(asyncio.DatagramProtocol, Generic[F]):
    """Owns the socket and one timer of the machine. on_fact is called in the loop and must not block.

    clock: monotonic seconds. over_stream: where messages go that are not for UDP; without it they go nowhere.
    """

    over_stream: Callable[[Datagram], None] | None = None
    is_lost = False
    """The socket was closed, and not by `close`: nothing is heard any more, and nothing can be said."""

    def __init__(
        self, machine: Machine[F], on_fact: Callable[[F], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.machine = machine
        self._on_fact = on_fact
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for: float | None = None

    @classmethod
    async def open(cls, sock: socket.socket, machine: Machine[F], on_fact: Callable[[F], None]) -> "UdpDriver[F]":
        driver = cls(machine, on_fact)
        try:
            await asyncio.get_running_loop().create_datagram_endpoint(lambda: driver, sock=sock)
        except asyncio.CancelledError:
            # uvloop 0.23 leaves the socket open, and connects the driver behind the one who no longer waits.
            driver.close()
            raise
        return driver

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._closed:
            transport.close()
            return
        # Python 3.11's own datagram transport is no subclass of DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.pump()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.machine.receive(data, _hop(addr[0], addr[1]), self._clock())
        self.pump()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.is_lost = not self._closed

    def error_received(self, exc: Exception) -> None:
        """An ICMP error of an earlier datagram. The transaction's own timers notice a peer that is gone."""

    def pump(self) -> None:
        """Carries out what the machine says; call it after feeding the machine from outside. Whoever hears a fact may
        fail: what else was said goes out, the machine's time goes on, and the first failure is raised behind it."""
        failed: Exception | None = None
        for said in self.machine.drain():
            try:
                self._carry_out(said)
            except Exception as error:  # noqa: BLE001 - raised below
                failed = failed or error
        self._arm()
        if failed is not None:
            raise failed

    def close(self) -> None:
        """For good: what the machine still says goes nowhere."""
        transport, self._transport, self._closed = self._transport, None, True
        if self._timer is not None:
            self._timer.cancel()
        if transport is not None:
            transport.close()

    def _carry_out(self, said: Datagram | F) -> None:
        if not isinstance(said, Datagram):
            self._on_fact(said)
        elif self._transport is None:
            return
        elif said.to.transport is Transport.UDP:
            self._transport.sendto(said.data, (said.to.host, said.to.port))
        elif self.over_stream is not None:
            self.over_stream(said)

    def _arm(self) -> None:
        deadline = self.machine.deadline if self._transport is not None else None
        if deadline == self._armed_for:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for, self._timer = deadline, None
        if deadline is not None:
            delay = max(0.0, deadline - self._clock())
            self._timer = asyncio.get_running_loop().call_later(delay, self._wake)

    def _wake(self) -> None:
        self._armed_for = self._timer = None
        self.machine.wake(self._clock())
        self.pump()


def _ask_for_buffer(sock: socket.socket) -> None:
    # SO_RCVBUFFORCE goes past rmem_max and needs CAP_NET_ADMIN; without it the kernel grants what rmem_max allows.
    force = getattr(socket, "SO_RCVBUFFORCE", 33)
    try:
        sock.setsockopt(socket.SOL_SOCKET, force, WANTED_BUFFER)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WANTED_BUFFER)
