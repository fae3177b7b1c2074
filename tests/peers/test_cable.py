"""`cable.py`: what passes, and when."""

import asyncio
import contextlib

import pytest

from tests.peers.cable import Cable
from tests.peers.ports import Loopback


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionResetError):  # a cable was cut
        while line := await reader.readline():
            writer.write(line)
    writer.close()


async def test_it_passes_stalls_is_cut_and_mended(loopback: Loopback) -> None:
    host = loopback.address()
    at = host, loopback.port(host)
    async with await asyncio.start_server(_echo, *at), Cable.to(at, loopback) as cable:
        reader, writer = await asyncio.open_connection(*cable.address)
        writer.write(b"one\n")
        assert await reader.readline() == b"one\n"

        cable.stall()
        writer.write(b"two\n")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting := asyncio.create_task(reader.readline())), 0.1)
        await cable.mend()
        assert await waiting == b"two\n"

        cable.cut()
        with pytest.raises(ConnectionResetError):
            await reader.readline()
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*cable.address)

        await cable.mend()
        reader, writer = await asyncio.open_connection(*cable.address)
        writer.write(b"three\n")
        assert await reader.readline() == b"three\n"
        writer.close()
