"""Contacts at a registrar: how a REGISTER asks for ours, and what the answer says of all that the line has (RFC 3261
10.3 step 8); what else it says beside them: the way of our other requests (RFC 3608), signs of life (RFC 5626 4.4), and
when to come back (RFC 3261 20.33)."""

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass, field

from ctibridge.sip import name_addr, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.mark import Mark
from ctibridge.sip.message import HeaderList, Headers, Response
from ctibridge.sip.name_addr import NameAddr
from ctibridge.sip.uri import Uri

LONGEST_EXPIRES = 86_400
"""Seconds. More than a day cannot be meant, and counts as if nothing was said."""
MOST_ROUTES = 8
"""Values of Service-Route: each later request carries all of them."""
LONGEST_ROUTE = 512
"""Characters of one of them."""
LONGEST_RETRY_AFTER = 300
"""Seconds."""
_LEADING_DIGITS = re.compile(r"\s*([0-9]{1,10})")
"""Of Retry-After, which may go on with a comment or parameters (20.33)."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """seconds: what *our* contact was granted, None where it is not there. others: contacts of other devices."""

    seconds: int | None
    others: int


@dataclass(frozen=True, slots=True)
class Ours:
    """What is known as ours. contact: our URI; its user part is a token that nobody else has. instance: the URN of our
    `+sip.instance`, which marks what we left behind in an earlier life, at whatever address. mark: on the contacts of
    our other nodes, None without any."""

    contact: str = field(repr=False)
    instance: str | None = None
    mark: Mark | None = None


def ask(ours: Ours, expires: int, earlier: tuple[str, ...], *, flow: bool) -> HeaderList:
    """The Contact lines of a REGISTER. expires: seconds, 0 to leave; earlier: contacts of ours to take away.

    The one that we have stands first, because odd registrars read no further. flow: with reg-id, which stands for one
    flow and no other contact beside it (RFC 5626 4.2); a registrar that does outbound replaces the earlier by itself.
    """
    contact = f"<{ours.contact}>;expires={expires}"
    if ours.instance is not None:
        contact += f';+sip.instance="<{ours.instance}>"'
        contact += ";reg-id=1" if flow and not earlier else ""
    return ("contact", contact), *(("contact", f"<{old}>;expires=0") for old in earlier)


def read(headers: Headers, ours: Ours, asked: int) -> Bindings:
    """asked: seconds that we asked for. Raises RemoteFault past the limit of contacts.

    Ours is what has our token, before and behind a NAT. Of several (a NAT that gave us a new address) the one that we
    asked for counts, else the longest. A contact with another user part at our own address, or with our instance, is
    what we left behind in an earlier life: no other device, nor is another node of ours. One that cannot be
    read is none either, nor is a number (`tel:`) to forward to: who counts as a neighbour has to be seen. A 200 that
    lists nothing at all, which some registrars send, grants what it says in Expires and shows no neighbour.
    """
    mine = uri.parse(ours.contact)
    stated = whole_number(headers.first("expires") or "", LONGEST_EXPIRES)
    default = asked if stated is None else stated
    listed = headers.all("contact")
    granted: list[tuple[bool, int]] = [] if listed else [(True, default)]
    others = 0
    for value in listed:
        theirs, contact, expires = _contact(value)
        if theirs is None or contact is None or expires == 0:
            continue
        if theirs.user == mine.user:
            granted.append((_address(theirs) == _address(mine), default if expires is None else expires))
        elif not _left_behind(theirs, contact, mine, ours):
            others += 1
    return Bindings(max(granted)[1] or None if granted else None, others)


def service_route(headers: Headers) -> tuple[str, ...]:
    """The Route of our later requests, in order; empty where there is none, or where a part of it cannot be read: half
    a way leads nowhere. It does not say where to send to: who is not trusted must not get our requests."""
    try:
        routes = headers.all("service-route")
        for route in routes:
            uri.parse(name_addr.parse(route).uri)
    except RemoteFault:
        return ()
    bounded = len(routes) <= MOST_ROUTES and all(
        len(route) <= LONGEST_ROUTE and "<" in route and route.isascii() and route.isprintable() for route in routes
    )
    return tuple(routes) if bounded else ()


def outbound(headers: Headers) -> bool:
    """Does the registrar do outbound (RFC 5626 6)? It then says so in Require."""
    return any(option.lower() == "outbound" for option in headers.all("require"))


def retry_after(response: Response | None) -> int:
    """Seconds that the registrar asks for, within reason; 0 where it asks for none."""
    stated = _LEADING_DIGITS.match(response.headers.first("retry-after") or "") if response else None
    return min(int(stated[1]), LONGEST_RETRY_AFTER) if stated else 0


def _contact(value: str) -> tuple[Uri | None, NameAddr | None, int | None]:
    try:
        contact = name_addr.parse(value)
        theirs = uri.parse(contact.uri)
    except RemoteFault:
        return None, None, None
    expires = whole_number(contact.params.get("expires") or "", LONGEST_EXPIRES)
    return (None if theirs.scheme == "tel" else theirs), contact, expires


def _left_behind(theirs: Uri, contact: NameAddr, mine: Uri, ours: Ours) -> bool:
    """By us in an earlier life, or by another node of ours."""
    if _address(theirs) == _address(mine) or (ours.mark is not None and ours.mark.is_on(theirs.user)):
        return True
    named = (contact.params.get("+sip.instance") or "").strip("<> ").lower()
    return ours.instance is not None and named == ours.instance.lower()


def _address(where: Uri) -> tuple[str, int]:
    """As equal as RFC 3261 19.1.4 and RFC 5952 see it: case, spelling of IPv6, and the port that is not said."""
    secure = where.scheme == "sips" or (where.params.get("transport") or "").lower() == "tls"
    host = where.host.lower()
    if ":" in host:
        with suppress(ValueError):
            host = ipaddress.ip_address(host).compressed
    return host, where.port or (5061 if secure else 5060)
