"""A running port with its desks, on loopback, and clients for it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from ctibridge.delivery.adapters import fresh, server
from ctibridge.delivery.adapters.admission import Admission
from ctibridge.delivery.adapters.catching_up import CatchingUp
from ctibridge.delivery.adapters.ivr import Ivr
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.adapters.web import Web
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import Outbox
from ctibridge.delivery.settings import WebSettings
from ctibridge.delivery.tokens import Kind
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import DeskCommand
from ctibridge.domain.line import Line
from ctibridge.domain.moment import Moment
from ctibridge.domain.screen_pop import Answer
from tests.delivery.examples import ANA
from tests.delivery.memory_outbox import MemoryOutbox

LINES = (Line("pbx", "6001", ("ana",)), Line("pbx", "6004", ("ana", "ben")))


def moment() -> Moment:
    return Moment(datetime.now(UTC), asyncio.get_running_loop().time())


class DeskServer:
    """`async with DeskServer.running(folder) as server`; agents is its directory, visible what each of them may see,
    answers what is said of a call that is asked for again."""

    def __init__(self, tokens: TokenStore, settings: WebSettings, outbox: Outbox | None = None) -> None:
        self.tokens = tokens
        self.agents: dict[str, Agent] = {"ana": ANA, "ben": Agent("ben", "Ben Okafor", languages=("en",))}
        self.reasons: list[str] = []
        self.remarks: list[str] = []
        self.commands: list[DeskCommand] = []
        self.asked: list[tuple[str, str | None]] = []
        self.answer: Answer | None = None
        self.visible = frozenset({"acme", "globex"})
        self.answers: dict[str, Answer] = {}
        self.outbox = MemoryOutbox()
        kept = self.outbox if outbox is None else outbox
        self.desks = Desks("/ctibridge/desk-1", fresh.epoch)
        self.desks.set_lines(LINES)
        self.web = Web(
            settings,
            self.desks,
            kept,
            Admission(self.desks, tokens, self._agents, moment),
            CatchingUp(kept, lambda _: self.visible, self._ask_again),
            lambda: (self.reasons, self.remarks),
            self.commands.append,
            Ivr(tokens, self._ask),
        )
        self.listening = server.bind(settings)
        host, self.port = self.listening.getsockname()[:2]
        self.url = f"http://{host}:{self.port}"

    async def _agents(self) -> dict[str, Agent]:
        return dict(self.agents)  # as the directory: another one where it changed

    async def _ask_again(self, agent: str, call: str) -> Answer | None:
        return self.answers.get(call)

    async def _ask(self, caller: str, called: str | None) -> Answer | None:
        self.asked.append((caller, called))
        return self.answer

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, outbox: Outbox | None = None, **settings: Any) -> AsyncIterator[Self]:
        """outbox: a real one, in the place of one in memory."""
        tokens = await TokenStore.open(folder / "ctibridge.db")
        made = cls(tokens, WebSettings(**{"listen": "127.0.0.1:0", **settings}), outbox)
        serving = asyncio.create_task(made.web.serve(made.listening))
        try:
            await asyncio.sleep(0)
            yield made
        finally:
            await made.web.stop()
            await serving
            await tokens.close()

    async def token(self, agent: str | None = "ana", kind: Kind = Kind.DESK, seconds: float | None = 3600) -> str:
        now = datetime.now(UTC)
        expires_at = None if seconds is None else now + timedelta(seconds=seconds)
        text, _ = await self.tokens.issue(kind, agent, expires_at, now)
        return text.value

    def disable(self, agent: str) -> None:
        self.agents[agent] = replace(self.agents[agent], disabled=True)

    async def open(self, origin: str | None = None, **options: Any) -> ClientConnection:
        """A websocket that has not signed in."""
        return await connect(
            f"ws{self.url.removeprefix('http')}/v1/desk",
            origin=None if origin is None else Origin(origin),
            proxy=None,
            compression=None,
            **options,
        )

    async def desk(self, agent: str = "ana", resume: dict[str, Any] | None = None, **options: Any) -> "Desk":
        """A signed-in desk."""
        client = await self.open(subprotocols=[Subprotocol("ctibridge.v1")], **options)
        desk = Desk(client)
        await desk.send({"type": "auth", "token": await self.token(agent), **({"resume": resume} if resume else {})})
        desk.welcome = (await desk.receive())["data"]
        return desk


class Desk:
    def __init__(self, client: ClientConnection) -> None:
        self.client = client
        self.welcome: dict[str, Any] = {}

    async def send(self, frame: Any) -> None:
        await self.client.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.client.recv(), 5))
        return frame

    async def closed(self, within: float = 10) -> int | None:
        """Reads to the end; the close code."""
        await self.rest(within)
        return self.client.close_code

    async def rest(self, within: float = 10) -> list[dict[str, Any]]:
        """All frames up to the end of the connection, however it ends."""
        frames = []
        async with asyncio.timeout(within):
            with contextlib.suppress(ConnectionClosed):
                while True:
                    frames.append(json.loads(await self.client.recv()))
        await self.client.wait_closed()
        return frames


async def signed_in(server: DeskServer, token: str) -> int | None:
    """The close code, or None when it was let in."""
    desk = Desk(await server.open())
    await desk.send({"type": "auth", "token": token})
    try:
        await desk.receive()
    except ConnectionClosed:
        return desk.client.close_code
    await desk.client.close()
    return None
