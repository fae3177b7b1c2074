"""The one port: the agent page, the desks' websocket, health and schema, on uvicorn in our own loop.

Comes in: HTTP and websockets, all of it from strangers until a token has been checked. Goes out: the desks' outputs
to their connections, commands to the application. The machine behind it is `delivery.desks`.
"""

import asyncio
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import structlog

from ctibridge.delivery import tokens
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.http import HttpApp
from ctibridge.delivery.adapters.ivr import Ask, Ivr
from ctibridge.delivery.adapters.server import DeskSocket, Server, server
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.backlog import End
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import Check, Close, Command, Greet, Output, Ping, Send
from ctibridge.delivery.settings import WebSettings
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import DeskCommand
from ctibridge.domain.moment import Moment
from ctibridge.domain.private import Private

SUBPROTOCOL = "ctibridge.v1"
# Revocations and expiries cut a live session within 5 s.
RECHECK_EVERY = 2.0
# How long a desk may take for what was sent to it before we stop.
LAST_WORD = 0.5

Message = dict[str, Any]
Agents = Callable[[], Awaitable[Mapping[str, Agent]]]

log = structlog.get_logger()


class Web:
    """Feed `desks`, then call `deliver`: what it has to say goes out before that returns.

    agents: those of the directory as they are now, by id. ready: the reasons why we are not. on_command: what desks ask
    for; ask: what a telephone system asks for.
    """

    def __init__(
        self,
        settings: WebSettings,
        desks: Desks,
        token_store: TokenStore,
        agents: Agents,
        ready: Callable[[], list[str]],
        on_command: Callable[[DeskCommand], None],
        ask: Ask,
    ) -> None:
        self._settings = settings
        self._desks = desks
        self._tokens = token_store
        self._agents = agents
        self._on_command = on_command
        self._http = HttpApp(ready, self._desk, Ivr(token_store, ask).answer)
        self._origins: frozenset[str] = frozenset()
        self._connections: dict[int, Connection] = {}
        self._waiting: set[Connection] = set()  # those that have a deadline
        self._delivering = False
        self._numbers = count(1)
        self._server: Server | None = None
        self._timer: asyncio.Handle | None = None
        self._due_at = 0.0  # the timer's; uvloop gives out handles that do not know theirs
        self._stopped = asyncio.Event()

    # -- start and stop ------------------------------------------------------------------------------------------------

    async def serve(self, listening: socket.socket) -> None:
        """Serves the socket of `server.bind` until `stop`."""
        self._origins = self._settings.origins(listening.getsockname()[1])
        self._server = server(self._http)
        checking = asyncio.create_task(self._keep_checking())
        try:
            await self._server.serve(sockets=[listening])
        finally:
            checking.cancel()
            await asyncio.gather(checking, return_exceptions=True)
            self._wind_up(listening)

    async def stop(self) -> None:
        """Closes the desks with 1012, and the port; returns when that is done, within about a second."""
        if self._server is not None:
            self._server.should_exit = True
            asyncio.get_running_loop().call_later(LAST_WORD, self._cut_sleepers)
            await self._stopped.wait()

    def _cut_sleepers(self) -> None:
        """Whose buffers are full does not come to the 1012 in time, and the others are not kept waiting for it."""
        for connection in list(self._waiting):
            connection.cut()

    def _wind_up(self, listening: socket.socket) -> None:
        """Also after a cancellation: nothing listens any more, and who reads nothing is not waited for."""
        assert self._server is not None
        for listener in getattr(self._server, "servers", ()):
            listener.close()
        listening.close()
        for protocol in list(self._server.server_state.connections):
            protocol.transport.abort()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._stopped.set()

    # -- out -----------------------------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Carries out what the desks have to say. Never waits: a slow connection has its own backlog."""
        if self._delivering:
            return  # a command made somebody deliver: what came of it goes out behind what is on its way
        self._delivering = True
        try:
            while outputs := self._desks.drain():
                for output in outputs:
                    try:
                        self._do(output)
                    except Exception:
                        log.error("output_failed", output=type(output).__name__, exc_info=True)
                        self._give_up(output)
        finally:
            self._delivering = False
        self._rearm()

    def _do(self, output: Output) -> None:
        match output:
            case Command(command):
                self._on_command(command)
                return
            case _:
                connection = self._connections.get(output.session)
        if connection is None:
            return
        match output:
            case Send(_, frame):
                if not connection.put(frame):
                    self._too_slow(connection)
            case Greet(_, frames):
                connection.greet(frames)
            case Check(_, token):
                connection.unchecked = token
            case Ping(number):
                if not connection.ping():
                    self._desks.heard(number, self._now())
            case Close(number, code, reason):
                log.info("desk_closed", session=number, code=int(code), reason=reason)
                connection.end(End(code, reason))

    def _give_up(self, output: Output) -> None:
        """After a failure nobody knows what this connection has heard: it is cut, and its desk resumes."""
        connection = None if isinstance(output, Command) else self._connections.get(output.session)
        if connection is not None:
            self._desks.gone(connection.number)
            connection.cut()

    def _too_slow(self, connection: Connection) -> None:
        log.warning("desk_too_slow", session=connection.number)
        self._desks.gone(connection.number)

    # -- time ----------------------------------------------------------------------------------------------------------

    def _rearm(self) -> None:
        """One timer for all sessions and backlogs, moved only when something is due before it."""
        if self._delivering:
            return  # once, at its end
        due = self._due()
        if due is None:
            return
        if self._timer is not None:
            if self._due_at <= due:
                return
            self._timer.cancel()
        self._due_at = due
        self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _due(self) -> float | None:
        waiting = [at for connection in self._waiting if (at := connection.deadline) is not None]
        sessions = self._desks.deadline
        return min(waiting if sessions is None else [*waiting, sessions], default=None)

    def _tick(self) -> None:
        self._timer = None
        for connection in list(self._waiting):
            if not connection.look():
                self._too_slow(connection)
            if connection.deadline is None:
                self._waiting.discard(connection)
        self._desks.tick(self._now())
        self.deliver()

    def _wait_for(self, connection: Connection) -> None:
        self._waiting.add(connection)
        self._rearm()

    @staticmethod
    def _now() -> Moment:
        return Moment(datetime.now(UTC), asyncio.get_running_loop().time())

    # -- in ------------------------------------------------------------------------------------------------------------

    async def _desk(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        await receive()
        if not self._welcome_from(scope):
            log.info("desk_foreign_origin")
            await send({"type": "websocket.close"})  # before the upgrade: HTTP 403
            return
        chosen = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": chosen, "headers": []})
        connection = self._open(scope["state"]["socket"], send)
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await self._received(connection, message)
        finally:
            self._connections.pop(connection.number, None)
            self._waiting.discard(connection)
            self._desks.gone(connection.number)
            await connection.closed()

    def _welcome_from(self, scope: Message) -> bool:
        """Programs send no Origin. A browser sends the page's, and cannot be made to send another."""
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        return not origins or (len(origins) == 1 and origins[0].decode("latin-1") in self._origins)

    def _open(self, desk_socket: DeskSocket, send: Any) -> Connection:
        number = next(self._numbers)
        connection = self._connections[number] = Connection(number, desk_socket, send, self._wait_for)
        desk_socket.on_pong = lambda: self._desks.heard(number, self._now())
        self._desks.connected(number, self._now())
        self._rearm()
        return connection

    async def _received(self, connection: Connection, message: Message) -> None:
        text = message.get("text")
        self._desks.receive(connection.number, message["bytes"] if text is None else text, self._now())
        self.deliver()
        if connection.unchecked is not None:
            token, connection.unchecked = connection.unchecked, None
            await self._verdict(connection.number, token)
            self.deliver()

    # -- tokens --------------------------------------------------------------------------------------------------------

    async def _verdict(self, number: int, text: Private) -> None:
        try:
            token = await self._tokens.find(text)
            agent = None if token is None or token.agent is None else (await self._seated()).get(token.agent)
        except (sqlite3.Error, OSError) as error:
            log.error("token_check_failed", error=type(error).__name__)
            self._desks.refuse(number, Refusal(CloseCode.TRY_LATER, "tokens cannot be checked now"))
            return
        now = self._now()
        refusal = tokens.refuse_token(token, now.at)
        if refusal is None and token is not None:
            refusal = tokens.refuse_desk(token, agent)
            if refusal is None and agent is not None:
                log.info("desk_opened", session=number)
                self._desks.admit(number, token, agent.id, now)
                return
        assert refusal is not None
        self._desks.refuse(number, refusal)

    async def _keep_checking(self) -> None:
        """Tokens are revoked and agents disabled by other processes; a live session must not outlast that, nor a seat,
        also where nobody is signed in."""
        changed = False
        while True:
            try:
                # Asked before the agents are read: what is written in between is a change again the next time. It is
                # asked once for each change, so one that could not be looked at is kept.
                changed = await self._tokens.changed() or changed
                agents = await self._seated()
                if changed and self._connections:
                    await self._check_live(agents)
                changed = False
            except (sqlite3.Error, OSError) as error:
                log.error("token_check_failed", error=type(error).__name__)
            await asyncio.sleep(RECHECK_EVERY)

    async def _seated(self) -> Mapping[str, Agent]:
        """The agents of the directory. Whoever reads them, the seats follow: a desk that opens hears its lines."""
        agents = await self._agents()
        for agent in sorted(self._desks.set_agents(agents)):
            log.info("agent_left_seats", agent=agent)
        return agents

    async def _check_live(self, agents: Mapping[str, Agent]) -> None:
        known = {token.id: token for token in await self._tokens.all()}
        at = self._now().at
        for number, token_id, agent in list(self._desks.live()):
            token = known.get(token_id)
            refusal = tokens.refuse_token(token, at)
            if refusal is None and token is not None:
                refusal = tokens.refuse_desk(token, agents.get(agent))
            if refusal is not None:
                self._desks.refuse(number, refusal)
        self.deliver()
