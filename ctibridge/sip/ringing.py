"""One INVITE that rings at us: the server transaction and what an observer does with it (RFC 3261 17.2.1, RFC 6026).

We never answer. `hold` says 180 and waits for the CANCEL; `decline` says 480 at once. 486 and 603 are never sent: they
end the call for others (`sip-observations`: 603 kills all branches). A CANCEL may never come, so each ringing has its
own end.
"""

from enum import Enum, auto

from ctibridge.sip import reason
from ctibridge.sip.events import Datagram, RingEnd, RingEnded
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Request
from ctibridge.sip.transaction import GIVE_UP, T1, T2, T4, TransactionHeaders, back, record_route, reply, reply_hop

REMIND_FIRST = 1.0
"""Seconds until the first 180 is said again. Nothing repeats a provisional over UDP, and a proxy that has not heard it
does not cancel us: 3 of 200 calls with 15 % loss, and, measured with Kamailio, 12 of 1,194 that were answered just as
our 180 came in. Said again, it brought the CANCEL in 12 of 12."""
REMIND = 60.0
"""Seconds between two 180: a proxy gives up a branch that stays silent for three minutes (13.3.1.1, timer C)."""

Say = Datagram | RingEnded


class State(Enum):
    PROCEEDING = auto()
    COMPLETED = auto()
    CONFIRMED = auto()
    TERMINATED = auto()


class Ringing:
    """Feed `invite`, `cancel`, `ack`, `wake`; each returns what is to be said. leg: our name of the branch.

    source: where the INVITE came from. contact: our Contact for the 180. expiry: seconds until we end it ourselves.
    """

    def __init__(
        self, request: Request, headers: TransactionHeaders, source: Hop, leg: str, to_tag: str, contact: str,
    ) -> None:  # fmt: skip
        self.leg = leg
        self.key = headers.key
        self.state = State.PROCEEDING
        self._request = request
        self._source = source
        self._to_tag = to_tag
        self._contact = contact
        self._back = back(headers.via, source)
        self._reliable = source.transport.is_stream
        self._last = b""
        self._ended = False
        self._expires_at = 0.0
        self._remind_at: float | None = None
        self._resend_at: float | None = None
        self._gone_at: float | None = None
        self._pause = T1

    @property
    def deadline(self) -> float | None:
        times = [self._remind_at, self._resend_at, self._gone_at, None if self._ended else self._expires_at]
        return min((time for time in times if time is not None), default=None)

    @property
    def over(self) -> bool:
        """Nothing more will be said, nothing has to be remembered."""
        return self.state is State.TERMINATED and self._ended

    def hold(self, expiry: float, now: float) -> list[Say]:
        self._expires_at = now + expiry
        self._remind_at = now + (REMIND if self._reliable else REMIND_FIRST)
        contact = (("contact", f"<{self._contact}>"),)
        return self._send(180, (*record_route(self._request), *contact))

    def decline(
        self, expiry: float, now: float, status: int = 480, extra: tuple[tuple[str, str], ...] = ()
    ) -> list[Say]:
        """extra: header lines that this status needs, like Unsupported."""
        self._expires_at = now + expiry
        return self._final(status, now, extra)

    def invite(self) -> list[Say]:
        """The INVITE came again: our last response was lost or late."""
        return [Datagram(self._last, self._back)] if self.state in (State.PROCEEDING, State.COMPLETED) else []

    def cancel(self, request: Request, source: Hop, now: float) -> list[Say]:
        """200 to the CANCEL always; 487 to the INVITE if it still rings (9.2)."""
        elsewhere = reason.completed_elsewhere(request.headers.each_line("reason"))
        accepted = bytes(reply(request, 200, source, self._to_tag))
        said: list[Say] = [Datagram(accepted, reply_hop(request, source))]
        if self.state is State.PROCEEDING:
            said += self._final(487, now)
        return said + self._end(RingEnd.COMPLETED_ELSEWHERE if elsewhere else RingEnd.CANCELLED)

    def ack(self, now: float) -> list[Say]:
        if self.state is State.COMPLETED:
            self.state = State.CONFIRMED
            self._resend_at, self._gone_at = None, now + (0 if self._reliable else T4)
        return []

    def leave(self, now: float) -> list[Say]:
        """We stop: 480 lets the other devices ring on."""
        said = self._final(480, now) if self.state is State.PROCEEDING else []
        return said + self._end(RingEnd.UNSEEN)

    def wake(self, now: float) -> list[Say]:
        said: list[Say] = []
        if not self._ended and now >= self._expires_at:
            said += self._expire(now)
        if self._remind_at is not None and now >= self._remind_at:
            self._remind_at = now + REMIND
            said += self.invite()
        if self._resend_at is not None and now >= self._resend_at:
            self._pause = min(2 * self._pause, T2)
            self._resend_at = now + self._pause
            said += self.invite()
        if self._gone_at is not None and now >= self._gone_at:
            self.state = State.TERMINATED
            self._resend_at = self._gone_at = None
        return said

    def _expire(self, now: float) -> list[Say]:
        if self.state is State.PROCEEDING:
            return self._final(480, now) + self._end(RingEnd.EXPIRED)
        return self._end(RingEnd.UNSEEN)

    def _final(self, status: int, now: float, extra: tuple[tuple[str, str], ...] = ()) -> list[Say]:
        self.state = State.COMPLETED
        self._remind_at = None
        self._resend_at, self._gone_at = None if self._reliable else now + self._pause, now + GIVE_UP
        return self._send(status, (*record_route(self._request), *extra))

    def _send(self, status: int, extra: tuple[tuple[str, str], ...]) -> list[Say]:
        self._last = bytes(reply(self._request, status, self._source, self._to_tag, extra))
        return [Datagram(self._last, self._back)]

    def _end(self, how: RingEnd) -> list[Say]:
        if self._ended:
            return []
        self._ended = True
        return [RingEnded(self.leg, how)]
