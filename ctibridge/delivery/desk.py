"""A desk is an agent: one gapless sequence of events, whoever of his screens listens.

Comes in: what happened, with its time. Goes out: the event's frame, to be sent to all sessions of the agent, and what
of it is to be kept. The calls in progress, of the last half hour, and those answered that may still be talked on
(`TALKS_FOR`) are known here, without their pops: those, and the newest 1,000 events, are kept by the outbox.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ctibridge.delivery import encode, erased, sights, withdrawn
from ctibridge.delivery.erased import Level
from ctibridge.delivery.frames import Resume
from ctibridge.delivery.kept import KEPT_EVENTS, KeptCall, KeptDesk, KeptEvent, KeptPop, Sight
from ctibridge.delivery.mentions import mentions, of_note
from ctibridge.delivery.wire import EventType
from ctibridge.domain.call import ANSWERED, Call
from ctibridge.domain.context import Suggestions
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.screen_pop import ScreenPop
from ctibridge.domain.work import Work

KEPT_CALLS = 1000
"""Calls that are over."""
MOST_CALLS = 20_000
"""Calls of any kind: more than a trunk lets ring (`sip.limits`), so that no call that rings is ever forgotten."""
KEPT_AFTER_END = timedelta(minutes=30)
TALKS_FOR = timedelta(hours=2)
"""So long after its end an answered call can still be worked on: seen by a contact alone it ends with the pick-up."""

_NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """One event: its frame, and what is kept of it. call: None where the event changed nothing of a known call.
    sights: of whoever is sent the frame."""

    frame: bytes
    event: KeptEvent
    call: KeptCall | None = None
    sights: tuple[Sight, ...] = ()


class Desk:
    """sequence: of the newest event; stored: of the newest that is in the store; floor: of the oldest that can be sent
    again."""

    def __init__(self, source: str, kept: KeptDesk) -> None:
        self.agent = kept.agent
        self.epoch = kept.epoch
        self.sequence = self.stored = kept.sequence
        self.acked = kept.acked
        self._floor = kept.floor
        self._source = source
        self._calls: dict[str, KeptCall] = {known.call.id: known for known in kept.calls}
        self._over: dict[str, None] = {known.call.id: None for known in kept.calls if known.call.is_over}
        """Those that have ended, in that order."""
        self.unheard: set[str] = set()
        """Those that rang here while no screen was at this node, until one comes."""

    # -- what happens --------------------------------------------------------------------------------------------------

    def ringing(self, pop: ScreenPop, at: datetime) -> Told:
        """`call.ringing`, once for a call and round; said twice, the second is an update."""
        known = self._calls.get(pop.call.id)
        if known is not None and known.call.round >= pop.call.round:
            return self._pop("call.updated", pop, at)
        self._forget(at)
        return self._pop("call.ringing", pop, at)

    def updated(self, pop: ScreenPop, at: datetime) -> Told | None:
        """`call.updated`, or None for a call that this desk never heard of."""
        return self._pop("call.updated", pop, at) if pop.call.id in self._calls else None

    def answered(self, call: Call, at: datetime) -> Told | None:
        """`call.answered`, once for a round, or None for a call that did not ring here or has ended here."""
        return self._moved_on("call.answered", call, at)

    def ended(self, call: Call, at: datetime) -> Told | None:
        """`call.ended`, once for a round, or None for a call that did not ring here or rings again already."""
        return self._moved_on("call.ended", call, at)

    def restarted(self, at: datetime, going_on: Collection[str] = _NOBODY) -> Iterator[Told]:
        """What was going on before the process began ends as unknown: nobody saw what became of it. going_on: but
        these."""
        for known in [one for one in self._calls.values() if not one.call.is_over and one.call.id not in going_on]:
            told = self.ended(known.call.lost(at), at)
            if told is not None:
                yield told

    def worked(self, call: str, note: Note) -> Told | None:
        """`call.worked` for a note, with its time, or None for a call that this desk has not."""
        known = self._calls.get(call)
        if known is None:
            return None
        data = encode.noted_data(known.call, note)
        accounts = of_note(note, self.agent, known.accounts)
        kept = self._know(replace(known, newest=data, notes=(*known.notes, note)))
        return self._event("call.worked", call, data, note.at, accounts, kept)

    def work(self, call: Call, work: Work) -> Told:
        """`call.worked` for a missed call, also one that this desk has long forgotten. call: as it was told of it."""
        known = self._calls.get(call.id)
        data = encode.work_data(call if known is None else known.call, work)
        kept = None if known is None else self._know(replace(known, newest=data, work=work))
        return self._event("call.worked", call.id, data, work.at, _NOBODY, kept)

    def suggested(self, suggestions: Suggestions, at: datetime) -> Told | None:
        """None for a call that this desk has not. The call's newest event, which a new page starts from, stays as it
        is."""
        known = self._calls.get(suggestions.call)
        if known is None:
            return None
        data = encode.suggestions_data(known.call, suggestions)
        return self._event("suggestions", known.call.id, data, at, known.accounts)

    def noticed(self, notice: Notice, at: datetime) -> Told:
        subject = dict(notice.ids).get("call")
        return self._event("notice", subject, encode.notice_data(notice), at, notice.accounts)

    # -- what the agent's screens say ----------------------------------------------------------------------------------

    def knows(self, call: str) -> bool:
        return call in self._calls

    def call(self, call: str, at: datetime) -> Call | None:
        """As this desk was told of it last; None where it does not know it, or it ended more than 30 minutes ago, or
        two hours where it was answered."""
        known = self._calls.get(call)
        return None if known is None or is_forgotten(known, at) else known.call

    def last_told(self, call: str) -> Call | None:
        """As it was told of it, as long as it is known at all."""
        known = self._calls.get(call)
        return None if known is None else known.call

    def told_of(self, call: str) -> frozenset[str] | None:
        """The accounts whose people it was told of with this call. None: of some that have left the store since."""
        known = self._calls.get(call)
        return frozenset() if known is None else known.accounts

    def notes(self, call: str) -> int:
        """How many notes of this call it was told."""
        known = self._calls.get(call)
        return 0 if known is None else len(known.notes)

    def shown(self, call: str, at: datetime) -> KeptCall | None:
        """The first screen that showed a call is the one that counts; None for every other."""
        known = self._calls[call]
        return self._know(replace(known, shown_at=at)) if known.shown_at is None else None

    def ack(self, sequence: int) -> None:
        self.acked = max(self.acked, sequence)

    def withdraw(self, accounts: frozenset[str]) -> None:
        """The people of these left the store for good: nothing of them is kept here either, nor kept again."""
        for call, known in self._calls.items():
            self._calls[call] = withdrawn.call(known, accounts, frozenset())

    def erase(self, levels: Mapping[str, Level]) -> None:
        """Of these calls nothing is kept of who called, nor kept again."""
        for call in levels.keys() & self._calls.keys():
            self._calls[call] = erased.call(self._calls[call], levels[call])

    def kept(self) -> tuple[KeptCall, ...]:
        """All calls that it knows, oldest first, without their pops."""
        return tuple(self._calls.values())

    # -- what somebody hears who comes back, or new --------------------------------------------------------------------

    @property
    def floor(self) -> int:
        """The oldest event that can be sent again; behind `sequence` where there is none."""
        return max(self._floor, self.sequence - KEPT_EVENTS + 1)

    def lost(self, floor: int) -> None:
        """What is older than `floor` could not be kept."""
        self._floor = max(self._floor, floor)

    def resumes_after(self, resume: Resume | None) -> int | None:
        """The event behind which it goes on; None where that cannot be: nothing was asked for, the epoch is another
        one, or an event behind `resume.sequence` is gone."""
        if resume is None or resume.epoch != self.epoch:
            return None
        return resume.sequence if self.floor - 1 <= resume.sequence <= self.sequence else None

    def calls(self, at: datetime) -> tuple[KeptCall, ...]:
        """Calls in progress or ended within 30 minutes, oldest first."""
        return tuple(known for known in self._calls.values() if not _is_over(known, at))

    # ------------------------------------------------------------------------------------------------------------------

    def _moved_on(self, kind: EventType, call: Call, at: datetime) -> Told | None:
        known = self._calls.get(call.id)
        if known is None or call.age <= known.call.age:
            return None
        data = encode.call_data(call)
        kept = self._know(replace(known, call=call, newest=data, at=at))
        if call.is_over:
            self._over[call.id] = None
        return self._event(kind, call.id, data, at, _NOBODY, kept)

    def _pop(self, kind: EventType, pop: ScreenPop, at: datetime) -> Told:
        """The look-up may come late, and speak of the call as another desk has it: what an update carries of the call
        is what this desk has heard. Who asks counts his own revisions; here they only ever rise."""
        new = KeptCall(self.agent, pop.call, at, self.sequence + 1)
        before = self._calls.get(pop.call.id, new)
        updates = kind == "call.updated"
        ring = before if updates else new
        revision = max(pop.answer.resolution.revision, before.revision + updates)
        answer = replace(pop.answer, resolution=replace(pop.answer.resolution, revision=revision))
        data, accounts = encode.pop_data(answer, ring.call), mentions(answer)
        told = accounts | (before.accounts or _NOBODY)
        kept = replace(
            before, call=ring.call, at=at, rang_in=ring.rang_in, revision=revision, accounts=told, newest=None
        )
        if not kept.call.is_over:
            self._over.pop(kept.call.id, None)
        pop_kept = replace(self._know(kept), pop=KeptPop(accounts, data))
        event = self._event(kind, kept.call.id, data, at, accounts, pop_kept)
        return replace(event, sights=sights.of_pop(self.agent, pop, at))

    def _know(self, known: KeptCall) -> KeptCall:
        self._calls[known.call.id] = known
        return known

    def _event(
        self,
        kind: EventType,
        subject: str | None,
        data: bytes,
        at: datetime,
        accounts: frozenset[str] | None,
        call: KeptCall | None = None,
    ) -> Told:
        self.sequence += 1
        frame = encode.event(self._source, self.epoch, self.sequence, kind, subject, at, data)
        kept = KeptEvent(self.agent, self.epoch, self.sequence, kind, subject, at, accounts, data)
        return Told(frame, kept, call)

    def _forget(self, at: datetime) -> None:
        """The calls that ended first; those that ring have their end before them. What one ring costs does not grow
        with the day."""
        while self._over:
            oldest = next(iter(self._over))
            if len(self._over) <= KEPT_CALLS and not is_forgotten(self._calls[oldest], at):
                break
            self._drop(oldest)
        if len(self._calls) >= MOST_CALLS:
            self._drop(next(iter(self._calls)))

    def _drop(self, call: str) -> None:
        del self._calls[call]
        self._over.pop(call, None)
        self.unheard.discard(call)


def _is_over(known: KeptCall, at: datetime, since: timedelta = KEPT_AFTER_END) -> bool:
    ended_at = known.call.ended_at or known.at
    return known.call.is_over and at - ended_at > since


def is_forgotten(known: KeptCall, at: datetime) -> bool:
    """Can nobody work on it any more?"""
    return _is_over(known, at, TALKS_FOR if known.call.outcome in ANSWERED else KEPT_AFTER_END)
