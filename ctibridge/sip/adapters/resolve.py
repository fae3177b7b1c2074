"""From what the configuration names to hops and to the addresses that we trust."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.hop import Hop
from ctibridge.sip.locate import Names, locate
from ctibridge.sip.settings import TrunkSettings, registrar_address

SOONEST = 30.0
LATEST = 300.0
"""Seconds until the names are asked for again: what DNS allows, between these two."""


@dataclass(frozen=True, slots=True)
class Reach:
    """targets: where requests go, best first; trusted: every address that registrar and outbound proxy have; again:
    seconds until the names should be asked for again; doubtful: something could not be learnt that was known before, so
    that the older answer is worth more."""

    targets: tuple[Hop, ...]
    trusted: frozenset[str]
    again: float = LATEST
    doubtful: bool = False


def family_of(settings: TrunkSettings) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in settings.our_side.host else socket.AF_INET


async def reach_of(settings: TrunkSettings, names: DnsNames, fraction: Callable[[], float]) -> Reach:
    """Raises OSError where the name that we have to send to is not known."""
    names.begin()
    targets = await _targets(settings.outbound_proxy or settings.registrar, names, fraction)
    trusted = targets
    if settings.outbound_proxy is not None:
        # A registrar behind a proxy may have a name that only the proxy knows.
        trusted += await locate(registrar_address(settings.registrar), names, fraction)
    again = LATEST if names.ttl is None else min(max(names.ttl, SOONEST), LATEST)
    return Reach(
        targets, frozenset(hop.host for hop in trusted), SOONEST if names.failed else again, names.doubtful
    )  # fmt: skip


async def _targets(written: str, names: Names, fraction: Callable[[], float]) -> tuple[Hop, ...]:
    where = registrar_address(written)
    targets = await locate(where, names, fraction)
    if not targets:
        raise OSError(f"{where.host} has no address of this family")
    return targets
