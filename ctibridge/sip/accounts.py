"""The lines of a trunk as the registrar knows them: addresses-of-record, contacts, credentials.

Each line has one contact token, as long as it is one of them; the host part of its contact follows our address.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from urllib.parse import quote

from ctibridge.sip.digest import Credentials
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Transport
from ctibridge.sip.mark import Mark
from ctibridge.sip.registration import Account
from ctibridge.sip.settings import LineAccess, ObserverAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.subscriber import Subscriber
from ctibridge.sip.via import Address

WATCH_AT_LEAST = 300
"""Seconds that a subscription asks for: each refresh brings the whole state of a line."""
_USER = "-_.!~*'()&=+$,;?/"
"""What a user part holds unescaped, besides letters and digits (RFC 3261 25.1)."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Lines, by user. changed: those that stay, and who shows another password for them, or somebody else does."""

    gone: tuple[str, ...]
    added: tuple[str, ...]
    changed: tuple[str, ...]


class Accounts:
    """local: our address for the first contacts. instance: names this installation, None for none. nodes: the key of
    the mark by which our other nodes know our contacts (`mark`), None without others."""

    def __init__(
        self,
        settings: TrunkSettings,
        access: TrunkAccess,
        local: Address,
        fresh: Fresh,
        instance: str | None,
        nodes: bytes | None = None,
    ) -> None:
        self._settings = settings
        self._domain = bracketed(settings.aor_domain)
        self._local = local
        self._fresh = fresh
        self._instance = instance
        self._nodes = nodes
        self._access = TrunkAccess(())
        self._tokens: dict[str, str] = {}
        self._lines: dict[str, str] = {}
        self._accounts: dict[str, Account] = {}
        self._subscribers: dict[str, Subscriber] = {}
        self.change(access)

    def change(self, access: TrunkAccess) -> Changes:
        """The lines are these from now on. Who stays keeps the token of its contact; who goes has none at once."""
        changes = _compare(self._access, access)
        self._access = access
        for line in changes.gone:
            del self._lines[self._tokens.pop(line)], self._accounts[line], self._subscribers[line]
        for line in changes.added:
            self._tokens[line] = self._token(line)
            self._lines[self._tokens[line]] = line
        touched = {*changes.added, *changes.changed}
        for each in access.lines:
            if each.user in touched:
                self._accounts[each.user] = account = self._account(each)
                self._subscribers[each.user] = self._subscriber(account, access.observer)
        return changes

    @property
    def lines(self) -> tuple[Account, ...]:
        return tuple(self._accounts.values())

    @property
    def subscribers(self) -> tuple[Subscriber, ...]:
        return tuple(self._subscribers.values())

    def account(self, line: str) -> Account:
        return self._accounts[line]

    def subscriber(self, line: str) -> Subscriber:
        return self._subscribers[line]

    @property
    def pulse(self) -> tuple[str, str] | None:
        """From and target of our OPTIONS. An address that the PBX knows: some count requests of others as attacks."""
        first = next(iter(self._subscribers.values()), None)
        return None if first is None else (first.watcher, f"sip:{self._domain}")

    def line_of(self, token: str | None) -> str | None:
        """The line whose contact has this user part."""
        return self._lines.get(token or "")

    def contact(self, line: str, at: Address, transport: Transport) -> str:
        """The contact URI of the line while we are reached at that address."""
        suffix = f";transport={transport.value.lower()}" if transport.is_stream else ""
        return f"sip:{self._tokens[line]}@{bracketed(at[0])}:{at[1]}{suffix}"

    def aor(self, user: str) -> str:
        return f"sip:{quote(user, safe=_USER)}@{self._domain}"

    def _token(self, line: str) -> str:
        mark, token = self._mark(line), self._fresh.token()
        return token if mark is None else mark.on(token)

    def _mark(self, line: str) -> Mark | None:
        return None if self._nodes is None else Mark(self._nodes, self.aor(line))

    def _account(self, line: LineAccess) -> Account:
        settings, instance = self._settings, self._instance
        return Account(
            line=line.user,
            aor=self.aor(line.user),
            registrar=f"sip:{self._domain}",
            contact=self.contact(line.user, self._local, Transport.UDP),
            credentials=Credentials(line.username, line.password, settings.digest_minimum),
            expires=int(settings.expires),
            instance=None if instance is None else _urn(f"{instance}/{settings.name}/{line.user}"),
            mark=self._mark(line.user),
        )

    def _subscriber(self, account: Account, observer: ObserverAccess | None) -> Subscriber:
        """The observer asks for all lines, else each line asks for itself."""
        settings = self._settings
        watcher, credentials = account.aor, account.credentials
        if observer is not None:
            watcher, credentials = (
                self.aor(observer.user),
                Credentials(observer.username, observer.password, settings.digest_minimum),
            )
        return Subscriber(
            account.line, account.aor, watcher, account.contact, credentials, max(int(settings.expires), WATCH_AT_LEAST)
        )


def _compare(old: TrunkAccess, new: TrunkAccess) -> Changes:
    before, after = ({line.user: (line.username, line.password) for line in each.lines} for each in (old, new))
    observed = old.observer != new.observer
    return Changes(
        gone=tuple(line for line in before if line not in after),
        added=tuple(line for line in after if line not in before),
        changed=tuple(line for line in after if line in before and (observed or after[line] != before[line])),
    )


def bracketed(host: str) -> str:
    """As a URI writes it (RFC 3261 25.1, hostport): a name may bring a port, and then has a colon, too."""
    try:
        return f"[{ipaddress.IPv6Address(host)}]"
    except ValueError:
        return host


def _urn(name: str) -> str:
    """A UUID that is the same after each restart (RFC 9562 5.8: version 8, made of a hash)."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"
