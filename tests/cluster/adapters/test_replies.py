"""Replies by themselves, on a transport that is none: what comes in which pieces, and what it means."""

import asyncio
from typing import Any, cast

import pytest
from redis.exceptions import BusyLoadingError, InvalidResponse, ResponseError

from ctibridge.cluster.adapters.replies import Replies, Reply


class Wire:
    """What was written, and to whom what comes is given."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closing = False

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closing


def error_of(text: str) -> Exception:
    return BusyLoadingError(text) if text.startswith("LOADING") else ResponseError(text)


def replies() -> tuple[Wire, Replies]:
    wire = Wire()
    return wire, Replies(cast("Any", wire), error_of)


async def asking(of: Replies, *commands: tuple[Any, ...]) -> "asyncio.Task[list[Any]]":
    assert of.say(commands)
    task = asyncio.create_task(of.heard(5))
    await asyncio.sleep(0)
    return task


async def test_a_row_goes_at_once_and_its_replies_come_in_whatever_pieces() -> None:
    wire, found = replies()
    task = await asking(found, ("SET", "key", b"\x00"), ("XLEN", "key", 7))
    said = b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1\r\n\x00\r\n", b"*3\r\n$4\r\nXLEN\r\n$3\r\nkey\r\n$1\r\n7\r\n"
    assert wire.written == [b"".join(said)]
    for piece in (b"+O", b"K\r\n:1", b"2\r\n"):
        found.data_received(piece)
    assert await task == [b"OK", 12]
    assert found.is_quiet


async def test_an_error_reply_stands_in_its_place() -> None:
    _, found = replies()
    task = await asking(found, ("A",), ("B",))
    found.data_received(b"-ERR no\r\n+OK\r\n")
    first, second = await task
    assert isinstance(first, ResponseError)
    assert second == b"OK"


async def test_what_ends_the_connection_is_raised() -> None:
    _, found = replies()
    task = await asking(found, ("A",))
    found.data_received(b"-LOADING soon\r\n")
    with pytest.raises(BusyLoadingError):
        await task


async def test_no_bytes_of_a_redis() -> None:
    _, found = replies()
    task = await asking(found, ("A",))
    found.data_received(b"HTTP/1.1 400\r\n")
    with pytest.raises(InvalidResponse):
        await task
    assert not found.is_quiet


async def test_it_waits_no_longer_than_said() -> None:
    _, found = replies()
    assert found.say([("A",)])
    with pytest.raises(TimeoutError):
        await found.heard(0.01)


async def test_the_connection_ends_before_the_answer() -> None:
    _, found = replies()
    task = await asking(found, ("A",))
    found.connection_lost(None)
    with pytest.raises(ConnectionResetError):
        await task
    assert not found.is_quiet
    assert not found.say([("A",)])


async def test_a_reply_to_nobody_makes_it_unfit() -> None:
    """The next one would be taken for another's."""
    wire, found = replies()
    task = await asking(found, ("A",))
    found.data_received(b"+OK\r\n+stray\r\n")
    assert await task == [b"OK"]
    assert not found.is_quiet
    assert not found.say([("B",)])
    assert len(wire.written) == 1


async def test_what_was_said_is_heard_also_when_the_reply_was_quicker() -> None:
    _, found = replies()
    assert found.say([("A",)])
    found.data_received(b"+OK\r\n")
    assert await found.heard(5) == [b"OK"]


async def test_whoever_cannot_wait_for_a_turn_has_them_at_once() -> None:
    _, found = replies()
    came: list[Reply] = []
    assert found.say([("A",), ("B",)], came.append)
    found.data_received(b"+OK\r\n")
    assert came == []
    found.data_received(b"+BYE\r\n")
    assert came == [[b"OK", b"BYE"]]
    assert await found.heard(5) == [b"OK", b"BYE"]
    assert found.say([("C",)])
    found.data_received(b"+OK\r\n")
    assert (await found.heard(5), len(came)) == ([b"OK"], 1), "only for that row"


async def test_who_is_cancelled_by_what_came_is_cancelled() -> None:
    _, found = replies()

    def cancel(_: Reply) -> None:
        task.cancel()

    assert found.say([("A",)], cancel)
    task = asyncio.create_task(found.heard(5))
    await asyncio.sleep(0)
    found.data_received(b"+OK\r\n")
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cancelled_nobody_has_its_reply_at_once() -> None:
    _, found = replies()
    came: list[Reply] = []
    assert found.say([("A",)], came.append)
    task = asyncio.create_task(found.heard(5))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found.data_received(b"+OK\r\n")
    assert (came, found.is_quiet) == ([], False)


async def test_forgotten_it_fails_for_nobody() -> None:
    _, found = replies()
    assert found.say([("A",)])
    found.forget()
    found.connection_lost(None)


async def test_cancelled_its_reply_is_nobodys() -> None:
    _, found = replies()
    task = await asking(found, ("A",))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found.data_received(b"+OK\r\n")
    assert not found.is_quiet
