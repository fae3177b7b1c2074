"""The registrar of the demo's PBX (RFC 3261 10.3): challenges, keeps several contacts for a line, lists all of them.

In: REGISTER requests, time. Out: a status and header lines for the answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ctibridge.sip import digest, name_addr, uri
from ctibridge.sip.digest import Credentials
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import HeaderList, Request

LONGEST = 3600
"""Seconds granted at most."""
NONCES = 256
"""Nonces remembered; each answer to a challenge uses one up."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A contact of a line. uri: as the device wrote it. hop: where its REGISTER came from, and INVITEs go."""

    uri: str
    hop: Hop
    expires_at: float


Answer = tuple[int, HeaderList]


class Registrar:
    """passwords: by line; the line is the digest name, too."""

    def __init__(self, realm: str, passwords: Mapping[str, str], fresh: Fresh) -> None:
        self._realm = realm
        self._passwords = passwords
        self._fresh = fresh
        self._nonces: dict[str, None] = {}
        self._bindings: dict[str, dict[str, Binding]] = {line: {} for line in passwords}

    def contacts(self, line: str, now: float) -> list[Binding]:
        """The devices that a call to the line rings, in the order in which they came."""
        found = self._bindings.get(line, {})
        for expired in [key for key, binding in found.items() if binding.expires_at <= now]:
            del found[expired]
        return list(found.values())

    def register(self, request: Request, source: Hop, now: float) -> Answer:
        """Raises RemoteFault for what cannot be read."""
        line = uri.parse(name_addr.parse(request.headers.need("to")).uri).user
        if line is None or line not in self._passwords:
            return 404, ()
        if not self._proven(line, request):
            return 401, (self._challenge(),)
        for value in request.headers.all("contact"):
            self._bind(line, value, request, source, now)
        return 200, tuple(
            ("contact", f"<{binding.uri}>;expires={round(binding.expires_at - now)}")
            for binding in self.contacts(line, now)
        )

    def _proven(self, line: str, request: Request) -> bool:
        credentials = Credentials(line, self._passwords[line])
        for value in request.headers.each_line("authorization"):
            given = digest.read_answer(value)
            if given.nonce in self._nonces and digest.proves(given, credentials, request.method):
                return True
        return False

    def _challenge(self) -> tuple[str, str]:
        """MD5, which every phone knows; a refresh may use its old nonce again."""
        nonce = self._fresh.token()
        self._nonces[nonce] = None
        if len(self._nonces) > NONCES:
            del self._nonces[next(iter(self._nonces))]
        return "www-authenticate", f'Digest realm="{self._realm}", nonce="{nonce}", algorithm=MD5, qop="auth"'

    def _bind(self, line: str, value: str, request: Request, source: Hop, now: float) -> None:
        if value == "*":
            self._bindings[line].clear()
            return
        contact = name_addr.parse(value)
        where = uri.parse(contact.uri)
        key = f"{where.user}@{where.host}:{where.port}"
        seconds = _seconds(contact.params.get("expires") or request.headers.first("expires"))
        if seconds == 0:
            self._bindings[line].pop(key, None)
        else:
            self._bindings[line][key] = Binding(contact.uri, source, now + seconds)


def _seconds(text: str | None) -> int:
    stated = whole_number(text or "", 2**31)
    return LONGEST if stated is None else min(stated, LONGEST)
