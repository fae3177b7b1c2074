"""A missed call as JSON text that outlives the process: `write` and `read` are a pair.

The text names the caller by what he is known again, often a number: it goes into the store and nowhere else. Who reads
it trusts it as his own store. The standard library's JSON, because this room has nothing else.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ctibridge.calls.missed_call import AtDesk, MissedCall, Spoken
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.work import Work, WorkState

Json = dict[str, Any]


class Unreadable(ValueError):
    """This is no text of a missed call. It does not say what stands there: that may be a caller's number."""


def write(one: MissedCall) -> bytes:
    body: Json = {
        "id": one.id,
        "caller": one.caller,
        "account": one.account,
        "desks": {agent: _desk(desk) for agent, desk in one.desks.items()},
        "spoken": None if one.spoken is None else {"by": one.spoken.by, "at": one.spoken.at.isoformat()},
        "work": None if one.work is None else _work(one.work),
        "shared": one.shared,
    }
    return json.dumps(body, separators=(",", ":")).encode()


def read(text: bytes) -> MissedCall:
    """Raises Unreadable."""
    try:
        return _missed_call(json.loads(text))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise Unreadable("no text of a missed call") from None


def read_all(texts: Mapping[str, bytes]) -> tuple[list[MissedCall], list[str]]:
    """By call, in any order. Returns the calls, oldest first, and which texts cannot be read."""
    calls, unreadable = [], []
    for call, text in texts.items():
        try:
            calls.append(read(text))
        except Unreadable:
            unreadable.append(call)
    return sorted(calls, key=lambda one: one.moved_at), unreadable


def _desk(desk: AtDesk) -> Json:
    call = desk.call
    by = call.answered_by
    return {
        "trunk": call.trunk,
        "line": call.line,
        "state": call.state,
        "round": call.round,
        "rang_at": call.rang_at.isoformat(),
        "answered_at": None if call.answered_at is None else call.answered_at.isoformat(),
        "ended_at": None if call.ended_at is None else call.ended_at.isoformat(),
        "outcome": call.outcome,
        "answered_by": None if by is None else [by.line, by.agent],
        "missed": desk.missed,
        "told": desk.told,
    }


def _work(work: Work) -> Json:
    return {"by": work.by, "state": work.state, "at": work.at.isoformat(), "answered_in": work.answered_in}


def _missed_call(body: Json) -> MissedCall:
    call, spoken, work = body["id"], body["spoken"], body["work"]
    desks = {agent: _read_desk(call, desk) for agent, desk in body["desks"].items()}
    if not isinstance(call, str) or not desks:
        raise Unreadable
    return MissedCall(
        call,
        body["caller"],
        body["account"],
        desks,
        None if spoken is None else Spoken(call, spoken["by"], _time(spoken["at"])),
        None if work is None else Work(work["by"], WorkState(work["state"]), _time(work["at"]), work["answered_in"]),
        body["shared"],
    )


def _read_desk(call: str, body: Json) -> AtDesk:
    answered_at, ended_at, outcome, by = body["answered_at"], body["ended_at"], body["outcome"], body["answered_by"]
    told = Call(
        call,
        body["trunk"],
        body["line"],
        CallState(body["state"]),
        _time(body["rang_at"]),
        None if answered_at is None else _time(answered_at),
        None if ended_at is None else _time(ended_at),
        None if outcome is None else Outcome(outcome),
        body["round"],
        None if by is None else AnsweredBy(*by),
    )
    return AtDesk(told, body["missed"], body["told"])


def _time(text: str) -> datetime:
    """A time without a zone could not be compared with any other."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise Unreadable
    return at
