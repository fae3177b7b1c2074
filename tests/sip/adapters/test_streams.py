"""Connections on loopback: opened, accepted, reused, cut."""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Any

import pytest

from ctibridge.sip.adapters import life, streams
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.via import Address
from tests.sip.adapters.stream_peers import OK, OPTIONS, peer, running, until

TLS = Transport.TLS


@pytest.fixture
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "TICK", 0.01)


# -- opened ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_what_has_to_be_sent_opens_one_connection_and_waits_for_it(host: str) -> None:
    async with peer(host) as pbx, running(host) as here:
        here.send(OPTIONS, pbx.hop())
        here.send(OK, pbx.hop())
        await until(lambda: pbx.read == OPTIONS + OK)
        ((hop, local),) = here.machine.connections
        assert (hop, hop.connection) == (pbx.hop(), 1)
        assert local == pbx.writers[0].get_extra_info("peername")[:2]
        here.send(OPTIONS, pbx.hop())
        await until(lambda: pbx.read == OPTIONS + OK + OPTIONS)
        assert len(pbx.writers) == 1


async def test_what_comes_over_it_is_cut_into_messages() -> None:
    async with peer() as pbx, running() as here:
        here.send(OPTIONS, pbx.hop())
        await until(lambda: pbx.writers)
        for part in (OK[:20], OK[20:] + OPTIONS + b"\r\n\r\n"):
            pbx.writers[0].write(part)
            await asyncio.sleep(0.01)
        await until(lambda: len(here.machine.heard) == 2)
        (first, hop), (second, _) = here.machine.heard
        assert (first, second, hop.connection) == (OK, OPTIONS, 1)
        await until(lambda: pbx.read == OPTIONS + b"\r\n")
        assert here.pumped > 0


async def test_who_listens_nowhere_is_said_to_be_gone() -> None:
    async with peer() as pbx:
        nowhere = pbx.hop()
    async with running() as here:
        here.send(OPTIONS, nowhere)
        await until(lambda: here.machine.lost)
        assert (here.machine.lost, here.machine.connections) == ([nowhere], [])
        assert here.failures == [f"127.0.0.1 does not listen at port {nowhere.port} (TCP)"]


async def test_a_connection_that_breaks_is_said_once_and_opened_anew() -> None:
    async with peer() as pbx, running() as here:
        for count in (1, 2):
            here.send(OPTIONS, pbx.hop())
            await until(lambda: len(pbx.writers) == len(here.machine.connections) == len(here.machine.lost) + 1)
            # Whoever closes before he has read resets the connection, and that is another word.
            await until(lambda: len(pbx.read) == len(pbx.writers) * len(OPTIONS))
            pbx.writers[-1].close()
            await until(lambda: len(pbx.writers) == len(here.machine.lost))
            assert len(pbx.writers) == count
        assert [hop.connection for hop in here.machine.lost] == [1, 2]
        assert here.failures == ["the peer closed the connection"] * 2


async def test_a_peer_that_does_not_read_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    async with peer() as pbx, running() as here:
        pbx.deaf = True
        here.send(OPTIONS, pbx.hop())
        await until(lambda: here.machine.connections)
        for _ in range(1000):
            here.send(b"x" * 65_536, pbx.hop())
            if not here.streams._ours:
                break
        await until(lambda: here.machine.lost)
        assert here.failures == ["the peer does not read"]


async def test_the_end_of_a_connection_is_said_before_the_next_one_stands() -> None:
    """Else the machine would take the new one for the one that is gone."""
    async with peer() as pbx, running() as here:
        here.send(OPTIONS, pbx.hop())
        await until(lambda: here.machine.connections)
        (connection,) = here.streams._ours.values()
        connection.cut("we are tired of it")
        here.send(OPTIONS, pbx.hop())
        await until(lambda: len(here.machine.connections) == 2)
        assert here.machine.told == ["connected 1", "disconnected 1", "connected 2"]


async def test_what_waits_for_a_connection_is_bounded() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        hop = Hop(TLS, "127.0.0.1", mute.getsockname()[1], name="localhost")
        async with running() as here:
            for _ in range(40):
                here.send(b"x" * 65_536, hop)
            (connection,) = here.streams._ours.values()
            assert sum(map(len, connection._waiting)) <= 1024 * 1024


async def test_a_connection_that_does_not_stand_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "CONNECT", 0.1)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        async with running() as here:
            here.send(OPTIONS, Hop(TLS, "127.0.0.1", mute.getsockname()[1], name="localhost"))
            await until(lambda: here.machine.lost)
            assert here.failures == [f"localhost does not answer at port {mute.getsockname()[1]} (TLS)"]


@pytest.mark.usefixtures("_hurry")
async def test_our_connections_are_pinged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PING_EVERY", (0.05, 0.05))
    monkeypatch.setattr(life, "PONG", 0.1)
    async with peer() as pbx, running() as here:
        here.send(OPTIONS, pbx.hop())
        await until(lambda: pbx.read.startswith(OPTIONS + b"\r\n\r\n" * 2))
        assert here.machine.lost == []
        pbx.writers[0].write(b"\r\n")
        await until(lambda: here.machine.lost)
        assert here.failures == ["no answer to a keep-alive"]


async def read_to_the_end(address: Address, said: bytes) -> bytes:
    """What we are told until we are sent away."""
    loop = asyncio.get_running_loop()
    with socket.socket() as sock, suppress(ConnectionError):
        sock.setblocking(False)
        async with asyncio.timeout(5):
            await loop.sock_connect(sock, address)
            await loop.sock_sendall(sock, said)
            return await loop.sock_recv(sock, 65_536)
    return b""


# -- accepted ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_the_answer_goes_back_over_the_connection_that_the_question_came_on(host: str) -> None:
    async with running(host) as here:
        reader, writer = await asyncio.open_connection(*here.address)
        writer.write(b"\r\n\r\n" + OPTIONS)
        await until(lambda: here.machine.heard)
        ((data, hop),) = here.machine.heard
        assert (data, hop.address) == (OPTIONS, writer.get_extra_info("sockname")[:2])
        here.send(OK, hop)
        assert await reader.readexactly(2 + len(OK)) == b"\r\n" + OK
        writer.transport.abort()
        await until(lambda: here.streams.accepted == 0)
        here.send(OK, hop)
        assert here.streams._ours == {}
        assert (here.machine.lost, here.machine.connections) == ([], [])


async def test_a_stranger_is_sent_away_and_counted() -> None:
    async with running() as here:
        here.machine.trusted.clear()
        for _ in range(3):
            assert await read_to_the_end(here.address, OPTIONS) == b""
        await until(lambda: here.machine.strangers == 3)
        assert (here.machine.heard, here.streams.accepted, here.failures) == ([], 0, [])


async def test_a_peer_opens_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ACCEPTED", 2)
    async with running() as here:
        writers = [(await asyncio.open_connection(*here.address))[1] for _ in range(2)]
        assert await read_to_the_end(here.address, OPTIONS) == b""
        assert here.failures == ["more than 2 connections are open"]
        assert here.streams.accepted == 2
        for writer in writers:
            writer.transport.abort()
        await until(lambda: here.streams.accepted == 0)


@pytest.mark.usefixtures("_hurry")
@pytest.mark.parametrize(("limit", "said"), [("HALF", OPTIONS[:100]), ("IDLE", OPTIONS), ("IDLE", b"")])
async def test_who_says_half_a_message_or_nothing_is_cut(
    monkeypatch: pytest.MonkeyPatch, limit: str, said: bytes
) -> None:
    monkeypatch.setattr(life, limit, 0.05)
    async with running() as here:
        assert await read_to_the_end(here.address, said) == b""
        await until(lambda: here.streams.accepted == 0)


async def test_a_lost_boundary_is_answered_and_ends_the_connection() -> None:
    async with running() as here:
        answer = await read_to_the_end(here.address, OPTIONS + OPTIONS.replace(b"Length: 0", b"Length: no"))
        assert answer.startswith(b"SIP/2.0 400 ")
        assert [data for data, _ in here.machine.heard] == [OPTIONS]
        assert here.streams.accepted == 0


# -- the end -----------------------------------------------------------------------------------------------------------


async def test_what_was_said_before_the_end_is_written() -> None:
    async with peer() as pbx, running() as here:
        here.send(OPTIONS, pbx.hop())
        await until(lambda: here.machine.connections)
        here.send(b"x" * 900_000, pbx.hop())
        await here.streams.finish(5)
        await until(lambda: len(pbx.read) == len(OPTIONS) + 900_000)
        assert (here.machine.lost, here.failures) == ([], [])


async def test_the_end_does_not_wait_for_who_does_not_read() -> None:
    async with peer() as pbx, running() as here:
        pbx.deaf = True
        here.send(OPTIONS, pbx.hop())
        await until(lambda: here.machine.connections)
        here.send(b"x" * 900_000, pbx.hop())
        async with asyncio.timeout(2):
            await here.streams.finish(0.05)


async def test_after_the_end_nothing_is_opened() -> None:
    async with peer() as pbx, running() as here:
        here.streams.close()
        here.send(OPTIONS, pbx.hop())
        await asyncio.sleep(0.02)
        assert pbx.writers == []


async def test_an_end_while_a_connection_is_opened() -> None:
    async with peer() as pbx, running() as here:
        here.send(OPTIONS, pbx.hop())
        await asyncio.sleep(0)
        here.streams.close()
        await asyncio.sleep(0.05)
        assert (here.machine.connections, here.machine.lost) == ([], [])


async def test_a_fact_that_fails_does_not_cost_the_connection_it_came_on() -> None:
    failed: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context))

    def fails() -> None:
        raise RuntimeError("fact")

    async with peer() as pbx, running() as here:
        here.streams._pump = fails
        here.send(OPTIONS, pbx.hop())
        await until(lambda: pbx.writers)
        pbx.writers[0].write(OK)
        await until(lambda: failed)
        pbx.writers[0].write(OK)
        await until(lambda: len(here.machine.heard) == 2)
        assert here.machine.lost == []


# -- TLS ---------------------------------------------------------------------------------------------------------------


async def test_a_context_that_cannot_be_made_is_a_connection_that_does_not_stand() -> None:
    def fails() -> ssl.SSLContext:
        raise OSError(2, "no authorities")

    async with peer() as pbx, running(context=fails) as here:
        here.send(OPTIONS, pbx.hop(TLS, "localhost"))
        await until(lambda: here.machine.lost)
        assert here.failures == ["localhost cannot be reached over TLS: no authorities"]
        assert pbx.read == b""
