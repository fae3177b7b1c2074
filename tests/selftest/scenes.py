"""A test call as the tests of the room tell it: what was expected, and a timeline in which all went well."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ctibridge.selftest.expected import Expected, Known
from ctibridge.selftest.timeline import Cast, LineSeen, Outcome, Pop, Reply, Timeline
from ctibridge.sip.outgoing import CallEnd

RANG = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
KNOWN = Known("+41790000017", "acme", "identified", ("acme/p17",), "de-CH")
POP = Pop(0.02, "pbx", "6001", RANG, "+41790000017", "acme", "identified", ("acme/p17",), "de-CH")


def expected(**keys: Any) -> Expected:
    one = Expected(
        "pbx", "ana", "6001", "6099", "+493023125100", 10.0, answers=True, sees_end=True, watched=False, known=KNOWN
    )
    return replace(one, **keys)


def timeline(**keys: Any) -> Timeline:
    """Answered by a phone of the line, hung up by us. Keywords replace what is in it."""
    made = Timeline(Cast("ctibridge 1, its own SIP core", "ana, a page", pbx="kamailio"), to="192.0.2.9:5060 over UDP")
    made.began, made.lines = 100.0, (LineSeen("6001", "registered"),)
    made.replies = [Reply(0.001, 407), Reply(0.002, 100), Reply(0.015, 180), Reply(1.0, 200)]
    made.popped(POP)
    made.picked_up, made.gave_up, made.ended, made.ended_at = 1.0, 1.001, CallEnd.HUNG_UP_HERE, 1.001
    made.outcome = Outcome(1.012, "answered_elsewhere")
    for key, value in keys.items():
        setattr(made, key, value)
    return made


def refused(status: int, *before: int, **keys: Any) -> Timeline:
    """Nothing rang: the PBX said this."""
    replies = [Reply(0.001 * at, each) for at, each in enumerate((*before, status), 1)]
    nothing = {"first": None, "newest": None, "picked_up": None, "gave_up": None, "outcome": None}
    return timeline(**{"replies": replies, "ended": CallEnd.REFUSED} | nothing | keys)


def without_pop(**keys: Any) -> Timeline:
    """It rang somewhere, and no desk saw it; we took it back."""
    replies = [Reply(0.002, 100), Reply(0.015, 180), Reply(10.0, 487)]
    taken_back = {"picked_up": None, "gave_up": 10.0, "ended": CallEnd.CANCELLED, "ended_at": 10.0, "outcome": None}
    return timeline(**{"replies": replies, "first": None, "newest": None} | taken_back | keys)
