"""What a connection has missed, as its agent may see it now.

No event is left out. Of one that speaks of an account which the agent may no longer see, the pop is asked for again (by
whoever has the directory), a colleague's note, suggestions and notices are emptied.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import msgspec

from ctibridge.delivery import encode, wire
from ctibridge.delivery.encode_control import work_body
from ctibridge.delivery.kept import KeptCall, KeptEvent, KeptPop
from ctibridge.delivery.mentions import of_note
from ctibridge.delivery.wire_control import DetailBody
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.screen_pop import Answer

WITHDRAWN = Notice("withdrawn", "This was about a customer that you do not answer for any more.")
POPS = frozenset({"call.ringing", "call.updated"})
Visible = frozenset[str]

_json = msgspec.json.Encoder()


class _Revision(msgspec.Struct):
    revision: int = 1


class _OldPop(msgspec.Struct):
    """What stays of a pop."""

    call: wire.CallBody
    resolution: _Revision = msgspec.field(default_factory=_Revision)


class _OldWork(msgspec.Struct):
    call: wire.CallBody
    by: str | None = None
    state: str | None = None
    answered_in: str | msgspec.UnsetType = msgspec.UNSET


_old_pop = msgspec.json.Decoder(_OldPop)
_old_work = msgspec.json.Decoder(_OldWork)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """events: to be sent again; None where the connection starts from the snapshot. calls: each as in its newest event;
    details: one for each of them."""

    events: tuple[KeptEvent, ...] | None
    calls: tuple[msgspec.Raw, ...]
    details: tuple[DetailBody, ...]


def hides(accounts: frozenset[str] | None, visible: Visible) -> bool:
    """Does what speaks of these accounts have to be hidden from who sees those?"""
    return accounts is None or not accounts <= visible


def to_ask(events: Iterable[KeptEvent], pops: Mapping[str, KeptPop], visible: Visible) -> frozenset[str]:
    """The calls that have to be asked for again."""
    calls = {event.call for event in events if event.kind in POPS and hides(event.accounts, visible)}
    calls |= {call for call, pop in pops.items() if hides(pop.accounts, visible)}
    return frozenset(call for call in calls if call is not None)


def event_now(event: KeptEvent, visible: Visible, asked: Mapping[str, Answer]) -> KeptEvent | None:
    """asked: what was asked for again, by call. None where it would have to be, and there is no answer."""
    if not hides(event.accounts, visible):
        return event
    if event.kind in POPS:
        answer = None if event.call is None else asked.get(event.call)
        return None if answer is None else replace(event, data=pop_now(event.data, answer))
    return replace(event, data=_EMPTIED[event.kind](event.data))


def pop_now(data: bytes, answer: Answer) -> bytes:
    """The same pop of the same call, as somebody sees it whose answer this is."""
    old = _old_pop.decode(data)
    resolution = replace(answer.resolution, revision=old.resolution.revision)
    return _json.encode(encode.pop_body(replace(answer, resolution=resolution), old.call))


def call_now(known: KeptCall, pop: bytes | None, visible: Visible) -> msgspec.Raw:
    """The data of the call's newest event. pop: its newest pop, as the agent may see it now; None: there is none."""
    if known.newest is None:
        return msgspec.Raw(encode.call_data(known.call) if pop is None else pop)
    last = known.notes[-1] if known.notes else None
    if last is not None and b'"note"' in known.newest and hides(of_note(last, known.agent, known.accounts), visible):
        return msgspec.Raw(_without_note(known.newest))
    return msgspec.Raw(known.newest)


def detail(known: KeptCall, pop: bytes | None, visible: Visible) -> DetailBody:
    """pop: as for `call_now`; it is not said twice."""
    raw = None if pop is None or known.newest is None else msgspec.Raw(pop)
    return DetailBody(known.call.id, known.rang_in, raw, _bodies(known, visible), work_body(known.work))


def notes_now(known: KeptCall, visible: Visible) -> tuple[Note, ...]:
    """The notes of this call that the agent may read, oldest first."""
    return tuple(note for note in known.notes if not hides(of_note(note, known.agent, known.accounts), visible))


def _bodies(known: KeptCall, visible: Visible) -> list[wire.NoteBody]:
    return [encode.note_body(note) for note in notes_now(known, visible)]


def _without_note(data: bytes) -> bytes:
    """What became of the call stays."""
    old = _old_work.decode(data)
    return _json.encode(wire.WorkedData(old.call, old.by, old.state, None, old.answered_in))


def _without_suggestions(data: bytes) -> bytes:
    return _json.encode(wire.SuggestionsData(_old_pop.decode(data).call, [], []))


def _withdrawn(_: bytes) -> bytes:
    return encode.notice_data(WITHDRAWN)


def _same(data: bytes) -> bytes:
    return data


_EMPTIED: Mapping[str, Callable[[bytes], bytes]] = {
    "call.worked": _without_note,
    "suggestions": _without_suggestions,
    "notice": _withdrawn,
    "call.answered": _same,
    "call.ended": _same,
}
