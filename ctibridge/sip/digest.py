"""HTTP digest as SIP uses it (RFC 3261 22, RFC 7616, RFC 8760): challenges read, answered, and checked."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import parameters, quote, split_list


def _md5(text: str) -> str:
    # MD5 is what the PBX asks for; RFC 8760 lets a stronger challenge win where it offers one.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


ALGORITHMS: dict[str, Callable[[str], str]] = {"SHA-256": _sha256, "MD5": _md5}
"""By their names in RFC 8760, strongest first."""


_COUNT = re.compile(r"[0-9A-Fa-f]{8}")


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str = field(repr=False)


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


def strongest(lines: Iterable[str], *, proxy: bool) -> Challenge | None:
    """The strongest challenge that we can answer, None where there is none: never Basic, never an unknown algorithm."""
    found = [challenge for line in lines if (challenge := _challenge(line, proxy)) is not None]
    order = list(ALGORITHMS)
    return min(found, key=lambda challenge: order.index(challenge.algorithm), default=None)


def answer(challenge: Challenge, credentials: Credentials, method: str, uri: str, cnonce: str, nc: int) -> Answer:
    """nc counts the requests with this nonce, from 1 (RFC 7616 3.4)."""
    count = nc if challenge.qop_auth else None
    client = cnonce if challenge.qop_auth else None
    response = _response(challenge.algorithm, credentials, challenge.realm, challenge.nonce, method, uri, client, count)
    return Answer(
        credentials.username, challenge.realm, challenge.nonce, uri, response, challenge.algorithm,
        challenge.opaque, client, count,
    )  # fmt: skip


def read_answer(line: str) -> Answer:
    """An Authorization line, as a registrar reads it. Raises RemoteFault."""
    fields = _fields(line)
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
    a2 = digest(f"{method}:{uri}")
    middle = nonce if nc is None else f"{nonce}:{nc:08x}:{cnonce}:auth"
    return digest(f"{a1}:{middle}:{a2}")


def _challenge(line: str, proxy: bool) -> Challenge | None:
    fields = _fields(line)
    algorithm = _algorithm(fields.get("algorithm"))
    if "realm" not in fields or "nonce" not in fields or algorithm is None:
        return None
    offered = [option.strip().lower() for option in fields.get("qop", "").split(",") if option.strip()]
    if offered and "auth" not in offered:
        return None
    stale = fields.get("stale", "").lower() == "true"
    return Challenge(fields["realm"], fields["nonce"], algorithm, fields.get("opaque"), bool(offered), stale, proxy)


def _algorithm(name: str | None) -> str | None:
    """The name as ALGORITHMS spells it; None for one that we do not know."""
    wanted = (name or "MD5").upper()
    return wanted if wanted in ALGORITHMS else None


def _fields(line: str) -> dict[str, str]:
    scheme, _, rest = line.strip().partition(" ")
    if scheme.lower() != "digest":
        return {}
    pairs = parameters("".join(f";{part}" for part in split_list(rest)))
    return {name: value for name, value in pairs.items() if value is not None}
