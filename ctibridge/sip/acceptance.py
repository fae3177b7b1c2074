"""What RFC 3261 8.2 has a user agent server ask of a request before it serves it, in the RFC's order: method (8.2.1),
Request-URI (8.2.2.1), extensions (8.2.2.3), content (8.2.3).

In: a request whose transaction headers can be read. Out: nothing, or RemoteFault with status and the header lines that
this status needs. What is asked elsewhere: framing and version in `message` (400, 413, 505), transaction headers in
`transaction` (400), and whose contact, call or dialog is meant in `trunk` (404, 481).

Max-Forwards is not asked: 483 is the answer of a proxy that would have to pass the request on (16.3). Whoever is its
destination serves it also with 0 (8.1.1.6, 11).

An INVITE rings first. Its `refusal` (420, 415, 493) is said behind the pop: the agent wants to know who calls,
whatever the call needs, and a final response from our branch ends no other branch.
"""

from functools import lru_cache

from ctibridge.sip import limits, uri
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import has_empty_part, parameters
from ctibridge.sip.message import HeaderList, Request

METHODS = ("INVITE", "ACK", "CANCEL", "OPTIONS", "NOTIFY")
"""What we serve, as Allow says it."""
IN_DIALOG = frozenset({"BYE", "UPDATE", "PRACK", "INFO"})
"""What belongs to a dialog or a subscription: 481 (12.2.2) says more than 405 where there is none."""
KNOWN = frozenset({*METHODS, *IN_DIALOG, "REGISTER", "SUBSCRIBE", "REFER", "MESSAGE", "PUBLISH"})
"""All methods that IANA has registered, spelled as there: methods have a case (7.1). Others are 501 (21.5.2)."""

ALLOW: HeaderList = (("allow", ", ".join(METHODS)),)
ACCEPT: HeaderList = (("accept", "application/sdp"),)
_ACCEPT_ENCODING: HeaderList = (("accept-encoding", "identity"),)
CAPABILITIES: HeaderList = (*ALLOW, *ACCEPT, *_ACCEPT_ENCODING, ("accept-language", "en"), ("supported", ""))
"""What OPTIONS is told (11.2); no extension is supported in a call."""
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_ENCRYPTED = ("enveloped-data", "authenveloped-data")
"""Values of smime-type that need a key (RFC 8551 3.2.2)."""


def check(request: Request) -> None:
    """Raises RemoteFault: 400, 405, 414, 415, 416, 420, 493, 501; for an INVITE only what keeps it from being a call.

    ACK is never answered, and CANCEL asks nothing of us but to know its INVITE: both pass, whatever they require
    (8.2.2.3).
    """
    if has_empty_part(request.headers.first("via") or ""):
        raise RemoteFault("Via has an empty part")
    if request.method in ("ACK", "CANCEL"):
        return
    foreign = _is_foreign(request.uri)
    if request.method not in KNOWN:
        raise RemoteFault("method is not known", 501, ALLOW)
    if request.method not in METHODS and request.method not in IN_DIALOG:
        raise RemoteFault("method is not allowed", 405, ALLOW)
    if foreign:
        raise RemoteFault("URI scheme is not known", 416)
    if request.method == "OPTIONS" and (fault := refusal(request)) is not None:
        raise fault


@lru_cache(maxsize=1024)
def _is_foreign(text: str) -> bool:
    """Is the Request-URI one of another scheme (416)? Raises RemoteFault for one that is none: what cannot be read is
    refused before anybody asks for its method. Remembered: a PBX names the contacts of our lines again and again."""
    if len(text) > limits.REQUEST_URI:
        raise RemoteFault("Request-URI is too long", 414)
    try:
        target = uri.parse(text)
    except RemoteFault as fault:
        if fault.status != 416:
            raise
        return True
    if target.has_headers:
        raise RemoteFault("Request-URI has headers")
    return False


def refusal(request: Request) -> RemoteFault | None:
    """Why we cannot do what the request insists on: 420, 415 or 493; None where we can."""
    try:
        options = request.headers.all("require")
    except RemoteFault as fault:
        return fault
    if options:
        return RemoteFault("an extension is required", 420, tuple(("unsupported", option) for option in options))
    return _content(request) if request.body else None


def _content(request: Request) -> RemoteFault | None:
    """A body that we may not ignore and cannot read (8.2.3).

    We answer no call, so no SDP has to be understood here: it passes, and so does every multipart, because one of its
    parts may be what another phone needs. What is refused is what no phone reads without more than RFC 3261 asks of it.
    """
    headers = request.headers
    if _parameter(headers.first("content-disposition"), "handling") == "optional":
        return None
    encodings = {value.lower() for value in headers.each_line("content-encoding")} - {"identity", ""}
    if encodings:
        return RemoteFault("Content-Encoding is not known", 415, (*ACCEPT, *_ACCEPT_ENCODING))
    stated = headers.first("content-type") or "application/sdp"
    kind = stated.partition(";")[0].strip().lower()
    if kind in _PKCS7 and (_parameter(stated, "smime-type") or _ENCRYPTED[0]) in _ENCRYPTED:
        return RemoteFault("body is encrypted", 493)
    if kind == "application/sdp" or kind.startswith("multipart/"):
        return None
    return RemoteFault("Content-Type is not known", 415, ACCEPT)


def _parameter(line: str | None, name: str) -> str:
    """In lower case; empty where there is none."""
    _, semicolon, tail = (line or "").partition(";")
    return (parameters(semicolon + tail).get(name) or "").lower()
