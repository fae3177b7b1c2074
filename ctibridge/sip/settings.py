"""What an administrator tells about a trunk: one PBX or registrar, and the lines we register there."""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from ctibridge.fields import Duration, Secret

_REGISTRAR = re.compile(r"(?:sip:)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?((?:;[a-z]+=[a-z]+)*)")
_TRANSPORTS: dict[str, Literal["udp", "tcp", "tls"]] = {
    ";transport=udp": "udp",
    ";transport=tcp": "tcp",
    ";transport=tls": "tls",
}
_HOST = re.compile(r"\[?[0-9A-Za-z_.:-]+\]?")
_HEADER = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,64}")
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9.]+):([0-9]{1,5})")


LONGEST_LABEL = 64
"""Characters of what a header means."""
LONGEST_TEST = 60
"""Seconds that a call to ourselves may take until the pop: somebody hears it ring."""


class HostPort(msgspec.Struct, frozen=True):
    """An IPv6 host stands here without brackets. port, transport None: DNS and the defaults say (RFC 3263)."""

    host: str
    port: int | None
    transport: Literal["udp", "tcp", "tls"] | None = None


def registrar_address(text: str) -> HostPort:
    """`sip:host[:port][;transport=udp|tcp|tls]`. Raises ValueError with the mend."""
    match = _REGISTRAR.fullmatch(text)
    if match is None:
        mend = '"sip:pbx.example.net" or "sip:10.0.0.5:5060", for TLS with ";transport=tls" behind it'
        raise ValueError(f"{text!r} is no registrar; write {mend}")
    transport = _TRANSPORTS.get(match[3])
    if match[3] and transport is None:
        raise ValueError(f'{text!r}: {match[3]!r} is unknown; write ";transport=udp", "tcp" or "tls"')
    port = _port(match[2]) if match[2] else None
    if port == 0:
        raise ValueError(f"{text!r}: nobody is at port 0; write the registrar's, or none for the usual one")
    return HostPort(match[1].strip("[]"), port, transport)


def listen_address(text: str) -> HostPort:
    """`address:port` or `[address]:port`; port 0 takes a free one. Raises ValueError with the mend."""
    match = _LISTEN.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no address to listen at; write "0.0.0.0:5066" or "[::]:5066"')
    return HostPort(match[1].strip("[]"), _port(match[2]))


def _is_v6(host: str) -> bool | None:
    """None for a name, which may be either."""
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return None


def _port(digits: str) -> int:
    if int(digits) > 65535:
        raise ValueError(f"port {digits} is above 65535")
    return int(digits)


def line_user(text: str) -> str:
    """The user part of an address-of-record, as it may stand in a REGISTER. Raises ValueError with the mend."""
    if not text or any(char.isspace() or not char.isprintable() for char in text):
        raise ValueError(f'user {text!r} is no user part of a SIP address; write it like "6001"')
    return text


class LineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line, an address-of-record that we register beside the agent's phone. user: its user part. username: of the
    digest; default: the user. password: may be missing where the line is only watched, by an observer. agents: who may
    sit there; several say on their page that they sit there."""

    user: str
    username: str | None = None
    password: Secret | None = None
    agents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        line_user(self.user)


class ObserverSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One account that may subscribe to all lines of the trunk, which then need no passwords of their own.

    username: of the digest. password: of the digest. user: of its address-of-record; default: the username.
    """

    username: str
    password: Secret
    user: str | None = None

    def __post_init__(self) -> None:
        line_user(self.user or self.username)


class SelftestSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that `ctibridge selftest` makes through this PBX, and what a desk has to see of it.

    user: our caller's address-of-record, an account of the PBX that no person needs. username: of its digest; default:
    the user. password: none where the PBX knows us by our address. dial: a service number or a line. number: how a desk
    sees this caller; default: the user. agent: at whose desk it has to pop; default: the one agent of the line. phone:
    the line of the other phone; default: `dial`, where that is a line. answer: somebody picks up; false: the call is
    taken back as soon as it has popped. patience: for the pop, 100ms to 60s. account: whose desk has to be seen,
    whatever the directory says. person: who has to be seen, whatever the directory says. language: which has to be
    seen, whatever the directory says.
    """

    user: str
    dial: str
    username: str | None = None
    password: Secret | None = None
    number: str | None = None
    agent: str | None = None
    phone: str | None = None
    answer: bool = True
    patience: Duration = msgspec.field(default_factory=lambda: Duration(10))
    account: str | None = None
    person: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        for word in (self.user, self.dial):
            line_user(word)
        if not 0.1 <= self.patience <= LONGEST_TEST:
            raise ValueError(f"selftest: patience is between 100ms and {LONGEST_TEST}s")

    @property
    def line(self) -> str:
        """Where the call is meant to ring, as far as one line is named."""
        return self.phone or self.dial

    @property
    def shown_number(self) -> str:
        """The caller as a desk should see him."""
        return self.number or self.user


@dataclass(frozen=True, slots=True)
class ObserverAccess:
    """The observer with its secret read."""

    user: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LineAccess:
    """One line with its secret read."""

    user: str
    username: str
    password: str = field(repr=False)
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrunkAccess:
    """Whom the trunk speaks for, with the secrets read. observer: who subscribes to all lines; None: each by itself."""

    lines: tuple[LineAccess, ...]
    observer: ObserverAccess | None = None


class TrunkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One PBX or registrar, and the lines that we register or watch there.

    name: stands in events and logs; each trunk has its own. registrar: where the agents' phones register, too:
    `sip:HOST` (asked for by NAPTR and SRV) or `sip:HOST:PORT`, perhaps with `;transport=udp`, `tcp` or `tls` behind it.
    domain: of the addresses-of-record; default: the registrar's host. outbound_proxy: requests go there instead;
    written like registrar. ca_file: with TLS, who may sign the PBX's certificate; default: the system's authorities.
    also_from: more networks that INVITEs may come from, like `10.0.0.0/28`; all others are not heard. listen: our side,
    UDP and TCP; `[::]:5066` for IPv6; each trunk has its own port. country: ISO 3166, like `DE`; numbers in national
    form are read as this country's; default: only international numbers are understood. outside_line_prefix: digits
    that the PBX puts before external numbers. identity_order: who calls is read from the first of these headers that
    names a user. called_number_from: what was called is the first of these headers that holds a service number.
    call_key_from: headers that are equal on all legs of one call, like `X-Call-Key`. trust_attestation: true only where
    the PBX removes what callers write themselves (`verstat`, Attestation-Info). observe: `contact` is one more phone of
    each line, `dialog-info` watches it (docs/pbx); or both. ring: `hold` says 180 until the CANCEL; `decline` says 480
    at once, sees less and hides nothing. ring_expiry: when a ringing that nobody ended is given up, at least 1s. alone:
    our contact leaves a line where no other device is; `stay` is for test lines. expires: what we ask the registrar
    for, at least 10s; it may grant less. digest_minimum: weaker challenges are refused. headers: what the PBX knows
    besides, as header = what it means: `employee_id`, `support_id`, `email` and `request` are understood, any other
    word of at most 64 characters stands before the value on the pop. observer: who may subscribe to all lines.
    selftest: a call that `ctibridge selftest` makes. lines_file: CSV beside or instead of `[[trunk.line]]`, with
    columns user, username, password_file or password, agents (several: `ana;ben`), at most 10,000 rows. line: one table
    for each line.
    """

    name: str
    registrar: str
    domain: str | None = None
    outbound_proxy: str | None = None
    ca_file: str | None = None
    also_from: tuple[str, ...] = ()
    listen: str = "0.0.0.0:5066"  # a PBX reaches us from outside; who may send is checked for each packet
    country: str | None = None
    outside_line_prefix: str = ""
    identity_order: tuple[Literal["P-Asserted-Identity", "Remote-Party-ID", "From"], ...] = (
        "P-Asserted-Identity",
        "Remote-Party-ID",
        "From",
    )
    called_number_from: tuple[str, ...] = ("X-Called-Number", "Diversion", "To")
    call_key_from: tuple[str, ...] = ()
    trust_attestation: bool = False
    observe: tuple[Literal["contact", "dialog-info"], ...] = ("contact",)
    ring: Literal["hold", "decline"] = "hold"
    ring_expiry: Duration = msgspec.field(default_factory=lambda: Duration(90))
    alone: Literal["leave", "stay"] = "leave"
    expires: Duration = msgspec.field(default_factory=lambda: Duration(120))
    digest_minimum: Literal["MD5", "SHA-256", "SHA-512-256"] = "MD5"
    headers: dict[str, str] = {}
    observer: ObserverSettings | None = None
    selftest: SelftestSettings | None = None
    lines_file: str | None = None
    line: tuple[LineSettings, ...] = ()

    def __post_init__(self) -> None:
        for peer in (self.registrar, self.outbound_proxy):
            if peer is not None and _is_v6(registrar_address(peer).host) not in (None, _is_v6(self.our_side.host)):
                raise ValueError(f"{peer!r} and listen {self.listen!r} are of different families, IPv4 and IPv6")
        if self.domain is not None and _HOST.fullmatch(self.domain) is None:
            raise ValueError(f'domain {self.domain!r} is no host; write it like "pbx.example.net"')
        if self.country is not None and re.fullmatch(r"[A-Z]{2}", self.country) is None:
            raise ValueError(f'country {self.country!r}: write two capital letters (ISO 3166), like "DE"')
        self._check_observing()
        if re.fullmatch(r"[0-9*#]*", self.outside_line_prefix) is None:
            raise ValueError(f"outside_line_prefix {self.outside_line_prefix!r}: digits, * and # only")
        if self.expires < 10 or self.ring_expiry < 1:
            raise ValueError("expires is at least 10s, ring_expiry at least 1s")

    def _check_observing(self) -> None:
        if not self.observe:
            raise ValueError('observe: name at least one of "contact" and "dialog-info"')
        if self.observer is not None and not self.watches:
            raise ValueError('observer: it subscribes; add "dialog-info" to observe, or leave it out')
        for name, means in self.headers.items():
            if _HEADER.fullmatch(name) is None or not means.strip() or len(means) > LONGEST_LABEL:
                raise ValueError(f'headers: {name!r} = {means!r}; write it like X-Employee-Number = "employee_id"')

    @property
    def registers(self) -> bool:
        """Do we register as one more contact of each line?"""
        return "contact" in self.observe

    @property
    def watches(self) -> bool:
        """Do we subscribe to each line's dialog state?"""
        return "dialog-info" in self.observe

    def is_test_line(self, user: str) -> bool:
        """Does the selftest's other phone sit there? Between two test calls nobody has to."""
        return self.selftest is not None and self.selftest.phone == user

    @property
    def our_side(self) -> HostPort:
        return listen_address(self.listen)

    @property
    def aor_domain(self) -> str:
        """The host part of the addresses-of-record."""
        return self.domain or registrar_address(self.registrar).host
