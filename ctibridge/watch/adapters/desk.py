"""A desk like any other: signs in at the daemon's websocket, hears what an agent's page hears, and comes back."""

import asyncio
import contextlib
import os
import random
import socket
import ssl
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, NegotiationError
from websockets.typing import Subprotocol

from ctibridge.watch.board import Link, State
from ctibridge.watch.heard import Heard, Pong, Refused, Welcome
from ctibridge.watch.session import PING, Over, Session

PROTOCOL = Subprotocol("ctibridge.v1")
PING_EVERY = 20.0
"""Seconds; a pong brings how the lines are now."""
OPEN_WITHIN = 10.0
_LARGEST = 16 * 1024 * 1024  # bytes: a snapshot has up to a thousand calls, a pop is 2-3 kB
_CLOSE_WITHIN = 1.0  # who leaves while the network hangs does not wait for its answer
_WRONG_ADDRESS = {301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 426}


class DeskOver(Exception):
    """The service takes this desk no more, or never did: one line, with the mend."""


@dataclass(frozen=True, slots=True)
class Said:
    """One frame. text: as it came."""

    text: str
    frame: Heard | Welcome | Pong | Refused


async def listen(url: str, session: Session) -> AsyncGenerator[Said | Link]:
    """What is said, and how the connection is, for ever; an event is acknowledged when the next is asked for.

    Raises DeskOver.
    """
    while True:
        yield Link(State.CONNECTING)
        try:
            async with await open_desk(url) as opened:
                async for said in _heard(opened, session):
                    yield said
                end = session.closed(opened.close_code or 1006, opened.close_reason or "", _chance())
        except (OSError, TimeoutError, InvalidHandshake) as error:
            why, final = _reason(error)
            end = session.refused(why, _chance(), final=final)
        if isinstance(end, Over):
            raise DeskOver(end.why)
        yield Link(State.LOST, end.why, time.time() + end.seconds)
        await asyncio.sleep(end.seconds)


class _Straight(connect):
    """The token is for this address alone: a redirection, to a sign-in page or to a stranger, is followed nowhere."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


async def open_desk(url: str) -> ClientConnection:
    """A websocket that speaks the desk's stream: whoever else listens there is not to get the token.

    Raises OSError (TimeoutError is one), InvalidHandshake.
    """
    # proxy: the environment may name one for the web; it is not for a service that stands inside.
    opened = await _Straight(
        url,
        subprotocols=[PROTOCOL],
        proxy=None,
        max_size=_LARGEST,
        open_timeout=OPEN_WITHIN,
        close_timeout=_CLOSE_WITHIN,
    )
    if opened.subprotocol != PROTOCOL:
        await opened.close()
        raise NegotiationError("a websocket of something else")
    return opened


async def _heard(desk: ClientConnection, session: Session) -> AsyncGenerator[Said]:
    """Until it closes, however it does."""
    with contextlib.suppress(ConnectionClosed):
        await desk.send(session.auth(), text=True)
        pinging = asyncio.create_task(_ping(desk))
        try:
            async for raw in desk:
                text = raw if isinstance(raw, str) else raw.decode(errors="replace")
                frame = session.hear(text)
                if frame is not None:
                    yield Said(text, frame)
                if (ack := session.ack()) is not None:
                    await desk.send(ack, text=True)
        finally:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)


async def _ping(desk: ClientConnection) -> None:
    while True:
        await asyncio.sleep(PING_EVERY)
        await desk.send(PING, text=True)


def _reason(error: Exception) -> tuple[str, bool]:
    """In a few words, and whether it is the address that is wrong."""
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return f"no desk there (HTTP {status})", status in _WRONG_ADDRESS
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold: {error.verify_message}", True
    if isinstance(error, ssl.SSLError):
        return "it speaks no TLS that we understand", True
    if isinstance(error, TimeoutError):
        return "no answer", False
    if isinstance(error, OSError):
        if isinstance(error, socket.gaierror) or not error.errno:  # its numbers are none of the system's
            return error.strerror or "no connection", False
        return os.strerror(error.errno), False
    return "something else answers there", False


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads desks over time, no secret
