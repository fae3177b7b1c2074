"""What an agent asks for a call that he has: who it could be (search), that it is this one (choose), what he may do for
him (select). Carried from his connection to the look-up, and the answer back.

None of it is in a hurry as a pop is, so each runs beside the calls; a newer search of a connection replaces its older
one, and so does a newer list of its calls or colleagues.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from ctibridge.delivery.desks import Desks
from ctibridge.domain.context import Suggestions
from ctibridge.domain.desk_command import Choose, ListCalls, ListColleagues, Search, Select
from ctibridge.domain.moment import Moment
from ctibridge.domain.resolution import Candidate
from ctibridge.flow.flow import Flow
from ctibridge.flow.joint import Chosen, Joint
from ctibridge.lookup.question import Pick, Question

log = structlog.get_logger()
MOST_RUNNING = 1_000
"""Beside those of which each connection has one at most."""


class Directory(Protocol):
    """What is asked of the look-up, for one agent."""

    async def may_see(self, question: Question, agent: str) -> bool:
        """Is this call one of an account that he may see?"""

    async def choose(self, question: Question, pick: Pick, *, keep: bool) -> bool:
        """keep: it is remembered for the number. False: there is nobody like that whom the agent may see."""

    async def suggestions(
        self, question: Question, agent: str, service: str | None, configuration_item: str | None
    ) -> Suggestions | None: ...

    async def search(self, question: Question, agent: str, text: str, account: str | None) -> tuple[Candidate, ...]: ...


_Replaced = Search | ListCalls | ListColleagues
_Asker = tuple[int, type[_Replaced]]


class DeskRequests:
    """deliver: carries out what the desks have to say. say: what other nodes have to hear, too; None: there is none."""

    def __init__(
        self,
        directory: Directory,
        desks: Desks,
        flow: Flow,
        now: Callable[[], Moment],
        deliver: Callable[[], None],
        say: Callable[[Joint], None] | None = None,
    ) -> None:
        self._directory = directory
        self._desks = desks
        self._flow = flow
        self._now = now
        self._deliver = deliver
        self._say = say or flow.carry_out
        self._running: set[asyncio.Task[None]] = set()
        self._newest: dict[_Asker, asyncio.Task[None]] = {}

    def choose(self, command: Choose) -> None:
        self._start(lambda: self._choose(command))

    def select(self, command: Select) -> None:
        self._start(lambda: self._select(command))

    def search(self, command: Search) -> None:
        self.instead(command, lambda: self._search(command))

    def instead(self, command: _Replaced, work: Callable[[], Awaitable[None]]) -> None:
        """Of such a command each connection has one running, its newest; so none is ever dropped."""
        asker = command.session, type(command)
        before = self._newest.pop(asker, None)
        if before is not None:
            before.cancel()
        task = self._newest[asker] = self._run(work)
        task.add_done_callback(lambda done: self._done(asker, done))

    async def stop(self) -> None:
        """What is still being asked is given up."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _choose(self, command: Choose) -> None:
        question, of_first = await self._question(command)
        pick = Pick(command.person, command.agent, self._now().at)
        # A colleague who hands over is not the caller: whom he speaks for says nothing of his own number.
        keep = of_first or not self._flow.is_internal(command.call)
        if question is None:
            self._desks.unknown_call(command.session)
        elif not await self._directory.choose(question, pick, keep=keep):
            self._desks.unknown_person(command.session)
        else:
            log.info("chosen", agent=command.agent, call=command.call)
            self._say(Chosen(command.call, pick, of_first))

    async def _select(self, command: Select) -> None:
        question, _ = await self._question(command)
        subject = command.service, command.configuration_item
        found = None
        try:
            if question is not None:
                found = await self._directory.suggestions(question, command.agent, *subject)
        finally:
            # Also where it failed, as for a search.
            self._desks.suggested(command.agent, found or Suggestions(command.call), self._now().at)

    async def _search(self, command: Search) -> None:
        found: tuple[Candidate, ...] = ()
        try:
            question, _ = await self._question(command)
            if question is not None:
                found = await self._directory.search(question, command.agent, command.text.value, command.account)
        finally:
            # Also where it failed: whoever typed looks at something that is no longer being looked for.
            if self._newest.get((command.session, Search)) is asyncio.current_task():
                self._desks.people(command.session, command.call, command.text, found, self._now().at)

    async def _question(self, command: Choose | Select | Search) -> tuple[Question | None, bool]:
        """Of the call that this one continues, where its desk is shown that one; True then."""
        first = self._flow.first_question(command.call)
        if first is not None and await self._directory.may_see(first, command.agent):
            return first, True
        return self._flow.question(command.call), False

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        if len(self._running) - len(self._newest) >= MOST_RUNNING:
            log.warning("desk_request_dropped", running=MOST_RUNNING)
        else:
            self._run(work)

    def _run(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """One that fails costs itself alone."""
        try:
            await work()
        except Exception:
            log.error("desk_request_failed", exc_info=True)
        self._deliver()

    def _done(self, asker: _Asker, task: asyncio.Task[None]) -> None:
        if self._newest.get(asker) is task:
            del self._newest[asker]
