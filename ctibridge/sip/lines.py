"""All lines of one trunk at its registrar: who registers when, and what can be heard.

In: start and stop, and what the uplink says (`Asker`). Out: `LineChanged`; requests go through the uplink.
"""

from collections.abc import Callable, Iterable, Mapping

from ctibridge.sip.agenda import Agenda
from ctibridge.sip.digest import Credentials
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Hearing, LineChanged
from ctibridge.sip.faults import REFUSED_PAUSE
from ctibridge.sip.leavers import Leavers
from ctibridge.sip.message import Response
from ctibridge.sip.neighbours import Neighbours
from ctibridge.sip.registration import Due, Failed, Lapsed, Left, Registered, Registration, Say, Send
from ctibridge.sip.uplink import Uplink

ALONE_WHY = (
    "no other device is on the line: its phone is signed off, or the PBX allows one contact for a line; "
    "see alone in the documentation of [[trunk]]"
)
ASKS_WHY = "asks the registrar"
HELD_WHY = "waits: another line of this trunk was found alone"


class Lines:
    """registrations: by line. contact: a registration's contact URI as the uplink's address makes it now."""

    def __init__(
        self, trunk: str, registrations: dict[str, Registration], uplink: Uplink,
        contact: Callable[[str], str], *, leave_alone: bool,
    ) -> None:  # fmt: skip
        self._trunk = trunk
        self._registrations = registrations
        self._uplink = uplink
        self._contact = contact
        self._contacts = {line: each.account.contact for line, each in registrations.items()}
        self._neighbours = Neighbours(tuple(registrations), leave=leave_alone)
        self._told: dict[str, LineChanged] = {}
        self._times: Agenda[Registration] = Agenda()
        self.beside: Callable[[str, Credentials, float], None] | None = None
        """Told of each refused password of a line: `Watch.put_off`, where the lines are watched, too."""
        self._unanswered: set[str] = set()
        # Why the registrar would not refresh a registration that still holds: when it runs out, that is the reason.
        self._refusals: dict[str, str] = {}
        self._leavers = Leavers(uplink, self._is_gone)
        self._stopping = False
        self._out: list[LineChanged] = []
        uplink.join(self)

    @property
    def deadline(self) -> float | None:
        if self._stopping:
            return None
        times = (self._times.deadline, self._neighbours.deadline)
        return min((time for time in times if time is not None), default=None)

    def drain(self) -> list[LineChanged]:
        out, self._out = self._out, []
        return out

    def start(self) -> None:
        for line in self._registrations:
            self._tell(line, Hearing.REGISTERING, ASKS_WHY)
        self._enqueue(self._neighbours.first())

    def change(
        self, gone: Iterable[str], added: Iterable[Registration], changed: Mapping[str, Credentials], now: float
    ) -> None:
        """The others notice nothing of it. changed: lines with the password that they have now."""
        for line in gone:
            self._remove(line, now)
        for line, credentials in changed.items():
            self._mend(line, credentials)
        for registration in added:
            self._add(registration)
        self._leavers.go()

    def stop(self, asked: set[str]) -> None:
        """Un-registers every line that the registrar may still know. asked: lines whose request was on its way."""
        self._stopping = True
        self._leavers.stop()
        self._enqueue([line for line, each in self._registrations.items() if each.holds or line in asked])

    def holds(self, line: str) -> bool:
        """Our contact is on that line, as far as we know."""
        return self._registrations[line].holds

    def route(self, line: str) -> tuple[str, ...]:
        """Of that line's other requests (RFC 3608 5)."""
        return self._registrations[line].service_route

    def put_off(self, line: str, refused: Credentials, now: float) -> None:
        """The line's subscription was refused with these: fail2ban counts both, so they are shown once."""
        registration = self._registrations[line]
        if registration.account.credentials == refused:
            registration.not_before = max(registration.not_before, now + REFUSED_PAUSE)

    def unreachable(self, why: str) -> None:
        """The registrar's name cannot be resolved, and never could."""
        for line in self._registrations:
            self._tell(line, Hearing.DEAF, why)

    def wake(self, now: float) -> None:
        if self._stopping:
            return
        for registration in self._times.due(now):
            self._carry(registration.account.line, registration.wake(now), now)
        self._enqueue(self._neighbours.wake(now))

    # -- what the uplink says ------------------------------------------------------------------------------------------

    def turn(self, line: str, now: float) -> None:
        registration = self._registrations[line]
        if self._stopping:
            self._carry(line, registration.leave(now), now)
        elif self._neighbours.may(line) and line not in self._leavers:
            self._carry(line, self._move(line, now) or registration.start(now), now)

    def answered(self, line: str, cseq: int, response: Response, now: float) -> None:
        registration = self._registrations[line]
        if not registration.newest(cseq):
            return
        said = self._understood(registration, response, now)
        self._carry(line, said, now)
        if any(isinstance(word, Failed) and not word.refused for word in said):
            self._neighbours.failed(line, now)

    def silent(self, line: str, cseq: int, now: float) -> None:
        registration = self._registrations[line]
        if registration.newest(cseq):
            self._carry(line, registration.silent(now), now)

    def moved(self, now: float) -> None:
        """Registered lines say so at their turn, the others with their next request."""
        for line, registration in self._registrations.items():
            if registration.holds:
                self._enqueue([line])
            else:
                self._carry(line, self._move(line, now), now)

    def down(self, why: str, now: float) -> None:
        """What was registered may still ring us, but nobody knows. A line that stays away is what it was."""
        for line in self._registrations:
            if self._told[line].hearing is not Hearing.ALONE:
                self._tell(line, Hearing.DEAF, why)

    def up(self, now: float) -> None:
        """A registrar that was gone may have forgotten us, and another hop may never have known us."""
        self._enqueue([line for line, each in self._registrations.items() if each.holds or line in self._unanswered])

    # -- other lines ---------------------------------------------------------------------------------------------------

    def _remove(self, line: str, now: float) -> None:
        registration = self._registrations.pop(line)
        del self._contacts[line]
        self._told.pop(line, None)
        self._times.forget(registration)
        self._unanswered.discard(line)
        self._refusals.pop(line, None)
        self._neighbours.remove(line, now)
        if registration.holds or registration.asks:
            self._uplink.pass_on(self, line, self._leavers)
            self._leavers.take(line, registration)
        else:
            self._uplink.forget(self, line)

    def _add(self, registration: Registration) -> None:
        line = registration.account.line
        self._registrations[line] = registration
        self._contacts[line] = registration.account.contact
        self._tell_at_first(line)
        self._enqueue(self._neighbours.add(line))

    def _tell_at_first(self, line: str) -> None:
        if self._neighbours.was_alone:
            self._tell(line, Hearing.ALONE, HELD_WHY)
        else:
            self._tell(line, Hearing.REGISTERING, ASKS_WHY)

    def _mend(self, line: str, credentials: Credentials) -> None:
        registration = self._registrations[line]
        if registration.account.credentials == credentials:
            return
        if not registration.leaves:  # a line that was found alone goes on leaving
            self._uplink.forget(self, line)
        registration.change(credentials)
        self._refusals.pop(line, None)
        self._times.note(registration)
        if self._neighbours.mend(line):
            self._uplink.mended(self, line)
        if not registration.holds and self._told[line].hearing is Hearing.DEAF:
            self._tell_at_first(line)

    def _is_gone(self, line: str) -> None:
        """Its earlier contact. Only now may one that came back register: beside our own it would not seem alone."""
        if line in self._registrations:
            self._enqueue([line])

    # ------------------------------------------------------------------------------------------------------------------

    def _move(self, line: str, now: float) -> list[Say]:
        """Nothing where the contact is as it was."""
        contact = self._contact(line)
        if contact == self._contacts[line]:
            return []
        self._contacts[line] = contact
        return self._registrations[line].move(contact, now)

    def _understood(self, registration: Registration, response: Response, now: float) -> list[Say]:
        try:
            return registration.receive(response, now)
        except RemoteFault:
            # A 200 whose contacts cannot be listed tells nothing: as good as no answer.
            return registration.silent(now)

    def _enqueue(self, lines: list[str]) -> None:
        for line in lines:
            self._uplink.wait(self, line)

    def _carry(self, line: str, said: list[Say], now: float) -> None:
        for word in said:
            match word:
                case Send(request):
                    self._uplink.ask(self, line, request, now)
                case Due():
                    self._enqueue([line])
                case Registered(_, others):
                    self._registered(line, others, now)
                case Failed():
                    self._failed(line, word, now)
                case Lapsed():
                    self._tell(line, Hearing.DEAF, self._refusals.get(line, "the registration ran out"))
                case Left():
                    pass
        self._times.note(self._registrations[line])

    def _failed(self, line: str, failed: Failed, now: float) -> None:
        if not self._registrations[line].holds:
            self._tell(line, Hearing.DEAF, failed.why)
        elif failed.refused:
            self._refusals[line] = failed.why
        self._uplink.failed(self, line, now, password=failed.password)
        if failed.password and self.beside is not None:
            self.beside(line, self._registrations[line].account.credentials, now)
        if failed.refused:
            self._unanswered.discard(line)
            self._neighbours.refused(line, now)
        else:
            self._unanswered.add(line)

    def _registered(self, line: str, others: int, now: float) -> None:
        self._uplink.accepted(self, line)
        self._unanswered.discard(line)
        self._refusals.pop(line, None)
        must_leave, released = self._neighbours.registered(line, others, now)
        if not must_leave:
            self._tell(line, Hearing.REGISTERED, "registered", others)
            self._enqueue(released)
            return
        self._tell(line, Hearing.ALONE, ALONE_WHY, others)
        for held in self._neighbours.held():
            if held != line:
                self._tell(held, Hearing.ALONE, HELD_WHY)
        self._carry(line, self._registrations[line].leave(now), now)

    def _tell(self, line: str, hearing: Hearing, why: str, others: int | None = None) -> None:
        change = LineChanged(self._trunk, line, hearing, why, others)
        if self._told.get(line) != change:
            self._told[line] = change
            self._out.append(change)
