"""The desk of a test call: signs in with a token like every page, and hears what its agent's page hears.

It says nothing but `ping`, and `done` for a missed call that was ours: to acknowledge is the real desk's business.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ctibridge.delivery import frames
from ctibridge.delivery.settings import listen_address
from ctibridge.domain.finding import Finding
from ctibridge.domain.private import Private
from ctibridge.selftest.adapters.news import News
from ctibridge.selftest.desk_events import DeskEvents
from ctibridge.selftest.timeline import Stopped
from ctibridge.watch.adapters.desk import open_desk
from ctibridge.watch.address import own_url

WELCOME = 10.0
"""Seconds for signing in."""
_ASK_EVERY = 0.5
_START = "systemctl start ctibridge, then see its log: journalctl -u ctibridge"


class DeskWatch:
    """closed: it is over. leaving: because we end it."""

    def __init__(self, socket: ClientConnection, events: DeskEvents, news: News) -> None:
        self.closed = self.leaving = False
        self._socket = socket
        self._events = events
        self._news = news

    async def sign_in(self, token: Private) -> None:
        await self._say(frames.Auth(token.value))

    async def lines_known(self, patience: float) -> None:
        """Waits while the registrar is still being asked for a line of ours."""
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not self.closed and any(line.state == "registering" for line in self._events.lines):
                    await self._say(frames.PingFrame())
                    await asyncio.sleep(_ASK_EVERY)

    async def done(self, call: str) -> None:
        """A missed call of ours is nobody to be called back."""
        await self._say(frames.DoneFrame(call))

    async def hear(self) -> None:
        """Until the daemon closes, or says what is no frame of the stream."""
        with suppress(ConnectionClosed, msgspec.MsgspecError):
            async for frame in self._socket:
                self._events.hear(frame, time.monotonic())
                self._news.tell()
        self.closed = True
        self._events.timeline.desk_lost = not self.leaving
        self._news.tell()

    async def _say(self, frame: frames.ClientFrame) -> None:
        with suppress(ConnectionClosed):
            await self._socket.send(msgspec.json.encode(frame), text=True)


@asynccontextmanager
async def watching(listen: str, token: Private, events: DeskEvents, news: News) -> AsyncIterator[DeskWatch]:
    """Signed in when this is entered. Raises Stopped where no daemon is there, or it lets nobody in."""
    socket = await _connected(listen)
    watch = DeskWatch(socket, events, news)
    hearing = asyncio.create_task(watch.hear())
    try:
        await watch.sign_in(token)
        await news.until(lambda: events.welcome or watch.closed, WELCOME)
        if not events.welcome:
            raise _stopped(f"the daemon at {listen} does not let the desk in ({socket.close_code or 'no answer'})")
        yield watch
    finally:
        watch.leaving = True
        await socket.close()
        await asyncio.gather(hearing)


async def _connected(listen: str) -> ClientConnection:
    address = listen_address(listen).here
    try:
        return await open_desk(own_url(address.host, address.port))
    except InvalidHandshake:
        raise _stopped(f"whoever listens at {listen} opens no desk; is it another program?") from None
    except OSError as error:  # TimeoutError is one
        why = "nobody listens" if isinstance(error, ConnectionRefusedError) else "no answer"
        raise _stopped(f"{why} at {listen}: the daemon is not running") from None


def _stopped(text: str) -> Stopped:
    return Stopped(Finding("daemon", text, _START))
