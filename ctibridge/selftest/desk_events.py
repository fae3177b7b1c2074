"""What a desk hears, read as far as the test needs it, and which of it is our call. Pure.

Read leniently: unknown fields and types pass, as every client of the stream has to let them.
"""

from datetime import datetime

import msgspec

from ctibridge.selftest.timeline import LineSeen, Outcome, Pop, Timeline

MARK = "ctibridge selftest"
"""Our display name begins with it, and goes on with what no other test call has."""
_RINGING, _UPDATED, _ENDED = "call.ringing", "call.updated", "call.ended"


class _Line(msgspec.Struct, frozen=True):
    line: str
    state: str
    trunk: str
    sitting: bool = True


class _LinesData(msgspec.Struct, frozen=True):
    lines: list[_Line] = []


class _Call(msgspec.Struct, frozen=True):
    id: str
    trunk: str
    line: str
    rang_at: datetime
    outcome: str | None = None


class _Ref(msgspec.Struct, frozen=True):
    id: str


class _Caller(msgspec.Struct, frozen=True):
    number: str | None = None
    extension: str | None = None
    display_name: str | None = None

    @property
    def shown(self) -> str | None:
        return self.number or self.extension


class _Called(msgspec.Struct, frozen=True):
    account: _Ref | None = None


class _Person(msgspec.Struct, frozen=True):
    account: str
    id: str


class _Candidate(msgspec.Struct, frozen=True):
    person: _Person


class _Resolution(msgspec.Struct, frozen=True):
    status: str
    candidates: list[_Candidate] = []


class _Language(msgspec.Struct, frozen=True):
    tag: str


class _PopData(msgspec.Struct, frozen=True):
    call: _Call
    caller: _Caller
    called: _Called
    resolution: _Resolution
    language: _Language


class _CallData(msgspec.Struct, frozen=True):
    call: _Call


class _Frame(msgspec.Struct, frozen=True):
    type: str = ""
    specversion: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class DeskEvents:
    """mark, number: our display name, and the number by which a PBX that sets its own names shows us. `call`: the id of
    our call, once it has popped. welcome: the desk is open."""

    def __init__(self, timeline: Timeline, trunk: str, mark: str, number: str | None) -> None:
        self.timeline = timeline
        self.welcome = False
        self.call: str | None = None
        self.lines: tuple[LineSeen, ...] = ()
        self._trunk = trunk
        self._mark = mark
        self._number = number
        self._others: set[str] = set()

    def hear(self, text: str | bytes, now: float) -> None:
        """now: monotonic. What rings before the INVITE is out is not ours. Raises msgspec.DecodeError for what is no
        frame of the stream."""
        frame, at = msgspec.json.decode(text, type=_Frame), self.timeline.since(now)
        if frame.specversion is None:
            if frame.type in ("welcome", "pong"):
                self.welcome = True
                self._see(msgspec.json.decode(frame.data, type=_LinesData).lines)
        elif self.timeline.began is None:
            return
        elif frame.type in (_RINGING, _UPDATED):
            self._pop(msgspec.json.decode(frame.data, type=_PopData), at, begins=frame.type == _RINGING)
        elif frame.type == _ENDED:
            self._end(msgspec.json.decode(frame.data, type=_CallData).call, at)

    def _see(self, lines: list[_Line]) -> None:
        self.lines = tuple(LineSeen(one.line, one.state, one.sitting) for one in lines if one.trunk == self._trunk)

    def _pop(self, data: _PopData, at: float, *, begins: bool) -> None:
        """begins: it rings now; what else is told of a call may be of one that rang before ours."""
        if begins and self.call is None and self._is_ours(data.caller):
            self.call = data.call.id
        if data.call.id != self.call:
            self._others |= {data.call.id} if begins else set()
            self.timeline.others = len(self._others)
            return
        people = tuple(f"{one.person.account}/{one.person.id}" for one in data.resolution.candidates)
        account = None if data.called.account is None else data.called.account.id
        self.timeline.popped(
            Pop(at, data.call.trunk, data.call.line, data.call.rang_at, data.caller.shown, account,
                data.resolution.status, people, data.language.tag)
        )  # fmt: skip

    def _is_ours(self, caller: _Caller) -> bool:
        """By its number alone a call may be that of another test."""
        name = caller.display_name or ""
        if name.startswith(MARK):
            return name == self._mark
        return self._number is not None and caller.shown == self._number

    def _end(self, call: _Call, at: float) -> None:
        if call.id == self.call and call.outcome is not None:
            self.timeline.outcome = Outcome(at, call.outcome)
