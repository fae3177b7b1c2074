"""The INVITE client transaction (RFC 3261 17.1.1, with the state *Accepted* of RFC 6026).

It sends until somebody answers, acknowledges refusals itself, and keeps hearing 2xx for as long as forks and
retransmissions may bring them. The ACK of a 2xx is the user's (13.2.2.4).
"""

from enum import Enum, auto

from ctibridge.sip import cseq
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.transaction import GIVE_UP, T1, top_via


class State(Enum):
    CALLING = auto()
    PROCEEDING = auto()
    ACCEPTED = auto()
    COMPLETED = auto()
    TERMINATED = auto()


class InviteTransaction:
    """`start`, then `receive` and `wake`. request: with its Via on top; its branch names the transaction."""

    def __init__(self, request: Request, to: Hop) -> None:
        self.request = request
        self.to = to
        self.branch = top_via(request.headers).branch
        self.state = State.CALLING
        self.timed_out = False
        self.resent = False
        """More than one copy of it is on its way, and answers may be to either."""
        self._invite = Datagram(bytes(request), to)
        self._ack: Datagram | None = None
        self._pause = T1
        self._resend_at: float | None = None
        self._ends_at: float | None = None

    @property
    def deadline(self) -> float | None:
        return min((time for time in (self._resend_at, self._ends_at) if time is not None), default=None)

    def start(self, now: float) -> list[Datagram]:
        """Timers A (datagrams only) and B."""
        self._resend_at = None if self.to.transport.is_stream else now + self._pause
        self._ends_at = now + GIVE_UP
        return [self._invite]

    def receive(self, response: Response, now: float) -> tuple[bool, list[Datagram]]:
        """Is this news for the user, and what has to be sent."""
        if self.state is State.TERMINATED:
            return False, []
        if response.status < 200:
            return self._provisional(), []
        if response.status < 300:
            return self._accepted(now), []
        return self._refused(response, now)

    def abandon(self) -> None:
        """Nobody waits for the final response any more."""
        self._terminate()

    def wake(self, now: float) -> list[Datagram]:
        if self._ends_at is not None and now >= self._ends_at:
            self.timed_out = self.state is State.CALLING
            self._terminate()
        if self._resend_at is None or now < self._resend_at:
            return []
        self._pause *= 2
        self._resend_at = now + self._pause
        self.resent = True
        return [self._invite]

    def _provisional(self) -> bool:
        if self.state not in (State.CALLING, State.PROCEEDING):
            return False
        self.state = State.PROCEEDING
        self._resend_at = self._ends_at = None
        return True

    def _accepted(self, now: float) -> bool:
        """Timer M. A 2xx that comes behind a refusal (forks that crossed) is somebody's open call: news as well."""
        if self.state in (State.CALLING, State.PROCEEDING):
            self.state = State.ACCEPTED
            self._resend_at, self._ends_at = None, now + GIVE_UP
        return True

    def _refused(self, response: Response, now: float) -> tuple[bool, list[Datagram]]:
        """Timer D; nothing comes twice over a stream."""
        if self.state is State.COMPLETED and self._ack is not None:
            return False, [self._ack]
        if self.state is State.ACCEPTED:
            return False, []
        self.state = State.COMPLETED
        self._resend_at, self._ends_at = None, now + GIVE_UP
        self._ack = Datagram(bytes(_ack(self.request, response)), self.to)
        return True, [self._ack]

    def _terminate(self) -> None:
        self.state = State.TERMINATED
        self._resend_at = self._ends_at = None


def same_hop(method: str, invite: Request, to: str) -> Request:
    """CANCEL, and the ACK of a refusal: the INVITE's own path, branch and number (9.1, 17.1.1.3)."""
    headers = invite.headers
    lines = [
        ("via", str(top_via(headers))),
        *(("route", route) for route in headers.each_line("route")),
        ("max-forwards", "70"),
        ("from", headers.need("from")),
        ("to", to),
        ("call-id", headers.need("call-id")),
        ("cseq", f"{cseq.parse(headers.need('cseq')).number} {method}"),
    ]
    return Request(method, invite.uri, Headers(tuple(lines)))


def _ack(invite: Request, response: Response) -> Request:
    return same_hop("ACK", invite, response.headers.first("to") or invite.headers.need("to"))
