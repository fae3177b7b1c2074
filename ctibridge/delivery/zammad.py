"""The form that Zammad's generic CTI takes: newCall, answer and hangup, each once for a call over all desks.

A call that comes round again after nobody took it (a queue, or somebody who dials again within a minute) is announced
again under an id of its own, and the round before is checked off.

What Zammad does with each was read in its documentation ("Generic CTI", zammad-documentation) and in its code
(`Cti::Log.process`, `Cti::Driver::Base`): a newCall of a call that it knows, and an answer or a hangup of one that it
does not know, is a 500. So who posts these does it one after the other, oldest event first, and takes a 500 as being
about one body. A hangup of a call that was hung up before takes it from the list of those to be called back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
_kept = msgspec.json.Decoder(dict[str, tuple[Stage, int, int, list[str]]])
_json = msgspec.json.Encoder()


@dataclass(slots=True)
class _Known:
    """round: the newest; begun: the round whose newCall counts. desks: at which it rings or is talked on. between: from
    and to, where they are known; never kept."""

    stage: Stage = "ringing"
    round: int = 1
    begun: int = 1
    desks: set[str] = field(default_factory=set)
    between: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_over(self) -> bool:
        return self.stage in ("missed", "done")


class Zammad:
    """One receiver's view of the calls. kept: what `kept` said before a restart; what cannot be read is nothing."""

    def __init__(self, kept: bytes | None = None) -> None:
        self._calls: dict[str, _Known] = {}
        try:
            before = _kept.decode(kept or b"{}")
        except msgspec.DecodeError:
            before = {}
        for call, (stage, newest, begun, desks) in before.items():
            self._calls[call] = _Known(stage, newest, begun, set(desks))

    def kept(self) -> bytes:
        """What outlives the process: calls and desks, no numbers."""
        return _json.encode(
            {call: (one.stage, one.round, one.begun, sorted(one.desks)) for call, one in self._calls.items()}
        )

    def bodies(self, agent: str, event: KeptEvent) -> list[bytes]:
        """What this desk's event says newly, in the order to be posted; mostly nothing."""
        if event.kind not in ("call.ringing", "call.updated", "call.answered", "call.ended"):
            return []
        data = _data.decode(event.data)
        known = self._calls.get(data.call.id)
        if event.kind in ("call.ringing", "call.updated"):
            return self._rings(agent, data) if data.call.state == "ringing" else []
        if known is None:
            return []
        if event.kind == "call.answered":
            known.desks.add(agent)
            return _taken(data.call, known, _AnsweredBy(data.call.line, agent))
        return _ended(agent, data.call, known)

    def lost(self, agent: str) -> list[bytes]:
        """What to say where it will not be heard how this desk's calls went on: else they would ring for ever."""
        bodies = []
        for call, known in self._calls.items():
            if agent in known.desks:
                known.desks.discard(agent)
                bodies += _hung_up(call, known, _CLEARED)
        return bodies

    def _rings(self, agent: str, data: _Data) -> list[bytes]:
        call, known = data.call, self._calls.get(data.call.id)
        if known is None:
            self._make_room()
            return self._begin(agent, data)
        comes_again = known.is_over and call.round > known.round
        known.round = max(known.round, call.round)
        if comes_again:
            return _checked_off(call.id, known) + self._begin(agent, data)
        known.desks.add(agent)
        return []

    def _begin(self, agent: str, data: _Data) -> list[bytes]:
        call = data.call
        known = self._calls[call.id] = _Known("ringing", call.round, call.round, {agent}, _between(data))
        return [_body("newCall", call.id, known)]

    def _make_room(self) -> None:
        if len(self._calls) >= MOST_CALLS:
            over = (call for call, known in self._calls.items() if known.is_over)
            del self._calls[next(over, next(iter(self._calls)))]


def _taken(call: _Call, known: _Known, by: _AnsweredBy | None) -> list[bytes]:
    if known.stage == "missed":
        return _checked_off(call.id, known)
    if known.stage != "ringing":
        return []
    known.stage = "answered"
    who = {} if by is None else {"answeringNumber": by.line} | ({} if by.agent is None else {"user": by.agent})
    return [_body("answer", call.id, known, **who)]


def _checked_off(call: str, known: _Known) -> list[bytes]:
    """One that was hung up as missed need not be called back: a second hangup says so."""
    if known.stage != "missed":
        return []
    known.stage = "done"
    return [_body("hangup", call, known, cause=_CLEARED)]


def _ended(agent: str, call: _Call, known: _Known) -> list[bytes]:
    known.desks.discard(agent)
    bodies = []
    if call.outcome == "answered_here":
        bodies = _taken(call, known, _AnsweredBy(call.line, agent))
    elif call.outcome == "answered_elsewhere":
        bodies = _taken(call, known, call.answered_by)
    return bodies + _hung_up(call.id, known, _CAUSES.get(call.outcome, _CLEARED))


def _hung_up(call: str, known: _Known, cause: str) -> list[bytes]:
    """Once no desk has it any more."""
    if known.desks or known.is_over:
        return []
    was_taken = known.stage == "answered"
    known.stage = "done" if was_taken else "missed"
    return [_body("hangup", call, known, cause=_CLEARED if was_taken else cause)]


def _between(data: _Data) -> Mapping[str, str]:
    """Numbers as Zammad writes them: digits with the country's code and no plus."""
    caller = data.caller
    source = (caller.number or caller.raw) if caller.presentation == "allowed" else None
    to = data.called.number or data.call.line
    return {"from": _digits(source or WITHHELD), "to": _digits(to)}


def _digits(number: str) -> str:
    return number.removeprefix("+")[:_LONGEST]


def _body(event: str, call: str, known: _Known, **more: str) -> bytes:
    name = call if known.begun == 1 else f"{call}-{known.begun}"
    return urlencode({"event": event, **known.between, "direction": "in", "callId": name, **more}).encode()
