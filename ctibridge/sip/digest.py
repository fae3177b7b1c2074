"""HTTP digest as SIP uses it (RFC 3261 22, RFC 7616, RFC 8760): challenges read, answered, and checked.

Where we depart from the RFCs: `userhash` is not taken up (the registrar has our number in From anyway), `auth-int` is
not answered (no registrar needs it, and proxies change nothing in a REGISTER's empty body), and of several challenges
the strongest wins, where RFC 8760 2.4 would take the topmost: who changes messages on the way changes their order, too.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import Parameters, parameters, quote, split_list

LONGEST = 1024
"""Characters of a realm, nonce or opaque that we repeat. Long ones are about 200; past 1024 our own REGISTER would
outgrow a datagram."""
SESSION = "-sess"
"""With this ending the password's hash is bound to the first nonce and cnonce of a session (RFC 7616 3.4.2). Who keeps
one cnonce for each nonce suits both kinds of server: those that remember the session and those that reckon anew."""


def _md5(text: str) -> str:
    # MD5 is what the PBX asks for; RFC 8760 lets a stronger challenge win where it offers one.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sha512_256(text: str) -> str:
    return hashlib.new("sha512_256", text.encode()).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"SHA-512-256": _sha512_256, "SHA-256": _sha256, "MD5": _md5}
MINIMA = tuple(_HASHES)
"""What a minimum may be, strongest first."""


def _known(present: Iterable[str]) -> dict[str, Callable[[str], str]]:
    """SHA-512-256 comes with OpenSSL, not with Python: where it is missing we do not know it."""
    names = [name for name in _HASHES if name != "SHA-512-256" or "sha512_256" in present]
    return {name + ending: _HASHES[name] for name in names for ending in ("", SESSION)}


ALGORITHMS = _known(hashlib.algorithms_available)
"""By their names in RFC 8760, strongest first."""
_SPELLING = {name.upper(): name for name in ALGORITHMS}

_COUNT = re.compile(r"[0-9A-Fa-f]{8}")
_SCHEME = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+)[ \t]+(?![ \t=])")
"""A challenge begins. One line may hold several, and a parameter may have spaces before its `=` (RFC 9110 11.6.1)."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """minimum: the weakest algorithm that the password may be proved with, one of MINIMA."""

    username: str
    password: str = field(repr=False)
    minimum: str = "MD5"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registrar or proxy asks. proxy: it came as 407. qop_auth: `auth` was offered. stale: not the password was
    wrong, the nonce was too old."""

    realm: str
    nonce: str = field(repr=False)
    algorithm: str = "MD5"
    opaque: str | None = field(default=None, repr=False)
    qop_auth: bool = False
    stale: bool = False
    proxy: bool = False


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """why: continues a sentence that begins with who asks."""

    why: str


NO_DIGEST = Unanswerable("asks for no digest that we know")
BASIC = Unanswerable("asks for Basic alone, which would give the password away")
ODD = Unanswerable("asks for a digest without realm or nonce, or with overlong ones")
NO_SESSION = Unanswerable("asks for a digest session without qop, which is not defined")
AUTH_INT = Unanswerable("asks for qop auth-int alone, which we do not answer")
_TELLING = (AUTH_INT, NO_SESSION, ODD, BASIC, NO_DIGEST)
"""Of several reasons the first here is told; that a digest is too weak comes before all."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The fields of one Authorization line."""

    username: str
    realm: str
    nonce: str = field(repr=False)
    uri: str
    response: str = field(repr=False)
    algorithm: str
    opaque: str | None = field(default=None, repr=False)
    cnonce: str | None = field(default=None, repr=False)
    nc: int | None = None

    def __str__(self) -> str:
        parts = [f"username={quote(self.username)}", f"realm={quote(self.realm)}", f"nonce={quote(self.nonce)}"]
        parts += [f"uri={quote(self.uri)}", f'response="{self.response}"', f"algorithm={self.algorithm}"]
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        if self.nc is not None:
            parts += [f"cnonce={quote(self.cnonce or '')}", "qop=auth", f"nc={self.nc:08x}"]
        return "Digest " + ", ".join(parts)


def strongest(lines: Iterable[str], *, proxy: bool, minimum: str = "MD5") -> Challenge | None:
    """The strongest challenge that we can answer, None where there is none: never Basic, never an unknown algorithm."""
    chosen = choose(lines, proxy=proxy, minimum=minimum)
    return chosen if isinstance(chosen, Challenge) else None


def choose(lines: Iterable[str], *, proxy: bool, minimum: str) -> Challenge | Unanswerable:
    """lines: the WWW-Authenticate or Proxy-Authenticate lines, each perhaps with several challenges. The strongest of
    those that can be answered, the first of equals; else the most telling reason why there is none."""
    read = [_judged(scheme, fields, proxy) for line in lines for scheme, fields in _schemes(line)]
    known = [each for each in read if isinstance(each, Challenge)]
    enough = [each for each in known if _rank(each.algorithm) <= MINIMA.index(minimum)]
    if enough:
        return min(enough, key=lambda each: list(ALGORITHMS).index(each.algorithm))
    if known:
        return Unanswerable(f"asks for a digest weaker than {minimum} (digest_minimum)")
    return next((why for why in _TELLING if why in read), NO_DIGEST)


def next_nonce(lines: Iterable[str]) -> str | None:
    """What Authentication-Info says that the next request should use (RFC 7616 3.5). `rspauth` is not looked at: that a
    registrar knows the password says less than its certificate or its address, and changes nothing that we do."""
    for line in lines:
        found = _fields(line).get("nextnonce")
        if found and len(found) <= LONGEST:
            return found
    return None


def answer(challenge: Challenge, credentials: Credentials, method: str, uri: str, cnonce: str, nc: int) -> Answer:
    """nc counts the requests with this nonce, from 1 (RFC 7616 3.4); cnonce stays the same for one nonce."""
    count = nc if challenge.qop_auth else None
    client = cnonce if challenge.qop_auth else None
    response = _response(challenge.algorithm, credentials, challenge.realm, challenge.nonce, method, uri, client, count)
    return Answer(
        credentials.username, challenge.realm, challenge.nonce, uri, response, challenge.algorithm,
        challenge.opaque, client, count,
    )  # fmt: skip


def read_answer(line: str) -> Answer:
    """An Authorization line, as a registrar reads it. Raises RemoteFault."""
    fields = next((fields for scheme, fields in _schemes(line) if scheme == "digest"), {})
    algorithm = _algorithm(fields.get("algorithm"))
    count, cnonce = fields.get("nc"), fields.get("cnonce")
    if algorithm is None or (count is None) != (cnonce is None) or (count and _COUNT.fullmatch(count) is None):
        raise RemoteFault("Authorization cannot be read")
    try:
        return Answer(
            fields["username"], fields["realm"], fields["nonce"], fields["uri"], fields["response"],
            algorithm, fields.get("opaque"), cnonce, int(count, 16) if count else None,
        )  # fmt: skip
    except KeyError:
        raise RemoteFault("Authorization cannot be read") from None


def proves(given: Answer, credentials: Credentials, method: str) -> bool:
    """Does the answer prove that the peer knows the password?"""
    expected = _response(
        given.algorithm, credentials, given.realm, given.nonce, method, given.uri, given.cnonce, given.nc
    )
    # As bytes: compare_digest refuses text that is not ASCII, and this text is the peer's.
    return given.username == credentials.username and hmac.compare_digest(expected.encode(), given.response.encode())


def _response(
    algorithm: str, who: Credentials, realm: str, nonce: str, method: str, uri: str, cnonce: str | None, nc: int | None
) -> str:
    digest = ALGORITHMS[algorithm]
    a1 = digest(f"{who.username}:{realm}:{who.password}")
    if algorithm.endswith(SESSION):
        a1 = digest(f"{a1}:{nonce}:{cnonce or ''}")
    a2 = digest(f"{method}:{uri}")
    middle = nonce if nc is None else f"{nonce}:{nc:08x}:{cnonce}:auth"
    return digest(f"{a1}:{middle}:{a2}")


def _judged(scheme: str, fields: dict[str, str], proxy: bool) -> Challenge | Unanswerable:
    algorithm = _algorithm(fields.get("algorithm"))
    if scheme != "digest" or algorithm is None:
        return BASIC if scheme == "basic" else NO_DIGEST
    realm, nonce, opaque = fields.get("realm"), fields.get("nonce"), fields.get("opaque")
    # An answer to an empty nonce would hold for ever, for whoever overhears it. A realm is but a name and may be empty.
    if realm is None or not nonce or max(map(len, (realm, nonce, opaque or ""))) > LONGEST:
        return ODD
    offered = [option.strip().lower() for option in fields.get("qop", "").split(",") if option.strip()]
    if offered and "auth" not in offered:
        return AUTH_INT
    if algorithm.endswith(SESSION) and not offered:
        return NO_SESSION
    return Challenge(realm, nonce, algorithm, opaque, bool(offered), fields.get("stale", "").lower() == "true", proxy)


def _algorithm(name: str | None) -> str | None:
    """The name as ALGORITHMS spells it; None for one that we do not know."""
    return _SPELLING.get((name or "MD5").upper())


def _rank(algorithm: str) -> int:
    return MINIMA.index(algorithm.removesuffix(SESSION))


def _schemes(line: str) -> list[tuple[str, dict[str, str]]]:
    """Each challenge of a line, by its scheme in lower case; none where the line cannot be read."""
    found: list[tuple[str, list[str]]] = []
    try:
        parts = split_list(line)
    except RemoteFault:
        return []
    for part in parts:
        begun = _SCHEME.match(part)
        if begun is not None:
            found.append((begun[1].lower(), [part[begun.end() :]]))
        elif found:
            found[-1][1].append(part)
    return [(scheme, _valued(rest)) for scheme, rest in found]


def _fields(line: str) -> dict[str, str]:
    """A comma list of parameters without a scheme."""
    try:
        return _valued(split_list(line))
    except RemoteFault:
        return {}


def _valued(parts: list[str]) -> dict[str, str]:
    pairs: Parameters = parameters("".join(f";{part}" for part in parts))
    return {name: value for name, value in pairs.items() if value is not None}
