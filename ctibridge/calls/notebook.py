"""What agents note of a call: kept with it over its rounds, and shown to whoever it is handed on to (contract:
*Internal*, *A call that comes back*).

In: notes, with the desks that have the call; the pops of calls that have notes or continue another; ends; time. Out:
`Noted` for desks that have not heard of a note yet, `Learned` for a pop that showed the notes of a call which now has
one more. A page is torn out 30 minutes after its call has ended at the last desk, and not before those of the calls
that it was handed on to. Who notes something later still (an answered call is worked on for two hours) is heard by the
desks; by then nobody can hand the call on, and nothing is kept here.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from heapq import heappop, heappush

from ctibridge.calls.facts import Continues, Learned, Noted, Rang
from ctibridge.domain.call import Call
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import MOST_NOTES, Note

KEPT_AFTER_END = 30 * 60.0
"""Seconds for which notes outlive their call."""
MOST_PAGES = 2000
"""Calls with notes, or that continue another; the oldest page goes first."""


@dataclass(slots=True, eq=False)
class Page:
    """One call. told: the agents who know its notes; going_on: those at whose desks it is not over; pops: what each was
    told last, where it continues another call; before: the calls that it continues; forget_at: monotonic seconds, None
    while it goes on anywhere."""

    notes: list[Note] = field(default_factory=list, repr=False)
    told: set[str] = field(default_factory=set)
    going_on: set[str] = field(default_factory=set)
    pops: dict[str, Rang | Learned] = field(default_factory=dict)
    before: set[str] = field(default_factory=set)
    forget_at: float | None = None


class Notebook:
    def __init__(self) -> None:
        self._pages: dict[str, Page] = {}
        self._next: dict[str, dict[str, None]] = {}
        """The calls that continue this one."""
        self._torn_out: list[tuple[float, str]] = []
        """A heap: when to look whether a page has to go."""

    def __len__(self) -> int:
        return len(self._pages)

    @property
    def deadline(self) -> float | None:
        """When `wake` wants to be called (monotonic seconds)."""
        return self._torn_out[0][0] if self._torn_out else None

    def concerns(self, fact: Rang | Learned) -> bool:
        """Does this pop have to be told here?"""
        return fact.continues is not None or fact.call.id in self._pages

    def of(self, continues: Continues) -> tuple[Note, ...]:
        """What whoever this call is handed to has to read, oldest first."""
        pages = (self._pages.get(call) for call in continues.chain)
        notes = [note for page in pages if page is not None for note in page.notes]
        return tuple(sorted(notes, key=lambda note: note.at)[-MOST_NOTES:])

    def write(self, call: str, note: Note, desks: Mapping[str, Call], now: Moment) -> list[Noted | Learned]:
        """desks: the agents who have the call, each as he was told of it last. One note too many is not taken."""
        page = self._pages.get(call)
        if not desks or (page is not None and len(page.notes) >= MOST_NOTES):
            return []
        if page is None:
            page = self._open(call)
            page.going_on = {agent for agent, known in desks.items() if not known.is_over}
            ends = [known.ended_at for known in desks.values() if known.ended_at is not None]
            if not page.going_on:
                self._forget_at(call, page, now.clock - (now.at - max(ends, default=now.at)).total_seconds())
        page.notes.append(note)
        page.told |= desks.keys()
        return [Noted(call, frozenset(desks), note), *self._handed_on(call)]

    def popped(self, fact: Rang | Learned) -> list[Noted]:
        """A pop was told. Notes of this very call that its desks have not heard of follow, but for those that stand in
        the pop as of the call that it continues (a pick-up)."""
        if not self.concerns(fact):
            return []
        call, continues = fact.call.id, fact.continues
        page = self._pages.get(call) or self._open(call)
        page.forget_at = None
        page.going_on |= fact.agents
        new = fact.agents - page.told
        page.told |= fact.agents
        if continues is not None:
            page.pops.update(dict.fromkeys(fact.agents, fact))
            self._link(call, page, continues)
        if not new or (continues is not None and call in continues.chain):
            return []
        return [Noted(call, new, note) for note in page.notes]

    def ended(self, call: str, agent: str, now: Moment) -> None:
        """The call is over at this desk."""
        page = self._pages.get(call)
        if page is not None:
            page.going_on.discard(agent)
            if not page.going_on:
                self._forget_at(call, page, now.clock)

    def erase(self, calls: AbstractSet[str]) -> None:
        """What was written of these is gone, and who called in them."""
        for call in calls & self._pages.keys():
            self._pages[call].notes.clear()
            self._pages[call].pops.clear()

    def wake(self, now: Moment) -> None:
        """Tears out what is due."""
        while self._torn_out and self._torn_out[0][0] <= now.clock:
            due, call = heappop(self._torn_out)
            page = self._pages.get(call)
            if page is not None and page.forget_at == due and not self._is_read(call, now.clock):
                self._forget(call)

    def _handed_on(self, call: str) -> list[Learned]:
        facts = []
        for follower in self._next.get(call, ()):
            pops = self._pages[follower].pops
            for pop in {id(pop): pop for pop in pops.values()}.values():
                agents = frozenset(agent for agent, one in pops.items() if one is pop)
                facts.append(Learned(pop.call, agents, pop.signalled, pop.continues))
        return facts

    def _link(self, call: str, page: Page, continues: Continues) -> None:
        for one in {*continues.chain} - {call}:
            page.before.add(one)
            self._next.setdefault(one, {})[call] = None

    def _open(self, call: str) -> Page:
        if len(self._pages) >= MOST_PAGES:
            self._forget(next(iter(self._pages)))
        page = self._pages[call] = Page()
        return page

    def _forget_at(self, call: str, page: Page, ended_at: float) -> None:
        page.forget_at = ended_at + KEPT_AFTER_END
        heappush(self._torn_out, (page.forget_at, call))

    def _forget(self, call: str) -> None:
        for one in self._pages.pop(call).before:
            followers = self._next[one]
            del followers[call]
            if not followers:
                del self._next[one]
            self._look_again(one)

    def _is_read(self, call: str, clock: float) -> bool:
        """Does a call go on that continues this one, or did it end of late? With each new note it is told all of them
        again, and none may be missing then."""
        readers = (self._pages[one].forget_at for one in self._next.get(call, ()))
        return any(forget_at is None or forget_at > clock for forget_at in readers)

    def _look_again(self, call: str) -> None:
        """One that continued this call is gone: its own page may be overdue."""
        page = self._pages.get(call)
        if page is not None and page.forget_at is not None:
            heappush(self._torn_out, (page.forget_at, call))
