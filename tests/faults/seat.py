"""An agent's screen that is never switched off: it connects, resumes where it was, acknowledges, and writes the record.

Comes in: frames. Goes out: `auth` with its place, `ack` and `ping`, again and again; what it saw, into the record.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.faults import record
from tests.faults.record import Gone, Record, Stored

COMES_BACK = 0.02
"""Seconds: impatient, so that a process that has just begun is met by everybody."""
ACKS_EVERY = 0.05
TOKEN_REFUSED = 4401
RESTART = 1012
LOOKS = 1.0
"""Seconds between two looks at a node that others could stand in for, and for its answer: it may stand still."""
OPENS = 5.0


class Seat:
    """place: epoch and sequence of the newest event. rings: the daemon's names of calls that have not ended there.
    stored: up to where a `pong` said that it is kept. live: connected, and everything missed has come. others: more
    nodes; where one does not answer, the next is tried."""

    def __init__(
        self, agent: str, web: str, token: str, into: Record, links: Iterator[int], others: Sequence[str] = ()
    ) -> None:
        self.agent = agent
        self.place: tuple[str, int] | None = None
        self.rings: set[str] = set()
        self.stored = 0
        self.connected = False
        self.closed_with: list[int] = []
        self._webs = [web, *others]
        self.token = token
        self._record = into
        self._links = links
        self._promised = 0
        self._was_told = False
        self._asked_at = 0.0
        self._asked: deque[int] = deque()
        """What was acknowledged in front of each `ping` without its `pong`."""

    @property
    def live(self) -> bool:
        return self.connected and self.place is not None and self.place[1] >= self._promised

    async def sit(self) -> None:
        """Until it is cancelled."""
        while True:
            with contextlib.suppress(OSError, InvalidHandshake, InvalidMessage, EOFError, TimeoutError):
                await self.once()
            if not self._was_told:
                self._webs.append(self._webs.pop(0))
            await asyncio.sleep(COMES_BACK)

    async def once(self) -> None:
        """One connection, to its end. Raises OSError, and what websockets says of a handshake that fails."""
        self._was_told = False
        alive = {"ping_interval": LOOKS, "ping_timeout": LOOKS} if len(self._webs) > 1 else {"ping_interval": None}
        url = f"ws://{self._webs[0]}/v1/desk"
        async with connect(url, max_size=None, open_timeout=OPENS, close_timeout=1, **alive) as socket:
            link = next(self._links)
            self._asked.clear()
            resume = {"resume": {"epoch": self.place[0], "sequence": self.place[1]}} if self.place else {}
            self._asked_at = time.monotonic()
            with contextlib.suppress(ConnectionClosed):
                await socket.send(json.dumps({"type": "auth", "token": self.token, **resume}))
            acking = asyncio.create_task(self._acknowledge(socket))
            try:
                await self._read(socket, link)
            finally:
                acking.cancel()
                await asyncio.gather(acking, return_exceptions=True)
                self._left(link, socket)

    async def _read(self, socket: ClientConnection, link: int) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                self._take(json.loads(text), link)

    def _left(self, link: int, socket: ClientConnection) -> None:
        self.connected = False
        if socket.close_code is not None:
            self.closed_with.append(socket.close_code)
            self._was_told = socket.close_code == RESTART
        self._record.gone.append(Gone(self.agent, link, time.monotonic()))

    def _take(self, frame: dict[str, Any], link: int) -> None:
        if "specversion" in frame:
            self._event(frame, link)
        elif frame["type"] == "welcome":
            self._welcome(frame["data"], link)
        elif frame["type"] == "pong":
            self._pong(frame["data"]["stored"])

    def _event(self, frame: dict[str, Any], link: int) -> None:
        one = record.event(self.agent, link, time.monotonic(), frame)
        self._record.events.append(one)
        self.place = one.epoch, one.sequence
        if one.type == record.RINGING:
            self.rings.add(one.subject)
        elif one.type == record.ENDED:
            self.rings.discard(one.subject)

    def _welcome(self, data: dict[str, Any], link: int) -> None:
        one = record.welcome(self.agent, link, time.monotonic(), data, self.place, self._webs[0], self._asked_at)
        self._record.links.append(one)
        self._promised = one.sequence
        if not one.resumed:
            self.place = one.epoch, one.sequence
            self.rings = {name for name, call in one.calls.items() if call.state != "ended"}
        self.stored = 0
        self.connected = True

    def _pong(self, stored: int) -> None:
        self.stored = stored
        confirmed = min(stored, self._asked.popleft())
        if self.place is not None and confirmed:
            self._record.stored.append(Stored(self.agent, time.monotonic(), self.place[0], confirmed))

    async def _acknowledge(self, socket: ClientConnection) -> None:
        """The `ping` goes behind the `ack`, so its `pong` counts for it."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(ACKS_EVERY)
                if not self.connected or self.place is None or self.stored >= self.place[1]:
                    continue
                sequence = self.place[1]
                await socket.send(json.dumps({"type": "ack", "sequence": sequence}))
                self._asked.append(sequence)
                await socket.send(json.dumps({"type": "ping"}))


async def opens(web: str, token: str) -> bool:
    """Whether this token opens a desk now. Raises AssertionError where it is refused for another reason."""
    async with connect(f"ws://{web}/v1/desk", max_size=None) as socket:
        await socket.send(json.dumps({"type": "auth", "token": token}))
        with contextlib.suppress(ConnectionClosed):
            return bool(json.loads(await socket.recv())["type"] == "welcome")
    assert socket.close_code == TOKEN_REFUSED
    return False
