"""A test call as a person reads it: who played which part, and what came when. Pure."""

from collections.abc import Iterator
from http import HTTPStatus

from ctibridge.selftest.comparison import ending
from ctibridge.selftest.expected import Expected
from ctibridge.selftest.timeline import Timeline
from ctibridge.sip.outgoing import CallEnd

_REASONS = {180: "Ringing", 183: "Session Progress", 480: "Temporarily Unavailable", 484: "Address Incomplete"}
_REASONS |= {100: "Trying", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 603: "Decline"}
_ENDS = {
    CallEnd.SILENT: "gave up: nothing came",
    CallEnd.HUNG_UP_THERE: "was hung up",
}
Event = tuple[int, str, str]
"""Milliseconds since the INVITE, who, and what."""


def cast(expected: Expected, timeline: Timeline) -> dict[str, str]:
    """By part."""
    one = timeline.cast
    caller = f"{one.caller}, as {ending(expected.user)}"
    picked = "none that we started" + (f": {one.no_phone}" if one.no_phone else "")
    if timeline.picked_up is not None:
        picked = f"of the line, {one.answers_as or 'which does not say what it is'}"
    return {
        "caller": f"{caller} to {timeline.to}" if timeline.to else caller,
        "PBX": one.pbx or ("does not say what it is" if timeline.replies else "nothing was heard of it"),
        "phone": one.phone or picked,
        "desk": one.desk,
    }


def events(expected: Expected, timeline: Timeline, *, private: bool) -> list[Event]:
    """In their order; none where nothing was dialled. private: the number dialled by its end alone."""
    if timeline.began is None:
        return []
    number = ending(expected.dialled) if private else expected.dialled
    found = [(0, "caller", f"INVITE to {number}"), *_events(timeline)]
    return sorted(found, key=lambda event: event[0])


def _events(timeline: Timeline) -> Iterator[Event]:
    for reply in timeline.replies:
        yield round(reply.at * 1000), "PBX", f"{reply.status} {_reason(reply.status)}".strip()
    if timeline.first is not None:
        yield round(timeline.first.at * 1000), "desk", f"pop, on line {timeline.first.line}"
    if timeline.gave_up is not None:
        what = "hung up" if timeline.picked_up is not None else "took the call back"
        yield round(timeline.gave_up * 1000), "caller", what
    if timeline.ended in _ENDS and timeline.ended_at is not None:
        yield round(timeline.ended_at * 1000), "caller", _ENDS[timeline.ended]
    if timeline.outcome is not None:
        yield round(timeline.outcome.at * 1000), "desk", f"ended: {timeline.outcome.word}"


def _reason(status: int) -> str:
    """As RFC 3261 has it; most are HTTP's."""
    try:
        return _REASONS.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""
