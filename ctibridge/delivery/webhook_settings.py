"""What an administrator tells about one receiver of webhooks."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import quote, urlsplit

import msgspec

from ctibridge.fields import Duration, Secret

TOKEN_PLACE = "{secret}"  # noqa: S105 - where one goes, not what it is
"""Where in the URL of the zammad form its token goes, so that the configuration need not hold it."""
LONGEST_URL = 2048
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_VISIBLE = re.compile(r"[!-\[\]-~]*")  # no backslash, which some read as a slash
_URL_MEND = 'url is no web address; write it like "https://tool.example.net/hooks/ctibridge"'
_KEY_BYTES = range(24, 65)  # Standard Webhooks, "Signature scheme": between 24 bytes and 64 bytes
_KEY_MEND = "make one with: echo whsec_$(openssl rand -base64 32)"

EventType = Literal[
    "call.ringing", "call.updated", "call.answered", "call.worked", "call.ended", "suggestions", "notice"
]


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receiver to which every event is posted (docs/webhooks.md).

    name: 1 to 40 of a-z, 0-9 and `-`; stands in logs and metrics, and what was delivered is kept by it. url: `https`,
    or `http` to a loopback address; in the zammad form `{secret}` in it stands for the secret. secret: of cloudevents
    the key that signs (`whsec_…`). format: `zammad` posts newCall, answer and hangup, once for each call over all
    desks. events: only these; empty is all. agents: only the desks of these; empty is all. accounts: only calls for
    these companies, and nobody else's people in them; empty is all. ca_file: who may sign the receiver's certificate;
    default: the system's authorities. timeout: for one request, 100ms to 60s. keep: what waited longer is left out, and
    the receiver is told; 1m to 30d.
    """

    name: str
    url: str
    secret: Secret | None = None
    format: Literal["cloudevents", "zammad"] = "cloudevents"
    events: tuple[EventType, ...] = ()
    agents: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    ca_file: str | None = None
    timeout: Duration = msgspec.field(default_factory=lambda: Duration(10))
    keep: Duration = msgspec.field(default_factory=lambda: Duration(86400))

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError('name is 1 to 40 of a-z, 0-9 and "-"; write it like "xurrent"')
        _check_url(self.url)
        self._check_form()
        if not 0.1 <= self.timeout <= 60:
            raise ValueError(f'timeout is 100ms to 60s, not {self.timeout}; write it like "10s"')
        if not 60 <= self.keep <= 30 * 86400:
            raise ValueError(f'keep is 1m to 30d, not {self.keep}; write it like "24h"')

    def _check_form(self) -> None:
        in_url = TOKEN_PLACE in self.url
        if self.format == "cloudevents":
            if self.secret is None:
                raise ValueError('secret is missing, which signs the events; write { file = "…" }')
            if in_url:
                raise ValueError("url: {secret} is for the zammad form; a key that signs is never sent")
        elif self.events:
            raise ValueError("events: the zammad form has its own three; leave the key out")
        elif (self.secret is not None) != in_url:
            raise ValueError(
                "the zammad form is not signed: its secret is put where {secret} stands in url; write both or none"
            )


class WebhookAccess(msgspec.Struct, frozen=True):
    """What the driver needs, with the secret in it: never printed. key: signs; None for a form that is not signed."""

    url: str
    key: bytes | None

    def __repr__(self) -> str:
        return "WebhookAccess(…)"


def access(settings: WebhookSettings, secret: str | None) -> WebhookAccess:
    """secret: the text of `settings.secret`. Raises ValueError with the mend, without the secret."""
    if settings.format == "cloudevents":
        return WebhookAccess(settings.url, signing_key(secret or ""))
    return WebhookAccess(settings.url.replace(TOKEN_PLACE, quote(secret or "", safe="")), None)


def signing_key(text: str) -> bytes:
    """The key in a `whsec_…` as Standard Webhooks writes it. Raises ValueError with the mend, without the text."""
    prefix, _, encoded = text.partition("_")
    try:
        key = base64.b64decode(encoded, validate=True) if prefix == "whsec" else b""
    except (binascii.Error, ValueError):
        key = b""
    if len(key) not in _KEY_BYTES:
        raise ValueError(f"is no whsec_ with base64 of 24 to 64 bytes behind it; {_KEY_MEND}")
    return key


def check_names(webhooks: Iterable[WebhookSettings]) -> None:
    """Raises ValueError where two have one name: what was delivered is remembered by it."""
    seen: set[str] = set()
    for webhook in webhooks:
        if webhook.name in seen:
            raise ValueError(f"webhook: two are called {webhook.name!r}; give each its own name")
        seen.add(webhook.name)


def is_loopback(host: str) -> bool:
    """An address of this machine alone, or `localhost` (RFC 6761 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_url(url: str) -> None:
    """The URL is never repeated in an error: there may be a token in it."""
    if len(url) > LONGEST_URL or not _VISIBLE.fullmatch(url):
        raise ValueError(f"url is at most {LONGEST_URL} visible ASCII characters; write others as %XX")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(_URL_MEND) from None
    if not host or port == 0 or parts.scheme not in ("http", "https"):
        raise ValueError(_URL_MEND)
    if parts.username is not None or parts.fragment or TOKEN_PLACE in parts.netloc:
        raise ValueError("url has a user, a fragment or a secret host in it, which is not sent; leave that out")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("url: http:// is for loopback addresses only, as persons are in what is sent; write https://")
