"""From the registrar's name to addresses, off the loop (the resolver blocks)."""

import asyncio
import socket
from dataclasses import dataclass

from ctibridge.sip.settings import HostPort, TrunkSettings, registrar_address
from ctibridge.sip.via import Address

DEFAULT_PORT = 5060


@dataclass(frozen=True, slots=True)
class Reach:
    """targets: where requests go, best first; trusted: every address that registrar and outbound proxy have."""

    targets: tuple[Address, ...]
    trusted: frozenset[str]


async def reach_of(settings: TrunkSettings) -> Reach:
    """Raises OSError where the name that we have to send to is not known."""
    family = socket.AF_INET6 if ":" in settings.our_side.host else socket.AF_INET
    registrar = registrar_address(settings.registrar)
    if settings.outbound_proxy is None:
        targets = await _addresses(registrar, family)
        return Reach(targets, frozenset(host for host, _ in targets))
    targets = await _addresses(registrar_address(settings.outbound_proxy), family)
    try:
        behind = await _addresses(registrar, family)
    except OSError:
        behind = ()  # a registrar behind a proxy may have a name that only the proxy knows
    return Reach(targets, frozenset(host for host, _ in (*targets, *behind)))


async def _addresses(where: HostPort, family: socket.AddressFamily) -> tuple[Address, ...]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(where.host, where.port or DEFAULT_PORT, family=family, type=socket.SOCK_DGRAM)
    unique = dict.fromkeys((str(address[0]), int(address[1])) for *_, address in found)
    if not unique:
        raise OSError(f"{where.host} has no address of this family")
    return tuple(unique)
