"""What an administrator tells about the one port, and about how much a desk may show."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from ctibridge.fields import Duration

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class HostPort(msgspec.Struct, frozen=True):
    """An IPv6 host stands here without brackets."""

    host: str
    port: int


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


class WebSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """listen: of page, websocket, health, on one port. public_url: where a proxy shows that to the agents' browsers.

    allowed_origins: further origins whose pages may open a desk; the own ones are `public_url` and `http://` + listen.
    """

    listen: str = "127.0.0.1:8137"
    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None

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


class PrivacySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """call_log_days: afterwards person, number and note leave the log. notification: what a desktop notification
    shows, as screens are shared with customers. figures_per_agent: reports may name agents. purge_after: how long after
    its share has ended the people of an account stay in the store; at once by default.
    """

    call_log_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 90
    notification: Literal["company", "full", "none"] = "company"
    figures_per_agent: bool = False
    purge_after: Duration = msgspec.field(default_factory=lambda: Duration(0))
