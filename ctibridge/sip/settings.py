"""What an administrator tells about a trunk: one PBX or registrar, and the lines we register there."""

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from ctibridge.fields import Duration, Secret

_REGISTRAR = re.compile(r"(?:sip:)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?((?:;[a-z]+=[a-z]+)*)")
_HOST = re.compile(r"\[?[0-9A-Za-z_.:-]+\]?")
_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9.]+):([0-9]{1,5})")


class HostPort(msgspec.Struct, frozen=True):
    """An IPv6 host stands here without brackets. port None: the default of the scheme (RFC 3263)."""

    host: str
    port: int | None


def registrar_address(text: str) -> HostPort:
    """`sip:host[:port][;transport=udp]`. Raises ValueError with the mend."""
    match = _REGISTRAR.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no registrar; write "sip:pbx.example.net" or "sip:10.0.0.5:5060"')
    if match[3] not in ("", ";transport=udp"):
        raise ValueError(f"{text!r}: this version speaks UDP only; leave {match[3]!r} out")
    return HostPort(match[1].strip("[]"), _port(match[2]) if match[2] else None)


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
    """One address-of-record. username: of the digest, default the user; agents: who may sit there."""

    user: str
    username: str | None = None
    password: Secret | None = None
    agents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        line_user(self.user)


@dataclass(frozen=True, slots=True)
class LineAccess:
    """One line with its secret read."""

    user: str
    username: str
    password: str = field(repr=False)
    agents: tuple[str, ...] = ()


class TrunkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Defaults are those of the contract; what each key means is said in `config/ctibridge.toml`."""

    name: str
    registrar: str
    domain: str | None = None
    outbound_proxy: str | None = None
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
        if "dialog-info" in self.observe:
            raise ValueError('observe: this version knows "contact" only')
        if self.trust_attestation:
            raise ValueError("trust_attestation: this version does not read attestations; leave it false")
        if re.fullmatch(r"[0-9*#]*", self.outside_line_prefix) is None:
            raise ValueError(f"outside_line_prefix {self.outside_line_prefix!r}: digits, * and # only")
        if self.expires < 10 or self.ring_expiry < 1:
            raise ValueError("expires is at least 10s, ring_expiry at least 1s")

    @property
    def our_side(self) -> HostPort:
        return listen_address(self.listen)

    @property
    def aor_domain(self) -> str:
        """The host part of the addresses-of-record."""
        return self.domain or registrar_address(self.registrar).host
