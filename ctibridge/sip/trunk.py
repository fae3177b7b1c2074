"""One trunk: the machine between its sockets and the facts of this room (RFC 3261).

In: messages with the hop that they came over, connections that open and break, time, where the registrar is. Out
(`drain`): datagrams and facts. Trusted: the resolved addresses of registrar and outbound proxy and the networks in
`also_from`, any port; from anywhere else there is no answer and no fact. An INVITE counts only with a registration's
contact token, a NOTIFY only within a subscription of ours, a response only for a pending request of ours.
"""

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from ctibridge.sip import acceptance, message, transaction, uri
from ctibridge.sip.accounts import Accounts, Changes
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram, LineChanged, LineGone, Output, View
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hearings import Hearings
from ctibridge.sip.hop import Hop
from ctibridge.sip.lines import Lines
from ctibridge.sip.message import HeaderList, Request, Response
from ctibridge.sip.registration import Registration
from ctibridge.sip.ringings import Reading, Ringings
from ctibridge.sip.settings import TrunkAccess, TrunkSettings
from ctibridge.sip.sightings import Forks, Sightings
from ctibridge.sip.subscription import Subscription
from ctibridge.sip.transaction import TransactionHeaders
from ctibridge.sip.uplink import Uplink
from ctibridge.sip.via import Address
from ctibridge.sip.watch import Watch


class Trunk:
    """local: our address as the registrar sees it. token texts come from `fresh` and must be unguessable. instance:
    names this installation for ever (RFC 5626 4.1), None for none. nodes: as for `Accounts`."""

    def __init__(
        self,
        settings: TrunkSettings,
        access: TrunkAccess,
        local: Address,
        fresh: Fresh,
        instance: str | None = None,
        nodes: bytes | None = None,
    ) -> None:
        self.name = settings.name
        self.strangers = 0
        self._networks = tuple(ipaddress.ip_network(text) for text in settings.also_from)
        self._addresses: frozenset[str] = frozenset()
        self._accounts = Accounts(settings, access, local, fresh, instance, nodes)
        self._uplink = Uplink(local, fresh, self._accounts.pulse)
        self._fresh = fresh
        self._forks = Forks()
        self._lines = self._registering(settings) if settings.registers else None
        self._watch = self._watching(settings) if settings.watches else None
        self._hearings = Hearings()
        self._ringings = Ringings(settings.name, _reading(settings), fresh)
        self._tag = fresh.token()
        self._stopping = False
        self._out: list[Output] = []
        self._trusted = lru_cache(maxsize=1024)(self._is_ours)

    @property
    def deadline(self) -> float | None:
        times = (self._ringings.deadline, self._uplink.deadline, *(room.deadline for room in self._rooms))
        return min((time for time in times if time is not None), default=None)

    @property
    def in_flight(self) -> int:
        """Our own requests without a final response."""
        return self._uplink.in_flight

    @property
    def transactions(self) -> int:
        """The same, and the INVITEs that are not over for us."""
        return self._uplink.in_flight + len(self._ringings)

    @property
    def ringing(self) -> int:
        """The INVITEs alone."""
        return len(self._ringings)

    def drain(self) -> list[Output]:
        out: list[Output] = [*self._out, *self._ringings.drain(), *self._uplink.drain()]
        self._out = []
        if self._lines is not None:
            out += self._heard(View.CONTACT, self._lines.drain())
        if self._watch is not None:
            out += self._heard(View.DIALOG_INFO, self._watch.drain())
        return out

    def trusts(self, host: str) -> bool:
        """May a message from there count at all?"""
        return self._trusted(host)

    def stranger(self) -> None:
        """Somebody else was sent away at the door."""
        self.strangers += 1

    def reach(self, targets: tuple[Hop, ...], trusted: frozenset[str], now: float | None = None) -> None:
        """targets: where our requests go, best first. trusted: all addresses of registrar and outbound proxy. now: None
        before `start`."""
        self._addresses = trusted
        self._trusted.cache_clear()
        self._uplink.reach(targets, now)

    def start(self, now: float) -> None:
        """Registers; `reach` comes first."""
        for room in self._rooms:
            room.start()
        self._uplink.start(now)

    def change(self, access: TrunkAccess, now: float) -> None:
        """The lines are these from now on, with these passwords; `start` comes first. A line that stays as it was
        notices nothing. What rings on one that goes, goes on; it leaves the registrar at its turn, and nothing comes to
        it from now on. After `stop` nothing changes any more."""
        if self._stopping:
            return
        self._out = self.drain()  # what was said of a line comes before its end
        changes = self._accounts.change(access)
        self._uplink.introduce(self._accounts.pulse, now)
        self._change_lines(changes, now)
        self._change_watch(changes, now)
        for line in changes.gone:
            self._hearings.forget(line)
            self._out.append(LineGone(self.name, line))
        self._uplink.pump(now)

    def unreachable(self, why: str) -> None:
        """The registrar's name cannot be resolved, and never could."""
        for room in self._rooms:
            room.unreachable(why)

    def stop(self, now: float) -> None:
        """Un-registers and ends what rings; drain and wait until `in_flight` is 0, or until patience ends."""
        self._stopping = True
        self._ringings.stop(now)
        asked = self._uplink.stop()
        for room in self._rooms:
            room.stop({line for asker, line in asked if asker is room})
        self._uplink.pump(now)

    def wake(self, now: float) -> None:
        self._ringings.wake(now)
        self._uplink.wake(now)
        for room in self._rooms:
            room.wake(now)
        self._uplink.pump(now)

    def connected(self, hop: Hop, local: Address, now: float) -> None:
        """A connection that we opened stands. local: our end of it."""
        self._uplink.connected(hop, local, now)
        self._uplink.pump(now)

    def disconnected(self, hop: Hop, why: str, now: float) -> None:
        """It could not be opened, broke, or was closed. why: one line for the administrator."""
        self._uplink.disconnected(hop, why, now)
        self._uplink.pump(now)

    def receive(self, data: bytes, hop: Hop, now: float) -> None:
        """One message. Whatever is in it, nothing is raised."""
        if not self._trusted(hop.host):
            self.strangers += 1
            return
        if len(data) <= 4:
            return  # keep-alive (RFC 5626 3.5.1)
        try:
            parsed = message.parse(data)
            if isinstance(parsed, Response):
                self._uplink.receive(parsed, now)
                self._uplink.pump(now)
            else:
                self._request(parsed, hop, now)
        except message.Refused as fault:
            self._refuse(fault, hop)
        except RemoteFault:
            # Not even its headers can be read: there is no one to answer (18.1.2, 18.3).
            return

    def _refuse(self, fault: message.Refused, hop: Hop) -> None:
        """An error reply where the transaction can be read (18.3), else silence."""
        if fault.request.method == "ACK":
            return
        with suppress(RemoteFault):
            transaction.read(fault.request)
            self._reply(fault.request, fault.status, hop, fault.extra)

    def _request(self, request: Request, hop: Hop, now: float) -> None:
        try:
            self._serve(request, transaction.read(request), hop, now)
        except RemoteFault as fault:
            if request.method != "ACK":
                self._reply(request, fault.status, hop, fault.extra)

    def _serve(self, request: Request, headers: TransactionHeaders, hop: Hop, now: float) -> None:
        acceptance.check(request)
        match request.method:
            case "INVITE":
                self._invite(request, headers, hop, now)
            case "CANCEL":
                if not self._ringings.cancel(request, headers, hop, now):
                    self._reply(request, 481, hop)
            case "ACK":
                self._ringings.ack(headers, now)
            case "OPTIONS":
                self._options(request, hop)
            case "NOTIFY":
                self._notify(request, hop, now)
            case _:
                raise RemoteFault("we have no dialog", 481)

    def _invite(self, request: Request, headers: TransactionHeaders, hop: Hop, now: float) -> None:
        if self._ringings.again(headers):
            return
        if headers.to_tag is not None:
            raise RemoteFault("we have no dialog", 481)
        line = self._accounts.line_of(uri.parse(request.uri).user)
        if line is None:
            raise RemoteFault("no such contact", 404)
        self._ringings.ring(line, self._contact(line), request, headers, hop, now)

    def _options(self, request: Request, hop: Hop) -> None:
        """As an INVITE to that target would be answered (11.2); without a user it asks for us as a whole."""
        user = uri.parse(request.uri).user
        if user is not None and self._accounts.line_of(user) is None:
            raise RemoteFault("no such contact", 404)
        self._reply(request, 200, hop, acceptance.CAPABILITIES)

    def _notify(self, request: Request, hop: Hop, now: float) -> None:
        line = self._accounts.line_of(uri.parse(request.uri).user)
        if self._watch is None or line is None:
            raise RemoteFault("we have no such subscription", 481)
        status, extra = self._watch.notify(line, request, now)
        self._uplink.pump(now)
        self._reply(request, status, hop, extra)

    def _reply(self, request: Request, status: int, hop: Hop, extra: HeaderList = ()) -> None:
        """Stateless (8.2.7): the same question gets the same answer again. Raises RemoteFault without a Via."""
        response = transaction.reply(request, status, hop, self._tag, extra)
        self._out.append(Datagram(bytes(response), transaction.reply_hop(request, hop)))

    @property
    def _rooms(self) -> list[Lines | Watch]:
        return [room for room in (self._lines, self._watch) if room is not None]

    def _contact(self, line: str) -> str:
        return self._accounts.contact(line, self._uplink.contact_at, self._uplink.transport)

    def _registering(self, settings: TrunkSettings) -> Lines:
        machines = {account.line: Registration(account, self._fresh) for account in self._accounts.lines}
        leave = settings.alone == "leave"
        return Lines(settings.name, machines, self._uplink, self._contact, leave_alone=leave)

    def _watching(self, settings: TrunkSettings) -> Watch:
        machines = {each.line: Subscription(each, self._fresh) for each in self._accounts.subscribers}
        sightings = {line: self._sightings(line) for line in machines}
        return Watch(settings.name, machines, sightings, self._uplink, self._contact, self._lines)

    def _sightings(self, line: str) -> Sightings:
        return Sightings(self.name, line, self._fresh, self._forks)

    def _change_lines(self, changes: Changes, now: float) -> None:
        if self._lines is not None:
            account = self._accounts.account
            added = [Registration(account(line), self._fresh) for line in changes.added]
            self._lines.change(changes.gone, added, {line: account(line).credentials for line in changes.changed}, now)

    def _change_watch(self, changes: Changes, now: float) -> None:
        if self._watch is not None:
            subscriber = self._accounts.subscriber
            added = [(Subscription(subscriber(line), self._fresh), self._sightings(line)) for line in changes.added]
            self._watch.change(changes.gone, added, {line: subscriber(line) for line in changes.changed}, now)

    def _heard(self, view: View, said: Sequence[Output]) -> list[Output]:
        """Of both views of a line the better one counts."""
        out: list[Output] = []
        for word in said:
            out += self._hearings.hear(view, word) if isinstance(word, LineChanged) else [word]
        return out

    def _is_ours(self, host: str) -> bool:
        if host in self._addresses:
            return True
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _reading(settings: TrunkSettings) -> Reading:
    return Reading(
        settings.identity_order, settings.called_number_from, settings.call_key_from,
        settings.ring == "hold", float(settings.ring_expiry), settings.trust_attestation, settings.headers,
    )  # fmt: skip
