"""Desks whose home is another node than that of their screens; see `relay_edge` and `relay_home`.

Comes in: a websocket whose first frame was `auth`; what other nodes posted; what befell them. Goes out: the websocket
is served here, or is a pipe to the desk's home. Everybody who is not let in is refused at the edge already.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ctibridge.delivery import relayed, tokens
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.relay_edge import Edge
from ctibridge.delivery.adapters.relay_home import Home
from ctibridge.delivery.adapters.relay_post import Outgoing, Post
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.relayed import ToEdge
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.private import Private

if TYPE_CHECKING:
    from ctibridge.delivery.adapters.web import Web

SOON = 3
"""Seconds: a desk is at its next node by then, or a few more."""
HomeOf = Callable[[str], str | None]
"""The node where this agent's desk has its home now. None: this one; "": none has it."""


class Relay:
    """One for the process, made once `web` is; `post` brings what others sent to `hear`."""

    def __init__(self, web: "Web", post: Post, home: HomeOf) -> None:
        self._web = web
        self._home = home
        self._admission = web.admission
        self._out = Outgoing(post)
        self.edge = Edge(self._out, web, fresh.connection(), home)
        self.home = Home(self._out, web, web.desks, web.admission, lambda agent: home(agent) is None)
        web.admission.beside = self.edge
        web.relay = self

    async def admit(self, connection: Connection, token: Private, raw: str | bytes) -> None:
        """raw: the `auth` that this token is of."""
        number, desks = connection.number, self._web.desks
        verdict = await self._admission.of_text(number, token)
        home = None if isinstance(verdict, Refusal) else self._home(verdict[1].id)
        if isinstance(verdict, Refusal) or home is None:
            self._admission.settle(number, verdict)
        elif not home:
            why = f"the desk is between two nodes; retry in {number % SOON + 1} s"
            desks.refuse(number, Refusal(CloseCode.RESTART, why))
        elif desks.release(number):
            hashed = tokens.hash_of(token)
            assert hashed is not None  # it was found by it
            self.edge.carry(connection, home, (verdict[1].id, verdict[0].id), hashed, raw)

    def hear(self, node: str, incarnation: str, body: bytes) -> None:
        """Of kind `relay_post.KIND`. incarnation: that life of the node."""
        for part in relayed.read(body):
            if isinstance(part, ToEdge):
                self.edge.hear(node, incarnation, part)
            else:
                self.home.hear(node, incarnation, part)
        self._web.deliver()

    def gap(self, node: str) -> None:
        """Something that this node sent us is lost."""
        self.edge.gap(node)
        self.home.gap(node)
        self._web.deliver()

    def all_lost(self) -> None:
        """Nobody knows what of whom is lost, or no other node can be reached: all that crosses ends with 1012."""
        for node in {*self.edge.nodes(), *self.home.nodes()}:
            self.gap(node)

    def node_gone(self, node: str, incarnation: str) -> None:
        """This life of it has ended."""
        self.edge.node_gone(node, incarnation)
        self.home.node_gone(node, incarnation)
        self._web.deliver()

    def homes_changed(self, agents: Iterable[str]) -> None:
        """Whose desks may have another home now. The sessions of desks that leave this node are closed by
        `Desks.freeze`."""
        self.edge.homes_changed(agents)

    def flush(self) -> None:
        """What the desks have just said goes out."""
        self._out.flush()

    def close_all(self) -> None:
        self.edge.close_all()
        self._out.flush()

    async def stop(self) -> None:
        await self.home.stop()
