"""SIP, SIPS and tel URIs as far as an observer reads them (RFC 3261 19.1, RFC 3966)."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import Parameters, parameters, whole_number

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_SIP = re.compile(r"(?:([^@]*)@)?(\[[0-9A-Fa-f:.]+\]|[^\s:;?\[\]@<>\"]+)(?::([0-9]{1,5}))?(;[^?]*)?(\?.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Uri:
    """user is unescaped once; an IPv6 host stands here without brackets; a `tel:` number is user with an empty host.
    has_headers: `?Subject=…` follows, which is left unread, and which a Request-URI may not have (19.1.1)."""

    scheme: str
    user: str | None = field(repr=False)
    host: str = field(repr=False)
    port: int | None = None
    params: Parameters = field(default_factory=dict, repr=False)
    has_headers: bool = False

    @property
    def address(self) -> tuple[str, int]:
        return self.host.lower(), self.port or 5060


def parse(text: str) -> Uri:
    """Raises RemoteFault: 416 for a scheme that we do not know, else 400."""
    scheme, colon, rest = text.strip().partition(":")
    scheme = scheme.lower()
    if not colon or _SCHEME.fullmatch(scheme) is None:
        raise RemoteFault("URI has no scheme")
    if scheme == "tel":
        number, semicolon, tail = rest.partition(";")
        return Uri(scheme, unquote(number), "", None, parameters(semicolon + tail))
    if scheme not in ("sip", "sips"):
        raise RemoteFault("URI scheme is not known", 416)
    return _sip(scheme, rest)


def _sip(scheme: str, rest: str) -> Uri:
    match = _SIP.fullmatch(rest)
    if match is None:
        raise RemoteFault("URI cannot be read")
    port = whole_number(match[3], 65535) if match[3] else None
    if match[3] and not port:
        raise RemoteFault("URI has no such port")
    return Uri(scheme, _user(match[1]), match[2].strip("[]"), port, parameters(match[4] or ""), bool(match[5]))


def _user(userinfo: str | None) -> str | None:
    """The user part without password and without the parameters that `user=phone` brings (`+49…;phone-context=…`)."""
    if userinfo is None:
        return None
    return unquote(userinfo.partition(":")[0].partition(";")[0])
