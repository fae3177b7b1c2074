"""A name server on loopback that answers from a table, late, wrongly or not at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset

ZONE = """
example.net. 600 IN NAPTR 10 50 "s" "SIPS+D2T" "" _sips._tcp.example.net.
example.net. 600 IN NAPTR 20 50 "s" "SIP+D2U" "" _sip._udp.example.net.
plain.example.net. 600 IN NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp.plain.example.net.
_sips._tcp.example.net. 45 IN SRV 10 0 5061 one.example.net.
_sips._tcp.example.net. 45 IN SRV 20 0 5061 two.example.net.
_sip._udp.example.net. 5 IN SRV 10 0 5060 one.example.net.
_sip._tcp.plain.example.net. 86400 IN SRV 10 0 5062 two.example.net.
_sip._udp.none.example.net. 600 IN SRV 0 0 0 .
empty.example.net. 600 IN TXT "no server"
"""


class NameServer(asyncio.DatagramProtocol):
    """delay: seconds; rcode: instead of an answer; mute: says nothing; records: one in each, may be changed."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.mute = False
        self.rcode: dns.rcode.Rcode | None = None
        self.asked: list[str] = []
        self.records = [_record(*line.split(maxsplit=4)) for line in ZONE.strip().splitlines()]
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        self.asked.append(f"{question.name} {question.rdtype.name}")
        if self.mute:
            return
        asyncio.get_running_loop().call_later(self.delay, self._send, self._answer(query).to_wire(), addr)

    def _send(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, addr)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        question = query.question[0]
        names = {record.name for record in self.records}
        if self.rcode is not None or question.name not in names:
            response.set_rcode(dns.rcode.NXDOMAIN if self.rcode is None else self.rcode)
            return response
        for record in self.records:
            if (record.name, record.rdtype) == (question.name, question.rdtype):
                found = response.find_rrset(response.answer, record.name, record.rdclass, record.rdtype, create=True)
                found.add(record[0], record.ttl)
        return response


def _record(name: str, ttl: str, kind: str, rdtype: str, data: str) -> dns.rrset.RRset:
    return dns.rrset.from_text(name, int(ttl), kind, rdtype, data)


@asynccontextmanager
async def name_server() -> AsyncIterator[tuple[NameServer, dns.asyncresolver.Resolver]]:
    """The server, and a resolver that asks it."""
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    resolver.timeout = 0.2
    try:
        yield server, resolver
    finally:
        transport.close()
        await asyncio.sleep(0)
