"""The load: a registrar that takes every REGISTER, and a caller who rings at a steady rate and gives up."""

import asyncio
import re
import socket
import time
from dataclasses import dataclass, field
from typing import cast

_CONTACT = re.compile(rb"\r\nContact: <(sip:[^>]+)>", re.IGNORECASE)
_CALL_ID = re.compile(rb"\r\nCall-ID: ([^\r]+)", re.IGNORECASE)
_TO_TAG = re.compile(rb"\r\n(To: [^\r]+)", re.IGNORECASE)
_LEAVES = re.compile(rb"\r\nExpires: 0\r", re.IGNORECASE)
_COPIED = (b"via", b"from", b"call-id", b"cseq")
Address = tuple[str, int]


@dataclass(slots=True)
class Pbx(asyncio.DatagramProtocol):
    """contacts: URI of each line that registered last, by its user part; places: who has it registered now. grants:
    seconds. registers: when each came. Each call's number stands in its Call-ID."""

    grants: int = 3600
    registers: list[float] = field(default_factory=list)
    contacts: dict[str, tuple[str, Address]] = field(default_factory=dict)
    places: dict[str, set[Address]] = field(default_factory=dict)
    ringing: int = 0
    terminated: int = 0
    registered: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.DatagramTransport | None = None
    _invites: dict[bytes, tuple[str, Address]] = field(default_factory=dict)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Python 3.11's own datagram transport is no subclass of DatagramTransport.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if data.startswith(b"REGISTER"):
            self._register(data, addr)
        elif data.startswith(b"OPTIONS"):
            self._answer(data, addr)
        elif data.startswith(b"SIP/2.0 180"):
            self.ringing += 1
        elif data.startswith(b"SIP/2.0 487"):
            self._ack(data)

    @property
    def address(self) -> Address:
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    def call(self, number: int, caller: str, called: str, line: str) -> float:
        """Sends one INVITE; returns the monotonic time just before it left."""
        contact, at = self.contacts[line]
        host, port = self.address
        invite = _INVITE.format(
            uri=contact, host=host, port=port, number=number, caller=caller, called=called, length=len(_SDP)
        )  # fmt: skip
        self._invites[b"bench-%d" % number] = (contact, at)
        left_at = time.perf_counter()
        self.send((invite + _SDP).encode(), at)
        return left_at

    def give_up(self, number: int, caller: str, called: str) -> None:
        contact, at = self._invites[b"bench-%d" % number]
        host, port = self.address
        self.send(
            _CANCEL.format(uri=contact, host=host, port=port, number=number, caller=caller, called=called).encode(), at
        )

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()

    def send(self, data: bytes, to: Address) -> None:
        assert self._transport is not None
        self._transport.sendto(data, to)

    def _register(self, data: bytes, addr: Address) -> None:
        contact = _CONTACT.search(data)
        user = re.search(rb"\r\nTo: <sip:([^@]+)@", data, re.IGNORECASE)
        if contact is None or user is None:
            return
        uri, line = contact[1].decode(), user[1].decode()
        self.registers.append(time.perf_counter())
        listed = "Contact: <sip:phone@127.0.0.99:5060>;expires=3600"
        if _LEAVES.search(data):
            self.places[line].discard(addr)
        else:
            self.contacts[line] = (uri, addr)
            self.places.setdefault(line, set()).add(addr)
            self.registered.set()
            listed += f", <{uri}>;expires={self.grants}"
        self._answer(data, addr, listed.encode())

    def _answer(self, data: bytes, addr: Address, *more: bytes) -> None:
        lines = [line for line in data.split(b"\r\n") if line.partition(b":")[0].lower() in (*_COPIED, b"to")]
        self.send(b"\r\n".join([b"SIP/2.0 200 OK", *lines, *more, b"Content-Length: 0", b"", b""]), addr)

    def _ack(self, data: bytes) -> None:
        call_id, to = _CALL_ID.search(data), _TO_TAG.search(data)
        if call_id is None or to is None or call_id[1] not in self._invites:
            return
        self.terminated += 1
        uri, at = self._invites[call_id[1]]
        lines = [
            line for line in data.split(b"\r\n") if line.partition(b":")[0].lower() in (b"via", b"from", b"call-id")
        ]
        start = f"ACK {uri} SIP/2.0".encode()
        self.send(b"\r\n".join([start, *lines, to[1], b"CSeq: 1 ACK", b"Content-Length: 0", b"", b""]), at)


async def listen(host: str) -> Pbx:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
    sock.setblocking(False)
    sock.bind((host, 0))
    _, pbx = await asyncio.get_running_loop().create_datagram_endpoint(Pbx, sock=sock)
    return pbx


_SDP = """v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=audio 6000 RTP/AVP 8 0\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:0 PCMU/8000\r
"""

_HEAD = """Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKbench{number}\r
From: "call {number}" <sip:{caller}@{host}>;tag=bench{number}\r
To: <sip:{called}@{host}>\r
Call-ID: bench-{number}\r
"""
_INVITE = (
    "INVITE {uri} SIP/2.0\r\n"
    + _HEAD
    + """CSeq: 1 INVITE\r
Contact: <sip:bench@{host}:{port}>\r
Max-Forwards: 70\r
Allow: INVITE, ACK, BYE, CANCEL, OPTIONS\r
P-Asserted-Identity: "call {number}" <sip:{caller}@{host}>\r
User-Agent: bench\r
Content-Type: application/sdp\r
Content-Length: {length}\r
\r
"""
)
_CANCEL = "CANCEL {uri} SIP/2.0\r\n" + _HEAD + "CSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n"
