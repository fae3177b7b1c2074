"""All trunks: what the daemon knows where it runs, and where it does not, what a first line is told by the registrar.

Names, routes and certificates are looked at in both cases, all trunks at the same time.
"""

import asyncio
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.cli.checks import lines, trunks
from ctibridge.cli.checks.agents import Seats
from ctibridge.config import Settings
from ctibridge.delivery.adapters import kept_evidence
from ctibridge.delivery.adapters.kept_evidence import KeptEvidence
from ctibridge.domain.finding import Finding
from ctibridge.installation import INSTANCE
from ctibridge.sip.adapters import pilot
from ctibridge.sip.adapters.resolve import Reach
from ctibridge.sip.adapters.tls import CaFault
from ctibridge.sip.adapters.way import look
from ctibridge.sip.settings import TrunkAccess, TrunkSettings
from ctibridge.trunks import not_ours


async def findings(
    settings: Settings, seats: Seats, accesses: Mapping[str, TrunkAccess], state_dir: Path, *, running: bool
) -> tuple[Finding, ...]:
    """seats: of the trunks whose lines are known; accesses: of those whose secrets can be read, too. running: is there
    a daemon? Then nothing is sent to a registrar: its contacts are there."""
    known, found = _known(state_dir) if running else (None, [])
    instance = _instance(state_dir)
    rows = await asyncio.gather(
        *(
            _of(trunk, None if running else accesses.get(trunk.name), instance, known, seats.get(trunk.name, {}))
            for trunk in settings.trunk
        )
    )
    return (*found, *(row for of_trunk in rows for row in of_trunk))


async def _of(
    trunk: TrunkSettings,
    access: TrunkAccess | None,
    instance: str | None,
    known: KeptEvidence | None,
    configured: Collection[str],
) -> Sequence[Finding]:
    """access: None where nobody is to be asked. Each step has its own limit: one around them all would cut off the
    sign-off of a line, and what was found before it."""
    at, found = datetime.now(UTC), await look(trunk)
    rows = list(trunks.way(trunk, found, at))
    if access is not None and trunks.leads_there(found):
        rows += await _asked(trunk, access, instance, found.reach)
    if known is not None and configured:
        rows += lines.findings(trunk, tuple(configured), known.lines, at)
    return rows


async def _asked(
    trunk: TrunkSettings, access: TrunkAccess, instance: str | None, reach: Reach | None
) -> Sequence[Finding]:
    try:
        return [trunks.word(trunk, word) async for word in pilot.ask(trunk, access, instance, reach)]
    except CaFault as fault:
        return [trunks.cannot_begin("TLS", f"trunk {trunk.name}: {fault}")]
    except OSError as error:
        return [trunks.cannot_begin("listen", not_ours(f"trunk {trunk.name} listen", trunk.listen, error))]


def _known(state_dir: Path) -> tuple[KeptEvidence | None, Sequence[Finding]]:
    try:
        known = kept_evidence.read(state_dir)
    except sqlite3.Error as fault:
        text = f"what the daemon knows of its lines cannot be read: {fault}"
        return None, [Finding("lines heard", text, "see the row of its file, desks.db")]
    return known, list(lines.freshness(known.seen, datetime.now(UTC)))


def _instance(state_dir: Path) -> str | None:
    """As the daemon names itself at the registrar; None before its first start."""
    try:
        return (state_dir / INSTANCE).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
