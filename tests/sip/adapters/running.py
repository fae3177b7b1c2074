"""A trunk as it runs, on loopback, and the virtual registrar behind real sockets."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.adapters.udp import UdpDriver, bind
from ctibridge.sip.events import Event, Hearing, LineChanged
from ctibridge.sip.framing import Framing
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.via import Address
from tests.sip.adapters.stream_peers import until
from tests.sip.registrar import Registrar

ACCESS = TrunkAccess((LineAccess("6001", "6001", "secret"),))


class Running:
    """The service, the registrar it registers at, and what it said."""

    def __init__(self, host: str = "127.0.0.1", transport: str = "udp", ca_file: Path | None = None) -> None:
        self.registrar = Registrar({"6001": "secret"})
        self.transport = Transport(transport.upper())
        self.facts: list[Event] = []
        self.host = host
        self._bracketed = f"[{host}]" if ":" in host else host
        self._ca_file = ca_file
        self._server: asyncio.Server | None = None
        self._driver: UdpDriver[object] | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._task: asyncio.Task[None] | None = None

    async def serve(self, tls: ssl.SSLContext | None = None) -> None:
        """The registrar, at its transport."""
        if self.transport is Transport.UDP:
            sock = bind((self.host, 0))
            self.address: Address = sock.getsockname()[:2]
            self._driver = await UdpDriver.open(sock, self.registrar, print)
        else:
            self._server = await asyncio.start_server(self._connection, self.host, 0, ssl=tls)
            self.address = self._server.sockets[0].getsockname()[:2]
        settings = TrunkSettings(
            name="pbx",
            registrar=f"sip:{self._bracketed}:{self.address[1]};transport={self.transport.lower()}",
            alone="stay",
            listen=f"{self._bracketed}:0",
            ca_file=None if self._ca_file is None else str(self._ca_file),
        )
        self.service = TrunkService(settings, ACCESS, self.facts.append)

    def start(self) -> None:
        self.service.bind()
        self._task = asyncio.create_task(self.service.run())

    async def end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self.service.close()
        if self._driver is not None:
            self._driver.close()
        if self._server is not None:
            self._server.close()
        self.hang_up()
        await asyncio.sleep(0.01)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        framing = Framing()
        peer = Hop(self.transport, *writer.get_extra_info("peername")[:2])
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                for piece in framing.feed(data):
                    if isinstance(piece, bytes):
                        self.registrar.receive(piece, peer, 0)
                for said in self.registrar.drain():
                    writer.write(said.data)

    def hearing(self) -> list[Hearing]:
        return [fact.hearing for fact in self.facts if isinstance(fact, LineChanged)]

    async def registered(self) -> None:
        await until(lambda: Hearing.REGISTERED in self.hearing())


Make = Callable[..., Running]
