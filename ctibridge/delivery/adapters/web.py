"""The one port: the agent page, the desks' websocket, health and schema, on uvicorn in our own loop.

Comes in: HTTP and websockets, all of it from strangers until a token has been checked. Goes out: the desks' outputs
to their connections, commands to the application. The machine behind it is `delivery.desks`.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import structlog

from ctibridge.delivery.adapters.admission import Admission
from ctibridge.delivery.adapters.catching_up import CatchingUp
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.http import HttpApp, Ready
from ctibridge.delivery.adapters.ivr import Ivr
from ctibridge.delivery.adapters.server import DeskSocket, Server, is_welcome, server
from ctibridge.delivery.adapters.waiting import Waiting
from ctibridge.delivery.backlog import End
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import Outbox
from ctibridge.delivery.outputs import (
    CatchUp,
    Check,
    Close,
    Command,
    ForSession,
    Greet,
    KeepAck,
    KeepCall,
    KeepEvent,
    KeepHeard,
    KeepSights,
    Output,
    Ping,
    Send,
    far_first,
    keep,
)
from ctibridge.delivery.settings import WebSettings
from ctibridge.domain.desk_command import DeskCommand
from ctibridge.domain.moment import Moment

if TYPE_CHECKING:
    from ctibridge.delivery.adapters.relay import Relay
    from ctibridge.delivery.adapters.relay_home import RemoteConnection

SUBPROTOCOL = "ctibridge.v1"
LAST_WORD = 0.5  # seconds that a desk may take for what was sent to it before we stop

Message = dict[str, Any]

log = structlog.get_logger()


class Web:
    """Feed `desks`, then call `deliver`: what it has to say goes out before that returns.

    ready: the reasons why we are not, and remarks. on_command: what desks ask for; ivr: answers a telephone system.
    """

    def __init__(
        self,
        settings: WebSettings,
        desks: Desks,
        outbox: Outbox,
        admission: Admission,
        catching_up: CatchingUp,
        ready: Ready,
        on_command: Callable[[DeskCommand], None],
        ivr: Ivr,
    ) -> None:
        self._settings = settings
        self.desks = self._desks = desks
        self._outbox = outbox
        self.admission = self._admission = admission
        self.relay: Relay | None = None
        """None: every desk has its home here."""
        self._catching_up = catching_up
        self._on_command = on_command
        self.http = HttpApp(ready, self._desk, ivr.answer)
        self.closed: Counter[CloseCode] = Counter()
        """Connections that we ended, by the reason."""
        self._greeting: set[asyncio.Task[None]] = set()
        self.origins: frozenset[str] = frozenset()
        """Whose pages may open a desk, once it serves."""
        self._port = 0
        self._connections: dict[int, Connection | RemoteConnection] = {}
        self._waiting = Waiting()
        self._delivering = False
        self._numbers = count(1)
        self._server: Server | None = None
        self._timer: asyncio.Handle | None = None
        self._due_at = 0.0  # the timer's; uvloop gives out handles that do not know theirs
        self._stopped = asyncio.Event()

    # -- start and stop ------------------------------------------------------------------------------------------------

    async def serve(self, listening: socket.socket) -> None:
        """Serves the socket of `server.bind` until `stop`."""
        self._port = listening.getsockname()[1]
        self.retune(self._settings)
        self._server = server(self.http)
        checking = asyncio.create_task(self._admission.keep_checking(self.deliver))
        try:
            await self._server.serve(sockets=[listening])
        finally:
            checking.cancel()
            for greeting in self._greeting:
                greeting.cancel()
            await asyncio.gather(checking, *self._greeting, return_exceptions=True)
            if self.relay is not None:
                await self.relay.stop()
            self._wind_up(listening)

    def retune(self, settings: WebSettings) -> None:
        """Other pages may open a desk, from the next one on; where we listen does not change."""
        self._settings = settings
        self.origins = settings.origins(self._port)

    async def stop(self) -> None:
        """Closes the desks with 1012, and the port; returns when that is done, within about a second."""
        if self._server is not None:
            self._desks.close_all()
            self.deliver()
            if self.relay is not None:
                self.relay.close_all()
            self._server.should_exit = True
            asyncio.get_running_loop().call_later(LAST_WORD, self._cut_sleepers)
            await self._stopped.wait()

    @property
    def backlog(self) -> tuple[int, int]:
        """Frames that wait for slow desks: of all, and of the slowest one."""
        return self._waiting.backlog

    def _cut_sleepers(self) -> None:
        """Whose buffers are full does not come to the 1012 in time, and the others are not kept waiting for it."""
        for connection in list(self._connections.values()):
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
                for some in (outputs,) if self.relay is None else far_first(outputs, self.relay.home.sessions):
                    self._do_all(some)
                    self._flush()
        finally:
            self._delivering = False
        self._flush()
        self._rearm()

    def _flush(self) -> None:
        if self.relay is not None:
            self.relay.flush()

    def _do_all(self, outputs: list[Output]) -> None:
        for output in outputs:
            try:
                self._do(output)
            except Exception:
                log.error("output_failed", output=type(output).__name__, exc_info=True)
                self._give_up(output)

    def _do(self, output: Output) -> None:
        match output:
            case Command(command):
                self._on_command(command)
            case KeepEvent() | KeepCall() | KeepAck() | KeepHeard() | KeepSights():
                keep(self._outbox, output)
            case CatchUp():
                task = asyncio.get_running_loop().create_task(self._greet(output))
                self._greeting.add(task)
                task.add_done_callback(self._greeting.discard)
            case _:
                connection = self._connections.get(output.session)
                if connection is not None:
                    self._do_for(connection, output)

    def _do_for(self, connection: "Connection | RemoteConnection", output: ForSession) -> None:
        match output:
            case Send(_, frame):
                if not connection.put(frame):
                    self.too_slow(connection)
            case Greet(_, frames):
                connection.greet(frames)
            case Check(_, token):
                connection.unchecked = token
            case Ping(number):
                if not connection.ping():
                    self._desks.heard(number, self._now())
            case Close(_, code, reason):
                self.end(connection, code, reason)

    def end(self, connection: "Connection | RemoteConnection", code: CloseCode, reason: str) -> None:
        """Behind what the transport already holds."""
        self.closed[code] += 1
        log.info("desk_closed", session=connection.number, code=int(code), reason=reason)
        connection.end(End(code, reason))

    async def _greet(self, catch_up: CatchUp) -> None:
        try:
            caught_up = await self._catching_up.read(catch_up)
            self._desks.greet(catch_up, caught_up, self._now().at)
        except Exception:
            log.error("greeting_failed", session=catch_up.session, exc_info=True)
            self._give_up(catch_up)
        self.deliver()

    def _give_up(self, output: Output) -> None:
        """After a failure nobody knows what this connection has heard: it is cut, and its desk resumes."""
        connection = self._connections.get(output.session) if isinstance(output, ForSession) else None
        if connection is not None:
            self._desks.gone(connection.number)
            connection.cut()

    def too_slow(self, connection: "Connection | RemoteConnection") -> None:
        """It ends by itself, see `Connection`; its session does here."""
        self.closed[CloseCode.TOO_SLOW] += 1
        log.warning("desk_too_slow", session=connection.number)
        self._gone(connection.number)

    def _gone(self, number: int) -> None:
        self._desks.gone(number)
        if self.relay is not None:
            self.relay.edge.gone(number)

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
        """After each delivery: however many wait, only the earliest is looked at."""
        return min((at for at in (self._waiting.deadline, self._desks.deadline) if at is not None), default=None)

    def _tick(self) -> None:
        self._timer = None
        now = self._now()
        for connection in self._waiting.due(now.clock):
            if not connection.look():
                self.too_slow(connection)
            self._waiting.note(connection)
        self._desks.tick(now)
        self.deliver()

    def _wait_for(self, connection: Connection) -> None:
        self._waiting.note(connection)
        self._rearm()

    @staticmethod
    def _now() -> Moment:
        return Moment(datetime.now(UTC), asyncio.get_running_loop().time())

    # -- in ------------------------------------------------------------------------------------------------------------

    async def _desk(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        await receive()
        if not is_welcome(scope, self.origins):
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
            self._waiting.forget(connection)
            self._gone(connection.number)
            await connection.closed()

    def _open(self, desk_socket: DeskSocket, send: Any) -> Connection:
        number = next(self._numbers)
        connection = Connection(number, desk_socket, send, self._wait_for)
        self._connections[number] = connection
        desk_socket.on_pong = lambda: self._heard(number)
        self._desks.connected(number, self._now())
        self._rearm()
        return connection

    def _heard(self, number: int) -> None:
        if self.relay is None or not self.relay.edge.heard(number):
            self._desks.heard(number, self._now())

    async def _received(self, connection: Connection, message: Message) -> None:
        text = message.get("text")
        raw = message["bytes"] if text is None else text
        if self.relay is not None and self.relay.edge.said(connection.number, raw):
            return
        self._desks.receive(connection.number, raw, self._now())
        self.deliver()
        if connection.unchecked is not None:
            token, connection.unchecked = connection.unchecked, None
            if self.relay is None:
                await self._admission.verdict(connection.number, token)
            else:
                await self.relay.admit(connection, token, raw)
            self.deliver()

    # -- screens at other nodes ----------------------------------------------------------------------------------------

    def take_in(self, make: "Callable[[int], RemoteConnection]") -> "RemoteConnection":
        """Under a number of its own. What the desks say to it goes where it says."""
        number = next(self._numbers)
        connection = self._connections[number] = make(number)
        return connection

    def forget(self, number: int) -> None:
        """Nothing more is said to it."""
        self._connections.pop(number, None)
