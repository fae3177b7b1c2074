"""What an administrator tells about the one port, and about how much a desk may show."""

import ipaddress
import re
from collections import Counter
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from ctibridge.delivery.terms import Terms
from ctibridge.fields import Duration, Secret

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")  # RFC 9110 5.6.2
PROXY_HEADER = "X-Ctibridge-Proxy"
"""In which the proxy sends the secret that it shares with us."""
_NO_USER = {PROXY_HEADER.lower(), "host", "origin", "cookie", "authorization", "content-type", "x-forwarded-for"}


class HostPort(msgspec.Struct, frozen=True):
    """An IPv6 host stands here without brackets."""

    host: str
    port: int

    @property
    def here(self) -> "HostPort":
        """Where this machine reaches it: who listens everywhere listens on loopback, too."""
        return HostPort(_EVERYWHERE.get(self.host, self.host), self.port)


def listen_address(text: str) -> HostPort:
    """`host:port` or `[address]:port`; port 0 takes a free one. Raises ValueError with the mend."""
    match = _LISTEN.fullmatch(text)
    if match is None or int(match[2]) > 65535:
        raise ValueError(f'{text!r} is no address to listen at; write "127.0.0.1:8137" or "[::1]:8137"')
    return HostPort(match[1].strip("[]"), int(match[2]))


def origin_of(url: str) -> str:
    """The origin of a URL as a browser writes it: lower case, no default port. Raises ValueError with the mend."""
    parts = urlsplit(url)
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname or parts.username is not None:
        raise ValueError(f'{url!r} is no web address; write it like "https://desk.example.net"')
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")


def check_origin(text: str) -> str:
    """An origin and nothing behind it, normalised. Raises ValueError with the mend."""
    parts = urlsplit(text)
    if parts.path or parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ValueError(
            f'{text!r} is more than an origin; write only scheme and host, like "https://desk.example.net"'
        )
    return origin_of(text)


class SignInSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By a proxy in front that knows its users: the page of an agent whom it has signed in asks for no token.

    user_header: where the proxy names the agent's `login` of agents.csv. trusted_proxies: addresses or networks that it
    connects from; from all others the header is nothing. secret: what the proxy has to send as `X-Ctibridge-Proxy` as
    well, where others can connect from its address, as every user of a machine can from 127.0.0.1.
    """

    user_header: str = "X-Forwarded-User"
    trusted_proxies: tuple[str, ...] = ("127.0.0.1",)
    secret: Secret | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.user_header) or self.user_header.lower() in _NO_USER:
            raise ValueError(f'user_header {self.user_header!r} names no user; write it like "X-Forwarded-User"')
        if not self.trusted_proxies:
            raise ValueError(
                'trusted_proxies is empty, so nobody could sign in; write the proxy\'s address, like ["127.0.0.1"]'
            )
        self.networks()

    def networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """Raises ValueError with the mend."""
        return tuple(_network(text) for text in self.trusted_proxies)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f'trusted_proxies: {error}; write it like "127.0.0.1" or "10.0.0.0/28"') from None
    if "%" in text:
        raise ValueError(f"trusted_proxies: {text} would hold on every interface; write another address of the proxy")
    if network.prefixlen == 0:
        raise ValueError(f"trusted_proxies: {text} trusts everybody; write only the proxy's address")
    if isinstance(network, ipaddress.IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError(f'trusted_proxies: {text} is an IPv4 address as IPv6 writes it; write it like "127.0.0.1"')
    return network


class WebSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Page, event stream, look-up, health and metrics, on one port that is meant to stand behind a proxy with TLS.

    listen: `host:port` or `[address]:port`; port 0 takes a free one. public_url: where a proxy shows the page to the
    agents' browsers; its origin is allowed by itself. allowed_origins: further origins whose pages may open a desk,
    like `https://tools.example.net`; the own ones are `public_url` and `http://` with what is listened at.
    """

    listen: str = "127.0.0.1:8137"
    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None
    sign_in: SignInSettings | None = None

    def __post_init__(self) -> None:
        listen_address(self.listen)
        for origin in self.allowed_origins:
            check_origin(origin)
        if self.public_url is not None:
            origin_of(self.public_url)

    def origins(self, port: int) -> frozenset[str]:
        """All origins that may open a desk. port: the real one, where `listen` asks for any (0)."""
        address = listen_address(self.listen)
        host = f"[{address.host}]" if ":" in address.host else address.host
        own = {origin_of(f"http://{host}:{address.port or port}")}
        if self.public_url is not None:
            own.add(origin_of(self.public_url))
        return frozenset(own | {check_origin(origin) for origin in self.allowed_origins})


_Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


class AccountPrivacy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one customer has agreed to. id: the account. call_log_days: for its calls, instead of the provider's.
    phone_labels: which of its people's numbers are imported, by their label (`work`, `mobile`, …); default: all.
    """

    id: str
    call_log_days: _Days | None = None
    phone_labels: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("id is empty; write the account's id as in accounts.csv")
        if self.phone_labels == ():
            raise ValueError(
                'phone_labels is empty, so no number of that account could match; write those allowed, like ["work"]'
            )


class PrivacySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is kept of people, for how long, and who is shown it. call_log_days: afterwards person, number and note
    leave the log. notification: what a desktop notification shows, as screens are shared with customers: company and
    language, everything, or nothing at all. figures_per_agent: for reports that may name agents; today there are none,
    and nothing reads it. purge_after: how long after its share has ended the people of an account stay in the store;
    at once by default. account: what differs for one customer.
    """

    call_log_days: _Days = 90
    notification: Literal["company", "full", "none"] = "company"
    figures_per_agent: bool = False
    purge_after: Duration = msgspec.field(default_factory=lambda: Duration(0))
    account: tuple[AccountPrivacy, ...] = ()

    def __post_init__(self) -> None:
        twice = [one for one, count in Counter(each.id for each in self.account).items() if count > 1]
        if twice:
            raise ValueError(f"account {twice[0]!r} is there twice; write one [[privacy.account]] for each customer")

    def terms(self) -> Terms:
        """For how long calls keep person, number and note, for all who differ."""
        return Terms(self.call_log_days, {one.id: self.days(one.id) for one in self.account})

    def days(self, account: str) -> int:
        """For how long calls of this account keep person, number and note."""
        agreed = next((one.call_log_days for one in self.account if one.id == account), None)
        return self.call_log_days if agreed is None else agreed

    @property
    def phone_labels(self) -> dict[str, tuple[str, ...]]:
        """Of numbers that may be imported, by account; who is not in it allows all."""
        return {one.id: one.phone_labels for one in self.account if one.phone_labels is not None}
