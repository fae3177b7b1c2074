"""What the world saw of a daemon while something went wrong: callers, desks and administrators, nothing from inside.

The record is plain values with times on one clock (monotonic seconds); `judge.complaints` reads it afterwards. A call
is named by the test's own number, which its caller's number carries (`number_of`, `call_of`), so that no id of the
daemon's has to be trusted. In a test::

    record = Record()
    record.sent.append(Sent(7, now, frozenset({"ana"})))
    record.rang.append(Rang(7, now, frozenset({"ana"})))  # the PBX heard 180
    record.lives.append(Life(began=now - 1, ready=now))
    ...
    assert complaints(record) == []

`harness.Bridge` writes it from a real daemon; one that is put together by hand (`test_judge.py`) is judged the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ABANDONED, ELSEWHERE, UNKNOWN, TIMED_OUT = "abandoned", "answered_elsewhere", "unknown", "timed_out"
RINGING, ENDED = "call.ringing", "call.ended"
_FIRST = "+4989555"
_DIGITS = 7


def number_of(call: int) -> str:
    """The caller's number of this call: no two calls of a test have the same, so the product never joins them."""
    return f"{_FIRST}{call:0{_DIGITS}}"


def call_of(number: str | None) -> int | None:
    """The call behind it, None for a number of nobody's here."""
    digits = (number or "").removeprefix(_FIRST)
    return int(digits) if digits.isdecimal() and len(digits) == _DIGITS else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A caller's INVITE, over all its forks. desks: the agents who are entitled to its pop. line_up: every contact that
    it went to was registered by the process that ran then, so an answer is owed; of several nodes by `node`."""

    call: int
    at: float
    desks: frozenset[str]
    line_up: bool = True
    node: str = ""


@dataclass(frozen=True, slots=True)
class Rang:
    """The PBX heard 180 on a fork: from then on we have told the caller that somebody is rung. desks: of that line.
    node: which of several answered."""

    call: int
    at: float
    desks: frozenset[str]
    node: str = ""


@dataclass(frozen=True, slots=True)
class Over:
    """The caller's end of it: what its CANCEL said. at: when it was sent; heard: when 200 to it came on every fork that
    rang, None: never."""

    call: int
    at: float
    outcome: str
    heard: float | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """The PBX, or the way to it, went while the call was open, and says nothing of it any more: where it rings, it ends
    by itself. by: when that has happened at the latest; said: what a CANCEL on its way may have said, None: nothing."""

    call: int
    at: float
    by: float
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One CloudEvent at one desk's socket. link: the number of the connection over all desks; call: the test's number,
    None where it names no call of ours; subject: the daemon's name for it; content: a digest of everything in it."""

    desk: str
    link: int
    at: float
    epoch: str
    sequence: int
    id: str
    type: str
    call: int | None
    subject: str
    content: str
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A call in a snapshot."""

    call: int | None
    state: str
    outcome: str | None


@dataclass(frozen=True, slots=True)
class Welcome:
    """What greeted a connection. asked: epoch and sequence of its `resume`; calls: the snapshot, by the daemon's name
    of each call. web: of which node. asked_at: when it asked for it."""

    desk: str
    link: int
    at: float
    epoch: str
    sequence: int
    resumed: bool
    asked: tuple[str, int] | None
    calls: Mapping[str, Listed]
    web: str = ""
    asked_at: float | None = None

    @property
    def began(self) -> float:
        return self.at if self.asked_at is None else self.asked_at


@dataclass(frozen=True, slots=True)
class Gone:
    """A connection's end."""

    desk: str
    link: int
    at: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A desk acknowledged up to here, and a `pong` said that all of it is stored: acknowledged, for ever."""

    desk: str
    at: float
    epoch: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Life:
    """One process. began: exec; ready: READY=1, None: never; queued: seconds of these in which it could have run, and
    others had the processors; ended: it was killed or stopped, None: not yet. pauses: from when to when it stood still
    and could do nothing. apart: from when to when it could not reach the others, and was there all the same. node,
    web: which of several it is, and where its screens connect."""

    began: float
    ready: float | None = None
    ended: float | None = None
    pauses: tuple[tuple[float, float], ...] = ()
    apart: tuple[tuple[float, float], ...] = ()
    queued: float = 0.0
    node: str = ""
    web: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """From then on the daemon's calendar is so many seconds ahead of the true one. noticed: when it surely was."""

    at: float
    ahead: float
    noticed: float


@dataclass(frozen=True, slots=True)
class Printed:
    """A command said that it is done: `what` holds from now on."""

    what: str
    at: float


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looked whether `what` holds. always: it must, whether a command said so or not, as a database that is
    whole (`PRAGMA integrity_check`)."""

    what: str
    at: float
    holds: bool
    always: bool = False


@dataclass
class Record:
    """Everything in the order in which it was seen."""

    sent: list[Sent] = field(default_factory=list)
    rang: list[Rang] = field(default_factory=list)
    over: list[Over] = field(default_factory=list)
    cut: list[Cut] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    links: list[Welcome] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    printed: list[Printed] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)


def event(desk: str, link: int, at: float, frame: Mapping[str, Any]) -> Event:
    """A CloudEvent as it came."""
    data = frame["data"]
    return Event(
        desk, link, at, frame["id"].rpartition(".")[0], int(frame["sequence"]), frame["id"], frame["type"],
        _call(data), frame.get("subject") or "", _digest(frame), data.get("call", {}).get("outcome"),
    )  # fmt: skip


def welcome(
    desk: str,
    link: int,
    at: float,
    data: Mapping[str, Any],
    asked: tuple[str, int] | None,
    web: str = "",
    asked_at: float | None = None,
) -> Welcome:
    """The data of a `welcome`. Who called stands in the newest event where that is a pop, else in the details; nowhere
    where the pop could not be read in time."""
    callers = {detail["call"]: _call(detail["pop"] or {}) for detail in data["details"]}
    calls = {}
    for one in data["calls"]:
        call = one["call"]
        number = _call(one) or callers.get(call["id"])
        calls[call["id"]] = Listed(number, call["state"], call.get("outcome"))
    return Welcome(desk, link, at, data["epoch"], data["sequence"], data["resumed"], asked, calls, web, asked_at)


def _call(data: Mapping[str, Any]) -> int | None:
    return call_of((data.get("caller") or {}).get("number"))


def _digest(frame: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(frame, sort_keys=True).encode()).hexdigest()[:16]
