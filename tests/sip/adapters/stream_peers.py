"""What the stream tests share: a machine that writes down what it is told, and peers that do as they like."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from ctibridge.sip.adapters import udp
from ctibridge.sip.adapters.sockets import bind_both
from ctibridge.sip.adapters.streams import Streams
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.via import Address

OPTIONS = (
    b"OPTIONS sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK1\r\nFrom: <sip:b@x>;tag=1\r\n"
    b"To: <sip:a@x>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)
OK = b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"


class Recorder:
    """A machine for `Streams`."""

    def __init__(self) -> None:
        self.trusted = {"127.0.0.1", "::1"}
        self.heard: list[tuple[bytes, Hop]] = []
        self.connections: list[tuple[Hop, Address]] = []
        self.lost: list[Hop] = []
        self.told: list[str] = []
        self.strangers = 0

    def receive(self, data: bytes, hop: Hop, now: float) -> None:
        self.heard.append((data, hop))

    def connected(self, hop: Hop, local: Address, now: float) -> None:
        self.connections.append((hop, local))
        self.told.append(f"connected {hop.connection}")

    def disconnected(self, hop: Hop, why: str, now: float) -> None:
        self.lost.append(hop)
        self.told.append(f"disconnected {hop.connection}")

    def trusts(self, host: str) -> bool:
        return host in self.trusted

    def stranger(self) -> None:
        self.strangers += 1


class Peer:
    """A server that writes down what it reads, unless it is deaf."""

    def __init__(self) -> None:
        self.read = b""
        self.writers: list[asyncio.StreamWriter] = []
        self.deaf = False
        self.address: Address = ("", 0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with suppress(ConnectionError):
            while not self.deaf and (data := await reader.read(65_536)):
                self.read += data

    def hop(self, transport: Transport = Transport.TCP, name: str = "") -> Hop:
        return Hop(transport, *self.address, name=name)


@asynccontextmanager
async def peer(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Peer]:
    serving = Peer()
    server = await asyncio.start_server(serving.serve, host, 0, ssl=tls, limit=1024)
    serving.address = server.sockets[0].getsockname()[:2]
    try:
        yield serving
    finally:
        server.close()
        for writer in serving.writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)


class Running:
    """Streams around a recorder, listening at loopback."""

    def __init__(self, host: str, context: Callable[[], ssl.SSLContext]) -> None:
        self.machine = Recorder()
        self.failures: list[str] = []
        self.pumped = 0
        datagrams, listener = bind_both((host, 0))
        datagrams.close()
        self.address: Address = listener.getsockname()[:2]
        self.streams = Streams(
            self.machine, self.pump, lambda _, why: self.failures.append(why), context, udp.fresh(), host
        )
        self.streams.listen(listener)

    def pump(self) -> None:
        self.pumped += 1

    def send(self, data: bytes, to: Hop) -> None:
        self.streams.send(Datagram(data, to))


@asynccontextmanager
async def running(
    host: str = "127.0.0.1", context: Callable[[], ssl.SSLContext] = ssl.create_default_context
) -> AsyncIterator[Running]:
    here = Running(host, context)
    try:
        yield here
    finally:
        here.streams.close()
        await asyncio.sleep(0.01)


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no waiters
            await asyncio.sleep(0.002)
