"""One INVITE at a phone that may answer it (RFC 3261 13.3): what `sip.ringing` must never be.

In: the caller's requests, `answer`, `hang_up`, time. Out: datagrams. It rings with the core's own machine and leaves it
behind the moment somebody picks up.
"""

from enum import Enum, auto

from ctibridge.sip import dialog
from ctibridge.sip.client_transaction import ClientTransaction
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.ringing import Ringing, Say
from ctibridge.sip.sdp import CONTENT_TYPE
from ctibridge.sip.transaction import GIVE_UP, T1, T2, TransactionHeaders, record_route, reply, reply_hop, top_via
from ctibridge.sip.via import MAGIC, Address, Via

PATIENCE = 120.0
"""Seconds that a phone rings before it gives up by itself."""


class State(Enum):
    RINGING = auto()
    ANSWERED = auto()
    """The 200 is out, its ACK has not come."""
    TALKING = auto()
    DONE = auto()


class PhoneCall:
    """contact: the phone's own URI; local: its address, as it stands in the Via of the BYE."""

    def __init__(
        self, request: Request, headers: TransactionHeaders, source: Hop, contact: str, local: Address, fresh: Fresh
    ) -> None:
        self.call_id = headers.call_id
        self.key = headers.key
        self.state = State.RINGING
        self._tag = fresh.token()
        self.dialog = dialog.made_by_invite(request, self._tag)
        self._ringing = Ringing(request, headers, source, "", self._tag, contact)
        self._request = request
        self._source = source
        self._contact = contact
        self._local = local
        self._fresh = fresh
        self._accepted = b""
        self._pause = T1
        self._resend_at: float | None = None
        self._give_up_at = 0.0
        self._bye: ClientTransaction | None = None

    @property
    def deadline(self) -> float | None:
        bye = self._bye.deadline if self._bye is not None else None
        ringing = self._ringing.deadline if self._rings else None
        return min((time for time in (self._resend_at, bye, ringing) if time is not None), default=None)

    @property
    def over(self) -> bool:
        return self.state is State.DONE and self.deadline is None

    @property
    def offer(self) -> bytes:
        """The caller's session description."""
        return self._request.body

    def ring(self, now: float) -> list[Datagram]:
        return self._said(self._ringing.hold(PATIENCE, now))

    def answer(self, body: bytes, now: float) -> list[Datagram]:
        """Picks up, if it still rings."""
        if self.state is not State.RINGING:
            return []
        self.state = State.ANSWERED
        extra = (*record_route(self._request), ("contact", f"<{self._contact}>"), *CONTENT_TYPE)
        self._accepted = _with_body(reply(self._request, 200, self._source, self._tag, extra), body)
        self._resend_at, self._give_up_at = now + self._pause, now + GIVE_UP
        return [self._back(self._accepted)]

    def hang_up(self, now: float) -> list[Datagram]:
        if self.state not in (State.ANSWERED, State.TALKING):
            return []
        self.state, self._resend_at = State.DONE, None
        branch = MAGIC + self._fresh.token()
        via = ("via", str(Via("UDP", *self._local, {"rport": None, "branch": branch})))
        bye = self.dialog.request("BYE", 1)
        bye = Request("BYE", bye.uri, Headers((via, *bye.headers.lines)))
        self._bye = ClientTransaction(branch, bye, self.dialog.next_hop(self._source))
        self._bye.start(now)
        return [Datagram(self._bye.data, self._bye.to)]

    def invite(self) -> list[Datagram]:
        """The INVITE came again."""
        if self.state is State.ANSWERED:
            return [self._back(self._accepted)]
        return self._said(self._ringing.invite()) if self._rings else []

    def cancel(self, request: Request, source: Hop, now: float) -> list[Datagram]:
        """A CANCEL that comes too late changes nothing (9.2)."""
        if self._rings:
            return self._said(self._ringing.cancel(request, source, now))
        return [self._back(bytes(reply(request, 200, source, self._tag)))]

    def ack(self, now: float) -> list[Datagram]:
        if self.state is State.ANSWERED:
            self.state, self._resend_at = State.TALKING, None
            return []
        return self._said(self._ringing.ack(now)) if self._rings else []

    def bye(self, request: Request, source: Hop) -> list[Datagram]:
        if not self._rings:
            self.state, self._resend_at = State.DONE, None
        return [Datagram(bytes(reply(request, 200, source, self._tag)), reply_hop(request, source))]

    def receive(self, response: Response) -> None:
        """A response to our BYE."""
        if self._bye is not None and top_via(response.headers).branch == self._bye.branch:
            self._bye.receive(response.status)

    def wake(self, now: float) -> list[Datagram]:
        said = self._said(self._ringing.wake(now)) if self._rings else []
        if self._resend_at is not None and now >= self._resend_at:
            said += self._accept_again(now)
        if self._bye is not None and self._bye.wake(now):
            said.append(Datagram(self._bye.data, self._bye.to))
        return said

    @property
    def _rings(self) -> bool:
        """Nobody has picked up: the core's machine is in charge, also of the refusal that it is still repeating."""
        return not self._accepted

    def _accept_again(self, now: float) -> list[Datagram]:
        """The 200 goes out until its ACK comes; without one the call is hung up (13.3.1.4)."""
        if now >= self._give_up_at:
            return self.hang_up(now)
        self._pause = min(2 * self._pause, T2)
        self._resend_at = min(now + self._pause, self._give_up_at)
        return [self._back(self._accepted)]

    def _said(self, said: list[Say]) -> list[Datagram]:
        if any(not isinstance(word, Datagram) for word in said):
            self.state = State.DONE  # RingEnded
        return [word for word in said if isinstance(word, Datagram)]

    def _back(self, data: bytes) -> Datagram:
        return Datagram(data, reply_hop(self._request, self._source))


def _with_body(response: Response, body: bytes) -> bytes:
    return bytes(Response(response.status, response.reason, response.headers, body))
