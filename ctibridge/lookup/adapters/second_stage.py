"""What comes behind the answer of who it is: he calls again, others call too, and his context, which may be late.

Comes in: what was found of one call, for the agents at whose desks it rings. Goes out: their answers with what is known
at once, revisions with what is read, and notices. Each agent's part is made of his own ranking and of what he may see.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from ctibridge.domain.context import Context, Suggestions
from ctibridge.domain.erasure import Leaving
from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.adapters.contexts import Contexts, Wanted
from ctibridge.lookup.context import Reading, about
from ctibridge.lookup.found import Found
from ctibridge.lookup.traffic import Traffic


class SecondStage:
    """One for the process; every method is called on the loop. contexts: None where there is no source of any."""

    def __init__(self, contexts: Contexts | None) -> None:
        self._contexts = contexts
        self._traffic = Traffic()

    async def close(self) -> None:
        if self._contexts is not None:
            await self._contexts.close()

    def note(self, hit: Found) -> None:
        """This call, or what is now known of it."""
        heard = hit.heard
        if heard.call_id is not None and not heard.again:
            told = {person for agent in hit.rankings if (person := caller(hit, agent)) is not None}
            records = ((person, hit.people.get(person)) for person in told)
            sites = {person: None if record is None else record.site for person, record in records}
            self._traffic.note(heard.call_id, sites, heard.called.account_id, heard.number.e164, heard.at)

    def forget(self, accounts: frozenset[str]) -> None:
        """Their people have left the store for good."""
        self._traffic.forget(accounts)

    def erase(self, leaving: Leaving) -> None:
        """They were never heard of."""
        self._traffic.erase(leaving.people, frozenset(number.e164 for number in leaving.numbers))

    def answers(self, hit: Found) -> Answers:
        """As it is known now; context follows, where there may be any. For what was noted."""
        answers = hit.answers()
        readings = {agent: self._reading(hit, agent, answer) for agent, answer in answers.items()}
        wanted = {} if self._contexts is None else self._wanted(hit, readings)
        for agent, reading in readings.items():
            if agent in wanted or reading.calls is not None:
                known = Context(repeat=reading.calls, complete=agent not in wanted)
                answers[agent] = replace(answers[agent], context=known)
        return Answers(answers, self._revisions(answers, wanted) if wanted else None)

    def notices(self, hit: Found) -> dict[str, tuple[Notice, ...]]:
        """What each agent should know besides, of what was noted; told once, so it is asked where it will be told."""
        call, accounts = hit.heard.call_id, hit.directory.snapshot.accounts
        if call is None or hit.heard.again:
            return {}
        told = {
            agent: self._traffic.notices(agent, call, caller(hit, agent), viewer.visible, accounts)
            for agent, viewer in hit.viewers.items()
        }
        return {agent: notices for agent, notices in told.items() if notices}

    async def suggestions(self, hit: Found, agent: str, service: str | None, item: str | None) -> Suggestions | None:
        """What the agent may do about a service or an item of the caller's company, else of the one called. None where
        he may not see it, or nobody calls. Raises what the source raises, TimeoutError."""
        call, visible, person = hit.heard.call_id, hit.viewers[agent].visible, caller(hit, agent)
        account = hit.heard.called.account_id if person is None else person.account
        if self._contexts is None or call is None or account is None or account not in visible.accounts:
            return None
        default = hit.directory.snapshot.accounts[account].default_language
        reading = Reading(hit.heard.at, hit.answers()[agent].language.tag, default)
        return await self._contexts.suggestions(call, service, item, account, reading, visible)

    def _wanted(self, hit: Found, readings: Mapping[str, Reading]) -> dict[str, Wanted]:
        """Who is told more, and about whom."""
        called, accounts = hit.heard.called.account_id, hit.directory.snapshot.context_accounts
        wanted = {}
        for agent, reading in readings.items():
            visible = hit.viewers[agent].visible
            subject = about(hit.rankings[agent], called, visible, accounts)
            if subject is not None:
                wanted[agent] = Wanted(subject, reading, visible)
        return wanted

    def _reading(self, hit: Found, agent: str, answer: Answer) -> Reading:
        person, call, at = caller(hit, agent), hit.heard.call_id, hit.heard.at
        if person is None:
            return Reading(at)
        default = hit.directory.snapshot.accounts[person.account].default_language
        calls = None if call is None else self._traffic.repeat(call, person, at)
        return Reading(at, answer.language.tag, default, calls)

    async def _revisions(
        self, answers: dict[str, Answer], wanted: Mapping[str, Wanted]
    ) -> AsyncIterator[dict[str, Answer]]:
        assert self._contexts is not None
        async for found in self._contexts.revisions(wanted):
            yield {agent: replace(answers[agent], context=context) for agent, context in found.items()}


def caller(hit: Found, agent: str) -> PersonKey | None:
    """Whom this agent is told clearly."""
    match = hit.rankings[agent].identified
    return None if match is None else match.person
