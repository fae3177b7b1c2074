"""What the running daemon knows of the lines of a trunk: who is heard, and whom the dial plan forgets. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ctibridge.cli.checks.mends import mend, plain
from ctibridge.cli.checks.wording import counted, named
from ctibridge.domain.finding import Finding, note
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.sip.settings import TrunkSettings

SILENT = timedelta(days=3)
"""A line that has not rung for so long says something of the dial plan: a weekend and a day."""
UNHEARD = timedelta(hours=1)
"""Its phone rang so much later than our contact: then that call was not forked to us."""
STARTS = timedelta(minutes=5)
"""A thousand lines register in 20 s; a PBX that is slow may need more."""
STALE = timedelta(minutes=5)
"""The daemon writes each minute."""
FORKS = "let the PBX call all contacts of the line, not its phone alone (docs/pbx)"


def findings(
    trunk: TrunkSettings, lines: Sequence[str], known: Sequence[LineEvidence], at: datetime
) -> Iterator[Finding]:
    """lines: of the configuration; known: of the daemon, of any trunk; at: aware UTC."""
    wanted = set(lines)
    ours = [one for one in known if one.trunk == trunk.name and one.line in wanted]
    yield from _heard(trunk.name, len(lines), ours, at)
    yield from _unknown(trunk.name, wanted - {one.line for one in ours})
    yield from _unheard(trunk, len(lines), ours, at)
    yield from _half_heard(trunk, ours)
    yield from _calls(trunk, [one for one in ours if one.state is LineState.REGISTERED], at)


def freshness(seen: datetime | None, at: datetime) -> Iterator[Finding]:
    """Nothing where the daemon writes as it should."""
    if seen is None or at - seen < STALE:
        return
    age = at - seen
    text = f"the daemon wrote of its lines {_age(age)} ago for the last time: the rows of lines are as old"
    yield Finding("lines heard", text, "see whether it is alive: journalctl -u ctibridge")


def _heard(trunk: str, count: int, ours: Sequence[LineEvidence], at: datetime) -> Iterator[Finding]:
    """Nothing where some line is not heard: the row with the reason says of how many."""
    heard = sum(one.state is LineState.REGISTERED for one in ours)
    text = f"trunk {trunk}: {heard:,} of {counted(count, 'line')} heard"
    if heard == count:
        yield Finding("lines heard", text)
    elif heard + sum(_starts(one, at) for one in ours) == count:
        yield Finding("lines heard", f"{text} so far, the registrar is being asked")


def _unknown(trunk: str, unknown: set[str]) -> Iterator[Finding]:
    if unknown:
        why = "it has an older configuration, just began, or desks.db was replaced while it ran"
        text = f"trunk {trunk}: the daemon has told nothing of {named(unknown)}: {why}"
        yield note("lines heard", text, "systemctl reload ctibridge; where that changes nothing, restart it")


def _unheard(trunk: TrunkSettings, count: int, ours: Sequence[LineEvidence], at: datetime) -> Iterator[Finding]:
    """One row for each reason. A phone that is signed off is no fault of anything where others are there, or all were
    there a weekend ago at most; where none ever was, the PBX may allow one contact alone."""
    some_heard = any(_was_heard(one, at) for one in ours)
    reasons: dict[tuple[LineState, str], list[LineEvidence]] = defaultdict(list)
    for one in ours:
        if one.state is not LineState.REGISTERED and not _starts(one, at):
            reasons[one.state, one.why].append(one)
    for (state, why), those in reasons.items():
        who = f"{named(one.line for one in those)} ({len(those):,} of {counted(count, 'line')})"
        since = min(one.since for one in those)
        text = f"trunk {trunk.name}: {who} not heard since {_time(since)}: {plain(why)}"
        alone = state is LineState.ALONE and some_heard
        yield Finding("lines heard", text, mend(why, trunk.aor_domain), can_wait=alone)


def _was_heard(one: LineEvidence, at: datetime) -> bool:
    return one.state is LineState.REGISTERED or (one.away_since is not None and at - one.away_since < SILENT)


def _starts(one: LineEvidence, at: datetime) -> bool:
    return one.state is LineState.REGISTERING and at - one.since < STARTS


def _half_heard(trunk: TrunkSettings, ours: Sequence[LineEvidence]) -> Iterator[Finding]:
    """Seen by one of two views, or without any phone."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for one in ours:
        if one.state is LineState.REGISTERED and ", but not by " in one.why:
            reasons[one.why].append(one.line)
    for why, lines in reasons.items():
        text = f"trunk {trunk.name}: {named(lines)}: {plain(why)}"
        yield Finding("lines heard", text, mend(why.partition(", but not by ")[2], trunk.aor_domain))
    here = [one for one in ours if trunk.registers and one.state is LineState.REGISTERED]
    bare = [one.line for one in here if one.others == 0 and not trunk.is_test_line(one.line)]
    if bare:
        text = f"trunk {trunk.name}: {named(bare)}: no other device is on the line, and our contact stays"
        yield note("lines heard", text, 'sign the phone on, or leave alone = "stay" to lines without a phone')


def _calls(trunk: TrunkSettings, registered: Sequence[LineEvidence], at: datetime) -> Iterator[Finding]:
    """From what really rang. A line whose registration fails in one view has its row already."""
    whole = [one for one in registered if ", but not by " not in one.why]
    passed_by = [one for one in whole if trunk.registers and _passed_by(one)]
    if passed_by:
        text = f"trunk {trunk.name}: {named(one.line for one in passed_by)}: the phone rings, and our contact does not"
        yield Finding("calls", text, FORKS)
    silent = [one for one in whole if one not in passed_by and _silent_for(trunk, one, at) >= SILENT]
    if not silent:
        return
    days = min(_silent_for(trunk, one, at) for one in silent).days
    rang = sum(_rang(trunk, one) is not None for one in whole if one not in silent)
    yield _silence(trunk, [one.line for one in silent], days, rang)


def _silence(trunk: TrunkSettings, lines: list[str], days: int, rang: int) -> Finding:
    one, have = ("line", "has") if len(lines) == 1 else ("lines", "have")
    text = f"trunk {trunk.name}: {one} {named(lines)} {have} registered for {days} days and never rang"
    if rang:
        return note("calls", f"{text}, while {counted(rang, 'other line')} did", FORKS)
    return Finding("calls", text, FORKS)


def _passed_by(one: LineEvidence) -> bool:
    if one.phone_rang is None or one.registered_since is None or one.phone_rang < one.registered_since:
        return False
    ours = max(one.last_rang or one.registered_since, one.registered_since)
    return one.phone_rang - ours >= UNHEARD


def _silent_for(trunk: TrunkSettings, one: LineEvidence, at: datetime) -> timedelta:
    """For how long it has been registered without a ring; nothing where it rang."""
    rang = _rang(trunk, one)
    if one.registered_since is None or (rang is not None and rang >= one.registered_since):
        return timedelta(0)
    return at - one.registered_since


def _rang(trunk: TrunkSettings, one: LineEvidence) -> datetime | None:
    return one.last_rang if trunk.registers else one.phone_rang


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _age(age: timedelta) -> str:
    if age.days:
        return counted(age.days, "day")
    return counted(age.seconds // 3600, "hour") if age.seconds >= 3600 else counted(age.seconds // 60, "minute")
