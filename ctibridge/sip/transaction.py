"""What makes a transaction: the five headers that both sides match by (RFC 3261 17.1.3, 17.2.3)."""

from dataclasses import dataclass, field

from ctibridge.sip import cseq, name_addr, via
from ctibridge.sip.cseq import CSeq
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import split_list
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.via import Via

T1 = 0.5
"""Seconds: estimate of a round trip (RFC 3261 17.1.1.1)."""
T2 = 4.0
"""Seconds: longest pause between two sendings of a request or of a final response to INVITE."""
T4 = 5.0
"""Seconds: how long a message may stay in the network."""
GIVE_UP = 64 * T1
"""Seconds: timers B, F and H."""

Key = tuple[str, ...]

_REASONS = {
    100: "Trying", 180: "Ringing", 200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 413: "Request Entity Too Large", 414: "Request-URI Too Long",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
    493: "Undecipherable", 500: "Server Internal Error",
    501: "Not Implemented", 503: "Service Unavailable", 505: "Version Not Supported",
}  # fmt: skip
_MIRRORED = ("via", "from", "to", "call-id", "cseq")


@dataclass(frozen=True, slots=True)
class TransactionHeaders:
    """The sound headers of one request."""

    via: Via
    call_id: str = field(repr=False)
    from_tag: str
    to_tag: str | None
    cseq: CSeq
    target: str = field(repr=False)

    @property
    def key(self) -> Key:
        """Equal for INVITE, its CANCEL and the ACK of its error, and for retransmissions; different for each fork."""
        host, port = self.via.sent_by
        if self.via.is_unique:
            return (self.via.branch, host, str(port))
        # A peer of RFC 2543 (17.2.3): no unique branch, so all that stays equal within the transaction.
        return (str(self.via), self.call_id, self.from_tag, str(self.cseq.number), self.target)

    @property
    def dialog(self) -> tuple[str, str]:
        return self.call_id, self.from_tag


def read(request: Request) -> TransactionHeaders:
    """Raises RemoteFault(400) where one is missing, doubled or cannot be read."""
    headers = request.headers
    from_tag = name_addr.tag_of(headers.need("from"))
    call_id = headers.need("call-id")
    number = cseq.parse(headers.need("cseq"))
    top = top_via(headers)
    if from_tag is None and not top.is_unique:
        from_tag = ""  # a peer of RFC 2543 has none, and that is a tag, too (12.1.1)
    if from_tag is None or not call_id or number.method != request.method:
        raise RemoteFault("From tag, Call-ID or CSeq does not fit the request")
    return TransactionHeaders(top, call_id, from_tag, name_addr.tag_of(headers.need("to")), number, request.uri)


def top_via(headers: Headers) -> Via:
    """Raises RemoteFault."""
    return via.parse(_values(headers.first("via") or "")[0])


def reply(request: Request, status: int, source: Hop, to_tag: str, extra: tuple[tuple[str, str], ...] = ()) -> Response:
    """A response along the request's own path (8.2.6). to_tag joins To where it has none; extra: more header lines."""
    lines: list[tuple[str, str]] = []
    for name in _MIRRORED:
        lines += [(name, value) for value in request.headers.each_line(name)]
    stamped = _stamp(lines, source)
    tagged = [(name, _tagged(value, to_tag) if name == "to" and status > 100 else value) for name, value in stamped]
    return Response(status, _REASONS.get(status, "Unknown"), Headers((*tagged, *extra)))


def reply_hop(request: Request, source: Hop) -> Hop:
    """Raises RemoteFault."""
    return back(top_via(request.headers), source)


def back(top: Via, source: Hop) -> Hop:
    """Where the response goes (18.2.2): over the connection that the request came on, else to the address it came from,
    at the port that `rport` or Via says."""
    return source if source.transport.is_stream else datagram(*top.reply_to(source.address))


def record_route(request: Request) -> tuple[tuple[str, str], ...]:
    """What a dialog-creating response copies (12.1.1)."""
    return tuple(("record-route", value) for value in request.headers.each_line("record-route"))


def _values(line: str) -> list[str]:
    values = split_list(line)
    if not values:
        raise RemoteFault("no Via")
    return values


def _stamp(lines: list[tuple[str, str]], source: Hop) -> list[tuple[str, str]]:
    """Only the topmost Via is ours to stamp (18.2.1)."""
    for index, (name, value) in enumerate(lines):
        if name == "via":
            first, *others = _values(value)
            stamped = ", ".join([str(via.parse(first).seen_from(source.address)), *others])
            return [*lines[:index], (name, stamped), *lines[index + 1 :]]
    return lines


def _tagged(to: str, tag: str) -> str:
    return to if name_addr.tag_of(to) else f"{to};tag={tag}"
