"""Screens that are connected here and whose desks have their home elsewhere: a pipe of bytes.

Comes in: a websocket whose token was found good, what its client sends, parts of its home. Goes out: parts to the home,
frames to the client. Whether a client is too slow is judged here. What could be missing is never papered over: the
client gets 1012 and resumes.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import msgspec
import structlog

from ctibridge.delivery import decode, frames
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.relay_post import Outgoing
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.relayed import Cut, Ended, Greeted, Heard, Left, Moved, Open, Pinged, Said, Sent, Taken, ToEdge
from ctibridge.delivery.session import back_in
from ctibridge.delivery.sessions import BACK_PER_SECOND
from ctibridge.delivery.tokens import Refusal

MOST = 20_000
"""Screens of other nodes' desks, at once."""
MOST_OPENING = 5_000
"""Of these, so many whose home has not answered yet."""
ANSWER_WITHIN = 5.0
"""Seconds in which the home has to answer at all; it looks the token up afterwards."""
SILENCE = 75.0
"""Seconds without a word of a home, which pings every 20 s: it has forgotten this screen, or hangs."""
LOOKS_EVERY = 0.5
"""Seconds; so long pongs may wait, too."""
ALLOWANCE = 1 << 20
"""Bytes that a client may send in `SPAN`: they pass through a store that others share."""
SPAN = 10.0
_COSTS = 100
"""Bytes that a frame costs beside its own."""

log = structlog.get_logger()
_json = msgspec.json.Encoder()


class Floor(Protocol):
    """Whoever has the connections."""

    def end(self, connection: Connection, code: CloseCode, reason: str) -> None: ...

    def too_slow(self, connection: Connection) -> None: ...


@dataclass(slots=True)
class Link:
    """id: of the connection, among nodes. agent, token: whose it is, and the id of his token. heard: when its home said
    anything last; incarnation: which life of it. got, said: parts of each direction."""

    id: int
    connection: Connection
    home: str
    agent: str
    token: str
    heard: float
    incarnation: str = ""
    got: int = 0
    said: int = 0
    greeting: list[bytes] = field(default_factory=list)
    spent: int = 0
    span_from: float = 0.0


class Edge:
    """first: of the connections' ids, so far from those of other lives of this node that they never meet. home: see
    `relay.HomeOf`."""

    def __init__(self, out: Outgoing, floor: Floor, first: int, home: Callable[[str], str | None]) -> None:
        self._out = out
        self._floor = floor
        self._home = home
        self._ids = count(first)
        self._links: dict[int, Link] = {}
        self._by_number: dict[int, Link] = {}
        self._opening: dict[int, Link] = {}
        """Whose home has said nothing yet, oldest first."""
        self._listens_from = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._links)

    def nodes(self) -> Iterator[str]:
        """The homes of those that are here."""
        return (link.home for link in self._links.values())

    # -- from the client -----------------------------------------------------------------------------------------------

    def carry(self, connection: Connection, home: str, owner: tuple[str, str], token: bytes, raw: str | bytes) -> None:
        """From now on it is that node's. owner: the agent, and his token's id; token: its hash; raw: the client's
        `auth`, of which the token stays here."""
        link = Link(next(self._ids), connection, home, *owner, self._clock())
        if len(self._links) >= MOST or len(self._opening) >= MOST_OPENING:
            why = f"too many desks sign in; retry in {back_in(connection.number)} s"
            self._floor.end(connection, CloseCode.TRY_LATER, why)
            return
        self._links[link.id] = self._by_number[connection.number] = self._opening[link.id] = link
        self._out.add(home, Open(link.id, token, _without_token(raw)))
        self._out.flush()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def said(self, number: int, raw: str | bytes) -> bool:
        """False: this connection is none of ours."""
        link = self._by_number.get(number)
        if link is None:
            return False
        text = raw.encode() if isinstance(raw, str) else raw
        if self._overspends(link, len(text)):
            self._end(link, CloseCode.TRY_LATER, f"too much was sent; retry in {back_in(number)} s")
        else:
            link.said += 1
            self._out.add(link.home, Said(link.id, link.said, text))
        self._out.flush()
        return True

    def heard(self, number: int) -> bool:
        """A pong came. False: this connection is none of ours. Its home waits a minute for it, so it goes with what
        goes next: ten thousand screens are 500 pongs in a second."""
        link = self._by_number.get(number)
        if link is not None:
            self._out.add(link.home, Heard(link.id))
        return link is not None

    def gone(self, number: int) -> None:
        """The connection has ended, whoever ended it, or is too slow."""
        link = self._by_number.get(number)
        if link is not None:
            self._leave(link)
            self._out.flush()

    # -- from the home -------------------------------------------------------------------------------------------------

    def hear(self, node: str, incarnation: str, part: ToEdge) -> None:
        """incarnation: that life of the node."""
        if isinstance(part, Sent):
            for connection, nth in part.to:
                self._on(node, incarnation, connection, part, nth)
        else:
            n = part.n if isinstance(part, Greeted) else None
            self._on(node, incarnation, part.connection, part, n)

    def _on(self, node: str, incarnation: str, connection: int, part: ToEdge, n: int | None) -> None:
        """n: of a part that is counted."""
        link = self._links.get(connection)
        if link is None or link.home != node:
            if isinstance(part, Taken | Greeted | Sent | Pinged):
                self._out.add(node, Left(connection))
            return
        self._opening.pop(link.id, None)
        link.heard, link.incarnation = self._clock(), incarnation
        if n is not None and n <= link.got:
            return
        if n is not None and n != link.got + 1:
            self._restart([link], "something was lost")
            return
        if n is not None:
            link.got = n
        self._do(link, part)

    def _do(self, link: Link, part: ToEdge) -> None:
        match part:
            case Sent(_, frame):
                if not link.connection.put(frame):
                    self._floor.too_slow(link.connection)
            case Greeted(_, _, greeting, last):
                link.greeting += greeting
                if last:
                    link.connection.greet(tuple(link.greeting))
                    link.greeting.clear()
            case Pinged():
                if not link.connection.ping():
                    self._out.add(link.home, Heard(link.id))
            case _:
                self._over(link, part)

    def _over(self, link: Link, part: ToEdge) -> None:
        match part:
            case Ended(_, code, reason):
                self._forget(link)
                self._floor.end(link.connection, _code(code), reason)
            case Cut():
                self._forget(link)
                link.connection.cut()
            case Moved():
                self._restart([link], "the desk moved")

    # -- what befalls nodes --------------------------------------------------------------------------------------------

    def gap(self, node: str) -> None:
        """Something of what that node sent is lost."""
        self._restart([link for link in self._links.values() if link.home == node], "something was lost")

    def node_gone(self, node: str, incarnation: str) -> None:
        """incarnation: which life of it has ended; another one may have begun."""
        gone = [one for one in self._links.values() if one.home == node and one.incarnation in {"", incarnation}]
        self._restart(gone, "the desk moves")

    def homes_changed(self, agents: Iterable[str]) -> None:
        """Whose desks may have another home now."""
        asked = frozenset(agents)
        mine = [link for link in self._links.values() if link.agent in asked]
        self._restart([link for link in mine if self._home(link.agent) != link.home], "the desk moves")

    def close_all(self) -> None:
        """We stop."""
        self._restart(list(self._links.values()), "restart")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- who no longer may ---------------------------------------------------------------------------------------------

    def live(self) -> Iterator[tuple[int, str, str]]:
        """Number, token id and agent of each."""
        for link in list(self._links.values()):
            yield link.connection.number, link.token, link.agent

    def refuse(self, number: int, refusal: Refusal) -> None:
        link = self._by_number.get(number)
        if link is not None:
            self._end(link, refusal.code, refusal.reason)
            self._out.flush()

    # ------------------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Who waits for a home for too long."""
        self._timer = None
        now = self._clock()
        while self._opening and now >= (link := next(iter(self._opening.values()))).heard + ANSWER_WITHIN:
            why = f"the desk's node does not answer; retry in {back_in(link.connection.number)} s"
            self._end(link, CloseCode.TRY_LATER, why)
        if now >= self._listens_from:
            self._listens_from = now + SILENCE / 10
            silent = [link for link in self._links.values() if now >= link.heard + SILENCE]
            self._restart(silent, "nothing heard of the desk")
        self._out.flush()
        if self._links:
            self._timer = asyncio.get_running_loop().call_later(LOOKS_EVERY, self._look)

    def _restart(self, links: list[Link], why: str) -> None:
        """They come back, each at another time, and resume."""
        for place, link in enumerate(links):
            self._end(link, CloseCode.RESTART, f"{why}; retry in {place // BACK_PER_SECOND + 1} s")
        if links:
            log.info("relayed_desks_closed", desks=len(links), why=why)
        self._out.flush()

    def _end(self, link: Link, code: CloseCode, reason: str) -> None:
        self._leave(link)
        self._floor.end(link.connection, code, reason)

    def _leave(self, link: Link) -> None:
        self._forget(link)
        self._out.add(link.home, Left(link.id))

    def _forget(self, link: Link) -> None:
        self._links.pop(link.id, None)
        self._opening.pop(link.id, None)
        self._by_number.pop(link.connection.number, None)

    def _overspends(self, link: Link, size: int) -> bool:
        now = self._clock()
        if now >= link.span_from + SPAN:
            link.span_from, link.spent = now, 0
        link.spent += size + _COSTS
        return link.spent > ALLOWANCE

    @staticmethod
    def _clock() -> float:
        return asyncio.get_running_loop().time()


def _without_token(raw: str | bytes) -> bytes:
    auth = decode.client_frame(raw)
    assert isinstance(auth, frames.Auth)  # the session here has read it
    return _json.encode(frames.Auth("", auth.resume, auth.rings))


def _code(number: int) -> CloseCode:
    """A later version may know others."""
    return CloseCode(number) if number in set(CloseCode) else CloseCode.RESTART
