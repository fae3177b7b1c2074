"""A desk like any other: signs in at the daemon's websocket and hears what an agent's page hears."""

from collections.abc import AsyncGenerator

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ctibridge.delivery import frames

PROTOCOL = Subprotocol("ctibridge.v1")


class Heard(msgspec.Struct, frozen=True):
    """What this desk reads of an event."""

    type: str
    time: str
    sequence: str
    data: msgspec.Raw


class _Frame(msgspec.Struct, frozen=True):
    """Events carry `specversion`, control frames do not."""

    specversion: str | None = None


async def events(url: str, token: str) -> AsyncGenerator[tuple[str, Heard], None]:
    """Each event, as it came and as it reads; acknowledged when the next is asked for. Ends when the daemon closes.

    Raises OSError and websockets' InvalidHandshake where nobody is there.
    """
    # proxy: the environment may name one for the web; it is not for this machine's own port.
    async with connect(url, subprotocols=[PROTOCOL], compression=None, proxy=None) as socket:
        await socket.send(msgspec.json.encode(frames.Auth(token)), text=True)
        try:
            async for frame in socket:
                text = frame if isinstance(frame, str) else frame.decode()
                if msgspec.json.decode(text, type=_Frame).specversion is None:
                    continue
                event = msgspec.json.decode(text, type=Heard)
                yield text, event
                await socket.send(msgspec.json.encode(frames.AckFrame(int(event.sequence))), text=True)
        except ConnectionClosed:
            return
