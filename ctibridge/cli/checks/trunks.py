"""The way to a trunk's registrar, and what the registrar says to a line that asks. Pure: what was seen comes in."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ctibridge.cli.checks.mends import OTHERWISE, mend, plain
from ctibridge.cli.checks.wording import counted, named
from ctibridge.domain.finding import Finding, note
from ctibridge.sip.adapters.pilot import Word
from ctibridge.sip.adapters.way import Seen, Way
from ctibridge.sip.events import Hearing, View
from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.settings import TrunkSettings, registrar_address

RENEW = timedelta(days=21)
URGENT = timedelta(days=3)
REACHABLE = "see that the PBX runs, and that registrar, port and firewall let us reach it"
_ROWS = {View.CONTACT: "registration", View.DIALOG_INFO: "subscription"}


def way(trunk: TrunkSettings, found: Way, at: datetime) -> Iterator[Finding]:
    """Names, route, connections; at: aware UTC."""
    yield from _names(trunk, found)
    if not found.hops:
        return
    yield _route(trunk.name, found)
    for seen in found.seen:
        yield _connection(trunk.name, seen, at)


def leads_there(found: Way) -> bool:
    """Is it worth asking the registrar? Where not, the row that says why stands already."""
    return bool(found.hops) and found.no_route is None and not (found.seen and all(one.fault for one in found.seen))


def word(trunk: TrunkSettings, said: Word) -> Finding:
    """What the line that was tried was told."""
    row, line = _ROWS[said.view], f"trunk {trunk.name}: line {said.line}"
    if said.heard is None:
        return Finding(row, f"{line}: the registrar does not answer", REACHABLE)
    why, others = said.heard.why, said.heard.others
    if said.heard.hearing is not Hearing.REGISTERED:
        return Finding(row, f"{line}: {plain(why)}", mend(why, trunk.aor_domain))
    if said.view is View.DIALOG_INFO:
        return Finding(row, f"{line}: {why}")
    if not others and trunk.is_test_line(said.line):
        return Finding(row, f"{line} registers, alone as a test line may be")
    if not others:
        text = f"{line} registers, and no other device is on it"
        return note(row, text, 'sign its phone on, or leave alone = "stay" to lines without a phone')
    return Finding(row, f"{line} registers, beside {counted(others, 'other device')}")


def cannot_begin(row: str, fault: str) -> Finding:
    """The daemon would not start, either. fault: with its mend behind a semicolon."""
    return _told(row, fault)


def _names(trunk: TrunkSettings, found: Way) -> Iterator[Finding]:
    host = registrar_address(trunk.outbound_proxy or trunk.registrar).host
    if not found.hops:
        why = "no name server answers for it" if found.unanswered else "it has no address"
        text = f"trunk {trunk.name}: {host}: {why}"
        yield Finding("DNS", text, "mend registrar, or the name server that this machine asks")
        return
    if all(hop.host == host for hop in found.hops):
        return
    by = f", by {' and '.join(found.records)}" if found.records else ""
    text = f"trunk {trunk.name}: {host} is {named(map(_place, found.hops))}{by}"
    if found.unanswered:
        text += "; not every question was answered"
        yield note("DNS", text, "let the name server answer for NAPTR and SRV, or write port and transport")
    else:
        yield Finding("DNS", text)


def _route(trunk: str, found: Way) -> Finding:
    first = found.hops[0]
    if found.no_route is not None:
        text = f"trunk {trunk}: none to {first.host}: {found.no_route}"
        return Finding("route", text, f"look at: ip route get {first.host}")
    return Finding("route", f"trunk {trunk}: from {found.local} to {_place(first)}")


def _connection(trunk: str, seen: Seen, at: datetime) -> Finding:
    row = "TLS" if seen.hop.transport is Transport.TLS else "TCP"
    if seen.fault is not None:
        return _told(row, f"trunk {trunk}: {_place(seen.hop)}: {seen.fault}", REACHABLE)
    if seen.ends is None:
        return Finding(row, f"trunk {trunk}: {_place(seen.hop)} takes connections")
    left = seen.ends - at
    text = f"trunk {trunk}: certificate of {seen.hop.name or seen.hop.host} is trusted and ends {_in(left)}"
    if left < RENEW:
        return Finding(row, text, "let the PBX's administrator renew it", can_wait=left >= URGENT)
    return Finding(row, text)


def _place(hop: Hop) -> str:
    host = f"[{hop.host}]" if ":" in hop.host else hop.host
    return f"{host}:{hop.port} ({hop.transport.value})"


def _in(left: timedelta) -> str:
    return f"in {counted(left.days, 'day')}" if left.days else "today"


def _told(row: str, fault: str, otherwise: str = OTHERWISE) -> Finding:
    """Its mend stands behind a semicolon, where it has one."""
    text, _, what = fault.rpartition("; ")
    return Finding(row, text or fault, what if text else otherwise)
