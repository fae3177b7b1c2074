"""The lines of a trunk as the registrar knows them: addresses-of-record, contacts, credentials.

Each line has one contact token, as long as the daemon lives; the host part of its contact follows our address.
"""

import hashlib
import ipaddress
from urllib.parse import quote

from ctibridge.sip.digest import Credentials
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Transport
from ctibridge.sip.registration import Account
from ctibridge.sip.settings import LineAccess, ObserverAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.subscriber import Subscriber
from ctibridge.sip.via import Address

WATCH_AT_LEAST = 300
"""Seconds that a subscription asks for: each refresh brings the whole state of a line."""
_USER = "-_.!~*'()&=+$,;?/"
"""What a user part holds unescaped, besides letters and digits (RFC 3261 25.1)."""


class Accounts:
    """local: our address for the first contacts. instance: names this installation, None for none."""

    def __init__(
        self, settings: TrunkSettings, access: TrunkAccess, local: Address, fresh: Fresh, instance: str | None
    ) -> None:
        self._domain = bracketed(settings.aor_domain)
        self._tokens = {line.user: fresh.token() for line in access.lines}
        self._lines = {token: user for user, token in self._tokens.items()}
        self.lines = tuple(self._account(settings, line, local, instance) for line in access.lines)
        self.subscribers = tuple(self._subscriber(settings, account, access.observer) for account in self.lines)

    @property
    def pulse(self) -> tuple[str, str] | None:
        """From and target of our OPTIONS. An address that the PBX knows: some count requests of others as attacks."""
        return (self.subscribers[0].watcher, f"sip:{self._domain}") if self.subscribers else None

    def line_of(self, token: str | None) -> str | None:
        """The line whose contact has this user part."""
        return self._lines.get(token or "")

    def contact(self, line: str, at: Address, transport: Transport) -> str:
        """The contact URI of the line while we are reached at that address."""
        suffix = f";transport={transport.value.lower()}" if transport.is_stream else ""
        return f"sip:{self._tokens[line]}@{bracketed(at[0])}:{at[1]}{suffix}"

    def aor(self, user: str) -> str:
        return f"sip:{quote(user, safe=_USER)}@{self._domain}"

    def _account(self, settings: TrunkSettings, line: LineAccess, local: Address, instance: str | None) -> Account:
        return Account(
            line=line.user,
            aor=self.aor(line.user),
            registrar=f"sip:{self._domain}",
            contact=self.contact(line.user, local, Transport.UDP),
            credentials=Credentials(line.username, line.password, settings.digest_minimum),
            expires=int(settings.expires),
            instance=None if instance is None else _urn(f"{instance}/{settings.name}/{line.user}"),
        )

    def _subscriber(self, settings: TrunkSettings, account: Account, observer: ObserverAccess | None) -> Subscriber:
        """The observer asks for all lines, else each line asks for itself."""
        watcher, credentials = account.aor, account.credentials
        if observer is not None:
            watcher, credentials = (
                self.aor(observer.user),
                Credentials(observer.username, observer.password, settings.digest_minimum),
            )
        return Subscriber(
            account.line, account.aor, watcher, account.contact, credentials, max(int(settings.expires), WATCH_AT_LEAST)
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
