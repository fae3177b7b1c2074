"""What outlives the process: each desk's events, its calls as it was told of them, and where it stands.

The desks say these as outputs; the outbox keeps them in memory until they are written, and reads them back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ctibridge.delivery.wire import EventType
from ctibridge.domain.call import Call
from ctibridge.domain.note import Note
from ctibridge.domain.work import Work

SightKey = tuple[str, str, str, str, str]
"""call, agent, account, person, how"""
OF_CALLS = ("asked", "missed")
"""The kinds of facts that say who called."""
KEPT_EVENTS = 1000
"""Of each desk, the newest ones."""


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """One event of a desk. call: its subject. accounts: whose people or texts its data speaks of; None: of some that
    left the store since, so that it has to be asked for again. heard: somebody may have been sent it before it was
    stored; who comes later is said by `Outbox.keep_heard`."""

    agent: str
    epoch: str
    sequence: int
    kind: EventType
    call: str | None
    at: datetime
    accounts: frozenset[str] | None
    data: bytes = field(repr=False)
    heard: bool = True


@dataclass(frozen=True, slots=True)
class KeptPop:
    """The data of the newest pop of a call at a desk, with the accounts that it speaks of, as in `KeptEvent`."""

    accounts: frozenset[str] | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call as a desk was told of it last. at: of its newest event; newest: that event's data, None where it is the
    pop itself. rang_in: the sequence of its newest `call.ringing`; revision: of what it was told last of the caller.
    notes: oldest first. accounts: whose people this desk was told of. pop: None where it has not changed since it was
    kept last."""

    agent: str
    call: Call
    at: datetime
    rang_in: int
    revision: int = 0
    notes: tuple[Note, ...] = ()
    work: Work | None = None
    shown_at: datetime | None = None
    accounts: frozenset[str] | None = frozenset()
    newest: bytes | None = field(default=None, repr=False)
    pop: KeptPop | None = None


@dataclass(frozen=True, slots=True)
class KeptDesk:
    """Where a desk stood. sequence: of its newest stored event; floor: of the oldest from which on none is missing;
    calls: in progress, or that ended of late, oldest first, without their pops."""

    agent: str
    epoch: str
    sequence: int
    floor: int
    acked: int
    calls: tuple[KeptCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a desk stands in the store. stored: its newest event there; floor: the oldest from which on none is
    missing."""

    epoch: str
    floor: int
    stored: int


@dataclass(frozen=True, slots=True)
class Sight:
    """An agent was told of a person, with this call. how: a word of `sights`; at: aware UTC, the first time."""

    agent: str
    account: str
    person: str = field(repr=False)
    call: str
    how: str
    at: datetime

    @property
    def key(self) -> SightKey:
        """It is kept once for each of these."""
        return self.call, self.agent, self.account, self.person, self.how


class Outbox(Protocol):
    """keep…: called on the loop, never wait and never fail: what cannot be written is kept while there is room."""

    def keep_event(self, event: KeptEvent) -> None: ...

    def keep_call(self, call: KeptCall) -> None: ...

    def keep_ack(self, agent: str, sequence: int) -> None: ...

    def keep_heard(self, agent: str, epoch: str, sequence: int) -> None:
        """Somebody is about to be told that this desk has come to this event, whether it was `heard` or not."""

    def keep_fact(self, kind: str, key: str, body: bytes | None) -> None:
        """Something that another room wants back after a restart; None: no longer."""

    def keep_sights(self, sights: Iterable[Sight]) -> None:
        """Who was told of whom; each once."""

    async def fact(self, kind: str, key: str) -> bytes | None:
        """None where there is none, or it cannot be read."""

    async def facts_of(self, kind: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        """The same of these, by key; those of which there is none, or that cannot be read, are left out."""

    async def tail(self, agent: str, after: int, until: int) -> list[KeptEvent]:
        """The events of its epoch with after < sequence <= until, in order, none missing. Raises OutboxFault."""

    async def pops(self, agent: str, calls: Iterable[str]) -> Mapping[str, KeptPop]:
        """The newest pops of these calls at this desk; what cannot be read is left out."""

    async def since(self, agent: str, at: datetime, limit: int) -> list[KeptCall]:
        """This desk's calls that rang since then, with their pops, newest first. Raises OutboxFault."""


class OutboxFault(Exception):
    """One line: why what was kept cannot be read, why the outbox cannot begin, or why a purge is not done."""
