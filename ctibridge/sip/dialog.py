"""A dialog as one side sees it: whom its requests name, and along which proxies they go (RFC 3261 12).

In: the INVITE and the response that made the dialog. Out: requests without Via. Trusted: nothing; what the peer left
out is replaced by what the INVITE said.
"""

import ipaddress
import re
from dataclasses import dataclass, field

from ctibridge.sip import name_addr, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.message import HeaderList, Headers, Request, Response

_BREAKS = re.compile(r"[\x00-\x20\x7f]")
DialogId = tuple[str, str, str]
"""Call-ID, our own tag, the peer's tag (empty where an old peer gives none)."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """local and remote: From and To of our requests, with their tags. target: the peer's Contact. routes: in the order
    in which our requests pass them."""

    call_id: str = field(repr=False)
    local: str = field(repr=False)
    remote: str = field(repr=False)
    target: str = field(repr=False)
    routes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def id(self) -> DialogId:
        return self.call_id, name_addr.tag_of(self.local) or "", name_addr.tag_of(self.remote) or ""

    def request(self, method: str, cseq: int, extra: HeaderList = ()) -> Request:
        """A request within the dialog (12.2.1.1); the transaction layer puts the Via on top."""
        target, routes = self._path()
        lines = [
            *(("route", route) for route in routes),
            ("max-forwards", "70"),
            ("from", self.local),
            ("to", self.remote),
            ("call-id", self.call_id),
            ("cseq", f"{cseq} {method}"),
            *extra,
        ]
        return Request(method, target, Headers(tuple(lines)))

    def next_hop(self, otherwise: Hop) -> Hop:
        """Where a request goes: the first route, else the target. otherwise: where the INVITE went, for a host
        that is a name; resolving it is not this room's work. What came over a connection goes on over it."""
        if otherwise.transport.is_stream:
            return otherwise
        target, routes = self._path()
        try:
            hop = uri.parse(name_addr.parse(routes[0]).uri if routes and target == self.target else target)
            ipaddress.ip_address(hop.host)
        except (RemoteFault, ValueError):
            return otherwise
        return datagram(*hop.address)

    def _path(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route lines; a first proxy without `lr` is a strict router and gets the URI itself."""
        if not self.routes or _is_loose(self.routes[0]):
            return self.target, self.routes
        return name_addr.parse(self.routes[0]).uri, (*self.routes[1:], f"<{self.target}>")


def made_by_answer(invite: Request, response: Response) -> Dialog:
    """The caller's view, from a 2xx (12.1.2): the route set is Record-Route reversed. Raises RemoteFault."""
    return Dialog(
        invite.headers.need("call-id"),
        invite.headers.need("from"),
        response.headers.need("to"),
        _contact(response.headers) or invite.uri,
        tuple(reversed(response.headers.all("record-route"))),
    )


def made_by_invite(invite: Request, to_tag: str) -> Dialog:
    """The called phone's view (12.1.1): the route set is Record-Route as it stands. Raises RemoteFault."""
    caller = invite.headers.need("from")
    return Dialog(
        invite.headers.need("call-id"),
        f"{invite.headers.need('to')};tag={to_tag}",
        caller,
        _contact(invite.headers) or name_addr.parse(caller).uri,
        tuple(invite.headers.all("record-route")),
    )


def named_by(request: Request) -> DialogId:
    """The dialog that a request of the peer means, as our side names it (12.2.2). Raises RemoteFault."""
    headers = request.headers
    ours, theirs = name_addr.tag_of(headers.need("to")), name_addr.tag_of(headers.need("from"))
    return headers.need("call-id"), ours or "", theirs or ""


def _contact(headers: Headers) -> str | None:
    """None where it is missing or cannot be read, or would break our request's first line in pieces: the call must be
    acknowledged all the same."""
    try:
        target = name_addr.parse(headers.all("contact")[0]).uri
    except (IndexError, RemoteFault):
        return None
    return None if _BREAKS.search(target) else target


def _is_loose(route: str) -> bool:
    """A route that cannot be read is left to the proxy that wrote it."""
    try:
        return "lr" in uri.parse(name_addr.parse(route).uri).params
    except RemoteFault:
        return True
