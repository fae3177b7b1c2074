"""Requests and responses as frozen values; `parse` and `bytes()` are a pair (RFC 3261 section 7).

In: one datagram from anybody. Out: a message, or RemoteFault. Header values are kept as text and read by the module of
the header when somebody needs them. A line that cannot be read is left out, because a call is worth more than an odd
line; only those that make the transaction, and the length, have to be sound.
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
    "o": "event", "r": "refer-to", "s": "subject", "t": "to", "u": "allow-events", "v": "via", "x": "session-expires",
    "y": "identity",
}  # fmt: skip
_SPELLING = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate", "user-agent": "User-Agent"}
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_FOLD = re.compile(rb"\r\n[ \t]+")
_VERSION = "SIP/2.0"
_INDISPENSABLE = frozenset({"via", "from", "to", "call-id", "cseq", "content-length"})

LONGEST_NAME = 64
"""Characters of a header's name: what is longer would only fill the memory of names."""

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
    start, *lines = _lines(_FOLD.sub(b" ", head) if b"\r\n " in head or b"\r\n\t" in head else head)
    headers = Headers(tuple(header for line in lines[: limits.HEADERS] if (header := _header(line)) is not None))
    try:
        if len(lines) > limits.HEADERS:
            raise RemoteFault("too many header lines", 413)
        content = _body(headers, body)
    except RemoteFault as fault:
        rest = _message(start, headers, b"")
        raise Refused(str(fault), fault.status, rest) if isinstance(rest, Request) else fault from None
    return _message(start, headers, content)


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
        status, _, reason = rest.partition(" ")
        number = whole_number(status, 699)
        if number is None or number < 100:
            raise RemoteFault("status is no number from 100 to 699")
        return Response(number, reason, headers, body)
    uri, _, version = rest.rpartition(" ")
    if _TOKEN.fullmatch(first) is None or not uri or " " in uri:
        raise RemoteFault("no SIP start line")
    request = Request(first, uri, headers, body)
    if version.upper() != _VERSION:
        raise Refused("version is not SIP/2.0", 505, request)
    return request


def _header(line: str) -> tuple[str, str] | None:
    """None for a line that is none. Raises RemoteFault where an indispensable one is too long or broken by half a line
    end."""
    name, colon, value = line.partition(":")
    name = _long_name(name) if colon and len(name) <= LONGEST_NAME else ""
    if not name:
        return None
    if len(line) > limits.LINE or "\r" in line or "\n" in line:
        if name in _INDISPENSABLE:
            raise RemoteFault(f"{spelled(name)} cannot be read", 413)
        return None
    return name, value.strip(" \t")


@lru_cache(maxsize=512)
def _long_name(name: str) -> str:
    """Lower-case and never compact; empty for what is no name. Remembered: a PBX spells its headers alike each time."""
    name = name.rstrip(" \t").lower()
    return _COMPACT.get(name, name) if _TOKEN.fullmatch(name) else ""


def _body(headers: Headers, body: bytes) -> bytes:
    """The bytes that Content-Length names; in a datagram it may be absent, and what is longer is cut (18.3)."""
    stated = {whole_number(value, limits.MESSAGE) for value in headers.each_line("content-length")}
    if not stated:
        return body
    length = stated.pop()
    if stated or length is None or length > len(body):
        raise RemoteFault("Content-Length does not fit the message")
    return body[:length]


def _print(start: str, headers: Headers, body: bytes) -> bytes:
    lines = [start, *(f"{spelled(name)}: {value}" for name, value in headers.lines if name != "content-length")]
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
