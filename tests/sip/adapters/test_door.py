"""Who comes in, who came too early, and what happens when there is no room."""

import asyncio
import socket

import pytest

from ctibridge.sip.adapters import door as adapter
from ctibridge.sip.adapters.door import Door
from ctibridge.sip.adapters.sockets import bind_both
from ctibridge.sip.via import Address
from tests.sip.adapters.stream_peers import until


def listening() -> socket.socket:
    datagrams, listener = bind_both(("127.0.0.1", 0))
    datagrams.close()
    return listener


class Visitors:
    def __init__(self) -> None:
        self.came: list[Address] = []

    def take(self, sock: socket.socket, address: Address) -> None:
        self.came.append(address)
        sock.close()


async def test_each_visitor_is_handed_on_with_his_address() -> None:
    listener, visitors = listening(), Visitors()
    door = Door(listener, visitors.take)
    with (
        socket.create_connection(listener.getsockname()) as one,
        socket.create_connection(listener.getsockname()) as two,
    ):
        await until(lambda: len(visitors.came) == 2)
        assert visitors.came == [one.getsockname(), two.getsockname()]
    door.close()


async def test_who_came_before_the_door_opened_is_sent_away() -> None:
    listener, visitors = listening(), Visitors()
    with socket.create_connection(listener.getsockname()) as early:
        early.sendall(b"an INVITE of an hour ago")
        door = Door(listener, visitors.take)
        with pytest.raises(ConnectionResetError):
            early.recv(1)
    await asyncio.sleep(0.01)
    assert visitors.came == []
    door.close()


class Full(socket.socket):
    """A listening socket of a process that has no file left, three times."""

    asked = 0

    def accept(self) -> tuple[socket.socket, Address]:
        self.asked += 1
        if self.asked <= 3:
            raise OSError(24, "Too many open files")
        return super().accept()


async def test_without_room_the_door_rests_and_does_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "PAUSE", 0.05)
    plain = listening()
    listener, visitors = Full(fileno=plain.detach()), Visitors()
    listener.setblocking(False)
    with socket.create_connection(listener.getsockname()):
        door = Door(listener, visitors.take)
        await asyncio.sleep(0.02)
        assert listener.asked == 1
        await until(lambda: visitors.came)
        assert listener.asked == 5
    door.close()


async def test_a_door_that_rests_can_be_closed() -> None:
    plain = listening()
    listener = Full(fileno=plain.detach())
    Door(listener, Visitors().take).close()
    assert listener.fileno() == -1
