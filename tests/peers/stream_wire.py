"""A wire for TCP and TLS between the PBX and one side, which can be cut, joined again, and jammed.

Comes in: connections to its front address, which a client uses as its registrar. Goes out: for each one a connection to
the PBX, and the same bytes both ways. The PBX sees the wire's address as the client's.
"""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from tests.peers.ports import Loopback, host_port

_CHUNK = 65_536


class StreamWire:
    """Use as an async context manager, or start() and close()."""

    def __init__(self, loopback: Loopback, pbx: tuple[str, int], *, address: str | None = None) -> None:
        self.address = address or loopback.address()
        self.port = pbx[1]
        self.connections = 0  # made so far
        self.refused = 0  # while the wire was cut
        self._pbx = pbx
        self._whole = True
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()

    @property
    def host(self) -> str:
        """host:port for the client's `registrar`, with the transport that the PBX has there."""
        return host_port(self.address, self.port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._joined, self.address, self.port)

    async def close(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        await asyncio.gather(*self._relays)

    def cut(self) -> None:
        """Every connection is reset, and new ones are until join()."""
        self._whole = False
        self._flows.set()
        for end in self._ends:
            end.transport.abort()

    def join(self) -> None:
        self._whole = True

    def jam(self) -> None:
        """Nothing passes any more, but connections stay, as behind a firewall that has forgotten them."""
        self._flows.clear()

    def flow(self) -> None:
        """What was held back by jam() passes after all."""
        self._flows.set()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.current_task()
        assert relay is not None
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)
        self._ends.add(writer)
        try:
            if not self._whole:
                self.refused += 1
                return
            self.connections += 1
            back_reader, back_writer = await asyncio.open_connection(*self._pbx, local_addr=(self.address, 0))
            self._ends.add(back_writer)
            try:
                await asyncio.gather(self._pass(reader, back_writer), self._pass(back_reader, writer))
            finally:
                await self._end(back_writer)
        except OSError:
            pass  # the PBX is down, or somebody hung up: the other side sees it by its own end
        finally:
            await self._end(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_CHUNK):
            await self._flows.wait()
            writer.write(data)
            await writer.drain()
        writer.close()

    async def _end(self, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        self._ends.discard(writer)
