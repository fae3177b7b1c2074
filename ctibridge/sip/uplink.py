"""Our side of the way to the registrar: which of its hops we use, whether it is there, and whose turn it is to ask.

All requests of a trunk go through here, so that they share one pace and one verdict: who hears nothing for 25 s sends
OPTIONS, and 32 s without an answer to anything is a dead hop. The next hop is tried; where none is left, nothing but
OPTIONS goes out until somebody answers, and then everybody asks again. Some registrars drop OPTIONS: to one that never
answered any, one line at a time goes on asking.
"""

from ctibridge.sip import cseq
from ctibridge.sip.asker import Asker, Member
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.message import Request, Response
from ctibridge.sip.options import Options
from ctibridge.sip.requests import Requests
from ctibridge.sip.seldom import Seldom
from ctibridge.sip.standing import Standing
from ctibridge.sip.transaction import top_via
from ctibridge.sip.turns import IN_FLIGHT, Turns
from ctibridge.sip.via import Address, Via

ASK_AFTER = 25.0
"""Seconds of silence after which we ask whether the registrar is there (RFC 5626 4.4: 24 to 29 s keep a NAT open)."""
SECOND_OPINION = 16.0
"""Seconds without an answer to OPTIONS after which a line asks, too: some registrars drop OPTIONS and live well."""
PROBE_AGAIN = 5.0
"""Seconds between two questions to a registrar that is gone; each is sent again for 32 s over UDP."""
MOVE_AGAIN = 60.0
"""Seconds within which our address as others see it changes once at most, on one connection: two proxies that see us
differently must not make us register for ever."""
TURN_AWAY_AGAIN = 600.0
"""Seconds within which one 503 moves us: Kamailio says it to a line with too many contacts, wherever that one asks, and
all the others would follow it to and fro."""


Who = tuple[Asker, str]
_Owner = tuple[Asker | None, str, int]
"""None: our own OPTIONS."""


class Uplink:
    """local: where we listen, as the registrar sees it. pulse: From of our OPTIONS and the URI that they ask, or None:
    no OPTIONS are sent."""

    def __init__(self, local: Address, fresh: Fresh, pulse: tuple[str, str] | None) -> None:
        self.contact_at = local
        self._local = self._end = local
        self._fresh = fresh
        self._pulse = pulse
        self._options = Options(fresh.token())
        self._pulse_at: float | None = None
        self._pulse_asked = False
        self._heard_since = False  # our OPTIONS went out
        self._opinion_at: float | None = None
        self._doubtful = False  # our OPTIONS is without an answer for that long
        self._mute: set[Hop] = set()  # who then answered somebody else
        self._outspoken: set[Hop] = set()  # who answers OPTIONS
        self._known: Who | None = None  # whose password was accepted last
        self._hops: tuple[Hop, ...] = ()
        self._members: list[Member] = []
        self._requests: Requests[_Owner] = Requests(fresh)
        self._turns: Turns[Who] = Turns()
        self._failures = 0
        self._alive = True
        self._told_down = False
        self._standing = Standing()
        self._moves = Seldom(MOVE_AGAIN)
        self._turns_away = Seldom(TURN_AWAY_AGAIN)
        self._stopping = False
        self._out: list[Datagram] = []

    # -- what the askers use -------------------------------------------------------------------------------------------

    def join(self, member: Member) -> None:
        self._members.append(member)

    def wait(self, asker: Asker, line: str) -> None:
        """`turn` comes when it may ask."""
        self._turns.wait((asker, line))

    def mended(self, asker: Asker, line: str) -> None:
        """As `wait`, with a password that was changed by hand: no care after an earlier one holds it back."""
        self._turns.mend((asker, line))

    def forget(self, asker: Asker, line: str) -> None:
        """It no longer asks: what is on its way is answered to nobody, and no turn comes."""
        self._requests.drop(lambda owner: owner[:2] == (asker, line))
        self._turns.forget((asker, line))
        self._known = None if self._known == (asker, line) else self._known

    def pass_on(self, asker: Asker, line: str, heir: Asker) -> None:
        """It no longer asks, and the heir hears what is still answered."""
        self._requests.rename(lambda owner: (heir, line, owner[2]) if owner[:2] == (asker, line) else owner)
        self.forget(asker, line)

    def accepted(self, asker: Asker, line: str) -> None:
        """Its password was taken."""
        self._known = (asker, line)
        self._turns.accepted((asker, line))

    def failed(self, asker: Asker, line: str, now: float, *, password: bool) -> None:
        """password: because of its password, as far as it can tell."""
        if password:
            self._turns.wrong_password((asker, line), now)
        else:
            self._turns.done((asker, line))

    def doubt(self, asker: Asker, line: str) -> None:
        """Its password was refused, but it was another line that showed it."""
        self._turns.doubt((asker, line))

    def ask(self, asker: Asker, line: str, request: Request, now: float) -> None:
        """Sends it to the hop that we use; without any, `silent` comes at once."""
        number = cseq.parse(request.headers.need("cseq")).number
        if not self._hops:
            asker.silent(line, number, now)
            return
        self._send((asker, line, number), request, now)

    @property
    def transport(self) -> Transport:
        return self._hops[0].transport if self._hops else Transport.UDP

    # -- what the trunk uses -------------------------------------------------------------------------------------------

    @property
    def deadline(self) -> float | None:
        times = [self._requests.deadline]
        if not self._stopping:
            times += [self._pulse_at, self._opinion_at]
        if self._may_start:
            times.append(self._turns.deadline)
        return min((time for time in times if time is not None), default=None)

    @property
    def in_flight(self) -> int:
        """Requests without a final response; while we stop, also those that wait for their turn."""
        return len(self._requests) + (len(self._turns) if self._stopping else 0)

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out

    def reach(self, hops: tuple[Hop, ...], now: float | None = None) -> None:
        """Where requests go from now on, best first; but one that we use stays the first: our contacts are there. Where
        it is gone, everybody asks at another, which may not know us. now: None before `start`."""
        current = self._hops[:1]
        self._hops = (*(hop for hop in hops if hop in current), *(hop for hop in hops if hop not in current))
        if now is not None and current != self._hops[:1] and not self._stopping:
            self._failures = 0
            self._standing.elsewhere()
            self._tell_silent([owner for hop in current for owner in self._requests.broken(hop)], now)
            self._ask_anew(now)
            self.pump(now)

    def start(self, now: float) -> None:
        self._begin(now)
        self.pump(now)

    def introduce(self, pulse: tuple[str, str] | None, now: float) -> None:
        """Who sends our OPTIONS from now on; where nobody did, they begin."""
        begins, self._pulse = self._pulse is None, pulse
        if pulse is None:
            self._pulse_at = self._opinion_at = None
        elif begins:
            self._told_down = False
            self.start(now)

    def stop(self) -> list[tuple[Asker, str]]:
        """What is on the way no longer matters. Returns who had asked."""
        self._stopping = self._turns.hurry = True
        self._turns.clear()
        return [(asker, line) for asker, line, _ in self._requests.abandon() if asker is not None]

    def receive(self, response: Response, now: float) -> None:
        """Raises RemoteFault."""
        found = self._requests.receive(response)
        if found is None:
            return
        (asker, line, number), hop = found
        is_next = hop in self._hops[:1] and self._failures + 1 < len(self._hops)
        if response.status == 503 and is_next and self._turns_away.may(now):
            self._fail(hop, "registrar says 503", now)  # RFC 3263 4.3: the next server may serve us
            self._tell_silent([(asker, line, number)], now)
            return
        self._heard(hop, now)
        self._see(top_via(response.headers), now)
        if asker is None:
            self._mute.discard(hop)
            self._outspoken.add(hop)
            self._pulse_is_over()
            return
        self._heard_since = self._heard_since or hop in self._hops[:1]
        if self._doubtful:
            self._mute.add(hop)
        before = len(self._requests)
        asker.answered(line, number, response, now)
        if len(self._requests) == before:
            self._turns.done((asker, line))  # also where the answer alone decides nothing: a NOTIFY has yet to come

    def connected(self, hop: Hop, local: Address, now: float) -> None:
        """local: our end of the connection. Only over TLS it is our contact: there we have no port to be called at."""
        if hop not in self._hops[:1]:
            return
        self._standing.begin(now)
        self._moves.forget()  # behind a NAT each connection is seen at another port
        self._end = local if hop.transport is Transport.TLS else (local[0], self._local[1])
        if hop.transport is Transport.TLS:
            self._move(local, now)
        self._heard(hop, now)

    def disconnected(self, hop: Hop, why: str, now: float) -> None:
        """A connection to a hop could not be opened, or is gone, and with it what was on its way. One that stood is
        opened again before anybody is told; one that never stands for long is not opened in a loop."""
        self._tell_silent(self._requests.broken(hop), now)
        if hop not in self._hops[:1] or self._stopping:
            return
        pause = self._standing.broken(now)
        if pause is None:
            self._fail(hop, f"no connection to the registrar: {why}", now)
        else:
            self._alive, self._pulse_at = False, now + pause

    def wake(self, now: float) -> None:
        again, silent = self._requests.wake(now)
        self._out += again
        if self._heard_since:
            self._mute.update(hop for (asker, _, _), hop in silent if asker is None and hop in self._hops[:1])
        for hop in {hop for (asker, _, _), hop in silent if asker is not None or hop not in self._mute}:
            if hop in self._hops[:1]:
                self._fail(hop, "registrar does not answer", now)
        self._tell_silent([owner for owner, _ in silent], now)
        if self._stopping:
            return
        if self._opinion_at is not None and now >= self._opinion_at:
            self._opinion_at, self._doubtful = None, True
            if self._known is not None:
                self._turns.wait(self._known)
        if self._pulse_at is not None and now >= self._pulse_at:
            self._ask_pulse(now)

    def pump(self, now: float) -> None:
        """Gives turns to those who wait; call it after each input."""
        while self._may_start and (who := self._turns.take(now)) is not None:
            asker, line = who
            before = len(self._requests)
            asker.turn(line, now)
            if len(self._requests) == before:
                self._turns.done(who)

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def _may_start(self) -> bool:
        if self._alive or self._stopping:
            return len(self._requests) < IN_FLIGHT
        # Who drops OPTIONS is found again by one line at a time; so is who may drop them, for all that we know.
        stands = not self.transport.is_stream or self._standing.is_so
        silent = (self._outspoken - self._mute).isdisjoint(self._hops[:1])
        return stands and silent and len(self._requests) <= self._pulse_asked

    def _send(self, owner: _Owner, request: Request, now: float) -> None:
        self._out.append(self._requests.send(owner, request, self._hops[0], self._local, now))

    def _tell_silent(self, owners: list[_Owner], now: float) -> None:
        for asker, line, number in owners:
            if asker is None:
                self._pulse_is_over()
            else:
                asker.silent(line, number, now)

    def _pulse_is_over(self) -> None:
        self._pulse_asked = self._doubtful = False
        self._opinion_at = None

    def _heard(self, hop: Hop, now: float) -> None:
        if hop not in self._hops[:1]:
            return
        self._failures = 0
        if self._pulse is not None:
            self._pulse_at = now + ASK_AFTER
        if not self._alive:
            self._alive = True
            self._tell_up(now)

    def _fail(self, hop: Hop, why: str, now: float) -> None:
        """The hop in use is dead: the next one, or nothing but our OPTIONS until somebody answers."""
        self._hops = (*self._hops[1:], hop)
        if len(self._hops) > 1:
            self._standing.elsewhere()
        self._failures += 1
        # What is still on its way there will not be answered; it must not overlap with what is asked next (10.2.7).
        self._tell_silent(self._requests.broken(hop), now)
        if self._failures < len(self._hops):
            self._ask_anew(now)
        elif self._pulse is not None:
            self._alive, self._pulse_at = False, now + PROBE_AGAIN
            self._tell_down(why, now)

    def _begin(self, now: float) -> None:
        """A stream is opened by OPTIONS before anybody asks: only then our own address on it is known."""
        if self._pulse is not None:
            self._alive = not self.transport.is_stream
            self._pulse_at = now + ASK_AFTER if self._alive else now

    def _ask_anew(self, now: float) -> None:
        """At a hop that was not in use."""
        self._begin(now)
        if self._alive:
            self._tell_up(now)

    def _tell_down(self, why: str, now: float) -> None:
        if not self._told_down:
            self._told_down = True
            for member in self._members:
                member.down(why, now)

    def _tell_up(self, now: float) -> None:
        self._told_down = False
        for member in self._members:
            member.up(now)

    def _ask_pulse(self, now: float) -> None:
        self._pulse_at = now + (ASK_AFTER if self._alive else PROBE_AGAIN)
        if self._pulse_asked or self._pulse is None or not self._hops:
            return
        self._pulse_asked, self._heard_since = True, False
        if self._alive:
            self._opinion_at = now if self._hops[0] in self._mute else now + SECOND_OPINION
        self._send((None, "", 0), self._options.ask(*self._pulse), now)

    def _see(self, via: Via, now: float) -> None:
        """Our address as the registrar sees it (RFC 3581): behind a NAT, or in another network than we thought. A
        stream without NAT tells nothing new: its own port is known, or nobody is to call it."""
        seen = via.seen_at
        if seen is None:
            return
        seen = self._end if self.transport.is_stream and seen[0] == self._end[0] else seen
        if seen != self.contact_at and self._moves.may(now):
            self._move(seen, now)

    def _move(self, to: Address, now: float) -> None:
        if to == self.contact_at:
            return
        self.contact_at = to
        for member in self._members:
            member.moved(now)
