"""A proxy that knows its users, as small as one can be: it listens at 127.0.0.1 and connects from its own address.

`user` is whom it says everybody is; with None it has forgotten him, and sends each request elsewhere to sign in there.
"""

import asyncio
import contextlib
import re
from types import TracebackType
from typing import Self

FROM = "127.0.0.2"
AWAY = b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
# What the client wrote itself; and one request a connection, so that only its head has to be looked at.
_CLIENTS = re.compile(rb"^(?:x-forwarded-user|connection): (?!upgrade)[^\r]*\r\n", re.IGNORECASE | re.MULTILINE)


class TrustedProxy:
    """`async with TrustedProxy("ana@desk.example") as proxy`: `proxy.url`; `proxy.target` is set before the first."""

    def __init__(self, user: str | None, source: str = FROM) -> None:
        self.user = user
        self.source = source
        self.asked: list[str] = []
        """The first line of each request."""
        self.target = ("", 0)
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for one in list(self._serving):
            one.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Every connection through it ends."""
        for one in self._serving:
            one.cancel()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._pass_on(reader, writer)
        writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b" HTTP")[0].decode())
        if self.user is None:
            writer.write(AWAY)
            await writer.drain()
            return
        theirs, ours = await asyncio.open_connection(*self.target, local_addr=(self.source, 0))
        try:
            ours.write(self._signed(head))
            async with asyncio.TaskGroup() as both:
                back = both.create_task(_copy(theirs, writer))
                there = both.create_task(_copy(reader, ours))
                await back
                there.cancel()
        finally:
            ours.transport.abort()

    def _signed(self, head: bytes) -> bytes:
        first, _, rest = _CLIENTS.sub(b"", head).partition(b"\r\n")
        close = b"" if b"upgrade: websocket" in head.lower() else b"Connection: close\r\n"
        return first + b"\r\nX-Forwarded-User: " + str(self.user).encode() + b"\r\n" + close + rest


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while some := await reader.read(65536):
            writer.write(some)
            await writer.drain()
