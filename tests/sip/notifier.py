"""A PBX in virtual time that tells the dialogs of its lines to whoever may know them (RFC 6665, RFC 4235)."""

from dataclasses import dataclass, field

from ctibridge.sip import digest, message, name_addr, transaction, uri
from ctibridge.sip.dialog_info import CONTENT_TYPE
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.message import HeaderList, Headers, Request, Response
from tests.sip.documents import xml

SELF = "192.0.2.9:5060"


@dataclass
class Known:
    """A subscription. call: its Call-ID; theirs: the subscriber's From."""

    call: str
    line: str
    theirs: str
    contact: str
    until: float
    tag: str
    version: int = -1
    cseq: int = 0


@dataclass
class Notifier:
    """passwords: of who may subscribe, by digest name. refuse: a status for each line that gets nothing else. tells:
    what a line's NOTIFYs give as state, without a document. mute: it is switched off. asked: each SUBSCRIBE (when, for
    which line, by whom, seconds)."""

    passwords: dict[str, str]
    grant: int = 3600
    refuse: dict[str, int] = field(default_factory=dict)
    tells: dict[str, str] = field(default_factory=dict)
    mute: bool = False
    answered: list[int] = field(default_factory=list)
    asked: list[tuple[float, str, str, int]] = field(default_factory=list)
    known: dict[str, Known] = field(default_factory=dict)
    _dialogs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _out: list[Datagram] = field(default_factory=list)

    deadline = None

    def wake(self, now: float) -> None:
        """It waits for nothing."""

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out

    def show(self, line: str, *dialogs: str) -> None:
        """The line's dialogs are these now; each as an XML element."""
        self._dialogs[line] = dialogs
        for known in self.known.values():
            if known.line == line:
                self._notify(known, "active;expires=300")

    def end(self, line: str, reason: str) -> None:
        for known in [each for each in self.known.values() if each.line == line]:
            self._notify(known, f"terminated;reason={reason}", body=False)
            del self.known[known.call]

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        parsed = message.parse(data)
        if self.mute:
            return
        if isinstance(parsed, Response):
            self.answered.append(parsed.status)
        elif parsed.method == "OPTIONS":
            self._reply(parsed, 200, source, "pbx")
        elif parsed.method == "SUBSCRIBE":
            self._subscribe(parsed, source, now)

    def _subscribe(self, asked: Request, source: Hop, now: float) -> None:
        line = uri.parse(name_addr.parse(asked.headers.need("to")).uri).user or ""
        watcher = uri.parse(name_addr.parse(asked.headers.need("from")).uri).user or ""
        expires = int(asked.headers.need("expires"))
        self.asked.append((now, line, watcher, expires))
        if not self._proven(asked):
            challenge = ("www-authenticate", 'Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"')
            self._reply(asked, 401, source, "pbx", (challenge,))
            return
        if line in self.refuse:
            self._reply(asked, self.refuse[line], source, "pbx")
            return
        self._accept(asked, line, min(expires, self.grant), source, now)

    def _accept(self, asked: Request, line: str, seconds: int, source: Hop, now: float) -> None:
        call = asked.headers.need("call-id")
        known = self.known.get(call)
        if known is None:
            contact = name_addr.parse(asked.headers.need("contact")).uri
            known = Known(call, line, asked.headers.need("from"), contact, 0.0, f"s{len(self.asked)}")
            self.known[call] = known
        known.contact = name_addr.parse(asked.headers.need("contact")).uri
        known.until = now + seconds
        extra = (("contact", f"<sip:{SELF}>"), ("expires", str(seconds)))
        self._reply(asked, 200, source, known.tag, extra)
        self._notify(known, f"active;expires={seconds}" if seconds else "terminated;reason=timeout")
        if not seconds:
            del self.known[call]

    def _notify(self, known: Known, state: str, *, body: bool = True) -> None:
        known.cseq += 1
        known.version += 1
        lines = (
            ("via", f"SIP/2.0/UDP {SELF};rport;branch=z9hG4bK{known.tag}n{known.cseq}"),
            ("from", f"<sip:{known.line}@pbx>;tag={known.tag}"), ("to", known.theirs), ("call-id", known.call),
            ("cseq", f"{known.cseq} NOTIFY"), ("contact", f"<sip:{SELF}>"), ("event", "dialog"),
            ("subscription-state", self.tells.get(known.line, state)), ("content-type", CONTENT_TYPE),
        )  # fmt: skip
        body = body and known.line not in self.tells
        document = xml(*self._dialogs.get(known.line, ()), version=known.version) if body else b""
        host = uri.parse(known.contact)
        self._out.append(
            Datagram(bytes(Request("NOTIFY", known.contact, Headers(lines), document)), datagram(*host.address))
        )

    def _proven(self, asked: Request) -> bool:
        given = asked.headers.first("authorization")
        if given is None:
            return False
        answer = digest.read_answer(given)
        password = self.passwords.get(answer.username, "")
        return digest.proves(answer, digest.Credentials(answer.username, password), "SUBSCRIBE")

    def _reply(self, asked: Request, status: int, source: Hop, tag: str, extra: HeaderList = ()) -> None:
        response = transaction.reply(asked, status, source, tag, extra)
        self._out.append(Datagram(bytes(response), transaction.reply_hop(asked, source)))
