"""A wire between us and Redis that carries each piece a moment later than it came, in order; the moments are seeded."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

from tests.peers.ports import Loopback, host_port


class SlowWire:
    """longest: seconds that a piece may wait. `connections` counts those that were made."""

    def __init__(self, to: tuple[str, int], longest: float, seed: int = 1) -> None:
        self.connections = 0
        self._to, self._longest, self._chance = to, longest, random.Random(seed)
        self._near: set[asyncio.StreamWriter] = set()
        self.host = ""

    def cut(self) -> None:
        """Every connection is reset; what is on the way is lost."""
        for writer in self._near:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._to)
        except OSError:
            writer.transport.abort()
            return
        except asyncio.CancelledError:
            writer.transport.abort()
            raise
        ways = [
            asyncio.create_task(self._carry(reader, far_writer)),
            asyncio.create_task(self._carry(far_reader, writer)),
        ]
        self._near.add(writer)
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in ways:
                one.cancel()
            far_writer.transport.abort()
            writer.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)
            self._near.discard(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(4096):
                await asyncio.sleep(self._chance.uniform(0, self._longest))
                writer.write(piece)
                await writer.drain()


@contextlib.asynccontextmanager
async def slow_wire(loopback: Loopback, to: tuple[str, int], longest: float) -> AsyncIterator[SlowWire]:
    wire = SlowWire(to, longest)
    serving: set[asyncio.Task[None]] = set()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await wire.serve(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            serving.discard(task)

    address = loopback.address()
    port = loopback.port(address)
    wire.host = host_port(address, port)
    server = await asyncio.start_server(joined, address, port)
    try:
        yield wire
    finally:
        server.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await server.wait_closed()
