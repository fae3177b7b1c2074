"""The connections of one trunk: opened for what has to be sent, accepted from those whom the machine trusts.

What the machine hears of it are whole messages, `connected` and `disconnected`; keep-alives, limits and framing are
settled here. No call of the machine is made from within `send`, so that it may be used while the machine is drained.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Protocol

from ctibridge.sip.adapters import sockets, tls
from ctibridge.sip.adapters.connection import Connection
from ctibridge.sip.adapters.door import Door
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.via import Address

CONNECT = 5.0
"""Seconds until a connection stands, TLS included."""
ACCEPTED = 64
"""Connections that peers may open at one trunk; a proxy needs one, or one for each of its processes."""
TICK = 1.0
"""Seconds between two looks at all connections."""
PING_EVERY = 24.0, 28.5
"""Seconds, between these two (RFC 5626 4.4.1: as often as keeps the shortest-lived NAT open, never all at once)."""
_RESPONSE = b"SIP/2.0 "


class StreamMachine(Protocol):
    def receive(self, data: bytes, hop: Hop, now: float) -> None: ...

    def connected(self, hop: Hop, local: Address, now: float) -> None: ...

    def disconnected(self, hop: Hop, why: str, now: float) -> None: ...

    def trusts(self, host: str) -> bool: ...

    def stranger(self) -> None: ...


class Streams:
    """pump: called in the loop when the machine may have something to say. on_failure: the hop that a connection was
    opened to, and why it does not stand. our_host: the address that we listen at. context: for TLS; may raise OSError.
    """

    def __init__(
        self,
        machine: StreamMachine,
        pump: Callable[[], None],
        on_failure: Callable[[Hop, str], None],
        context: Callable[[], ssl.SSLContext],
        fresh: Fresh,
        our_host: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._machine = machine
        self._pump = pump
        self._on_failure = on_failure
        self._context = context
        self._fresh = fresh
        self._our_host = our_host
        self._clock = clock
        self._number = 0
        self._live: dict[int, Connection] = {}
        self._ours: dict[Hop, Connection] = {}
        self._all: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._door: Door | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._pumping: asyncio.Handle | None = None
        self._stopping = False

    @property
    def accepted(self) -> int:
        """Connections that peers have opened."""
        return sum(not connection.is_ours for connection in self._live.values())

    def listen(self, listener: socket.socket) -> None:
        """Owns the socket from now on."""
        self._door = Door(listener, self._take)

    def send(self, said: Datagram) -> None:
        """Over the connection that the hop names, else over one that stands or is opened; an answer whose connection is
        gone is dropped."""
        connection = self._live.get(said.to.connection) or self._ours.get(said.to)
        if connection is None:
            if self._stopping or said.data.startswith(_RESPONSE):
                return
            connection = self._open(said.to)
        connection.send(said.data)

    async def finish(self, patience: float) -> None:
        """What was said is written, for at most `patience` seconds; then `close`."""
        self._stopping = True
        for connection in tuple(self._live.values()):
            connection.finish("we stop")
        give_up = self._clock() + patience
        while self._all and self._clock() < give_up:  # noqa: ASYNC110 - connections tell only their owner
            await asyncio.sleep(0.01)
        self.close()

    def close(self) -> None:
        """At once and for good. The machine hears nothing of it."""
        self._stopping = True
        door, self._door = self._door, None
        if door is not None:
            door.close()
        for handle in (self._ticker, self._pumping):
            if handle is not None:
                handle.cancel()
        for task in self._tasks:
            task.cancel()
        for connection in tuple(self._all):
            connection.cut("we stop")

    # -- what connections say ------------------------------------------------------------------------------------------

    def stands(self, connection: Connection) -> None:
        assert connection.transport is not None
        if connection.is_ours:
            host, port = connection.transport.get_extra_info("sockname")[:2]
            self._machine.connected(connection.hop, (host, port), self._clock())
            self._pump_soon()

    def heard(self, connection: Connection, message: bytes) -> None:
        if not self._stopping:
            self._machine.receive(message, connection.hop, self._clock())
            self._pump_soon()

    def ends(self, connection: Connection, why: str) -> None:
        del self._live[connection.hop.connection]
        if connection.transport is None:
            self._all.discard(connection)
        if self._ours.get(connection.hop) is connection:
            del self._ours[connection.hop]
            asyncio.get_running_loop().call_soon(self._report, connection.hop, why)

    def gone(self, connection: Connection) -> None:
        self._all.discard(connection)

    def tag(self) -> str:
        return self._fresh.token()

    # ------------------------------------------------------------------------------------------------------------------

    def _report(self, hop: Hop, why: str) -> None:
        """Comes before a newer connection to that hop can stand, as it was put into the loop before that was opened."""
        if self._stopping:
            return
        self._machine.disconnected(hop, why, self._clock())
        self._pump_soon()
        self._on_failure(hop, why)

    def _open(self, to: Hop) -> Connection:
        shortest, longest = PING_EVERY
        every = shortest + (longest - shortest) * self._fresh.fraction()
        connection = self._new(to, every)
        self._ours[connection.hop] = connection
        self._run(self._connect(connection))
        return connection

    def _new(self, hop: Hop, ping_every: float | None) -> Connection:
        self._number += 1
        connection = Connection(replace(hop, connection=self._number), self, self._clock, ping_every=ping_every)
        self._live[self._number] = connection
        self._all.add(connection)
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().call_later(TICK, self._tick)
        return connection

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: Connection) -> None:
        hop, loop = connection.hop, asyncio.get_running_loop()
        is_tls = hop.transport is Transport.TLS
        try:
            async with asyncio.timeout(CONNECT):
                context = self._context() if is_tls else None
                sock = await self._socket_to(hop)
                await loop.create_connection(
                    lambda: connection, sock=sock, ssl=context,
                    server_hostname=(hop.name or hop.host) if is_tls else None,
                )  # fmt: skip
        except (OSError, ValueError) as error:  # ValueError: a name that no certificate can show
            connection.cut(tls.why(error, hop))

    async def _socket_to(self, hop: Hop) -> socket.socket:
        sock = sockets.outgoing(hop, self._our_host)
        try:
            await asyncio.get_running_loop().sock_connect(sock, hop.address)
        except BaseException:
            sock.close()
            raise
        return sock

    def _take(self, sock: socket.socket, address: Address) -> None:
        if not self._machine.trusts(address[0]):
            self._machine.stranger()
            sockets.reset(sock)
            return
        if self.accepted >= ACCEPTED:
            self._on_failure(Hop(Transport.TCP, *address), f"more than {ACCEPTED} connections are open")
            sockets.reset(sock)
            return
        connection = self._new(Hop(Transport.TCP, *address), None)
        self._run(self._adopt(connection, sock))

    async def _adopt(self, connection: Connection, sock: socket.socket) -> None:
        try:
            sockets.prepare(sock)
            await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, sock)
        except OSError:
            sock.close()
            connection.cut("the connection broke")

    def _tick(self) -> None:
        self._ticker = None
        now = self._clock()
        for connection in tuple(self._all):
            connection.tick(now)
        if self._all:
            self._ticker = asyncio.get_running_loop().call_later(TICK, self._tick)

    def _pump_soon(self) -> None:
        """Whoever hears a fact may fail, and that is no reason to lose the connection that it came on."""
        if self._pumping is None:
            self._pumping = asyncio.get_running_loop().call_soon(self._pump_now)

    def _pump_now(self) -> None:
        self._pumping = None
        self._pump()
