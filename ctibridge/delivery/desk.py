"""A desk is an agent: one gapless sequence of events, whoever of his screens listens.

Comes in: what happened, with its time. Goes out: the event's frame, to be sent to all sessions of the agent. The newest
1,000 frames and the calls of the last half hour stay for those who come back or come new.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec

from ctibridge.delivery import encode
from ctibridge.delivery.frames import Resume
from ctibridge.delivery.wire import EventType
from ctibridge.domain.call import Call, CallState
from ctibridge.domain.context import Suggestions
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.screen_pop import ScreenPop

KEPT_EVENTS = 1000
KEPT_CALLS = 1000
"""Calls that are over."""
MOST_CALLS = 20_000
"""Calls of any kind: more than a trunk lets ring (`sip.limits`), so that no call that rings is ever forgotten."""
KEPT_AFTER_END = timedelta(minutes=30)

_ORDER = {CallState.RINGING: 0, CallState.ANSWERED: 1, CallState.ENDED: 2}


@dataclass(frozen=True, slots=True)
class Known:
    """A call as this desk last heard of it. data: of its newest event; at: that event's time; revision: of what it was
    told last of the caller; notes: how many it has heard of."""

    call: Call
    data: bytes
    at: datetime
    shown_at: datetime | None = None
    revision: int = 0
    notes: int = 0


class Desk:
    """sequence: of the newest event. It starts at 0, or where a store says that it was."""

    def __init__(self, source: str, epoch: str, sequence: int = 0) -> None:
        self.epoch = epoch
        self.sequence = sequence
        self.acked = 0
        self._source = source
        self._frames: deque[tuple[int, bytes]] = deque(maxlen=KEPT_EVENTS)
        self._calls: dict[str, Known] = {}
        self._over: dict[str, None] = {}
        """Those that have ended, in that order."""

    # -- what happens --------------------------------------------------------------------------------------------------

    def ringing(self, pop: ScreenPop, at: datetime) -> bytes:
        """`call.ringing`, once for a call and round; said twice, the second is an update."""
        known = self._calls.get(pop.call.id)
        if known is not None and known.call.round >= pop.call.round:
            return self._pop("call.updated", pop, at)
        self._forget(at)
        return self._pop("call.ringing", pop, at)

    def updated(self, pop: ScreenPop, at: datetime) -> bytes | None:
        """`call.updated`, or None for a call that this desk never heard of."""
        return self._pop("call.updated", pop, at) if pop.call.id in self._calls else None

    def answered(self, call: Call, at: datetime) -> bytes | None:
        """`call.answered`, once for a round, or None for a call that did not ring here or has ended here."""
        return self._moved_on("call.answered", call, at)

    def ended(self, call: Call, at: datetime) -> bytes | None:
        """`call.ended`, once for a round, or None for a call that did not ring here or rings again already."""
        return self._moved_on("call.ended", call, at)

    def worked(self, call: str, note: Note) -> bytes | None:
        """`call.worked`, with the time of the note, or None for a call that this desk has not."""
        known = self._calls.get(call)
        if known is None:
            return None
        data = encode.worked_data(known.call, note)
        self._calls[call] = replace(known, data=data, notes=known.notes + 1)
        return self._event("call.worked", call, data, note.at)

    def suggested(self, suggestions: Suggestions, at: datetime) -> bytes | None:
        """None for a call that this desk has not. The call's newest event, which a new page starts from, stays as it
        is."""
        known = self._calls.get(suggestions.call)
        if known is None:
            return None
        return self._event("suggestions", known.call.id, encode.suggestions_data(known.call, suggestions), at)

    def noticed(self, notice: Notice, at: datetime) -> bytes:
        subject = dict(notice.ids).get("call")
        return self._event("notice", subject, encode.notice_data(notice), at)

    # -- what the agent's screens say ----------------------------------------------------------------------------------

    def knows(self, call: str) -> bool:
        return call in self._calls

    def call(self, call: str, at: datetime) -> Call | None:
        """As this desk was told of it last; None where it does not know it, or it ended more than 30 minutes ago."""
        known = self._calls.get(call)
        return None if known is None or _is_over(known, at) else known.call

    def notes(self, call: str) -> int:
        """How many notes of this call it was told."""
        known = self._calls.get(call)
        return 0 if known is None else known.notes

    def shown(self, call: str, at: datetime) -> None:
        """The first screen that showed a call is the one that counts."""
        known = self._calls[call]
        if known.shown_at is None:
            self._calls[call] = replace(known, shown_at=at)

    def shown_at(self, call: str) -> datetime | None:
        known = self._calls.get(call)
        return None if known is None else known.shown_at

    def ack(self, sequence: int) -> None:
        self.acked = max(self.acked, sequence)

    # -- what somebody hears who comes back, or new --------------------------------------------------------------------

    def replay(self, resume: Resume | None) -> tuple[bytes, ...] | None:
        """The frames behind `resume.sequence`; None where the epoch is another one or a frame in between is gone."""
        if resume is None or resume.epoch != self.epoch or resume.sequence > self.sequence:
            return None
        oldest = self._frames[0][0] if self._frames else self.sequence + 1
        if resume.sequence + 1 < oldest:
            return None
        return tuple(frame for sequence, frame in self._frames if sequence > resume.sequence)

    def forget_sent(self) -> None:
        """Nothing that was sent so far is sent again."""
        self._frames.clear()

    def calls(self, at: datetime) -> list[msgspec.Raw]:
        """The snapshot: calls in progress or ended within 30 minutes, each as in its newest event, oldest first."""
        return [msgspec.Raw(known.data) for known in self._calls.values() if not _is_over(known, at)]

    # ------------------------------------------------------------------------------------------------------------------

    def _moved_on(self, kind: EventType, call: Call, at: datetime) -> bytes | None:
        known = self._calls.get(call.id)
        if known is None or _age(call) <= _age(known.call):
            return None
        data = encode.call_data(call)
        self._calls[call.id] = replace(known, call=call, data=data, at=at)
        if call.state is CallState.ENDED:
            self._over[call.id] = None
        return self._event(kind, call.id, data, at)

    def _pop(self, kind: EventType, pop: ScreenPop, at: datetime) -> bytes:
        """The look-up may come late, and speak of the call as another desk has it: what an update carries of the call
        is what this desk has heard. Who asks counts his own revisions; here they only ever rise."""
        known = self._calls.get(pop.call.id)
        call = pop.call if known is None or _age(known.call) < _age(pop.call) else known.call
        answer = pop.answer
        if known is not None and answer.resolution.revision <= known.revision:
            raised = known.revision + 1 if kind == "call.updated" else known.revision
            answer = replace(answer, resolution=replace(answer.resolution, revision=raised))
        data = encode.pop_data(answer, call)
        before = Known(call, data, at) if known is None else known
        self._calls[call.id] = replace(before, call=call, data=data, at=at, revision=answer.resolution.revision)
        if call.state is not CallState.ENDED:
            self._over.pop(call.id, None)
        return self._event(kind, call.id, data, at)

    def _event(self, kind: EventType, subject: str | None, data: bytes, at: datetime) -> bytes:
        self.sequence += 1
        frame = encode.event(self._source, self.epoch, self.sequence, kind, subject, at, data)
        self._frames.append((self.sequence, frame))
        return frame

    def _forget(self, at: datetime) -> None:
        """The calls that ended first; those that ring have their end before them. What one ring costs does not grow
        with the day."""
        while self._over:
            oldest = next(iter(self._over))
            if len(self._over) <= KEPT_CALLS and not _is_over(self._calls[oldest], at):
                break
            del self._over[oldest], self._calls[oldest]
        if len(self._calls) >= MOST_CALLS:
            oldest = next(iter(self._calls))
            del self._calls[oldest]
            self._over.pop(oldest, None)


def _age(call: Call) -> tuple[int, int]:
    return call.round, _ORDER[call.state]


def _is_over(known: Known, at: datetime) -> bool:
    ended_at = known.call.ended_at or known.at
    return known.call.state is CallState.ENDED and at - ended_at > KEPT_AFTER_END
