"""What a test call proved: rows for the administrator, the first of them to be mended as a word. Pure.

The order is that of the way: could it be dialled, what did the PBX say, did it pop, was that right, how did it end.
Whatever failed hides what comes behind it: one cause is one row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ctibridge.domain.finding import Finding, note
from ctibridge.selftest import refusals
from ctibridge.selftest.comparison import comparisons
from ctibridge.selftest.expected import Expected
from ctibridge.selftest.timeline import Timeline
from ctibridge.sip.outgoing import CallEnd

GOOD = "good"
SOON = 0.2
"""Seconds between picking up and the first word; a phone that answers by itself is faster than any pop."""
_OTHER = "let nobody else take this call: no other phone, and no queue, announcement or voicemail of the PBX"
SLOW = 1.0
"""Seconds after which a pop may come behind the hand that picks up."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """word: GOOD, or what failed first."""

    good: bool
    rows: tuple[Finding, ...]
    word: str


def judge(expected: Expected, timeline: Timeline) -> Verdict:
    return verdict_of(tuple(_rows(expected, timeline)))


def verdict_of(rows: tuple[Finding, ...]) -> Verdict:
    bad = next((row for row in rows if row.mend is not None and not row.can_wait), None)
    return Verdict(bad is None, rows, GOOD if bad is None else bad.what)


def _rows(expected: Expected, timeline: Timeline) -> Iterator[Finding]:
    if timeline.stopped is not None:
        yield timeline.stopped
        return
    refused = _refused(expected, timeline)
    if timeline.desk_lost:
        yield Finding("daemon", "it closed the desk while we called", refusals.RESTARTED)
        return
    if timeline.first is None:
        yield refused or _no_pop(expected, timeline)
        return
    rang = timeline.ringing
    yield Finding("call", "the PBX let it pass" if rang is None else f"the PBX said {rang.status} after {_ms(rang.at)}")
    yield _pop(expected, timeline)
    yield from comparisons(expected, timeline)
    if refused is not None:
        yield replace(refused, what="answer")
        return
    yield from _answer(expected, timeline)
    yield from _end(expected, timeline)


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000):,} ms"


def _refused(expected: Expected, timeline: Timeline) -> Finding | None:
    if timeline.ended is CallEnd.SILENT:
        return refusals.silent(timeline)
    return None if timeline.refused is None else refusals.refused(timeline.refused, expected, timeline)


def _pop(expected: Expected, timeline: Timeline) -> Finding:
    pop = timeline.first
    assert pop is not None
    text = f"at {expected.agent}'s desk {_ms(pop.at)} after the INVITE, on line {pop.line}"
    if timeline.picked_up is not None and pop.at - timeline.picked_up > SOON:
        late = f"{text}: {_ms(pop.at - timeline.picked_up)} after somebody had picked up"
        return Finding("pop", late, "let the other phone ring before it answers, or see why the daemon is slow")
    if pop.trunk != expected.trunk or expected.line not in (None, pop.line):
        return _elsewhere(f"{text} of trunk {pop.trunk}", expected, timeline)
    if pop.at > SLOW:
        return note(
            "pop", text, "see why: `ctibridge check`, ctibridge_pop_seconds, and what the PBX does before it rings"
        )
    return Finding("pop", text)


def _elsewhere(text: str, expected: Expected, timeline: Timeline) -> Finding:
    """The number rings at several lines, and whichever fork is the first is shown. That proves nothing of a line that
    is not heard."""
    lines = timeline.lines
    if lines and not any(line.is_heard for line in lines):
        return Finding("pop", f"{text}, but {lines[0]}", refusals.LINE[lines[0].state])
    meant = f"trunk {expected.trunk}" if expected.line is None else f"line {expected.line} of trunk {expected.trunk}"
    return note("pop", f"{text}; meant was {meant}", "dial what rings there alone, to see that it pops by itself")


def _no_pop(expected: Expected, timeline: Timeline) -> Finding:
    text = f"none at {expected.agent}'s desk within {expected.patience:g} s"
    if timeline.ended is CallEnd.HUNG_UP_THERE:
        text += "; the PBX took the call and hung up"
    elif timeline.picked_up is not None:
        text += "; somebody picked up"
    if timeline.others:
        text += f"; {timeline.others} from another caller did: was that ours?"
        return Finding("pop", text, "write selftest.number as the PBX shows this caller to its phones")
    unheard = next((line for line in timeline.lines if not line.is_heard), None)
    if unheard is not None:
        return Finding("pop", f"{text}; {unheard}", refusals.LINE[unheard.state])
    if timeline.lines and not any(line.sits for line in timeline.lines):
        text += f"; line {timeline.lines[0].line} is shared, and {expected.agent} does not sit there now"
        return Finding("pop", text, "give the test line one agent alone, or name the one who sits there")
    if not timeline.lines:
        where = "no line" if expected.line is None else f"no line {expected.line}"
        mend = f"let {expected.agent} sit at the line that it rings (agents of [[trunk.line]]), or name another agent"
        return Finding("pop", f"{text}; the daemon shows {expected.agent} {where}", mend)
    return Finding("pop", f"{text}, though line {timeline.lines[0].line} is registered", refusals.FORKS)


def _answer(expected: Expected, timeline: Timeline) -> Iterator[Finding]:
    cast = timeline.cast
    phone = cast.phone or "a phone of the line"
    if timeline.picked_up is not None and cast.phone is not None and not cast.phone_answered:
        text = f"{cast.answers_as or 'somebody else'} picked up after {_ms(timeline.picked_up)}, and {phone} did not"
        yield Finding("answer", text, _OTHER)
    elif timeline.picked_up is not None:
        yield Finding("answer", f"{phone} picked up after {_ms(timeline.picked_up)}")
    elif not expected.answers:
        yield Finding("answer", "nobody was asked to pick up")
    elif cast.phone is not None:
        yield Finding("answer", f"{phone} did not pick up", "see whether the PBX rings the line that it sits on")
    else:
        why = f": {cast.no_phone}" if cast.no_phone else ""
        text = f"nobody picked up, so 'answered elsewhere' was not seen{why}"
        yield note("answer", text, "let pyVoIP or the line's phone answer, or say answer = false (docs/selftest.md)")


def _end(expected: Expected, timeline: Timeline) -> Iterator[Finding]:
    """With dialog-info the line's own phone may have been seen to answer."""
    if not expected.sees_end:
        yield note("end", "not seen by this trunk", 'ring = "hold" or dialog-info would see it')
        return
    wanted = ["answered_elsewhere"] if timeline.picked_up is not None else ["abandoned"]
    if timeline.picked_up is not None and expected.watched:
        wanted.append("answered_here")
    words = " or ".join(wanted)
    outcome = timeline.outcome
    if outcome is None:
        mend = "see the daemon's log; the PBX may send us no CANCEL (docs/pbx)"
        yield Finding("end", f"expected {words}, the desk saw no end", mend)
    elif outcome.word not in wanted:
        mend = "let the PBX pass the Reason of its CANCEL: SIP;cause=200 where somebody answered (docs/pbx)"
        yield Finding("end", f"expected {words}, the desk saw {outcome.word}", mend)
    else:
        yield Finding("end", f"{outcome.word} at the desk{_after(outcome.at, timeline)}")


def _after(at: float, timeline: Timeline) -> str:
    """The daemon hears of both by the PBX, and may be sooner than we."""
    since = timeline.gave_up if timeline.picked_up is None else timeline.picked_up
    what = "we took it back" if timeline.picked_up is None else "somebody picked up"
    return "" if since is None else f", {_ms(max(0.0, at - since))} after {what}"
