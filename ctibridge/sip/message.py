"""Requests and responses as frozen values; `parse` and `bytes()` are a pair (RFC 3261 section 7).

In: one datagram, or one message that was cut from a stream, from anybody. Out: a message, or RemoteFault. Header values
are kept as text and read by the module of the header when somebody needs them. A line that cannot be read is left out,
because a call is worth more than an odd line; only those that make the transaction, and the length, have to be sound.

Lines end in CRLF (RFC 3261 7) and in nothing else. Half a line end never ends a line: whoever reads it as an end sees
other headers than whoever does not, and so one hop could be told another story than the next. A message written with
bare LF has no empty line for us, and gets silence. Bodies are bytes: no part of a multipart is looked at, so nothing
can nest.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from ctibridge.sip import limits
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import split_list, whole_number

_COMPACT = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition", "e": "content-encoding",
    "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported", "l": "content-length", "m": "contact",
    "n": "identity-info", "o": "event", "r": "refer-to", "s": "subject", "t": "to", "u": "allow-events", "v": "via",
    "x": "session-expires", "y": "identity",
}  # fmt: skip
_SPELLING = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate", "user-agent": "User-Agent"}
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_FOLD = re.compile(rb"\r\n[ \t]+")
_VERSION = "SIP/2.0"
_INDISPENSABLE = frozenset({"via", "from", "to", "call-id", "cseq"})

HeaderList = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Headers:
    """Header lines in their order; names are lower-case and long here, also where one is asked for."""

    lines: HeaderList = field(repr=False)
    _by_name: dict[str, list[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name: dict[str, list[str]] = {}
        for name, value in self.lines:
            by_name.setdefault(name, []).append(value)
        object.__setattr__(self, "_by_name", by_name)

    def first(self, name: str) -> str | None:
        """The first line of that name."""
        lines = self._by_name.get(name)
        return lines[0] if lines else None

    def all(self, name: str) -> list[str]:
        """Each value: several lines and comma lists are the same thing (RFC 3261 7.3.1). Raises RemoteFault past the
        limit."""
        values = [part for line in self._by_name.get(name, ()) for part in split_list(line)]
        if len(values) > limits.VALUES:
            raise RemoteFault("too many values of one header")
        return values

    def each_line(self, name: str) -> list[str]:
        """Each line whole, for headers whose commas are no list (the WWW-Authenticate family)."""
        return list(self._by_name.get(name, ()))

    def need(self, name: str) -> str:
        """The only line of that name. Raises RemoteFault where it is missing or stands there twice."""
        lines = self._by_name.get(name, ())
        if len(lines) != 1:
            raise RemoteFault(f"{spelled(name)} must stand there once")
        return lines[0]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    uri: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def __bytes__(self) -> bytes:
        return _print(f"{self.method} {self.uri} {_VERSION}", self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    reason: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    def __bytes__(self) -> bytes:
        return _print(f"{_VERSION} {self.status} {self.reason}", self.headers, self.body)


class Refused(RemoteFault):
    """A request that cannot be taken and can be answered. request: what could be read of it."""

    def __init__(self, what: str, status: int, request: Request) -> None:
        super().__init__(what, status)
        self.request = request


@lru_cache(maxsize=512)
def spelled(name: str) -> str:
    """The usual spelling of a lower-case header name."""
    return _SPELLING.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def parse(data: bytes) -> Request | Response:
    """One whole message. Raises RemoteFault for what is none; Refused (400, 413, 505) where that can be answered."""
    if len(data) > limits.MESSAGE:
        raise RemoteFault("message too long", 413)
    head, separator, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not separator:
        raise RemoteFault("no empty line behind the headers")
    if b"\r\n " in head or b"\r\n\t" in head:
        head = _FOLD.sub(b" ", head)
    start, *lines = _lines(head)
    # Counted once: looking for half line ends in each line takes longer than reading it.
    halves = not head.count(b"\r") == head.count(b"\n") == len(lines)
    headers = Headers(_headers(lines[: limits.HEADERS], halves))
    if len(lines) > limits.VALUES and len(headers.each_line("via")) > limits.VALUES:
        raise RemoteFault("too many Vias")  # and all would have to be mirrored in the answer
    fault, content = None, b""
    try:
        if len(lines) > limits.HEADERS:
            raise RemoteFault("too many header lines", 413)
        content = _body(headers, body)
    except RemoteFault as wrong:
        fault = wrong
    message = _message(start, headers, content)
    if fault is not None:
        raise Refused(str(fault), fault.status, message) if isinstance(message, Request) else fault
    return message


def _lines(head: bytes) -> list[str]:
    """UTF-8; a line that is none is Latin-1, which old PBXs send and which never fails."""
    try:
        return head.decode().split("\r\n")
    except UnicodeDecodeError:
        return list(map(_text, head.split(b"\r\n")))


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _message(line: str, headers: Headers, body: bytes) -> Request | Response:
    """By its start line."""
    if "\r" in line or "\n" in line:
        raise RemoteFault("half a line end in the start line")
    first, _, rest = line.partition(" ")
    if first.upper() == _VERSION:
        return _response(rest, headers, body)
    uri, _, version = rest.rpartition(" ")
    if version == _VERSION and uri and " " not in uri and _TOKEN.fullmatch(first) is not None:
        return Request(first, uri, headers, body)
    return _odd_request(first, rest, headers, body)


def _odd_request(method: str, rest: str, headers: Headers, body: bytes) -> Request:
    """A request line that is not as RFC 3261 7.1 writes it: refused where it is one at all. The version comes first,
    because another version may have another syntax."""
    uri, _, version = rest.rstrip(" ").rpartition(" ")
    if _TOKEN.fullmatch(method) is None or version[:4].upper() != "SIP/":
        raise RemoteFault("no SIP start line")
    request = Request(method, uri.strip(" "), headers, body)
    if version.upper() != _VERSION:
        raise Refused("version is not SIP/2.0", 505, request)
    if not uri or " " in uri or rest.endswith(" "):
        raise Refused("more than single spaces in the request line", 400, request)
    return request


def _response(rest: str, headers: Headers, body: bytes) -> Response:
    status, _, reason = rest.partition(" ")
    number = whole_number(status, 699)
    if number is None or number < 100 or len(status) != 3:
        raise RemoteFault("status is no number from 100 to 699")
    return Response(number, reason, headers, body)


def _headers(lines: list[str], halves: bool) -> HeaderList:
    """A line that is none is left out. halves: there are half line ends to look for. Raises RemoteFault where an
    indispensable line is broken by one, or too long: it could not even be mirrored in an answer."""
    found: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        name = _long_name(name) if colon and len(name) <= limits.NAME else ""
        if not name:
            continue
        if len(line) <= limits.LINE and not (halves and ("\r" in line or "\n" in line)):
            found.append((name, value.strip(" \t")))
        elif name in _INDISPENSABLE:
            raise RemoteFault(f"{spelled(name)} cannot be read", 413 if len(line) > limits.LINE else 400)
        elif name == "content-length":
            # A length that cannot be read is no length that is absent.
            found.append((name, ""))
    return tuple(found)


@lru_cache(maxsize=512)
def _long_name(name: str) -> str:
    """Lower-case and never compact; empty for what is no name. Remembered: a PBX spells its headers alike each time."""
    name = name.rstrip(" \t")
    # Before lower(), which makes a plain k of the Kelvin sign.
    if _TOKEN.fullmatch(name) is None:
        return ""
    return _COMPACT.get(name.lower(), name.lower())


def stated_length(headers: Headers) -> int | None:
    """What Content-Length says, None where there is none. Raises RemoteFault where it says two things or no number."""
    stated = headers.each_line("content-length")
    if not stated:
        return None
    length = whole_number(stated[0], limits.MESSAGE)
    if length is None or any(whole_number(other, limits.MESSAGE) != length for other in stated[1:]):
        raise RemoteFault("Content-Length is no one number that a message can have")
    return length


def _body(headers: Headers, body: bytes) -> bytes:
    """The bytes that Content-Length names; in a datagram it may be absent, and what is longer is cut (18.3)."""
    length = stated_length(headers)
    if length is None or length == len(body):
        return body
    if length > len(body):
        raise RemoteFault("Content-Length is more than there is")
    return body[:length]


def _print(start: str, headers: Headers, body: bytes) -> bytes:
    lines = [start, *(f"{spelled(name)}: {value}" for name, value in headers.lines if name != "content-length")]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
