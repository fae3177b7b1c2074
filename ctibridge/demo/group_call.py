"""One caller at the demo's PBX: rings all devices at once, keeps the first that answers, sends the others away.

All branches carry one Call-ID and From-tag, as a forking proxy's do (`sip-observations`: Kamailio).
"""

from dataclasses import dataclass
from enum import StrEnum

from ctibridge.demo.incoming import Incoming
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop
from ctibridge.sip.invite_client import InviteClient, is_for
from ctibridge.sip.message import Request, Response
from ctibridge.sip.outgoing import ELSEWHERE, Answered, Ended, Say
from ctibridge.sip.transaction import top_via


class How(StrEnum):
    TALKED = "talked"
    ABANDONED = "abandoned"
    UNANSWERED = "unanswered"
    """No device took it: all refused, or there was none."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A device of one of the call's lines answered."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Over:
    call_id: str
    how: How


Out = Datagram | Taken | Over


class GroupCall:
    """Feed `start`, `receive`, `request`, `wake`, `hang_up`; each returns what is to be said."""

    def __init__(self, incoming: Incoming, clients: tuple[InviteClient, ...]) -> None:
        self.incoming = incoming
        self._clients = clients
        self._busy = len(clients)
        self._winner: InviteClient | None = None
        self._abandoned = False
        self._told = False
        self._move_at: float | None = None
        """When the caller does the next thing: gives up, or hangs up."""

    @property
    def deadline(self) -> float | None:
        times = [self._move_at, *(client.deadline for client in self._clients)]
        return min((time for time in times if time is not None), default=None)

    @property
    def ended(self) -> bool:
        """Nobody rings and nobody talks."""
        return self._busy == 0

    @property
    def over(self) -> bool:
        return self.ended and all(client.over for client in self._clients)

    def start(self, now: float) -> list[Out]:
        self._move_at = now + self.incoming.ring
        said = [out for client in self._clients for out in self._of(client, client.start(now), now)]
        return said + self._end()

    def receive(self, response: Response, now: float) -> list[Out]:
        """Raises RemoteFault."""
        branch = top_via(response.headers).branch
        client = next((client for client in self._clients if client.sent(branch)), None)
        return self._of(client, client.receive(response, now), now) if client is not None else []

    def request(self, request: Request, source: Hop, now: float) -> list[Out] | None:
        """A request of a phone within this call; None where it is not of this call. Raises RemoteFault."""
        client = next((client for client in self._clients if is_for(client, request)), None)
        return self._of(client, client.request(request, source), now) if client is not None else None

    def hang_up(self, now: float) -> list[Out]:
        """The caller puts the phone down: BYE where he talks, CANCEL without a Reason where it rings."""
        self._move_at = None
        self._abandoned = self._winner is None
        return [out for client in self._clients for out in self._of(client, client.hang_up(now), now)]

    def wake(self, now: float) -> list[Out]:
        said = [out for client in self._clients for out in self._of(client, client.wake(now), now)]
        if self._move_at is not None and now >= self._move_at:
            said += self.hang_up(now)
        return said

    def _of(self, client: InviteClient, words: list[Say], now: float) -> list[Out]:
        said: list[Out] = []
        for word in words:
            match word:
                case Datagram():
                    said.append(word)
                case Answered():
                    said += self._taken(client, now)
                case Ended():
                    self._busy -= 1
                    said += self._end()
        return said

    def _taken(self, winner: InviteClient, now: float) -> list[Out]:
        self._winner = winner
        self._move_at = None if self.incoming.talk is None else now + self.incoming.talk
        said: list[Out] = [Taken(self.incoming.call_id)]
        for client in self._clients:
            if client is not winner:
                said += self._of(client, client.cancel(now, ELSEWHERE), now)
        return said

    def _end(self) -> list[Out]:
        if self._busy or self._told:
            return []
        self._told, self._move_at = True, None
        how = How.TALKED if self._winner else How.ABANDONED if self._abandoned else How.UNANSWERED
        return [Over(self.incoming.call_id, how)]
