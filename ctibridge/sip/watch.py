"""The dialog state of all lines of one trunk (RFC 4235): who subscribes when, and what the lines' phones do.

In: start and stop, what the uplink says (`Asker`), NOTIFYs, time. Out: facts; requests go through the uplink.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ctibridge.sip import name_addr
from ctibridge.sip.agenda import Agenda
from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Hearing, LineChanged
from ctibridge.sip.leavers import Leavers
from ctibridge.sip.lines import Lines
from ctibridge.sip.message import HeaderList, Headers, Request, Response
from ctibridge.sip.notification import REPLY_HEADERS
from ctibridge.sip.proofs import Proofs
from ctibridge.sip.sightings import Said, Sightings
from ctibridge.sip.subscriber import Active, Document, Due, Failed, Lapsed, Left, Pending, Say, Send, Subscriber
from ctibridge.sip.subscription import Subscription
from ctibridge.sip.uplink import Uplink
from ctibridge.sip.verdict import PASSWORD_PAUSE

ASKS_WHY = "asks for the line's dialog state"


class Watch:
    """subscriptions and sightings: by line. contact: where a line's NOTIFYs come to, now. lines: their registrations,
    None where our contact is on none of them."""

    def __init__(
        self, trunk: str, subscriptions: dict[str, Subscription], sightings: dict[str, Sightings],
        uplink: Uplink, contact: Callable[[str], str], lines: Lines | None,
    ) -> None:  # fmt: skip
        self._trunk = trunk
        self._subscriptions = subscriptions
        self._sightings = sightings
        self._uplink = uplink
        self._contact = contact
        self._lines = lines
        self._times: Agenda[Subscription] = Agenda()
        self._kept_back: Agenda[Sightings] = Agenda()
        self._unanswered: set[str] = set()
        self._proofs = Proofs()
        for line, subscription in subscriptions.items():
            self._proofs.join(line, subscription.subscriber.credentials)
        self._leavers = Leavers(uplink, self._is_gone)
        self._told: dict[str, tuple[Hearing, str]] = {}
        self._stopping = False
        self._out: list[Said | LineChanged] = []
        if lines is not None:
            lines.beside = self.put_off
        uplink.join(self)

    @property
    def deadline(self) -> float | None:
        if self._stopping:
            return None
        return min(
            (time for time in (self._times.deadline, self._kept_back.deadline) if time is not None), default=None
        )

    def drain(self) -> list[Said | LineChanged]:
        out, self._out = self._out, []
        return out

    def start(self) -> None:
        for line in self._subscriptions:
            self._tell(line, Hearing.REGISTERING, ASKS_WHY)
        self._enqueue(list(self._subscriptions))

    def change(
        self, gone: Iterable[str], added: Iterable[tuple[Subscription, Sightings]],
        changed: Mapping[str, Subscriber], now: float,
    ) -> None:  # fmt: skip
        """The others notice nothing of it. What rings on a line that is gone ends unseen."""
        left: dict[Credentials, None] = {}
        for line in gone:
            left[self._remove(line, now)] = None
        mended = [line for line, subscriber in changed.items() if self._differs(line, subscriber)]
        for line in mended:
            left[self._mend(line, changed[line])] = None
        for subscription, sightings in added:
            self._add(subscription, sightings)
        for line in mended:
            self._show(line)
        for who in left:
            self._enqueue(self._proofs.free(who))
        self._leavers.go()

    def stop(self, asked: set[str]) -> None:
        """Ends every subscription that the PBX may still have. asked: lines whose request was on its way."""
        self._stopping = True
        self._leavers.stop()
        for line, each in self._subscriptions.items():
            if each.holds or line in asked:
                self._uplink.wait(self, line)

    def put_off(self, line: str, refused: Credentials, now: float) -> None:
        """The line's registration was refused with these: fail2ban counts both, so they are shown once."""
        subscription = self._subscriptions[line]
        if subscription.subscriber.credentials == refused:
            subscription.not_before = max(subscription.not_before, now + PASSWORD_PAUSE)

    def unreachable(self, why: str) -> None:
        """The PBX's name cannot be resolved, and never could."""
        for line in self._subscriptions:
            self._tell(line, Hearing.DEAF, why)

    def wake(self, now: float) -> None:
        if self._stopping:
            return
        for subscription in self._times.due(now):
            self._carry(subscription.subscriber.line, subscription.wake(now), now)
        for sighting in self._kept_back.due(now):
            self._out += sighting.wake(now)
            self._kept_back.note(sighting)

    def notify(self, line: str, request: Request, now: float) -> tuple[int, HeaderList]:
        """The answer to a NOTIFY that came to the line's contact."""
        status, said = self._subscriptions[line].notify(request, now)
        self._carry(line, said, now)
        return status, REPLY_HEADERS.get(status, ())

    # -- what the uplink says ------------------------------------------------------------------------------------------

    def turn(self, line: str, now: float) -> None:
        subscription = self._subscriptions[line]
        subscription.contact = self._contact(line)
        said = subscription.leave(now) if self._stopping else self._begin(line, now)
        self._carry(line, said, now)
        if not said:
            self._pass_on(line)  # it has to wait, and nobody with it

    def answered(self, line: str, cseq: int, response: Response, now: float) -> None:
        subscription = self._subscriptions[line]
        if not subscription.newest(cseq):
            return
        # The response may have told where we are: a proof has to say so, because the NOTIFY comes there.
        subscription.contact = self._contact(line)
        said = subscription.receive(response, now)
        if response.status == 403 and self._proofs.proved(subscription.subscriber.credentials):
            # Some PBXs say 403 to a wrong password. This one was taken for another line: it is this one that the
            # observer may not watch, and no other has to wait for that.
            said = [replace(word, password=False) if isinstance(word, Failed) else word for word in said]
        self._carry(line, said, now)

    def silent(self, line: str, cseq: int, now: float) -> None:
        subscription = self._subscriptions[line]
        if subscription.newest(cseq):
            self._carry(line, subscription.silent(now), now)

    def moved(self, now: float) -> None:
        """The next SUBSCRIBE says where we are (RFC 3261 12.2.1.1: a target refresh)."""
        self._enqueue([line for line, each in self._subscriptions.items() if each.holds])

    def down(self, why: str, now: float) -> None:
        for line in self._subscriptions:
            self._tell(line, Hearing.DEAF, why)

    def up(self, now: float) -> None:
        lines = [line for line, each in self._subscriptions.items() if each.holds or line in self._unanswered]
        self._enqueue(lines)

    # -- other lines ---------------------------------------------------------------------------------------------------

    def _remove(self, line: str, now: float) -> Credentials:
        """The password that it asked with."""
        subscription, sighting = self._subscriptions.pop(line), self._sightings.pop(line)
        self._out += sighting.lose(now)
        self._times.forget(subscription)
        self._told.pop(line, None)
        self._unanswered.discard(line)
        who = subscription.subscriber.credentials
        self._proofs.leave(line, who)
        if subscription.holds or subscription.asks:
            self._uplink.pass_on(self, line, self._leavers)
            self._leavers.take(line, subscription)
        else:
            self._uplink.forget(self, line)
        return who

    def _add(self, subscription: Subscription, sightings: Sightings) -> None:
        line = subscription.subscriber.line
        self._subscriptions[line], self._sightings[line] = subscription, sightings
        self._proofs.join(line, subscription.subscriber.credentials)
        self._tell(line, Hearing.REGISTERING, ASKS_WHY)
        self._enqueue([line])

    def _differs(self, line: str, subscriber: Subscriber) -> bool:
        known = self._subscriptions[line].subscriber
        return (known.watcher, known.credentials) != (subscriber.watcher, subscriber.credentials)

    def _mend(self, line: str, subscriber: Subscriber) -> Credentials:
        """The password that it asked with before."""
        subscription = self._subscriptions[line]
        who = subscription.subscriber.credentials
        self._uplink.forget(self, line)
        self._proofs.leave(line, who)
        subscription.change(subscriber)
        self._proofs.join(line, subscriber.credentials)
        self._times.note(subscription)
        return who

    def _show(self, line: str) -> None:
        """The new password, for the first time."""
        subscription = self._subscriptions[line]
        if not subscription.holds:
            self._tell(line, Hearing.REGISTERING, ASKS_WHY)
        if self._proofs.may(line, subscription.subscriber.credentials):
            self._uplink.mended(self, line)

    def _begin(self, line: str, now: float) -> list[Say]:
        """One that came back waits until the earlier one has left."""
        return [] if line in self._leavers else self._subscriptions[line].start(now)

    def _is_gone(self, line: str) -> None:
        if line in self._subscriptions:
            self._enqueue([line])

    # ------------------------------------------------------------------------------------------------------------------

    def _enqueue(self, lines: list[str]) -> None:
        """A password that is not proved yet is shown by one line at a time, the others wait for its word."""
        for line in lines:
            if self._proofs.may(line, self._subscriptions[line].subscriber.credentials):
                self._uplink.wait(self, line)

    def _pass_on(self, line: str) -> None:
        """It could not prove its password, for whatever reason: the next tries, and it again when its time comes."""
        self._enqueue(self._proofs.pass_on(line, self._subscriptions[line].subscriber.credentials))

    def _carry(self, line: str, said: list[Say], now: float) -> None:
        for word in said:
            match word:
                case Send(request):
                    self._uplink.ask(self, line, self._routed(line, request), now)
                case Due():
                    self._enqueue([line])
                case Active():
                    self._active(line)
                case Pending():
                    self._password_taken(line)
                    self._tell(line, Hearing.DEAF, "the PBX has not allowed our subscription yet")
                case Document():
                    self._see(line, word, now)
                case Failed():
                    self._failed(line, word, now)
                case Lapsed():
                    self._lapsed(line, now)
                case Left():
                    pass
        self._times.note(self._subscriptions[line])

    def _routed(self, line: str, request: Request) -> Request:
        """A subscription begins along the registration's route; within its dialog it has its own."""
        route = () if self._lines is None else self._lines.route(line)
        if not route or name_addr.tag_of(request.headers.need("to")):
            return request
        lines = (*(("route", each) for each in route), *request.headers.lines)
        return Request(request.method, request.uri, Headers(lines), request.body)

    def _active(self, line: str) -> None:
        self._unanswered.discard(line)
        self._password_taken(line)
        self._tell(line, Hearing.REGISTERED, "its dialog state is told to us")

    def _see(self, line: str, document: Document, now: float) -> None:
        sighting = self._sightings[line]
        self._out += sighting.feed(
            document.info, now, anew=document.anew, grace=self._lines is not None and self._lines.holds(line)
        )
        self._kept_back.note(sighting)
        if sighting.wants_full_state:
            sighting.wants_full_state = False
            self._carry(line, self._subscriptions[line].request_full_state(now), now)

    def _failed(self, line: str, failed: Failed, now: float) -> None:
        if not self._subscriptions[line].holds:
            self._tell(line, Hearing.DEAF, failed.why)
        if failed.password:
            self._password_refused(line, now)
        else:
            self._uplink.failed(self, line, now, password=False)
        if failed.refused:
            self._unanswered.discard(line)
        else:
            self._unanswered.add(line)
        self._pass_on(line)

    def _password_taken(self, line: str) -> None:
        """The observer's is the same for all lines."""
        who = self._subscriptions[line].subscriber.credentials
        if not self._proofs.proved(who):
            held = self._proofs.take(who)
            for each in self._proofs.sharing(who):
                self._uplink.accepted(self, each)
            self._enqueue(held)

    def _password_refused(self, line: str, now: float) -> None:
        who = self._subscriptions[line].subscriber.credentials
        self._proofs.refuse(who)
        self._uplink.failed(self, line, now, password=True)
        if self._lines is not None:
            self._lines.put_off(line, who, now)
        for each in self._proofs.sharing(who):
            self._uplink.doubt(self, each)

    def _lapsed(self, line: str, now: float) -> None:
        self._out += self._sightings[line].lose(now)
        if self._told[line][0] is not Hearing.DEAF:  # else somebody has said why already
            self._tell(line, Hearing.DEAF, "the subscription ran out")

    def _tell(self, line: str, hearing: Hearing, why: str) -> None:
        if self._told.get(line) != (hearing, why):
            self._told[line] = (hearing, why)
            self._out.append(LineChanged(self._trunk, line, hearing, why))
