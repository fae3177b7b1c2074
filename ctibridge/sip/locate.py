"""From a configured name to hops, best first: the client's side of RFC 3263 section 4, with the order of RFC 2782.

In: what the administrator wrote, and what DNS answers (`Names`). Out: hops. TLS is never given up: where it was
written, or where the domain's own best NAPTR says so, nothing else comes out. A certificate has to show the name that
was written and not the one that DNS made of it (RFC 5922 section 4).
"""

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.settings import HostPort

MOST = 16
"""Hops of one name, and SRV targets whose addresses are asked for: who has more servers names the best ones first."""
_CONSIDERED = 64
"""Records of one answer; it may hold thousands, and their order costs the square of their number."""

_WRITTEN = {"udp": Transport.UDP, "tcp": Transport.TCP, "tls": Transport.TLS}
_SERVICES = {"SIP+D2U": Transport.UDP, "SIP+D2T": Transport.TCP, "SIPS+D2T": Transport.TLS}
_SRV = {Transport.UDP: "_sip._udp", Transport.TCP: "_sip._tcp", Transport.TLS: "_sips._tcp"}
_PORT = {Transport.UDP: 5060, Transport.TCP: 5060, Transport.TLS: 5061}


@dataclass(frozen=True, slots=True)
class Naptr:
    """RFC 3403. Names stand here without the last dot; the root is empty."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """RFC 2782. An empty target says that there is no such service."""

    priority: int
    weight: int
    port: int
    target: str


class Names(Protocol):
    """Who asks. What does not exist, or cannot be learnt now, is empty; nothing is raised."""

    async def naptr(self, name: str) -> tuple[Naptr, ...]: ...

    async def srv(self, *names: str) -> list[tuple[Srv, ...]]:
        """For each name."""

    async def addresses(self, *names: str) -> list[tuple[str, ...]]:
        """For each name, of the family that we listen in."""


@dataclass(frozen=True, slots=True)
class _Target:
    transport: Transport
    host: str
    port: int


async def locate(where: HostPort, names: Names, fraction: Callable[[], float]) -> tuple[Hop, ...]:
    """Empty where the name has no address. fraction: anything from 0 to 1, for the weights."""
    targets = (await _targets(where, names, fraction))[:MOST]
    hosts = tuple(dict.fromkeys(target.host for target in targets))
    found = dict(zip(hosts, await _addresses(hosts, names), strict=True))
    hops = (
        Hop(target.transport, address, target.port, name=where.host if target.transport is Transport.TLS else "")
        for target in targets
        for address in found[target.host]
    )
    return tuple(dict.fromkeys(hops))[:MOST]


def in_order(records: Iterable[Srv], fraction: Callable[[], float]) -> list[Srv]:
    """The lowest priority first; among equals chance decides, by weight (RFC 2782)."""
    waiting = sorted(records, key=lambda srv: (srv.priority, srv.weight > 0))[:_CONSIDERED]
    ordered: list[Srv] = []
    while waiting:
        equals = [srv for srv in waiting if srv.priority == waiting[0].priority]
        chosen = _by_weight(equals, fraction())
        waiting.remove(chosen)
        ordered.append(chosen)
    return ordered


def _by_weight(equals: list[Srv], fraction: float) -> Srv:
    total = sum(srv.weight for srv in equals)
    left = min(int(fraction * (total + 1)), total)
    for srv in equals:
        left -= srv.weight
        if left <= 0:
            return srv
    return equals[-1]


async def _targets(where: HostPort, names: Names, fraction: Callable[[], float]) -> list[_Target]:
    written = _WRITTEN[where.transport] if where.transport is not None else None
    if where.port is not None or _is_numeric(where.host):
        transport = written or Transport.UDP
        return [_Target(transport, where.host, where.port if where.port is not None else _PORT[transport])]
    services = [(written, f"{_SRV[written]}.{where.host}")] if written else await _services(where.host, names)
    answers = await names.srv(*(name for _, name in services))
    if not any(answers):
        transport = services[0][0]
        return [_Target(transport, where.host, _PORT[transport])]
    return [
        _Target(transport, srv.target, srv.port)
        for (transport, _), records in zip(services, answers, strict=True)
        for srv in in_order(records, fraction)
        if srv.target and srv.port
    ]


async def _services(host: str, names: Names) -> list[tuple[Transport, str]]:
    """Transports with the names of their SRV records (4.1)."""
    usable = [each for each in await names.naptr(host) if _is_usable(each)]
    if not usable:
        return [(transport, f"{_SRV[transport]}.{host}") for transport in (Transport.UDP, Transport.TCP)]
    usable.sort(key=lambda naptr: (naptr.order, naptr.preference))
    services = [(_SERVICES[naptr.service.upper()], naptr.replacement) for naptr in usable]
    if services[0][0] is Transport.TLS:
        services = [service for service in services if service[0] is Transport.TLS]
    return services[:MOST]


def _is_usable(naptr: Naptr) -> bool:
    """A transport that we speak, and SRV records behind it. A regexp is not for SIP (4.1)."""
    return (
        naptr.flags.upper() == "S"
        and naptr.service.upper() in _SERVICES
        and not naptr.regexp
        and naptr.replacement != ""
    )


async def _addresses(hosts: tuple[str, ...], names: Names) -> list[tuple[str, ...]]:
    if all(map(_is_numeric, hosts)):
        return [(host,) for host in hosts]
    return await names.addresses(*hosts)


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
