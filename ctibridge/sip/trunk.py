"""One trunk: the machine between its socket and the facts of this room (RFC 3261).

In: datagrams with their source, time, where the registrar is. Out (`drain`): datagrams, `RingStarted`, `RingEnded`,
`LineChanged`. Trusted: the resolved addresses of registrar and outbound proxy and the networks in `also_from`, any
port; from anywhere else there is no answer and no fact. An INVITE counts only with a registration's contact token.
"""

import ipaddress
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote

from ctibridge.sip import message, transaction, uri
from ctibridge.sip.digest import Credentials
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram, Output
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.lines import Lines
from ctibridge.sip.message import Request, Response
from ctibridge.sip.registration import Account, Registration
from ctibridge.sip.ringings import Reading, Ringings
from ctibridge.sip.settings import LineAccess, TrunkSettings
from ctibridge.sip.transaction import TransactionHeaders
from ctibridge.sip.via import Address

METHODS = ("INVITE", "ACK", "CANCEL", "OPTIONS")
_USER = "-_.!~*'()&=+$,;?/"
"""What a user part holds unescaped, besides letters and digits (RFC 3261 25.1)."""
_ALLOW = (("allow", ", ".join(METHODS)),)


class Trunk:
    """local: our address as the registrar sees it. token texts come from `fresh` and must be unguessable."""

    def __init__(self, settings: TrunkSettings, lines: tuple[LineAccess, ...], local: Address, fresh: Fresh) -> None:
        self.name = settings.name
        self.strangers = 0
        self._networks = tuple(ipaddress.ip_network(text) for text in settings.also_from)
        self._addresses: frozenset[str] = frozenset()
        accounts = [_account(settings, line, local, fresh) for line in lines]
        self._contacts = {uri.parse(account.contact).user: account for account in accounts}
        registrations = {account.line: Registration(account, fresh) for account in accounts}
        self._lines = Lines(settings.name, registrations, fresh, local, leave_alone=settings.alone == "leave")
        self._ringings = Ringings(settings.name, _reading(settings), fresh)
        self._tag = fresh.token()
        self._out: list[Output] = []
        self._trusts = lru_cache(maxsize=1024)(self._is_ours)

    @property
    def deadline(self) -> float | None:
        return min((t for t in (self._lines.deadline, self._ringings.deadline) if t is not None), default=None)

    @property
    def in_flight(self) -> int:
        """Our own requests without a final response."""
        return self._lines.in_flight

    def drain(self) -> list[Output]:
        out: list[Output] = [*self._out, *self._ringings.drain(), *self._lines.drain()]
        self._out = []
        return out

    def reach(self, targets: tuple[Address, ...], trusted: frozenset[str]) -> None:
        """targets: where our requests go, best first. trusted: all addresses of registrar and outbound proxy."""
        self._addresses = trusted
        self._trusts.cache_clear()
        self._lines.reach(targets)

    def start(self, now: float) -> None:
        """Registers; `reach` comes first."""
        self._lines.start(now)

    def unreachable(self, why: str) -> None:
        self._lines.unreachable(why)

    def stop(self, now: float) -> None:
        """Un-registers and ends what rings; drain and wait until `in_flight` is 0, or until patience ends."""
        self._ringings.stop(now)
        self._lines.stop(now)

    def wake(self, now: float) -> None:
        self._ringings.wake(now)
        self._lines.wake(now)

    def receive(self, data: bytes, source: Address, now: float) -> None:
        """One datagram. Whatever is in it, nothing is raised."""
        if not self._trusts(source[0]):
            self.strangers += 1
            return
        if len(data) <= 4:
            return  # keep-alive (RFC 5626 3.5.1)
        try:
            parsed = message.parse(data)
            if isinstance(parsed, Response):
                self._lines.receive(parsed, now)
            else:
                self._request(parsed, source, now)
        except message.Refused as fault:
            self._refuse(fault, source)
        except RemoteFault:
            # Not even its headers can be read: there is no one to answer (18.1.2, 18.3).
            return

    def _refuse(self, fault: message.Refused, source: Address) -> None:
        """An error reply where the transaction can be read (18.3), else silence."""
        if fault.request.method == "ACK":
            return
        with suppress(RemoteFault):
            transaction.read(fault.request)
            self._reply(fault.request, fault.status, source)

    def _request(self, request: Request, source: Address, now: float) -> None:
        try:
            self._serve(request, transaction.read(request), source, now)
        except RemoteFault as fault:
            if request.method != "ACK":
                self._reply(request, fault.status, source)

    def _serve(self, request: Request, headers: TransactionHeaders, source: Address, now: float) -> None:
        match request.method:
            case "INVITE":
                self._invite(request, headers, source, now)
            case "CANCEL":
                if not self._ringings.cancel(request, headers, source, now):
                    self._reply(request, 481, source)
            case "ACK":
                self._ringings.ack(headers, now)
            case "OPTIONS":
                self._reply(request, 200, source, (*_ALLOW, ("accept", "application/sdp")))
            case "BYE" | "UPDATE" | "PRACK" | "INFO" | "NOTIFY":
                self._reply(request, 481, source)
            case _:
                self._reply(request, 405, source, _ALLOW)

    def _invite(self, request: Request, headers: TransactionHeaders, source: Address, now: float) -> None:
        if self._ringings.again(headers):
            return
        if headers.to_tag is not None:
            raise RemoteFault("no such dialog", 481)
        account = self._contacts.get(uri.parse(request.uri).user)
        if account is None:
            raise RemoteFault("no such contact", 404)
        self._ringings.ring(account.line, account.contact, request, headers, source, now)

    def _reply(self, request: Request, status: int, source: Address, extra: tuple[tuple[str, str], ...] = ()) -> None:
        """Stateless (8.2.7): the same question gets the same answer again. Raises RemoteFault without a Via."""
        response = transaction.reply(request, status, source, self._tag, extra)
        self._out.append(Datagram(bytes(response), transaction.reply_address(request, source)))

    def _is_ours(self, host: str) -> bool:
        if host in self._addresses:
            return True
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _account(settings: TrunkSettings, line: LineAccess, local: Address, fresh: Fresh) -> Account:
    domain = _bracketed(settings.aor_domain)
    return Account(
        line=line.user,
        aor=f"sip:{quote(line.user, safe=_USER)}@{domain}",
        registrar=f"sip:{domain}",
        contact=f"sip:{fresh.token()}@{_bracketed(local[0])}:{local[1]}",
        credentials=Credentials(line.username, line.password),
        expires=int(settings.expires),
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _reading(settings: TrunkSettings) -> Reading:
    return Reading(
        settings.identity_order, settings.called_number_from, settings.call_key_from,
        settings.ring == "hold", float(settings.ring_expiry),
    )  # fmt: skip
