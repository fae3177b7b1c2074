"""One websocket of a desk: its backlog in front of its socket."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ctibridge.delivery.adapters.server import DeskSocket
from ctibridge.delivery.backlog import Backlog, End, Look
from ctibridge.domain.private import Private

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection:
    """unchecked: the token whose verdict is awaited. on_deadline: called when `deadline` has come to be."""

    def __init__(
        self, number: int, socket: DeskSocket, send: Send, on_deadline: Callable[["Connection"], None]
    ) -> None:
        self.number = number
        self.unchecked: Private | None = None
        self._socket = socket
        self._send = send
        self._on_deadline = on_deadline
        self._backlog = Backlog()
        self._loop = asyncio.get_running_loop()
        self._greeted = False
        self._was_cut = False
        self._ending: asyncio.Task[None] | None = None
        socket.on_blocked = self._blocked
        socket.on_writable = self._writable

    def greet(self, frames: tuple[bytes, ...]) -> None:
        """Before everything else that it hears, also what was put before: until then nothing is written."""
        self._backlog.greet(frames)
        self._greeted = True
        self._pump()

    def put(self, frame: bytes) -> bool:
        """Written at once where the kernel takes it. False: too slow, the session is over."""
        fine = self._backlog.put(frame, self._loop.time())
        self._pump()
        return fine

    def __len__(self) -> int:
        """Frames that wait for the transport."""
        return len(self._backlog)

    def end(self, end: End) -> None:
        self._backlog.end(end, self._loop.time())
        self._on_deadline(self)
        self._pump()

    def ping(self) -> bool:
        """False: there is no room for one; whether the peer takes anything is then the backlog's business."""
        if self._socket.blocked:
            return False
        self._socket.ping()
        return True

    def cut(self) -> None:
        """The end without a word, where none would be taken."""
        self._was_cut = True
        self._socket.cut()

    @property
    def deadline(self) -> float | None:
        """When `look` wants to be called."""
        return None if self._was_cut else self._backlog.deadline

    def look(self) -> bool:
        """False: the session is over, as the peer takes nothing."""
        match self._backlog.look(self._socket.held, self._loop.time()):
            case Look.CUT:
                self.cut()
            case Look.ENDED:
                self._pump()
                return False
            case Look.FINE:
                pass
        return True

    async def closed(self) -> None:
        """The connection is over; nothing of it is left behind."""
        self._socket.on_blocked = self._socket.on_writable = self._socket.on_pong = None
        if self._ending is not None:
            await asyncio.gather(self._ending, return_exceptions=True)

    def _pump(self) -> None:
        if not self._greeted and not self._backlog.ended:
            return
        while not self._socket.blocked:
            following = self._backlog.take()
            if following is None:
                return
            if isinstance(following, End):
                self._ending = self._loop.create_task(self._close(following))
                return
            self._socket.push(following)

    async def _close(self, end: End) -> None:
        await self._send({"type": "websocket.close", "code": int(end.code), "reason": end.reason})

    def _blocked(self) -> None:
        self._backlog.blocked(self._socket.held, self._loop.time())
        self._on_deadline(self)

    def _writable(self) -> None:
        self._backlog.freed()
        self._pump()
