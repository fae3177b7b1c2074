"""What an agent asks for a call that he has: who could it be (search), it is this one (choose), what may he do for him
(suggestions). Each for what this agent may see at that moment, and no more.
"""

import asyncio
from dataclasses import replace
from datetime import datetime

import structlog

from ctibridge.domain.context import Suggestions
from ctibridge.domain.person import Person
from ctibridge.domain.resolution import Candidate
from ctibridge.lookup import answer as compose
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.proofs import asks
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.answer import Viewer
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.found import Found, everything
from ctibridge.lookup.heard import Heard, hear
from ctibridge.lookup.matching import Match
from ctibridge.lookup.question import Pick, Question

MOST_FOUND = 20
"""People that one search gives (contract: `people`)."""
KEEP_WITHIN = 0.5
"""Seconds that an agent waits until his choice is in the store."""
log = structlog.get_logger()


class Enquiries:
    """Every method raises what the store raises."""

    def __init__(self, lookup: Lookup, store: DirectoryStore, learned: Learned | None) -> None:
        self._lookup = lookup
        self._store = store
        self._learned = learned

    async def search(self, question: Question, agent: str, text: str, account: str | None) -> tuple[Candidate, ...]:
        """People whom the text may mean. account: in this one only; None: in all granted ones, the one called first."""
        heard, view = await self._as_seen(question, agent, question.at)
        accounts = sorted(view.visible.accounts) if account is None else [account]
        # The first counts as the one called; where none was called, none is.
        accounts = [heard.called.account_id or "", *accounts] if account is None else accounts
        found = await self._store.search(text, accounts, view.visible, MOST_FOUND)
        return tuple(self._candidate(person, heard) for person in found)

    async def may_see(self, question: Question, agent: str) -> bool:
        """Is the call one of an account that this agent may see, without what agents said of it?"""
        found = await self._lookup.find(replace(question, chosen=()), self._lookup.of_agents([agent]))
        return found is not None and found.answers()[agent].of_granted_account

    async def choose(self, question: Question, pick: Pick, *, keep: bool) -> bool:
        """keep: the pick is remembered for the caller's number. False: the agent may see nobody like that, or there is
        nobody."""
        heard, view = await self._as_seen(question, pick.by, pick.at)
        if not await self._store.people([pick.person], view.visible):
            return False
        if keep and heard.number.key is not None and self._learned is not None:
            person, called = pick.person, heard.called.account_id
            choice = Choice(heard.number.key, person.account, person.id, pick.by, pick.at, called, question.call_id)
            writing = asyncio.ensure_future(self._learned.choose(choice))
            writing.add_done_callback(_kept)
            # Somebody may hold the store for a minute; the pick holds for this call meanwhile.
            await asyncio.wait({writing}, timeout=KEEP_WITHIN)
        return True

    async def suggestions(
        self, question: Question, agent: str, service: str | None, configuration_item: str | None
    ) -> Suggestions | None:
        """What the agent may do about a service or an item of the caller's company; None where he may not see it."""
        hit = await self._lookup.find(question, self._lookup.of_agents([agent]))
        read = None if hit is None else await self._lookup.records(hit)
        return None if read is None else await self._lookup.behind.suggestions(read, agent, service, configuration_item)

    async def _as_seen(self, question: Question, agent: str, at: datetime) -> tuple[Heard, Viewer]:
        await self._lookup.refresh()
        snapshot = self._lookup.snapshot()
        return hear(question, snapshot), self._lookup.of_agents([agent])(snapshot, at)[agent]

    def _candidate(self, person: Person, heard: Heard) -> Candidate:
        match = Match(person.key, person.disabled, person.key.account == heard.called.account_id)
        found = compose.candidate(match, {person.key: person}, heard, self._lookup.snapshot())
        return replace(found, evidence=())


async def elsewhere(store: DirectoryStore, hit: Found) -> tuple[str, ...]:
    """The accounts that know the number too and that none of its readers may see: for the administrator alone, who asks
    why not. Raises what the store raises."""
    heard = hit.heard
    if not asks(heard.number):
        return ()
    everywhere = visibility.every_account(hit.directory.snapshot)
    holders = await store.holders(heard.number, heard.called.account_id, everywhere)
    return holders.hidden_accounts(everything(hit.viewers))


def _kept(writing: asyncio.Future[None]) -> None:
    if not writing.cancelled() and (error := writing.exception()) is not None:
        # It holds for this call all the same; the next one will ask again.
        log.error("choice_not_kept", error=type(error).__name__)
