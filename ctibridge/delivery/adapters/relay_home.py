"""Sessions whose screens are connected to other nodes: for the desks they are connections like all others.

Comes in: parts of edges. Goes out: what `Web` would do to a connection of its own, as parts. The token is looked up
here again, by its hash: this node's own store decides, also as long as the desk is open.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog

from ctibridge.delivery import relayed
from ctibridge.delivery.adapters.admission import Admission
from ctibridge.delivery.adapters.relay_post import Outgoing
from ctibridge.delivery.backlog import End
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.relayed import Cut, Ended, Greeted, Heard, Left, Moved, Open, Pinged, Said, Taken, ToHome
from ctibridge.delivery.session import back_in
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.moment import Moment
from ctibridge.domain.private import Private

MOST = 50_000
"""Screens at other nodes, of all of them."""
MOST_EARLY = 100
"""Frames of a client that wait for the verdict on its token."""
LOST = Refusal(CloseCode.RESTART, "something was lost; retry in 1 s")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """A connection, as its edge names it; incarnation: that life of the node."""

    node: str
    incarnation: str
    id: int


class RemoteConnection:
    """What the desks have to say to one screen elsewhere. on_end: hears that nothing more will be said. early: what the
    client said before the verdict on its token; None from then on."""

    unchecked: Private | None = None
    deadline = None

    def __init__(self, number: int, place: Place, out: Outgoing, on_end: Callable[["RemoteConnection"], None]) -> None:
        self.number = number
        self.place = place
        self.got = 0
        self.early: list[bytes] | None = []
        self._out = out
        self._on_end = on_end
        self._sent = 0

    def greet(self, frames: tuple[bytes, ...]) -> None:
        for piece, last in relayed.pieces(frames):
            self._out.add(self.place.node, Greeted(self.place.id, self._next(), piece, last))

    def put(self, frame: bytes) -> bool:
        """Whether it is too slow is seen at the edge."""
        self._out.frame(self.place.node, self.place.id, self._next(), frame)
        return True

    def end(self, end: End) -> None:
        self._out.add(self.place.node, Ended(self.place.id, int(end.code), end.reason))
        self._on_end(self)

    def ping(self) -> bool:
        self._out.add(self.place.node, Pinged(self.place.id))
        return True

    def cut(self) -> None:
        self._out.add(self.place.node, Cut(self.place.id))
        self._on_end(self)

    def move(self) -> None:
        self._out.add(self.place.node, Moved(self.place.id))
        self._on_end(self)

    def _next(self) -> int:
        self._sent += 1
        return self._sent


class Hall(Protocol):
    """Whoever has the connections. numbers: see `Desks.connected`."""

    def take_in(self, make: Callable[[int], RemoteConnection]) -> RemoteConnection:
        """Under a number of its own."""

    def forget(self, number: int) -> None: ...

    def deliver(self) -> None: ...


class Home:
    """is_home: of this agent's desk?"""

    def __init__(
        self, out: Outgoing, hall: Hall, desks: Desks, admission: Admission, is_home: Callable[[str], bool]
    ) -> None:
        self._out = out
        self._hall = hall
        self._desks = desks
        self._admission = admission
        self._is_home = is_home
        self._remote: dict[tuple[str, int], RemoteConnection] = {}
        self.sessions: set[int] = set()
        """Their numbers."""
        self._admitting: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._remote)

    def nodes(self) -> Iterator[str]:
        """The edges of those that are here."""
        return (node for node, _ in self._remote)

    def hear(self, node: str, incarnation: str, part: ToHome) -> None:
        place = Place(node, incarnation, part.connection)
        connection = self._remote.get((node, place.id))
        if connection is not None and connection.place != place:
            self._drop(connection)  # its edge was started again
            connection = None
        match part:
            case Open(_, token, auth):
                if connection is None:
                    self._open(place, token, auth)
            case Left():
                if connection is not None:
                    self._drop(connection)
            case _ if connection is None:
                self._out.add(node, Moved(place.id))
            case Said(_, n, raw):
                self._said(connection, n, raw)
            case Heard():
                self._desks.heard(connection.number, self._now())

    def gap(self, node: str) -> None:
        """Something of what that node sent is lost: perhaps what a client said."""
        self._refuse(list(self._of(node)), LOST)

    def node_gone(self, node: str, incarnation: str) -> None:
        """Nobody is there any more to be told anything."""
        for connection in list(self._of(node)):
            if connection.place.incarnation == incarnation:
                self._drop(connection)

    async def stop(self) -> None:
        for task in self._admitting:
            task.cancel()
        await asyncio.gather(*self._admitting, return_exceptions=True)

    # ------------------------------------------------------------------------------------------------------------------

    def _open(self, place: Place, token: bytes, auth: bytes) -> None:
        if len(self._remote) >= MOST:
            self._out.add(
                place.node, Ended(place.id, int(CloseCode.TRY_LATER), f"full; retry in {back_in(place.id)} s")
            )
            return
        connection = self._hall.take_in(lambda number: RemoteConnection(number, place, self._out, self._ended))
        self._remote[place.node, place.id] = connection
        self.sessions.add(connection.number)
        self._out.add(place.node, Taken(place.id))
        self._desks.connected(connection.number, self._now(), relayed=True)
        self._desks.receive(connection.number, auth, self._now())
        task = asyncio.get_running_loop().create_task(self._admit(connection, token))
        self._admitting.add(task)
        task.add_done_callback(self._admitting.discard)

    async def _admit(self, connection: RemoteConnection, token: bytes) -> None:
        number = connection.number
        verdict = await self._admission.of_hash(number, token)
        if not isinstance(verdict, Refusal) and not self._is_home(verdict[1].id):
            self._desks.gone(number)
            connection.move()
        else:
            self._admission.settle(number, verdict)
        early, connection.early = connection.early or (), None
        for raw in early:
            self._desks.receive(number, raw, self._now())
        self._hall.deliver()

    def _said(self, connection: RemoteConnection, n: int, raw: bytes) -> None:
        if n <= connection.got:
            return
        if n != connection.got + 1:
            self._refuse([connection], LOST)
            return
        connection.got = n
        if connection.early is None:
            self._desks.receive(connection.number, raw, self._now())
        elif len(connection.early) < MOST_EARLY:
            connection.early.append(raw)
        else:
            self._refuse([connection], Refusal(CloseCode.BAD_MESSAGE, "too many frames before `welcome`"))

    def _refuse(self, connections: Iterable[RemoteConnection], refusal: Refusal) -> None:
        for connection in connections:
            self._desks.refuse(connection.number, refusal)

    def _of(self, node: str) -> Iterable[RemoteConnection]:
        return (connection for connection in self._remote.values() if connection.place.node == node)

    def _drop(self, connection: RemoteConnection) -> None:
        self._desks.gone(connection.number)
        self._ended(connection)

    def _ended(self, connection: RemoteConnection) -> None:
        self._remote.pop((connection.place.node, connection.place.id), None)
        self.sessions.discard(connection.number)
        self._hall.forget(connection.number)

    @staticmethod
    def _now() -> Moment:
        return Moment(datetime.now(UTC), asyncio.get_running_loop().time())
