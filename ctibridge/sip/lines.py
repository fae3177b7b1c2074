"""All lines of one trunk at its registrar: who registers when, over which transaction, and what can be heard.

In: start and stop, responses, time. Out: datagrams and `LineChanged`.
"""

from ctibridge.sip import cseq
from ctibridge.sip.agenda import Agenda
from ctibridge.sip.client_transaction import ClientTransaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram, Hearing, LineChanged
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.neighbours import Neighbours
from ctibridge.sip.registration import Due, Failed, Lapsed, Left, Registered, Registration, Say, Send
from ctibridge.sip.transaction import top_via
from ctibridge.sip.via import MAGIC, Address, Via

IN_FLIGHT = 16
"""REGISTERs of one trunk on the way at once: a PBX that just came back has other work, too. Held at the start, while it
is away, and at the stop."""

ALONE_WHY = (
    "no other device is on the line: its phone is signed off, or the PBX allows one contact for a line; "
    "see alone in the documentation of [[trunk]]"
)
HELD_WHY = "waits: another line of this trunk was found alone"

Out = Datagram | LineChanged


class Lines:
    """registrations: by line. local: our address as the registrar sees it. targets: the registrar's, best first."""

    def __init__(
        self, trunk: str, registrations: dict[str, Registration], fresh: Fresh, local: Address, *, leave_alone: bool
    ) -> None:
        self._trunk = trunk
        self._registrations = registrations
        self._fresh = fresh
        self._local = local
        self._targets: tuple[Address, ...] = ()
        self._neighbours = Neighbours(tuple(registrations), leave=leave_alone)
        self._transactions: dict[str, tuple[ClientTransaction, str, int]] = {}
        self._queue: dict[str, None] = {}
        """Lines whose turn to ask comes next, each once, in order."""
        self._told: dict[str, tuple[Hearing, str]] = {}
        self._registration_times: Agenda[Registration] = Agenda()
        self._transaction_times: Agenda[ClientTransaction] = Agenda()
        self._stopping = False
        self._out: list[Out] = []

    @property
    def deadline(self) -> float | None:
        if self._stopping:
            return self._transaction_times.deadline
        times = (self._registration_times.deadline, self._transaction_times.deadline, self._neighbours.deadline)
        return min((time for time in times if time is not None), default=None)

    @property
    def in_flight(self) -> int:
        """Requests without a final response; while we stop, also those that wait for their turn."""
        return len(self._transactions) + (len(self._queue) if self._stopping else 0)

    def drain(self) -> list[Out]:
        out, self._out = self._out, []
        return out

    def reach(self, targets: tuple[Address, ...]) -> None:
        """Where requests go from now on, best first; but one that we use stays the first: our contacts are there."""
        current = self._targets[:1]
        self._targets = (*(t for t in targets if t in current), *(t for t in targets if t not in current))

    def start(self, now: float) -> None:
        for line in self._registrations:
            self._tell(line, Hearing.REGISTERING, "asks the registrar")
        self._enqueue(self._neighbours.first(), now)

    def stop(self, now: float) -> None:
        """Un-registers every line that the registrar may still know."""
        self._stopping = True
        self._queue.clear()
        asked = {line for _, line, _ in self._transactions.values()}
        for transaction, _, _ in self._transactions.values():
            transaction.abandon()
            self._transaction_times.note(transaction)
        self._transactions.clear()
        self._enqueue([line for line, each in self._registrations.items() if each.holds or line in asked], now)

    def unreachable(self, why: str) -> None:
        """The registrar's name cannot be resolved, and never could."""
        for line in self._registrations:
            self._tell(line, Hearing.DEAF, why)

    def receive(self, response: Response, now: float) -> None:
        """Responses count only for our own pending transactions (17.1.3). Raises RemoteFault."""
        branch = top_via(response.headers).branch
        number = cseq.parse(response.headers.need("cseq"))
        found = self._transactions.get(branch)
        if found is None or number.method != "REGISTER":
            return
        transaction, line, asked = found
        final = transaction.receive(response.status)
        self._transaction_times.note(transaction)
        if not final:
            return
        del self._transactions[branch]
        registration = self._registrations[line]
        if registration.newest(asked):
            self._carry(line, self._understood(registration, response, now), now)
        self._start_queued(now)

    def wake(self, now: float) -> None:
        for transaction in self._transaction_times.due(now):
            self._wake_transaction(transaction, now)
        if self._stopping:
            return
        for registration in self._registration_times.due(now):
            self._carry(registration.account.line, registration.wake(now), now)
        self._enqueue(self._neighbours.wake(now), now)

    def _understood(self, registration: Registration, response: Response, now: float) -> list[Say]:
        try:
            return registration.receive(response, now)
        except RemoteFault:
            # A 200 whose contacts cannot be listed tells nothing: as good as no answer.
            return registration.silent(now)

    def _wake_transaction(self, transaction: ClientTransaction, now: float) -> None:
        if transaction.wake(now):
            self._out.append(Datagram(transaction.data, transaction.to))
        self._transaction_times.note(transaction)
        if not transaction.timed_out:
            return
        _, line, asked = self._transactions.pop(transaction.branch)
        if transaction.to in self._targets[:1]:  # once, though all that was on its way there runs out of time
            self._targets = (*self._targets[1:], transaction.to)
        if self._registrations[line].newest(asked):
            self._carry(line, self._registrations[line].silent(now), now)
        self._start_queued(now)

    def _enqueue(self, lines: list[str], now: float) -> None:
        self._queue.update(dict.fromkeys(lines))
        self._start_queued(now)

    def _start_queued(self, now: float) -> None:
        while self._queue and len(self._transactions) < IN_FLIGHT:
            line = next(iter(self._queue))
            del self._queue[line]
            registration = self._registrations[line]
            self._carry(line, registration.leave(now) if self._stopping else registration.start(now), now)

    def _carry(self, line: str, said: list[Say], now: float) -> None:
        for word in said:
            match word:
                case Send(request):
                    self._send(line, request, now)
                case Due():
                    self._enqueue([line], now)
                case Registered(_, others):
                    self._registered(line, others, now)
                case Failed(why, refused):
                    self._failed(line, why, now, refused=refused)
                case Lapsed():
                    self._tell(line, Hearing.DEAF, "the registration ran out")
                case Left():
                    pass
        self._registration_times.note(self._registrations[line])

    def _failed(self, line: str, why: str, now: float, *, refused: bool) -> None:
        if not self._registrations[line].holds:
            self._tell(line, Hearing.DEAF, why)
        if refused:
            self._neighbours.refused(line, now)

    def _registered(self, line: str, others: int, now: float) -> None:
        must_leave, released = self._neighbours.registered(line, others, now)
        if not must_leave:
            self._tell(line, Hearing.REGISTERED, "registered")
            self._enqueue(released, now)
            return
        self._tell(line, Hearing.ALONE, ALONE_WHY)
        for held in self._neighbours.held():
            if held != line:
                self._tell(held, Hearing.ALONE, HELD_WHY)
        self._carry(line, self._registrations[line].leave(now), now)

    def _send(self, line: str, request: Request, now: float) -> None:
        if not self._targets:
            self._carry(line, self._registrations[line].silent(now), now)
            return
        branch = MAGIC + self._fresh.token()
        via = Via("UDP", *self._local, {"rport": None, "branch": branch})
        sent = Request(request.method, request.uri, Headers((("via", str(via)), *request.headers.lines)))
        number = cseq.parse(request.headers.need("cseq")).number
        transaction = ClientTransaction(branch, sent, self._targets[0])
        transaction.start(now)
        self._transactions[branch] = (transaction, line, number)
        self._transaction_times.note(transaction)
        self._out.append(Datagram(transaction.data, transaction.to))

    def _tell(self, line: str, hearing: Hearing, why: str) -> None:
        if self._told.get(line) != (hearing, why):
            self._told[line] = (hearing, why)
            self._out.append(LineChanged(self._trunk, line, hearing, why))
