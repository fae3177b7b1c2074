"""A PBX on loopback that answers each request by the script of its method: bytes in, statuses out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager

from ctibridge.sip import message, transaction
from ctibridge.sip.adapters.udp import UdpDriver, bind
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.message import Headers, Request, Response

Script = Mapping[str, Sequence[int]]


class ScriptedPbx:
    """heard: the requests, in order; tell: who hears the method of each. A CANCEL ends the INVITE with 487."""

    deadline = None

    def __init__(self, script: Script) -> None:
        self.heard: list[Request] = []
        self.port = 0
        self.tell: Callable[[str], Coroutine[None, None, None]] | None = None
        self._script = script
        self._telling: set[asyncio.Task[None]] = set()
        self._out: list[Datagram] = []

    def methods(self) -> list[str]:
        return [request.method for request in self.heard]

    def answers(self, data: bytes, hop: Hop) -> list[bytes]:
        request = message.parse(data)
        assert isinstance(request, Request)
        self.heard.append(request)
        if self.tell is not None:
            telling = asyncio.get_running_loop().create_task(self.tell(request.method))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)
        told = [self._reply(request, hop, status) for status in self._script.get(request.method, ())]
        if request.method == "CANCEL":
            told += [self._reply(each, hop, 487) for each in self.heard if each.method == "INVITE"]
        return told

    def receive(self, data: bytes, hop: Hop, _: float) -> None:
        self._out += [Datagram(told, hop) for told in self.answers(data, hop)]

    def wake(self, _: float) -> None:
        raise AssertionError("it has no deadline")

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out

    def _reply(self, request: Request, hop: Hop, status: int) -> bytes:
        made = transaction.reply(request, status, hop, "pbx", (("server", "scripted"),))
        contact = (("contact", f"<sip:desk@{hop.host}:{self.port}>"),) if status >= 180 else ()
        return bytes(Response(status, made.reason, Headers((*made.headers.lines, *contact)), b""))


@asynccontextmanager
async def over_udp(host: str, **script: Sequence[int]) -> AsyncIterator[ScriptedPbx]:
    """`over_udp("127.0.0.1", INVITE=[100, 180], CANCEL=[200])`."""
    pbx, sock = ScriptedPbx(script), bind((host, 0))
    pbx.port = sock.getsockname()[1]

    def nobody(_: object) -> None:
        raise AssertionError("it states no facts")

    driver = await UdpDriver.open(sock, pbx, nobody)
    try:
        yield pbx
    finally:
        driver.close()


@asynccontextmanager
async def over_tcp(host: str, **script: Sequence[int]) -> AsyncIterator[ScriptedPbx]:
    """The same for one connection at a time; keep-alives are answered."""
    pbx = ScriptedPbx(script)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hop = Hop(Transport.TCP, *writer.get_extra_info("peername")[:2])
        try:
            while not reader.at_eof():
                head = await reader.readuntil(b"\r\n\r\n")
                if head == b"\r\n\r\n":
                    writer.write(b"\r\n")
                    continue
                length = int(head.lower().partition(b"content-length: ")[2].split()[0])
                for told in pbx.answers(head + await reader.readexactly(length), hop):
                    writer.write(told)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, 0)
    pbx.port = server.sockets[0].getsockname()[1]
    try:
        yield pbx
    finally:
        server.close()
        await server.wait_closed()
