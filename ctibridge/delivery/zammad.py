"""The form that Zammad's generic CTI takes: newCall, answer and hangup, each once for a call over all desks.

A call that comes round again after nobody took it (a queue, or somebody who dials again within a minute) is announced
again under an id of its own, and the round before is checked off.

What Zammad does with each was read in its documentation ("Generic CTI", zammad-documentation) and in its code
(`Cti::Log.process`, `Cti::Driver::Base`): a newCall of a call that it knows, and an answer or a hangup of one that it
does not know, is a 500. So who posts these does it one after the other, oldest event first, and takes a 500 as being
about one body. A hangup of a call that was hung up before takes it from the list of those to be called back.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlencode

import msgspec

from ctibridge.delivery.kept import KeptEvent

CONTENT_TYPE = "application/x-www-form-urlencoded"
MOST_CALLS = 512
"""Of which it is remembered what was said; the oldest that are over are forgotten first."""
WITHHELD = "anonymous"
_LONGEST = 100  # characters of a number; Zammad's column
_CAUSES: Mapping[str, str] = {
    "abandoned": "cancel",
    "declined": "noAnswer",
    "timed_out": "noAnswer",
    "failed": "congestion",
}
_CLEARED = "normalClearing"  # also where nobody saw how it ended: of all causes the one for which Zammad shows no word

Stage = Literal["ringing", "answered", "missed", "done"]


class _AnsweredBy(msgspec.Struct, frozen=True):
    line: str
    agent: str | None = None


class _Call(msgspec.Struct, frozen=True):
    id: str
    state: str
    line: str
    round: int = 1
    outcome: str = "unknown"
    answered_by: _AnsweredBy | None = None


class _Caller(msgspec.Struct, frozen=True):
    number: str | None = None
    raw: str | None = None
    presentation: str = "allowed"


class _Called(msgspec.Struct, frozen=True):
    number: str | None = None


class _Data(msgspec.Struct, frozen=True):
    call: _Call
    caller: _Caller = _Caller()
    called: _Called = _Called()


_data = msgspec.json.Decoder(_Data)
_kept = msgspec.json.Decoder(tuple[Stage, int, int, frozenset[str]])
_json = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class _Known:
    """round: the newest; begun: the round whose newCall counts. desks: at which it rings or is talked on. between: from
    and to, where they are known; never kept."""

    stage: Stage
    round: int
    begun: int
    desks: frozenset[str]
    between: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_over(self) -> bool:
        return self.stage in ("missed", "done")


@dataclass(frozen=True, slots=True)
class Step:
    """body: to be posted; empty where there is nothing to say. known: the call, once that is done."""

    call: str
    known: _Known
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Left:
    """away: by desk, what the next node has to `adopt` of it, by call. kept: as of `Zammad.took`."""

    away: dict[str, dict[str, bytes]] = field(default_factory=dict)
    kept: dict[str, bytes | None] = field(default_factory=dict)


class Zammad:
    """One receiver's view of the calls: what was said, never what is to be said. kept: what `took` said before a
    restart, by call; what cannot be read is nothing."""

    def __init__(self, kept: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._calls: dict[str, _Known] = {}
        for call, text in sorted(kept.items()):  # their ids begin with the time
            with suppress(msgspec.DecodeError):
                self._calls[call] = _Known(*_kept.decode(text))

    def steps(self, agent: str, event: KeptEvent) -> list[Step]:
        """What this desk's event says newly, in the order to be posted; mostly nothing. Until `took` hears of the first
        one, it is the same whenever it is asked for; then it is the others."""
        if event.kind not in ("call.ringing", "call.updated", "call.answered", "call.ended"):
            return []
        data = _data.decode(event.data)
        known = self._calls.get(data.call.id)
        if event.kind in ("call.ringing", "call.updated"):
            return _rings(agent, data, known) if data.call.state == "ringing" else []
        if known is None:
            return []
        if event.kind == "call.answered":
            here = replace(known, desks=known.desks | {agent})
            return _taken(data.call, here, _AnsweredBy(data.call.line, agent)) or _unsaid(data.call.id, known, here)
        return _ended(agent, data.call, known)

    def lost(self, agent: str) -> list[Step]:
        """What to say where it will not be heard how this desk's calls went on: else they would ring for ever."""
        at_desk = ((call, known) for call, known in self._calls.items() if agent in known.desks)
        return [step for call, known in at_desk for step in _ended(agent, _Call(call, "ended", ""), known)]

    def took(self, step: Step) -> Mapping[str, bytes | None]:
        """It was said, or will never be. What outlives the process, by call: desks, no numbers; None: no longer."""
        return self._know(step.call, step.known)

    def leave(self, agents: frozenset[str]) -> Left:
        """These desks go to other nodes, and so does what was said of a call that no desk of ours has then."""
        left = Left()
        for call, known in list(self._calls.items()):
            if not (going := known.desks & agents):
                continue
            if known.desks - agents:
                left.kept.update(self._know(call, replace(known, desks=known.desks - agents)))
                continue
            del self._calls[call]
            left.kept[call] = None
            for agent in going:
                left.away.setdefault(agent, {})[call] = _text(replace(known, desks=frozenset({agent})))
        return left

    def adopt(self, agent: str, came: Mapping[str, bytes]) -> Mapping[str, bytes | None]:
        """By call, what another node said of it (`leave`) before this desk came. Returns the same as `took`."""
        kept: dict[str, bytes | None] = {}
        for call, text in came.items():
            with suppress(msgspec.DecodeError):
                known = self._calls.get(call, _Known(*_kept.decode(text)))
                kept |= self._know(call, replace(known, desks=known.desks | {agent}))
        return kept

    def erase(self, calls: Iterable[str]) -> None:
        """Who called in these, and whom, is known no longer."""
        for call in calls:
            if (known := self._calls.get(call)) is not None:
                self._calls[call] = replace(known, between={})

    def _know(self, call: str, known: _Known) -> dict[str, bytes | None]:
        forgotten: dict[str, bytes | None] = {} if call in self._calls else dict.fromkeys(self._make_room())
        self._calls[call] = known
        return forgotten | {call: _text(known)}

    def _make_room(self) -> Iterator[str]:
        while len(self._calls) >= MOST_CALLS:
            over = (call for call, known in self._calls.items() if known.is_over)
            oldest = next(over, next(iter(self._calls)))
            del self._calls[oldest]
            yield oldest


def _text(known: _Known) -> bytes:
    return _json.encode((known.stage, known.round, known.begun, known.desks))


def _rings(agent: str, data: _Data, known: _Known | None) -> list[Step]:
    call = data.call
    if known is None:
        return [_begin(agent, data)]
    if known.is_over and call.round > known.round:
        return [*_checked_off(call.id, known), _begin(agent, data)]
    return _unsaid(call.id, known, replace(known, round=max(known.round, call.round), desks=known.desks | {agent}))


def _begin(agent: str, data: _Data) -> Step:
    call = data.call
    return _said("newCall", call.id, _Known("ringing", call.round, call.round, frozenset({agent}), _between(data)))


def _taken(call: _Call, known: _Known, by: _AnsweredBy | None) -> list[Step]:
    if known.stage == "missed":
        return _checked_off(call.id, known)
    if known.stage != "ringing":
        return []
    who = {} if by is None else {"answeringNumber": by.line} | ({} if by.agent is None else {"user": by.agent})
    return [_said("answer", call.id, replace(known, stage="answered"), **who)]


def _checked_off(call: str, known: _Known) -> list[Step]:
    """One that was hung up as missed need not be called back: a second hangup says so."""
    if known.stage != "missed":
        return []
    return [_said("hangup", call, replace(known, stage="done"), cause=_CLEARED)]


def _ended(agent: str, call: _Call, known: _Known) -> list[Step]:
    left = replace(known, desks=known.desks - {agent})
    steps = []
    if call.outcome == "answered_here":
        steps = _taken(call, left, _AnsweredBy(call.line, agent))
    elif call.outcome == "answered_elsewhere":
        steps = _taken(call, left, call.answered_by)
    steps += _hung_up(call.id, steps[-1].known if steps else left, _CAUSES.get(call.outcome, _CLEARED))
    return steps or _unsaid(call.id, known, left)


def _hung_up(call: str, known: _Known, cause: str) -> list[Step]:
    """Once no desk has it any more."""
    if known.desks or known.is_over:
        return []
    if known.stage == "answered":
        return [_said("hangup", call, replace(known, stage="done"), cause=_CLEARED)]
    return [_said("hangup", call, replace(known, stage="missed"), cause=cause)]


def _unsaid(call: str, before: _Known, known: _Known) -> list[Step]:
    return [] if known == before else [Step(call, known)]


def _between(data: _Data) -> Mapping[str, str]:
    """Numbers as Zammad writes them: digits with the country's code and no plus."""
    caller = data.caller
    source = (caller.number or caller.raw) if caller.presentation == "allowed" else None
    to = data.called.number or data.call.line
    return {"from": _digits(source or WITHHELD), "to": _digits(to)}


def _digits(number: str) -> str:
    return number.removeprefix("+")[:_LONGEST]


def _said(event: str, call: str, known: _Known, **more: str) -> Step:
    name = call if known.begun == 1 else f"{call}-{known.begun}"
    body = urlencode({"event": event, **known.between, "direction": "in", "callId": name, **more}).encode()
    return Step(call, known, body)
