"""The least SIP client that can stand where ctibridge will stand: it proves the peers before they prove us.

Comes in: datagrams of a PBX that the test runs itself, so nothing here is defensive. Goes out: a registration, 180 to
every INVITE, 200 and 487 to every CANCEL, and every message as it came. Nothing of ctibridge is used: a fault in its
core must not hide one in the peers.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.peers.kamailio import Kamailio
from tests.peers.ports import IPV6_LOOPBACK, Loopback, host_port
from tests.peers.process import PeerError, PeerTimeout, until

_T1 = 0.5  # seconds, RFC 3261 17.1.1.1
_HASH = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass(frozen=True, slots=True)
class Message:
    """One datagram: first line and headers in their order, bodies are left out."""

    first: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, data: bytes) -> Message:
        first, *lines = data.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape").split("\r\n")
        pairs = (line.partition(":")[::2] for line in lines)
        return cls(first, tuple((name.strip(), value.strip()) for name, value in pairs))

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    @property
    def method(self) -> str:
        return self.get("CSeq").split()[1]

    @property
    def status(self) -> int | None:
        """None for a request."""
        return int(self.first.split()[1]) if self.first.startswith("SIP/2.0 ") else None

    @property
    def branch(self) -> str:
        found = re.search(r"branch=([^;,\s]+)", self.get("Via"))
        return found[1] if found else ""


class Probe(asyncio.DatagramProtocol):
    """One contact. Use as an async context manager."""

    transport = "UDP"  # as the Via says it

    def __init__(self, loopback: Loopback, *, ipv6: bool = False, rings: bool = True) -> None:
        self.address = IPV6_LOOPBACK if ipv6 else loopback.address()
        self.port = loopback.port(self.address)
        self.rings = rings  # 180 to an INVITE; False: as a contact that is switched off
        self.requests: list[Message] = []  # retransmissions are left out
        self.authorization: dict[str, str] = {}  # the last digest of each line, accepted or not
        self._answers: dict[tuple[str, str], list[bytes]] = {}  # what a retransmission gets again
        self._replies: dict[str, Message] = {}  # by CSeq number
        self._numbers = itertools.count(1)
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(self.address, self.port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            await asyncio.sleep(0)  # it lets go of its socket one turn of the loop later

    def contact(self, user: str) -> str:
        return f"sip:{user}@{host_port(self.address, self.port)}"

    # --- registration ---

    async def register(
        self,
        pbx: str,
        user: str,
        password: str,
        *,
        expires: int = 120,
        username: str | None = None,
        pick: int = 0,
    ) -> list[Message]:
        """Every answer, the last one first: [200] or [200, 401] if all is well. `pick`: which challenge is answered,
        where there are several."""
        answers = [await self.send_register(pbx, user, expires)]
        if answers[0].status in (401, 407):
            self.authorization[user] = digest(answers[0], username or user, password, f"sip:{pbx}", pick=pick)
            answers.insert(0, await self.send_register(pbx, user, expires))
        return answers

    async def on_line(self, pbx: Kamailio, user: str, *, at: str | None = None) -> None:
        """Registered there as one more device, perhaps through a bad wire (`at`)."""
        answers = await self.register(at or pbx.host, user, pbx.settings.users[user])
        if answers[0].status != 200:
            raise PeerError(f"{user} is not let in: {answers}")

    async def send_register(self, pbx: str, user: str, expires: int) -> Message:
        """One REGISTER with the digest of before, repeated as UDP needs it, and its final answer."""
        number = str(next(self._numbers))
        here = host_port(self.address, self.port)
        lines = [
            f"REGISTER sip:{pbx} SIP/2.0",
            f"Via: SIP/2.0/{self.transport} {here};branch=z9hG4bKprobe{number};rport",
            f"From: <sip:{user}@{pbx}>;tag=probe",
            f"To: <sip:{user}@{pbx}>",
            f"Call-ID: register-{user}@{here}",
            f"CSeq: {number} REGISTER",
            f"Contact: <{self.contact(user)}>;expires={expires}",
            "Max-Forwards: 70",
            *([self.authorization[user]] if user in self.authorization else []),
            "Content-Length: 0",
        ]
        host, _, port = pbx.rpartition(":")
        for attempt in range(7):
            self._send(as_bytes(lines), (host.strip("[]"), int(port)))
            try:
                await until(lambda: number in self._replies, "an answer to REGISTER", _T1 * 2**attempt)
            except PeerTimeout:
                continue  # lost on the way there or back
            return self._replies.pop(number)
        raise PeerTimeout(f"no answer to REGISTER from {pbx}")

    # --- calls ---

    async def request(self, method: str, count: int = 1, timeout: float = 10.0) -> Message:
        """The count-th request of this method, when it has come."""
        await until(lambda: len(self.of(method)) >= count, f"{method} number {count} at the probe", timeout)
        return self.of(method)[count - 1]

    def of(self, method: str) -> list[Message]:
        return [request for request in self.requests if request.method == method]

    def ring(self, invite: Message) -> None:
        """The 180 that was held back, sent to where the INVITE's Via says."""
        sent_by = invite.get("Via").split(";")[0].split()[1]
        host, _, port = sent_by.rpartition(":")
        self._send(reply(invite, "180 Ringing"), (host.strip("[]"), int(port)))

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        message = Message.parse(data)
        source = (str(addr[0]), addr[1])
        if message.status is not None:
            if message.status >= 200:
                self._replies[message.get("CSeq").split()[0]] = message
            return
        key = (message.branch, message.method)
        if key not in self._answers:
            self.requests.append(message)
            self._answers[key] = self._answer(message)
        for answer in self._answers[key]:
            self._send(answer, source)
        if message.method == "CANCEL":
            self._insist(message.branch, source)

    def _answer(self, request: Message) -> list[bytes]:
        if request.method == "ACK":
            return []
        if request.method == "INVITE":
            return [reply(request, "180 Ringing")] if self.rings else []
        if request.method == "CANCEL":
            # The 487 answers the INVITE of the same branch, also when that comes once more.
            invite = next(known for known in self.of("INVITE") if known.branch == request.branch)
            self._answers[(invite.branch, "INVITE")] = [reply(invite, "487 Request Terminated")]
            return [reply(request, "200 OK"), *self._answers[(invite.branch, "INVITE")]]
        return [reply(request, "200 OK")]

    def _insist(self, branch: str, to: tuple[str, int], pause: float = _T1) -> None:
        """Repeat the 487 until its ACK comes (RFC 3261 17.2.1, timers G and H)."""

        def again() -> None:
            if (branch, "ACK") not in self._answers and pause < 64 * _T1:
                for answer in self._answers[(branch, "INVITE")]:
                    self._send(answer, to)
                self._insist(branch, to, pause * 2)

        if (branch, "ACK") not in self._answers:
            asyncio.get_running_loop().call_later(pause, again)

    def _send(self, data: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(data, to)


def reply(request: Message, status: str) -> bytes:
    lines = [f"SIP/2.0 {status}"]
    for name, value in request.headers:
        if name in ("Via", "From", "Call-ID", "CSeq", "Record-Route"):
            lines.append(f"{name}: {value}")
        elif name == "To":
            lines.append(f"To: {value}" if ";tag=" in value else f"To: {value};tag=probe")
    return as_bytes([*lines, "Content-Length: 0"])


def digest(
    challenge: Message, username: str, password: str, uri: str, method: str = "REGISTER", *, pick: int = 0
) -> str:
    """RFC 7616 3.4: the header that answers one of the challenges, with qop as offered or without (RFC 2069)."""
    www = challenge.all("WWW-Authenticate")
    offered = (www or challenge.all("Proxy-Authenticate"))[pick]
    asked = {name: quoted or bare for name, quoted, bare in _PARAMETER.findall(offered)}
    algorithm = asked.get("algorithm", "MD5")

    def h(*parts: str) -> str:
        return _HASH[algorithm](":".join(parts).encode()).hexdigest()

    one, two = h(username, asked["realm"], password), h(method, uri)
    fields = {"username": username, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri}
    if "qop" in asked:
        proof = h(one, asked["nonce"], "00000001", "probe", "auth", two)
        end = f', qop=auth, nc=00000001, cnonce="probe", algorithm={algorithm}'
    else:
        proof, end = h(one, asked["nonce"], two), f", algorithm={algorithm}"
    written = ", ".join(f'{name}="{value}"' for name, value in (*fields.items(), ("response", proof)))
    return f"{'Authorization' if www else 'Proxy-Authorization'}: Digest {written}{end}"


def as_bytes(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
