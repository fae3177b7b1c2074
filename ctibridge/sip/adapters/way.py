"""The way to a trunk's registrar as it looks from this machine: names, route, connections, certificates. Nothing of SIP
is sent, so that it may be looked at beside a running daemon.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import dns.asyncresolver

from ctibridge.sip.adapters import sockets, tls
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.adapters.resolve import Reach, family_of, reach_of
from ctibridge.sip.adapters.udp import fresh
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.locate import Naptr, Srv
from ctibridge.sip.settings import TrunkSettings

NAMES = 16.0
"""Seconds for all names: NAPTR, SRV and addresses follow each other, each with its limit."""
CONNECT = 5.0
"""Seconds until a connection stands, TLS included."""
GOODBYE = 1.0
"""Seconds that the other side has to close, too."""
MOST = 4
"""Hops that are connected to; the daemon uses one, and the others only when it must."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A hop, and what came of a look at it. fault: why it cannot be reached, with the mend behind a semicolon where
    there is one; ends: when the certificate that it showed runs out."""

    hop: Hop
    fault: str | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """hops: best first; records: the kinds of DNS records that named them; unanswered: some name server did not answer.
    local: our address towards the first hop; no_route: why there is none. seen: of hops that are connected to. reach:
    all that was learnt of the names, so that nobody has to ask again; None where there are no hops."""

    hops: tuple[Hop, ...] = ()
    records: tuple[str, ...] = ()
    unanswered: bool = False
    local: str | None = None
    no_route: str | None = None
    seen: tuple[Seen, ...] = ()
    reach: Reach | None = None


class _Recording(DnsNames):
    """records: of which kind there were some."""

    def __init__(self, settings: TrunkSettings, resolver: dns.asyncresolver.Resolver | None) -> None:
        super().__init__(family_of(settings), resolver)
        self.records: list[str] = []

    async def naptr(self, name: str) -> tuple[Naptr, ...]:
        found = await super().naptr(name)
        self.records += ["NAPTR"] if found else []
        return found

    async def srv(self, *names: str) -> list[tuple[Srv, ...]]:
        found = await super().srv(*names)
        self.records += ["SRV"] if any(found) else []
        return found


async def look(settings: TrunkSettings, resolver: dns.asyncresolver.Resolver | None = None) -> Way:
    """Within the seconds of NAMES, CONNECT and GOODBYE. resolver: None for the system's."""
    names = _Recording(settings, resolver)
    try:
        async with asyncio.timeout(NAMES):
            reach = await reach_of(settings, names, fresh().fraction)
    except OSError as error:
        return Way(unanswered=names.failed or isinstance(error, TimeoutError))
    hops = reach.targets
    ours = settings.our_side.host
    local, no_route = _route(hops[0], ours)
    streams = [hop for hop in hops if hop.transport.is_stream][:MOST]
    seen = () if no_route else await _connect(streams, settings, ours)
    return Way(hops, tuple(dict.fromkeys(names.records)), names.failed, local, no_route, seen, reach)


def _route(hop: Hop, ours: str) -> tuple[str | None, str | None]:
    """The kernel says it of a socket that is ours already, too: an address of another network leads nowhere."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in hop.host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            with suppress(OSError):  # whether it is ours is said where it is listened at
                probe.bind((ours, 0))
            probe.connect(hop.address)
            return str(probe.getsockname()[0]), None
    except OSError as error:
        return None, str(error.strerror)


async def _connect(hops: Iterable[Hop], settings: TrunkSettings, ours: str) -> tuple[Seen, ...]:
    try:
        context = tls.client_context(settings.ca_file)
    except tls.CaFault as fault:
        return tuple(Seen(hop, str(fault)) for hop in hops)
    return tuple(await asyncio.gather(*(_connect_to(hop, context, ours) for hop in hops)))


async def _connect_to(hop: Hop, context: ssl.SSLContext, ours: str) -> Seen:
    is_tls = hop.transport is Transport.TLS
    try:
        async with asyncio.timeout(CONNECT):
            sock = sockets.outgoing(hop, ours)
            try:
                await asyncio.get_running_loop().sock_connect(sock, hop.address)
            except BaseException:
                sock.close()
                raise
            _, writer = await asyncio.open_connection(
                sock=sock, ssl=context if is_tls else None, server_hostname=(hop.name or hop.host) if is_tls else None
            )
    except (OSError, ValueError) as error:  # ValueError: a name that no certificate can show
        return Seen(hop, tls.why(error, hop))
    shown = writer.get_extra_info("peercert")
    await _close(writer)
    return Seen(hop, ends=_ends(shown) if is_tls else None)


async def _close(writer: asyncio.StreamWriter) -> None:
    """As one does: a PBX logs an error for each connection that is cut."""
    writer.close()
    try:
        async with asyncio.timeout(GOODBYE):
            await writer.wait_closed()
    except OSError:  # TimeoutError is one
        writer.transport.abort()


def _ends(certificate: dict[str, str]) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
