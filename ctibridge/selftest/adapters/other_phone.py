"""The other phone of a test call: pyVoIP, signed on at the line for as long as the call takes, answering it.

It speaks UDP over IPv4 and MD5, and nothing else. Where it cannot play, the reason is said: then the line's own phone
answers, or nobody. It never goes where another device is: at a PBX that allows one contact it would throw that one off.
"""

import asyncio
import importlib.metadata
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ctibridge.delivery.adapters import kept_evidence
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.adapters.resolve import family_of, reach_of
from ctibridge.sip.adapters.udp import fresh
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.settings import LineAccess, TrunkSettings
from ctibridge.softphone import process
from ctibridge.softphone.orders import ANY, Handset, Order, Roster
from ctibridge.softphone.process import Softphone

SIGN_ON = 10.0
"""Seconds within which it has to be at the PBX."""
EXPIRES = 120
"""Seconds: a test call takes less, and a phone that was killed leaves the line soon."""
SAYS_SO = 1.0
"""Seconds for its word that it was the one who answered: it says it as soon as the PBX does."""
RINGS_FOR = 1.0
"""Seconds until it answers: pyVoIP's own, in which the call has to pop."""


async def _nobody() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class OtherPhone:
    """name: as a person reads it, None where there is no such phone; why: then, the end of a sentence. picked_up: was
    it the one? Asked when somebody has."""

    name: str | None
    why: str = ""
    picked_up: Callable[[], Awaitable[bool]] = field(default=_nobody, compare=False)


@asynccontextmanager
async def answering(trunk: TrunkSettings, line: LineAccess, state_dir: Path) -> AsyncIterator[OtherPhone]:
    """Signed on when this is entered, and answering every call on its line: of a PBX that makes two calls of one, the
    second has another Call-ID. Signed off behind it. state_dir: where the daemon keeps who else is on the line."""
    if not process.is_here():
        yield OtherPhone(None, "pyVoIP is not installed (extra softphone)")
        return
    if not line.password:
        yield OtherPhone(None, f"line {line.user} has no password for pyVoIP")
        return
    if others := _others(trunk, line, state_dir):
        devices = "another device is" if others == 1 else f"{others} other devices are"
        yield OtherPhone(None, f"{devices} on line {line.user}, which pyVoIP might throw off")
        return
    hop = await _hop(trunk)
    if hop is None or hop.transport is not Transport.UDP or ":" in hop.host:
        yield OtherPhone(None, "pyVoIP speaks UDP over IPv4 alone, and this trunk does not")
        return
    handset = Handset(line.user, line.password, line.username)
    softphone = await Softphone.start(Roster(*hop.address, (handset,), trunk.aor_domain, EXPIRES))
    try:
        if await _said_within(SIGN_ON, softphone.signed_on):
            softphone.expect(Order(ANY, line.user, RINGS_FOR, tell=True))
            name = f"pyVoIP {importlib.metadata.version('pyVoIP')}, on line {line.user}"
            yield OtherPhone(name, picked_up=partial(_said_within, SAYS_SO, softphone.picked_up))
        else:
            yield OtherPhone(None, f"pyVoIP could not sign on at line {line.user} (its password, or a second device)")
    finally:
        await softphone.stop()


def _others(trunk: TrunkSettings, line: LineAccess, state_dir: Path) -> int:
    """As the registrar listed them last; 0 where nobody knows."""
    try:
        known = kept_evidence.read(state_dir).lines
    except sqlite3.Error:
        return 0
    return next((one.others or 0 for one in known if (one.trunk, one.line) == (trunk.name, line.user)), 0)


async def _hop(trunk: TrunkSettings) -> Hop | None:
    """None where there is no way: who calls will say so."""
    try:
        return (await reach_of(trunk, DnsNames(family_of(trunk)), fresh().fraction)).targets[0]
    except OSError:
        return None


async def _said_within(seconds: float, says: Callable[[], Awaitable[object | None]]) -> bool:
    try:
        async with asyncio.timeout(seconds):
            return await says() is not None
    except TimeoutError:
        return False
