"""The room's driver: asks index and store, keeps the deadlines, and answers whatever the store does.

Comes in: a call with the agents at whose desks it rings. Goes out: an `Answer` for each, the first one fast, the rest
when it is there. What may be answered from memory is (`hot`); what has to be read is read off the loop in two steps,
first what decides the status, then the people's records, for which the first pop waits 50 ms and no longer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import structlog

from ctibridge.domain.person import Person
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup import numbers, tags
from ctibridge.lookup.adapters.answers import Answers, Patience
from ctibridge.lookup.adapters.context_store import SqliteContext
from ctibridge.lookup.adapters.contexts import Contexts
from ctibridge.lookup.adapters.index.live import IndexState, LiveIndex
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.memory import Memory
from ctibridge.lookup.adapters.migrations import Tell, logged, nobody
from ctibridge.lookup.adapters.own_or_shared import OwnOrShared
from ctibridge.lookup.adapters.proofs import NumberIndex, Proofs, warm
from ctibridge.lookup.adapters.reads import Reads, outcome
from ctibridge.lookup.adapters.recent import Recent
from ctibridge.lookup.adapters.schema import StoreFault, words
from ctibridge.lookup.adapters.second_stage import SecondStage, caller
from ctibridge.lookup.adapters.store import FAULTS, DirectoryStore, SqliteStore
from ctibridge.lookup.answer import Directory
from ctibridge.lookup.found import Found, Watch, everything, found, of_agents, without_directory
from ctibridge.lookup.heard import hear
from ctibridge.lookup.meant import Meant
from ctibridge.lookup.progress import Progress
from ctibridge.lookup.question import Question
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.sights import Sights
from ctibridge.lookup.snapshot import Snapshot

log = structlog.get_logger()
# Calls that wait for a store which does not answer: beyond this many they are answered without it at once.
MOST_WAITING = 1_000


class Lookup:
    """Who is calling? One for the process; every method is called on the loop."""

    def __init__(
        self,
        store: DirectoryStore,
        resolution: ResolutionSettings,
        language: LanguageSettings,
        patience: Patience | None = None,
        learned: Learned | None = None,
        index: NumberIndex | None = None,
        contexts: Contexts | None = None,
    ) -> None:
        self._store = store
        self._directory = Directory(Snapshot(), resolution, language)
        self._patience = patience or Patience(record=resolution.patience)
        self._behind = SecondStage(contexts)
        self._recent = Recent()
        self._proofs = Proofs(store, self._recent, learned, index)
        self._meant = Meant()
        self._sights = Sights()
        self._current: int | None = None
        self._fails = False
        self._refreshing = asyncio.Lock()
        self.reads = Reads()

    @classmethod
    async def open(
        cls,
        path: Path,
        resolution: ResolutionSettings,
        language: LanguageSettings,
        *,
        indexed: bool = False,
        tell: Tell = nobody,
        store: DirectoryStore | None = None,
    ) -> Self:
        """Opens the store at `path` (`ctibridge.db`) and has everything in memory that answers without it. indexed:
        with the number index, which comes when it is there. tell: hears how far it is with a store that is older.
        store: open already, and asked instead; it is closed with this.

        Raises StoreFault naming the file and the mend.
        """

        def upgrading(progress: Progress) -> None:
            logged(progress)
            tell(progress)

        lookup = cls(store or await SqliteStore.open(path, upgrading), resolution, language)
        try:
            await asyncio.to_thread(numbers.warm)
            await lookup._read(path)
            if indexed and not lookup.lean:
                lookup._proofs.index = await LiveIndex.open(path)
        except BaseException:
            # An open store has a thread, for which the process would wait at its end for ever.
            await lookup.close()
            raise
        return lookup

    async def _read(self, path: Path) -> None:
        try:
            self._behind = SecondStage(Contexts(await SqliteContext.open(path)))
            self._proofs.learned = await Learned.open(path, self._directory.resolution.choice_days, datetime.now(UTC))
            self._proofs.learned.people = self._store.people if self.lean else None
            await self.refresh()
        except FAULTS as error:
            raise StoreFault(f"{path}: the directory in it cannot be read: {words(error)}") from None

    @property
    def lean(self) -> bool:
        """The store's file has no people, they are asked elsewhere."""
        return isinstance(self._store, OwnOrShared) and self._store.lean

    async def keep(self, path: Path) -> None:
        """The file there has all people from now on, and is asked, with an index."""
        if isinstance(self._store, OwnOrShared) and self._store.lean:
            self._store.keep()
            self._proofs.keep(await LiveIndex.open(path))

    async def close(self) -> None:
        """What is still being read is given up."""
        await self.reads.give_up()
        async with AsyncExitStack() as closing:
            for part in (self._store, self._behind, self._proofs.learned, self._proofs.index):
                if part is not None:
                    closing.push_async_callback(part.close)

    async def retune(self, resolution: ResolutionSettings, language: LanguageSettings) -> None:
        """Other settings, from the next call on."""
        await warm([language.default])
        self._directory = replace(self._directory, resolution=resolution, language=language)
        self._patience = replace(self._patience, record=resolution.patience)
        if self.learned is not None:
            self.learned.choice_days = resolution.choice_days

    @property
    def store(self) -> DirectoryStore:
        return self._store

    @property
    def learned(self) -> Learned | None:
        """None where nothing is to be remembered."""
        return self._proofs.learned

    @property
    def behind(self) -> SecondStage:
        return self._behind

    @property
    def memory(self) -> Memory:
        return Memory(self._recent, self._behind, self._meant, self.learned)

    @property
    def index(self) -> IndexState | None:
        return self._proofs.index.state if isinstance(self._proofs.index, LiveIndex) else None

    def snapshot(self) -> Snapshot:
        """The small tables as last read."""
        return self._directory.snapshot

    def visible(self, agent: str, at: datetime) -> frozenset[str]:
        """The accounts that this agent may see, by the small tables as last read."""
        return self._sights.visible_to(agent, self._directory.snapshot, at).accounts

    def of_agents(self, agents: Iterable[str]) -> Watch:
        """What each of these may see, as `found.of_agents` says it."""
        return of_agents(agents, self._sights.visible_to)

    async def catch_up(self) -> None:
        """The small tables as they are, or as last read where the store fails, which is logged until it works again."""
        try:
            await self.refresh()
            self._fails = False
        except FAULTS as error:
            if not self._fails:
                _failed(error)
            self._fails = True

    async def refresh(self) -> None:
        """Reads the small tables again if they have changed. Raises what the store raises."""
        async with self._refreshing:
            version = self._store.version()
            if version == self._current:
                return
            snapshot = self._directory.snapshot
            if self._current is not None and self._store.tables_version() <= snapshot.version:
                snapshot = snapshot.at(version)
            else:
                snapshot = await self._store.snapshot()
                await warm([*snapshot.languages(), self._directory.language.default])
            if self._current is not None:
                self.memory.forget(account for account, left in snapshot.purged.items() if left > self._current)
            self._directory = replace(self._directory, snapshot=snapshot)
            self._current = snapshot.version

    def hot(self, question: Question, agents: Iterable[str]) -> Answers | None:
        """Answers from memory alone, or None when the store has to be asked."""
        try:
            return self._hot(question, agents) if self._store.version() == self._current else None
        except FAULTS:
            return None
        except Exception:
            log.error("lookup.failed", exc_info=True)
            return None

    def _hot(self, question: Question, agents: Iterable[str]) -> Answers | None:
        snapshot = self._directory.snapshot
        heard = hear(question, snapshot)
        viewers = self.of_agents(agents)(snapshot, question.at)
        proof = self._proofs.remembered(heard, everything(viewers), snapshot.version)
        if proof is None or not all(map(tags.ready, heard.country_tags)):
            return None
        hit = self._with_recent(found(heard, viewers, self._directory, proof, {}, question.beside))
        return None if hit.missing else self._first(hit)

    async def answers(self, question: Question, agents: Iterable[str]) -> Answers:
        """The first answers within the patience, whatever the store does and whatever is wrong with us: a fault in here
        must not cost the pop."""
        watch = self.of_agents(agents)
        try:
            if len(self.reads) < MOST_WAITING:
                return await self._answers_in_time(question, watch)
        except Exception:
            log.error("lookup.failed", exc_info=True)
        return Answers(without_directory(question, watch, self._directory))

    async def _answers_in_time(self, question: Question, watch: Watch) -> Answers:
        index = self.reads.start(self.find(question, watch))
        await asyncio.wait({index}, timeout=self._patience.index)
        if not index.done():
            self.reads.too_late("index", self._patience.index)
            told = without_directory(question, watch, self._directory)
            return Answers(told, self._after_index(index, told))
        hit = index.result()
        if hit is None:
            return Answers(without_directory(question, watch, self._directory))
        if not hit.missing:
            return self._first(hit)
        reading = self.reads.start(self.records(hit))
        await asyncio.wait({reading}, timeout=self._patience.record)
        if reading.done():
            return self._first(reading.result() or hit)
        self.reads.too_late("record", self._patience.record)
        self._remember(hit)
        told = hit.answers()
        return Answers(told, self._after_records(reading, told), self._behind.notices(hit))

    async def find(self, question: Question, watch: Watch) -> Found | None:
        """Who may be meant, as these readers may see it; None where the store has failed."""
        try:
            await self.refresh()
            directory = self._directory
            heard = hear(question, directory.snapshot)
            await warm(heard.country_tags)
            viewers = watch(directory.snapshot, question.at)
            proof = await self._proofs.read(heard, everything(viewers), directory.snapshot.version)
        except FAULTS as error:
            _failed(error)
            return None
        return self._with_recent(found(heard, viewers, directory, proof, {}, question.beside))

    async def records(self, hit: Found) -> Found | None:
        """The same with every record read that is shown; None where the store has failed."""
        try:
            read = await self._store.people(hit.missing, everything(hit.viewers)) if hit.missing else {}
            await warm(person.language for person in read.values() if person.language)
        except FAULTS as error:
            _failed(error)
            return None
        # A record that has just been removed is not waited for: his id is all that there is.
        gone = {key: Person(key, None) for key in hit.missing if key not in read}
        self._recent.put({**read, **gone}, hit.directory.snapshot.version)
        return replace(hit, people={**hit.people, **read, **gone})

    def spoke(self, call: str, at: datetime) -> None:
        """The desk speaks with whoever this call was from, if that was clear."""
        if self.learned is not None:
            for person in self._meant.people(call):
                self.learned.contact(person, at)

    async def run(self) -> None:
        """Writes what desks taught us, for as long as it runs."""
        if self.learned is not None:
            await self.learned.run()

    # -- answers -------------------------------------------------------------------------------------------------------

    def _with_recent(self, hit: Found) -> Found:
        known = self._recent.get(hit.missing, hit.directory.snapshot.version)
        return replace(hit, people=known) if known else hit

    def _first(self, hit: Found) -> Answers:
        """What pops now, with what the agents should know besides."""
        answers = self._answers(hit)
        return Answers(answers.first, answers.rest, self._behind.notices(hit))

    def _answers(self, hit: Found) -> Answers:
        self._remember(hit)
        return self._behind.answers(hit)

    def _remember(self, hit: Found) -> None:
        """Who the call is from, for those agents who are told so clearly."""
        self._behind.note(hit)
        call = hit.heard.call_id
        if call is not None:
            told = {agent: caller(hit, agent) for agent in hit.rankings}
            self._meant.tell(call, told, of_first=hit.heard.again)

    async def _after_index(
        self, index: asyncio.Task[Found | None], told: Mapping[str, Answer]
    ) -> AsyncIterator[dict[str, Answer]]:
        await asyncio.wait({index}, timeout=self._patience.rest)
        hit = outcome(index)
        if hit is None:
            return
        async for answers in self._after_records(self.reads.start(self.records(hit)), told):
            yield answers

    async def _after_records(
        self, reading: asyncio.Task[Found | None], told: Mapping[str, Answer]
    ) -> AsyncIterator[dict[str, Answer]]:
        """told: the first answers. Who would hear the same once more hears nothing: that he is told again would tell
        him that somebody whom he may not see has this number."""
        await asyncio.wait({reading}, timeout=self._patience.rest)
        hit = outcome(reading)
        if hit is None:
            return
        answers = self._answers(hit)
        changed = {agent: answer for agent, answer in answers.first.items() if answer != told[agent]}
        if changed:
            yield changed
        if answers.rest is not None:
            async for later in answers.rest:
                yield later


def _failed(error: BaseException) -> None:
    # Not the error's own words: they may quote what was asked for.
    log.error("lookup.store_failed", error=type(error).__name__, code=getattr(error, "sqlite_errorname", None))
