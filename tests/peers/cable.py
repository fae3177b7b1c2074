"""A TCP way to a server that can be cut or held up, as a network is.

Comes in: connections to `address`. Goes out: the same bytes to the server. `cut`: what stands is reset and nothing new
is taken; `stall`: everything stands, and nothing passes; `mend`: as at first.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from tests.peers.ports import Loopback, host_port

_PIECE = 65536


class Cable:
    """address: where to connect instead of to the server."""

    def __init__(self, server: tuple[str, int], address: tuple[str, int]) -> None:
        self.address = address
        self._server = server
        self._listening: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._pipes: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()

    @classmethod
    @asynccontextmanager
    async def to(cls, server: tuple[str, int], loopback: Loopback) -> AsyncIterator[Self]:
        host = loopback.address()
        cable = cls(server, (host, loopback.port(host)))
        await cable.mend()
        try:
            yield cable
        finally:
            cable.cut()
            await asyncio.gather(*cable._pipes, return_exceptions=True)

    def __str__(self) -> str:
        return host_port(*self.address)

    def cut(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for end in list(self._ends):
            _reset(end)
        for pipe in self._pipes:
            pipe.cancel()

    def stall(self) -> None:
        self._passes.clear()

    async def mend(self) -> None:
        self._passes.set()
        if self._listening is None:
            self._listening = await asyncio.start_server(self._took, *self.address)

    async def _took(self, theirs: asyncio.StreamReader, to_them: asyncio.StreamWriter) -> None:
        self._ends.add(to_them)
        try:
            ours, to_us = await asyncio.open_connection(*self._server)
        except OSError:
            self._gone(to_them)
            return
        self._ends.add(to_us)
        for source, sink in ((theirs, to_us), (ours, to_them)):
            pipe = asyncio.create_task(self._pipe(source, sink))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(_PIECE):
                await self._passes.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            pass  # one end is gone, and so is the other
        finally:
            self._gone(sink)

    def _gone(self, end: asyncio.StreamWriter) -> None:
        self._ends.discard(end)
        end.close()


def _reset(end: asyncio.StreamWriter) -> None:
    """RST and no FIN: whoever is behind a cut does not say goodbye."""
    with contextlib.suppress(OSError):
        if (sock := end.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    end.transport.abort()
