"""All ringings of one trunk: which INVITE is new, which came again, and whose CANCEL or ACK this is.

In: requests from the trunk's addresses, time. Out: datagrams, `RingStarted`, `RingEnded`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ctibridge.sip import acceptance, hand_over, identity, limits, remarks
from ctibridge.sip.agenda import Agenda
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram, RingEnded, RingStarted, View
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Headers, Request
from ctibridge.sip.ringing import Ringing, Say
from ctibridge.sip.transaction import Key, TransactionHeaders

LONGEST_KEY = 256

Out = Datagram | RingStarted | RingEnded


@dataclass(frozen=True, slots=True)
class Reading:
    """What of an INVITE is read, and how it is answered: the trunk's settings that matter while it rings."""

    identity_order: tuple[str, ...]
    called_number_from: tuple[str, ...]
    call_key_from: tuple[str, ...]
    hold: bool
    expiry: float
    attested: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


class Ringings:
    def __init__(self, trunk: str, reading: Reading, fresh: Fresh) -> None:
        self._trunk = trunk
        self._reading = reading
        self._fresh = fresh
        self._by_key: dict[Key, Ringing] = {}
        self._times: Agenda[Ringing] = Agenda()
        self._out: list[Out] = []

    @property
    def deadline(self) -> float | None:
        return self._times.deadline

    def __len__(self) -> int:
        return len(self._by_key)

    def drain(self) -> list[Out]:
        out, self._out = self._out, []
        return out

    def again(self, headers: TransactionHeaders) -> bool:
        """True where this INVITE is a retransmission: our last response goes out once more."""
        ringing = self._by_key.get(headers.key)
        if ringing is None:
            return False
        self._out += ringing.invite()
        return True

    def ring(
        self, line: str, contact: str, request: Request, headers: TransactionHeaders, source: Hop, now: float
    ) -> None:
        """A new INVITE for one of our lines. Raises RemoteFault past the limit (480)."""
        if len(self._by_key) >= limits.RINGINGS:
            raise RemoteFault("too many ringings", 480)
        ringing = Ringing(request, headers, source, self._fresh.token(), self._fresh.token(), contact)
        self._by_key[ringing.key] = ringing
        # The fact goes out first: an answer on the wire is worth nothing to the agent.
        self._out.append(self._fact(line, ringing.leg, request, headers, now))
        self._note(ringing, self._answer(ringing, acceptance.refusal(request), now))

    def cancel(self, request: Request, headers: TransactionHeaders, source: Hop, now: float) -> bool:
        """False where nothing rings under this transaction (481)."""
        ringing = self._by_key.get(headers.key)
        if ringing is None:
            return False
        self._note(ringing, ringing.cancel(request, source, now))
        return True

    def ack(self, headers: TransactionHeaders, now: float) -> None:
        ringing = self._by_key.get(headers.key)
        if ringing is not None:
            self._note(ringing, ringing.ack(now))

    def wake(self, now: float) -> None:
        for ringing in self._times.due(now):
            self._note(ringing, ringing.wake(now))

    def stop(self, now: float) -> None:
        """We leave: 480 for what still rings, so that nobody waits for us."""
        for ringing in list(self._by_key.values()):
            self._note(ringing, ringing.leave(now))

    def _answer(self, ringing: Ringing, refusal: RemoteFault | None, now: float) -> list[Say]:
        expiry = self._reading.expiry
        if refusal is not None:
            # We can tell who calls, but not ring as the caller insists (8.2.2.3); the other devices may.
            return ringing.decline(expiry, now, refusal.status, refusal.extra)
        return ringing.hold(expiry, now) if self._reading.hold else ringing.decline(expiry, now)

    def _note(self, ringing: Ringing, said: list[Say]) -> None:
        self._out += said
        self._times.note(ringing)
        if ringing.over:
            self._by_key.pop(ringing.key, None)

    def _fact(self, line: str, leg: str, request: Request, headers: TransactionHeaders, now: float) -> RingStarted:
        reading, lines = self._reading, request.headers
        return RingStarted(
            self._trunk, line, leg, headers.dialog, _key(lines, reading.call_key_from),
            identity.caller(lines, reading.identity_order, reading.attested),
            identity.called(lines, request.uri, reading.called_number_from),
            View.CONTACT, hand_over.read(lines), remarks.read(lines, reading.headers), now,
        )  # fmt: skip


def _key(headers: Headers, names: tuple[str, ...]) -> str | None:
    for name in names:
        value = headers.first(name.lower())
        if value:
            return value[:LONGEST_KEY]
    return None
