"""Where peers come in: a listening socket whose visitors are handed on before anything is spent on them."""

import asyncio
import socket
from collections.abc import Callable

from ctibridge.sip.adapters import sockets
from ctibridge.sip.via import Address

PAUSE = 1.0
"""Seconds without accepting when the process has no file left: who waits outside would wake us again and again."""
_AT_ONCE = 32
"""Visitors in one turn of the loop."""


class Door:
    """take: owns the socket that it is given. Who came before the door opened is sent away: what he says is old."""

    def __init__(self, listener: socket.socket, take: Callable[[socket.socket, Address], None]) -> None:
        self._listener = listener
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._resting: asyncio.TimerHandle | None = None
        while (visitor := self._visitor()) is not None:
            sockets.reset(visitor[0])
        if self._resting is None:
            self._open()

    def close(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()

    def _open(self) -> None:
        self._resting = None
        self._loop.add_reader(self._listener, self._look)

    def _look(self) -> None:
        for _ in range(_AT_ONCE):
            visitor = self._visitor()
            if visitor is None:
                return
            self._take(*visitor)

    def _visitor(self) -> tuple[socket.socket, Address] | None:
        """None where nobody waits, or nobody can be let in for now."""
        try:
            sock, address = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return None
        except OSError:
            self._loop.remove_reader(self._listener)
            self._resting = self._loop.call_later(PAUSE, self._open)
            return None
        return sock, (address[0], address[1])
