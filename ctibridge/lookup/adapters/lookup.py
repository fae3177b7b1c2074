"""The room's driver: asks the store, keeps the deadlines, and answers whatever the store does.

Comes in: a call with the agents at whose desks it rings. Goes out: an `Answer` for each, the first one fast, the rest
when it is there. What may be answered from memory is (`hot`); what has to be read is read off the loop in two steps,
first what decides the status, then the people's records, for which the first pop waits 50 ms and no longer.
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import structlog

from ctibridge.domain.agent import Agent
from ctibridge.domain.caller import Signalled
from ctibridge.domain.person import Person
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup import answer as compose
from ctibridge.lookup import numbers, tags
from ctibridge.lookup.adapters.recent import Recent, Remembered
from ctibridge.lookup.adapters.schema import StoreFault
from ctibridge.lookup.adapters.store import FAULTS, DirectoryStore, SqliteStore
from ctibridge.lookup.answer import Directory, Heard
from ctibridge.lookup.claims import UNNAMED, Claimants
from ctibridge.lookup.found import Call, Found, Watch, found, of_agents
from ctibridge.lookup.holders import NOBODY
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings
from ctibridge.lookup.snapshot import Snapshot

T = TypeVar("T")
_log = structlog.get_logger()
# Calls that wait for a store which does not answer: beyond this many they are answered without it at once.
MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the first pop waits. record: for the people's records (contract: *First pop*); index: for who holds
    the number at all, without which there is no status; rest: for what was late, after which nothing more is to come.
    """

    record: float = 0.05
    index: float = 0.5
    rest: float = 5.0


@dataclass(frozen=True, slots=True)
class Answers:
    """first: by agent, for the pop that goes out now. rest: by agent, what was late, as revision 2; None: all is said.

    rest never raises; where the store has failed it gives the first answers again.
    """

    first: dict[str, Answer]
    rest: Awaitable[dict[str, Answer]] | None = None


class Lookup:
    """Who is calling? One for the process; every method is called on the loop."""

    def __init__(
        self,
        store: DirectoryStore,
        resolution: ResolutionSettings,
        language: LanguageSettings,
        patience: Patience | None = None,
    ) -> None:
        self._store = store
        self._directory = Directory(Snapshot(), resolution, language)
        self._patience = patience or Patience()
        self._recent = Recent()
        self._current: int | None = None
        self._refreshing = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, path: Path, resolution: ResolutionSettings, language: LanguageSettings) -> Self:
        """Opens the store at `path` (`ctibridge.db`) and has everything in memory that answers without it.

        Raises StoreFault naming the file and the mend.
        """
        lookup = cls(await SqliteStore.open(path), resolution, language)
        try:
            await asyncio.to_thread(numbers.warm)
            await lookup._read(path)
        except BaseException:
            # An open store has a thread, for which the process would wait at its end for ever.
            await lookup.close()
            raise
        return lookup

    async def _read(self, path: Path) -> None:
        try:
            await self.refresh()
        except FAULTS as error:
            raise StoreFault(f"{path}: the directory in it cannot be read: {error}") from None

    async def close(self) -> None:
        """What is still being read is given up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._store.close()

    def snapshot(self) -> Snapshot:
        """The small tables as last read."""
        return self._directory.snapshot

    async def agent(self, id: str) -> Agent | None:  # noqa: A002 - the word of the directory
        """An agent as the directory has him now, or last had him where the store fails; None where there is none."""
        try:
            await self.refresh()
        except FAULTS as error:
            _failed(error)
        return self._directory.snapshot.agents.get(id)

    async def refresh(self) -> None:
        """Reads the small tables again if the directory has changed. Raises what the store raises."""
        async with self._refreshing:
            if self._store.version() == self._current:
                return
            snapshot = await self._store.snapshot()
            wanted = [*snapshot.languages(), self._directory.language.default]
            await _warm(wanted)
            self._directory = replace(self._directory, snapshot=snapshot)
            self._current = snapshot.version

    def hot(
        self, signalled: Signalled, plan: DialPlan, agents: Iterable[str], call_id: str, at: datetime
    ) -> dict[str, Answer] | None:
        """Answers from memory alone, or None when the store has to be asked. at: aware UTC, when it rang."""
        try:
            if self._store.version() != self._current:
                return None
        except FAULTS:
            return None
        heard = compose.hear(signalled, plan, self._directory.snapshot, call_id, at)
        # Who is named by an id is not remembered: such calls are few, and another id is another caller.
        remembered = None if heard.claims else self._remembered(heard)
        if remembered is None or not all(map(tags.ready, _country_tag(heard))):
            return None
        hit = self._found(heard, of_agents(agents), remembered)
        return None if hit.missing else hit.answers()

    async def answers(
        self, signalled: Signalled, plan: DialPlan, agents: Iterable[str], call_id: str, at: datetime
    ) -> Answers:
        """The first answers within the patience, whatever the store does; never raises for the store's faults."""
        call = Call(signalled, plan, call_id, at)
        watch = of_agents(agents)
        if len(self._tasks) >= MOST_WAITING:
            return Answers(self._without_directory(call, watch))
        index = self._start(self.find(call, watch))
        await asyncio.wait({index}, timeout=self._patience.index)
        if not index.done():
            _log.warning("lookup.late", step="index", patience_ms=round(self._patience.index * 1000))
            first = self._without_directory(call, watch)
            return Answers(first, self._start(self._both(index, first)))
        hit = index.result()
        if hit is None:
            return Answers(self._without_directory(call, watch))
        return await self._with_records(hit)

    async def find(self, call: Call, watch: Watch) -> Found | None:
        """Who holds the number, as these readers may see it; None where the store has failed."""
        try:
            await self.refresh()
            snapshot, version = self._directory.snapshot, self._directory.snapshot.version
            heard = compose.hear(call.signalled, call.plan, snapshot, call.call_id, call.at)
            await _warm(_country_tag(heard))
            remembered = self._remembered(heard)
            if remembered is None and heard.number.key is not None:
                remembered = Remembered(await self._store.holders(heard.number.key), {})
                self._recent.put(heard.number.key, remembered, version)
            claimants = await self._claimants(heard)
        except FAULTS as error:
            _failed(error)
            return None
        return self._found(heard, watch, remembered or _NOBODY, claimants)

    async def records(self, hit: Found) -> Found | None:
        """The same with every record read that is shown; None where the store has failed."""
        try:
            read = await self._store.people(hit.missing) if hit.missing else {}
            await _warm(person.language for person in read.values() if person.language)
        except FAULTS as error:
            _failed(error)
            return None
        # A record that has just been removed is not waited for: his id is all that there is.
        gone = {key: Person(key, None) for key in hit.missing if key not in read}
        people = {**hit.people, **read, **gone}
        if hit.heard.number.key is not None and not hit.heard.claims:
            remembered = Remembered(hit.holders, people)
            self._recent.put(hit.heard.number.key, remembered, hit.directory.snapshot.version)
        return replace(hit, people=people)

    async def _with_records(self, hit: Found) -> Answers:
        if not hit.missing:
            return Answers(hit.answers())
        reading = self._start(self.records(hit))
        await asyncio.wait({reading}, timeout=self._patience.record)
        if reading.done():
            return Answers((reading.result() or hit).answers())
        _log.warning("lookup.late", step="record", patience_ms=round(self._patience.record * 1000))
        first = hit.answers()
        return Answers(first, self._start(self._second(reading, first)))

    async def _both(self, index: asyncio.Task[Found | None], first: dict[str, Answer]) -> dict[str, Answer]:
        await asyncio.wait({index}, timeout=self._patience.rest)
        hit = index.result() if index.done() else None
        if hit is None:
            return first
        return await self._second(self._start(self.records(hit)), _revised(hit.answers()))

    async def _second(self, reading: asyncio.Task[Found | None], first: dict[str, Answer]) -> dict[str, Answer]:
        await asyncio.wait({reading}, timeout=self._patience.rest)
        hit = reading.result() if reading.done() else None
        return first if hit is None else _revised(hit.answers())

    async def _claimants(self, heard: Heard) -> Claimants:
        if not heard.claims:
            return UNNAMED
        return await self._store.claimants(heard.claims, heard.number.key, heard.called.account_id)

    def _found(self, heard: Heard, watch: Watch, remembered: Remembered, claimants: Claimants = UNNAMED) -> Found:
        return found(heard, watch, self._directory, remembered.holders, remembered.people, claimants)

    def _remembered(self, heard: Heard) -> Remembered | None:
        """Without a number there is nobody to ask for, and that is remembered of every version."""
        if heard.number.key is None:
            return _NOBODY
        return self._recent.get(heard.number.key, self._directory.snapshot.version)

    def _without_directory(self, call: Call, watch: Watch) -> dict[str, Answer]:
        snapshot = self._directory.snapshot
        heard = compose.hear(call.signalled, call.plan, snapshot, call.call_id, call.at)
        viewers = watch(snapshot, call.at)
        return {agent: compose.without_directory(heard, viewer, self._directory) for agent, viewer in viewers.items()}

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


_NOBODY = Remembered(NOBODY, {})


def _country_tag(heard: Heard) -> list[str]:
    """The language that the calling country may bring into play, if any."""
    tag = None if heard.calling_country is None else tags.of_country(heard.calling_country)
    return [] if tag is None else [tag]


async def _warm(wanted: Iterable[str]) -> None:
    cold = [tag for tag in map(tags.known, wanted) if tag is not None and not tags.ready(tag)]
    if cold:
        await asyncio.to_thread(tags.warm, cold)


def _revised(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Revision 2: the first was what went out without them."""
    return {
        agent: replace(answer, resolution=replace(answer.resolution, revision=2)) for agent, answer in answers.items()
    }


def _failed(error: BaseException) -> None:
    # Not the error's own words: they may quote what was asked for.
    _log.error("lookup.store_failed", error=type(error).__name__, code=getattr(error, "sqlite_errorname", None))
