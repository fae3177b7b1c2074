"""A receiver of webhooks that does as a test says: takes, refuses, redirects, waits, hangs, cuts, goes and comes back.

Comes in: answers, one for each request in turn, and one for all others. Goes out: what came, in the order in which it
came. It listens on loopback alone and keeps its port when it is gone for a while.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from tests.peers.process import until

_CHUNK = b"x" * 65536


@dataclass(frozen=True, slots=True)
class Reply:
    """delay: seconds before it is sent. end: `hang` says nothing until `let_go`, `cut` closes the connection without a
    word, `endless` sends status, headers and a body that never ends."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    end: Literal["whole", "hang", "cut", "endless"] = "whole"


TAKEN = Reply()


def redirect(to: str, status: int = 307) -> Reply:
    return Reply(status, {"Location": to})


@dataclass(frozen=True, slots=True)
class Came:
    """at: monotonic seconds when its body was whole. header names as they were written, found in any case."""

    at: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    reply: Reply


class Receiver:
    """came: every request so far. most_at_once: how many were in hand at the same time. streamed: bytes of endless
    bodies that were taken from us."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.came: list[Came] = []
        self.most_at_once = 0
        self.streamed = 0
        self.otherwise: Reply | Callable[[Came], Reply] = TAKEN
        self.port = 0
        self._tls = tls
        self._script: deque[Reply] = deque()
        self._in_hand = 0
        self._gate = asyncio.Event()
        self._runner: web.ServerRunner | None = None

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}/hook"

    @property
    def bodies(self) -> list[bytes]:
        return [one.body for one in self.came]

    def replies(self, *script: Reply) -> None:
        """To the next requests, one each; then `otherwise` again."""
        self._script.extend(script)

    def let_go(self) -> None:
        """What hangs is answered now, and hangs no more."""
        self._gate.set()

    async def has(self, requests: int, timeout: float = 10.0) -> None:
        """So many came, past or to come. Raises PeerTimeout."""
        await until(lambda: len(self.came) >= requests, f"{requests} webhooks; came: {len(self.came)}", timeout)

    async def sees(self, what: str, condition: Callable[[list[Came]], bool], timeout: float = 10.0) -> None:
        """The condition holds of what came. Raises PeerTimeout."""
        await until(lambda: condition(self.came), what, timeout)

    async def start(self) -> None:
        """Listens, after the first time at the same port."""
        self._gate = asyncio.Event()
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuses connections from now on; what was in hand is cut."""
        runner, self._runner = self._runner, None
        self.let_go()
        if runner is not None:
            await runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self._in_hand += 1
        self.most_at_once = max(self.most_at_once, self._in_hand)
        try:
            return await self._answer(request, self._hear(request, await request.read()))
        finally:
            self._in_hand -= 1

    def _hear(self, request: web.BaseRequest, body: bytes) -> Reply:
        came = Came(time.monotonic(), request.method, request.path_qs, request.headers, body, TAKEN)
        if self._script:
            reply = self._script.popleft()
        else:
            reply = self.otherwise if isinstance(self.otherwise, Reply) else self.otherwise(came)
        self.came.append(Came(came.at, came.method, came.path, came.headers, came.body, reply))
        return reply

    async def _answer(self, request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.end == "hang":
            await self._gate.wait()
        if reply.end == "cut" and request.transport is not None:
            request.transport.abort()
        if reply.end == "endless":
            return await self._stream(request, reply)
        return web.Response(status=reply.status, headers=reply.headers, body=reply.body)

    async def _stream(self, request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers=reply.headers)
        await response.prepare(request)
        while not self._gate.is_set():  # ends when the other side has gone: write raises
            await response.write(_CHUNK)
            self.streamed += len(_CHUNK)
        return response


@asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Receiver]:
    """tls: a server's context; None: plain http."""
    one = Receiver(tls)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()
