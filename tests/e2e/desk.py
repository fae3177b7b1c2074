"""The desk of a test: a websocket client that keeps every frame, and waits for the ones that a test is about."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.peers.process import until

Frame = dict[str, Any]
T = TypeVar("T")


class Desk:
    """`async with Desk(daemon.web, token) as desk`. events: the CloudEvents so far; welcome: the data of that frame."""

    def __init__(self, web: str, token: str, resume: Frame | None = None, *, rings: bool = False) -> None:
        self.events: list[Frame] = []
        self.controls: list[Frame] = []
        self.welcome: Frame = {}
        self.closed_with: int | None = None
        self._web = web
        self._auth = {"type": "auth", "token": token, "rings": rings} | ({"resume": resume} if resume else {})
        self._news = asyncio.Condition()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(f"ws://{self._web}/v1/desk", subprotocols=["ctibridge.v1"])  # type: ignore[list-item]
        await self.send(**self._auth)
        self._reader = asyncio.create_task(self._read())
        await self._until(lambda: self.welcome != {} or self.closed_with or None, "welcome", 10)
        if not self.welcome:
            raise ConnectionRefusedError(f"closed with {self.closed_with} before it was welcomed")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def send(self, **frame: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))

    async def event(self, type_: str, timeout: float = 10.0, **fields: Any) -> Frame:
        """The `data` of the first event of that type whose data has these fields (`call__line="6001"`)."""

        def found() -> Frame | None:
            fitting = (e["data"] for e in self.events if e["type"] == type_ and _fits(e["data"], fields))
            return next(fitting, None)

        return await self._until(found, f"{type_} with {fields}", timeout)

    async def ringing(self, timeout: float = 10.0, **fields: Any) -> Frame:
        return await self.event("call.ringing", timeout, **fields)

    async def ended(self, timeout: float = 10.0, **fields: Any) -> Frame:
        return await self.event("call.ended", timeout, **fields)

    async def lines(self, states: dict[str, str], timeout: float = 30.0) -> None:
        """Waits until the lines are in these states; a `pong` tells them."""

        async def are() -> bool:
            await self.send(type="ping")
            known = {line["line"]: line["state"] for line in self._newest_lines()}
            return states.items() <= known.items()

        await until(are, f"lines {states}", timeout)

    async def stored(self, sequence: int | None = None, timeout: float = 10.0) -> None:
        """Waits until this event (None: the newest that came) outlives every end of the process; a `pong` says so."""
        newest = max((int(event["sequence"]) for event in self.events), default=0) if sequence is None else sequence

        async def is_stored() -> bool:
            await self.send(type="ping")
            return any(pong["data"]["stored"] >= newest for pong in self.controls if pong["type"] == "pong")

        await until(is_stored, f"event {newest} stored", timeout)

    async def settled(self, timeout: float = 30.0) -> None:
        """Waits until every call that rang has ended."""
        await until(lambda: self.count("call.ended") == self.count("call.ringing"), "the end of every call", timeout)

    async def closed(self, timeout: float = 10.0) -> int:
        """The close code."""
        return await self._until(lambda: self.closed_with, "the close", timeout)

    def count(self, type_: str) -> int:
        return sum(event["type"] == type_ for event in self.events)

    def _newest_lines(self) -> list[Frame]:
        pongs = [frame for frame in self.controls if frame["type"] == "pong"]
        lines: list[Frame] = (pongs[-1].get("data") or self.welcome)["lines"] if pongs else self.welcome["lines"]
        return lines

    async def _until(self, found: Callable[[], T | None], what: str, timeout: float) -> T:
        try:
            async with asyncio.timeout(timeout), self._news:
                while (value := found()) is None:
                    await self._news.wait()
                return value
        except TimeoutError:
            raise AssertionError(f"no {what} within {timeout} s; came: {self._came()}") from None

    def _came(self) -> list[str]:
        return [f"{event['type']} {event['data'].get('call', {}).get('line')}" for event in self.events]

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for text in self._socket:
                await self._take(json.loads(text))
        except ConnectionClosed:
            pass
        self.closed_with = self._socket.close_code
        async with self._news:
            self._news.notify_all()

    async def _take(self, frame: Frame) -> None:
        if "specversion" in frame:
            self.events.append(frame)
        else:
            self.controls.append(frame)
        if frame.get("type") == "welcome":
            self.welcome = frame["data"]
        async with self._news:
            self._news.notify_all()


def _fits(data: Frame, fields: dict[str, Any]) -> bool:
    for path, wanted in fields.items():
        value: Any = data
        for key in path.split("__"):
            value = value.get(key) if isinstance(value, dict) else None
        if value != wanted:
            return False
    return True
