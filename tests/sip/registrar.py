"""A registrar in virtual time, with the oddities of real ones. It proves passwords with the room's own digest."""

from dataclasses import dataclass, field

from ctibridge.sip import digest, message, name_addr, transaction, uri
from ctibridge.sip.events import Datagram
from ctibridge.sip.message import HeaderList, Request
from ctibridge.sip.via import Address

PHONE = "sip:phone@192.0.2.50:5060"


@dataclass
class Registrar:
    """contacts: how many a line may have, the oldest goes first. grant: seconds at most. least: shorter is 423.
    refuse: a status for each line that gets nothing else. proxy: it challenges with 407. mute: it is switched off."""

    passwords: dict[str, str]
    contacts: int = 10
    grant: int = 3600
    least: int = 0
    refuse: dict[str, int] = field(default_factory=dict)
    proxy: bool = False
    qop: bool = True
    algorithm: str = "MD5"
    mute: bool = False
    nonce: str = "n1"
    asked: list[tuple[float, str, int]] = field(default_factory=list)
    """Each REGISTER: when, for which line, for how many seconds."""
    _lines: dict[str, dict[str, float]] = field(default_factory=dict)
    _out: list[Datagram] = field(default_factory=list)

    @property
    def deadline(self) -> float | None:
        return None

    def wake(self, now: float) -> None:
        """It waits for nothing."""

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out

    def put(self, line: str, contact: str = PHONE, until: float = 1e9) -> None:
        """Another device registers."""
        known = self._lines.setdefault(line, {})
        known[contact] = until
        while len(known) > self.contacts:
            del known[next(iter(known))]

    def take(self, line: str, contact: str = PHONE) -> None:
        self._lines.get(line, {}).pop(contact, None)

    def restart(self) -> None:
        """All forgotten, nonces too."""
        self._lines.clear()
        self.nonce += "x"

    def of(self, line: str, now: float) -> list[str]:
        """The contacts that this line has."""
        return [contact for contact, until in self._lines.get(line, {}).items() if until > now]

    def receive(self, data: bytes, source: Address, now: float) -> None:
        asked = message.parse(data)
        if self.mute or not isinstance(asked, Request):
            return
        line = uri.parse(name_addr.parse(asked.headers.need("to")).uri).user or ""
        self.asked.append((now, line, int(asked.headers.need("expires"))))
        status, extra = self._serve(asked, line, now)
        response = transaction.reply(asked, status, source, "registrar", extra)
        self._out.append(Datagram(bytes(response), transaction.reply_address(asked, source)))

    def _serve(self, asked: Request, line: str, now: float) -> tuple[int, HeaderList]:
        if line in self.refuse:
            return self.refuse[line], ()
        proven, stale = self._proven(asked, line)
        if not proven:
            return self._challenge(stale)
        expires = int(asked.headers.need("expires"))
        if 0 < expires < self.least:
            return 423, (("min-expires", str(self.least)),)
        contact = name_addr.parse(asked.headers.need("contact")).uri
        self.take(line, contact)
        if expires:
            self.put(line, contact, now + min(expires, self.grant))
        listed = tuple(
            ("contact", f"<{known}>;expires={round(self._lines[line][known] - now)}") for known in self.of(line, now)
        )
        return 200, listed

    def _proven(self, asked: Request, line: str) -> tuple[bool, bool]:
        given = asked.headers.first("proxy-authorization" if self.proxy else "authorization")
        if given is None:
            return False, False
        answer = digest.read_answer(given)
        right = digest.proves(answer, digest.Credentials(line, self.passwords[line]), "REGISTER")
        return right and answer.nonce == self.nonce, right

    def _challenge(self, stale: bool) -> tuple[int, HeaderList]:
        text = f'Digest realm="pbx", nonce="{self.nonce}", algorithm={self.algorithm}'
        text += (', qop="auth"' if self.qop else "") + (", stale=true" if stale else "")
        return (407, (("proxy-authenticate", text),)) if self.proxy else (401, (("www-authenticate", text),))
