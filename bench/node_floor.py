"""What of the way to a screen at the other node is no code of ours: plain blocking sockets go the same steps.

One process stands for a desk's node: it publishes as many bytes as a pop has in a Redis, and then writes them to its
own screen. Another stands for the other node: what it hears it writes to its screen. Nothing is parsed or decided.
"""

import multiprocessing
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.node_stage import OTHER, OWN, Found, Where
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer

BODY = 800
"""Bytes, as a pop of these people has."""
_PUBLISH = b"*3\r\n$7\r\nPUBLISH\r\n$5\r\nfloor\r\n$%d\r\n%b\r\n" % (BODY, bytes(BODY))
_SUBSCRIBE = b"*2\r\n$9\r\nSUBSCRIBE\r\n$5\r\nfloor\r\n"
_PUBLISHED = len(b":1\r\n")
_SUBSCRIBED = len(b"*3\r\n$9\r\nsubscribe\r\n$5\r\nfloor\r\n:1\r\n")
_END = b"\r\n"
_HEARD = len(b"*3\r\n$7\r\nmessage\r\n$5\r\nfloor\r\n$%d\r\n%b" % (BODY, bytes(BODY))) + len(_END)
_PLACES = {OWN: 1, OTHER: 2}
"""Which screens a call pops at, added up: one byte is a call."""
_WITHIN_MS = 5_000
_Address = tuple[str, int]


class NodeFloor:
    """near, far: the screens at both nodes; calls come to the desk's node by the former."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self._near = near
        self._screens = {near.fileno(): (OWN, near), far.fileno(): (OTHER, far)}
        self._poll = select.poll()
        for one in self._screens:
            self._poll.register(one, select.POLLIN)

    def round(self, where: Where, rate: float, calls: int) -> Found:
        """As `Stage.round` has it of one house. Blocks. Raises TimeoutError where a pop does not come."""
        found, begin = Found(calls), time.perf_counter()
        for number in range(calls):
            time.sleep(max(0.0, begin + number / rate - time.perf_counter()))
            places = where(number)
            left_at = time.perf_counter()
            self._near.send(bytes([sum(map(_PLACES.__getitem__, places))]))
            for place, at in self._pops(len(places)):
                found.took[place].append(1000 * (at - left_at))
        return found

    def _pops(self, many: int) -> Iterator[tuple[str, float]]:
        for _ in range(many):
            ready = self._poll.poll(_WITHIN_MS)
            at = time.perf_counter()
            if not ready:
                raise TimeoutError("a plain socket said nothing")
            place, screen = self._screens[ready[0][0]]
            screen.recv(BODY, socket.MSG_WAITALL)
            yield place, at


@contextmanager
def floor(redis: RedisServer, loopback: Loopback) -> Iterator[NodeFloor]:
    """Both processes live as long as their screens."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((loopback.address(), 0)))
        screens = []
        for node in (_near, _far):
            process = context.Process(target=node, args=((redis.address, redis.port), listener.getsockname()))
            process.start()
            stack.callback(process.join)
            screens.append(_quick(stack.enter_context(listener.accept()[0])))
        yield NodeFloor(*screens)


def _near(redis: _Address, screens: _Address) -> None:
    """Answers of Redis are read when the pop is out."""
    with _connected(redis) as publishing, _connected(screens) as screen:
        while call := screen.recv(1):
            if call[0] & _PLACES[OTHER]:
                publishing.send(_PUBLISH)
            if call[0] & _PLACES[OWN]:
                screen.send(bytes(BODY))
            if call[0] & _PLACES[OTHER]:
                publishing.recv(_PUBLISHED, socket.MSG_WAITALL)


def _far(redis: _Address, screens: _Address) -> None:
    with _connected(redis) as hearing:
        hearing.send(_SUBSCRIBE)
        hearing.recv(_SUBSCRIBED, socket.MSG_WAITALL)
        with _connected(screens) as screen:
            poll = select.poll()
            poll.register(hearing, select.POLLIN)
            poll.register(screen, select.POLLIN)
            while all(one != screen.fileno() for one, _ in poll.poll()):
                pop = hearing.recv(_HEARD, socket.MSG_WAITALL)[-len(_END) - BODY : -len(_END)]
                screen.send(pop)


def _connected(address: _Address) -> socket.socket:
    return _quick(socket.create_connection(address))


def _quick(one: socket.socket) -> socket.socket:
    """Nothing waits for more to be sent."""
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one
