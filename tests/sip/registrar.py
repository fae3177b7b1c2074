"""A registrar in virtual time, with the oddities of real ones. It reckons digests by itself, as RFC 7616 says."""

import hashlib
import re
from dataclasses import dataclass, field

from ctibridge.sip import message, name_addr, transaction, uri
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import HeaderList, Request
from ctibridge.sip.name_addr import NameAddr

PHONE = "sip:phone@192.0.2.50:5060"
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


@dataclass
class Registrar:
    """contacts: how many a line may have, the oldest goes first. grant: seconds at most. least: shorter is 423.
    refuse: a status for each line that gets nothing else. proxy: it challenges with 407. mute: it is switched off.
    algorithms: one challenge for each, or all in one line. one_time: each nonce counts once, and `stale` is never said.
    renews: each 200 brings the nonce of the next request. outbound: None for a registrar that never heard of it, False
    for 439. strict: it finds a contact with an instance again only by the same reg-id, as Kamailio does. shows: it
    lists contacts as a NAT shows them, from this address. also: more lines of each 200."""

    passwords: dict[str, str]
    contacts: int = 10
    grant: int = 3600
    least: int = 0
    refuse: dict[str, int] = field(default_factory=dict)
    proxy: bool = False
    qop: bool = True
    algorithm: str = "MD5"
    algorithms: tuple[str, ...] = ()
    in_one_line: bool = False
    one_time: bool = False
    renews: bool = False
    outbound: bool | None = None
    strict: bool = False
    doubled: int = 0
    """Contacts that stand there twice, since a refresh was not recognised."""
    shows: str | None = None
    also: HeaderList = ()
    mute: bool = False
    realm: str = "pbx"
    nonce: str = "n1"
    asked: list[tuple[float, str, int]] = field(default_factory=list)
    """Each REGISTER: when, for which line, for how many seconds."""
    wrong: list[tuple[float, str]] = field(default_factory=list)
    """What fail2ban counts: when, and for which line, somebody proved a wrong password."""
    proved: list[tuple[str, str, str]] = field(default_factory=list)
    """Right answers: algorithm, nonce, nc."""
    _lines: dict[str, dict[str, float]] = field(default_factory=dict)
    _flows: dict[tuple[str, str, str], str] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], str | None] = field(default_factory=dict)
    _used: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    _turn: int = 0
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

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        asked = message.parse(data)
        if self.mute or not isinstance(asked, Request):
            return
        status: int = 200
        extra: HeaderList = ()
        if asked.method == "REGISTER":
            line = uri.parse(name_addr.parse(asked.headers.need("to")).uri).user or ""
            self.asked.append((now, line, int(asked.headers.need("expires"))))
            status, extra = self._serve(asked, line, now)
        response = transaction.reply(asked, status, source, "registrar", extra)
        self._out.append(Datagram(bytes(response), transaction.reply_hop(asked, source)))

    def _serve(self, asked: Request, line: str, now: float) -> tuple[int, HeaderList]:
        if line in self.refuse:
            return self.refuse[line], ()
        proven, stale = self._proven(asked, line, now)
        if not proven:
            return self._challenge(stale)
        if 0 < int(asked.headers.need("expires")) < self.least:
            return 423, (("min-expires", str(self.least)),)
        contacts = [name_addr.parse(value) for value in asked.headers.all("contact")]
        flows = [contact for contact in contacts if "reg-id" in contact.params]
        if self.outbound is False and flows:
            return 439, ()
        if flows and len(contacts) > 1:
            return 400, ()  # RFC 5626 6
        for contact in contacts:
            self._bind(line, contact, int(contact.params.get("expires") or asked.headers.need("expires")), now)
        return 200, (*self._listed(line, now), *self._renewal(), *self.also)

    def _bind(self, line: str, contact: NameAddr, expires: int, now: float) -> None:
        instance = contact.params.get("+sip.instance")
        number = self._numbers.get((line, contact.uri))
        if self.strict and instance and contact.uri in self.of(line, now) and number != contact.params.get("reg-id"):
            self.doubled += 1
            return
        self._numbers[line, contact.uri] = contact.params.get("reg-id")
        self.take(line, contact.uri)
        if self.outbound and instance and "reg-id" in contact.params:
            flow = line, instance, contact.params["reg-id"] or ""
            self.take(line, self._flows.get(flow, ""))
            self._flows[flow] = contact.uri
        if expires:
            self.put(line, contact.uri, now + min(expires, self.grant))

    def _listed(self, line: str, now: float) -> HeaderList:
        instances = {uri: instance for (_, instance, _), uri in self._flows.items()}
        said = [("require", "outbound")] if self.outbound else []
        for known in self.of(line, now):
            shown = re.sub(r"@[^;>]+", f"@{self.shows}", known) if self.shows and known != PHONE else known
            instance = f';+sip.instance="{instances[known]}";reg-id=1' if known in instances else ""
            said.append(("contact", f"<{shown}>;expires={round(self._lines[line][known] - now)}{instance}"))
        return tuple(said)

    def _renewal(self) -> HeaderList:
        if not self.renews:
            return ()
        self._renew()
        return (("authentication-info", f'qop=auth, nextnonce="{self.nonce}"'),)

    def _renew(self) -> None:
        self._turn += 1
        self.nonce = f"turn{self._turn}"

    def _proven(self, asked: Request, line: str, now: float) -> tuple[bool, bool]:
        given = asked.headers.first("proxy-authorization" if self.proxy else "authorization")
        if given is None:
            return False, False
        assert given.startswith("Digest ")
        said = {name: quoted or plain for name, quoted, plain in _FIELD.findall(given)}
        right = said["response"] == self._expected(said, line)
        if not right and said["nonce"] == self.nonce:
            self.wrong.append((now, line))
        fresh = right and said["nonce"] == self.nonce and self._counts(said, line, asked.headers.need("cseq"))
        if fresh:
            self.proved.append((said["algorithm"], said["nonce"], said.get("nc", "")))
        if self.one_time:
            self._renew()
        return fresh, right and not self.one_time

    def _counts(self, said: dict[str, str], line: str, cseq: str) -> bool:
        """nc has to rise; a retransmission is the same request (RFC 7616 3.4)."""
        if not self.qop:
            return True
        last, by = self._used.get((line, said["nonce"]), (0, ""))
        nc = int(said["nc"], 16)
        self._used[line, said["nonce"]] = nc, cseq
        return nc == last + 1 or (nc == last and cseq == by)

    def _expected(self, said: dict[str, str], line: str) -> str:
        def hashed(text: str) -> str:
            return hashlib.new(_HASHES[said["algorithm"].removesuffix("-sess")], text.encode()).hexdigest()

        a1 = hashed(f"{line}:{self.realm}:{self.passwords[line]}")
        if said["algorithm"].endswith("-sess"):
            a1 = hashed(f"{a1}:{said['nonce']}:{said['cnonce']}")
        middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:auth" if self.qop else said["nonce"]
        return hashed(f"{a1}:{middle}:{hashed('REGISTER:' + said['uri'])}")

    def _challenge(self, stale: bool) -> tuple[int, HeaderList]:
        texts = []
        for algorithm in self.algorithms or (self.algorithm,):
            text = f'Digest realm="{self.realm}", nonce="{self.nonce}", algorithm={algorithm}'
            texts.append(text + (', qop="auth"' if self.qop else "") + (", stale=true" if stale else ""))
        if self.in_one_line:
            texts = [", ".join(['Basic realm="x"', *texts])]
        status, name = (407, "proxy-authenticate") if self.proxy else (401, "www-authenticate")
        return status, tuple((name, text) for text in texts)
