"""One look-up with what an agent gets of it, as the bytes that his desk is sent."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, cast

from ctibridge.delivery import encode, encode_control
from ctibridge.domain.call import Call, CallState
from ctibridge.domain.private import Private
from ctibridge.lookup.adapters.answers import Patience
from ctibridge.lookup.adapters.contexts import Contexts, Deadlines
from ctibridge.lookup.adapters.enquiries import Enquiries
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.traffic import Traffic
from tests.tenants.careless import Behind, Directory, Memory
from tests.tenants.customers import LANGUAGE, RESOLUTION
from tests.tenants.state import State

# The first pop waits for everything: what is late has a test of its own.
PATIENT = Patience(record=60.0, index=60.0, rest=60.0)
NEVER_LATE = Deadlines(soon=60.0, late=60.0)


@dataclass
class Told:
    """What one agent got for one call: revision by revision, and notices."""

    revisions: list[bytes] = field(default_factory=list)
    notices: list[bytes] = field(default_factory=list)


class Desk:
    """answers: what the product printed of itself, for a look at its `repr`."""

    def __init__(
        self,
        store: DirectoryStore,
        learned: Any,
        contexts: Contexts,
        index: Any = None,
        patience: Patience = PATIENT,
    ) -> None:
        memory = cast(Learned, learned)
        self.lookup = Lookup(store, RESOLUTION, LANGUAGE, patience, memory, index, contexts)
        self.enquiries = Enquiries(self.lookup, store, memory)
        self.printed = ""

    async def ring(self, question: Question, agents: Iterable[str]) -> dict[str, Told]:
        asked = frozenset(agents)
        answers = self.lookup.hot(question, asked)
        answers = answers or await self.lookup.answers(question, asked)
        self.printed = repr(answers)
        told = {agent: Told([encode.pop_data(answer, None)]) for agent, answer in answers.first.items()}
        for agent, notices in answers.notices.items():
            told[agent].notices += map(encode.notice_data, notices)
        if answers.rest is not None:
            async for revision in answers.rest:
                for agent, answer in revision.items():
                    told[agent].revisions.append(encode.pop_data(answer, None))
        return told

    async def search(self, question: Question, agent: str, text: str, account: str | None) -> bytes:
        found = await self.enquiries.search(question, agent, text, account)
        return encode_control.people("c", Private(text), found)

    async def choose(self, question: Question, pick: Pick) -> bool:
        return await self.enquiries.choose(question, pick, keep=True)

    async def suggest(self, question: Question, agent: str, service: str | None, item: str | None) -> bytes:
        found = await self.enquiries.suggestions(question, agent, service, item)
        call = Call(question.call_id or "", "pbx", "6001", CallState.RINGING, question.at)
        return b"" if found is None else encode.suggestions_data(call, found)

    async def close(self) -> None:
        await self.lookup.close()


def over(state: State, directory: Directory, patience: Patience = PATIENT) -> Desk:
    """Everything of the state at once, as careless as it may be."""
    return Desk(directory, Memory(state), Contexts(Behind(state), NEVER_LATE), patience=patience)


def twin(state: State, keep: frozenset[str], called: str | None, traffic: Traffic, *, broken: bool = False) -> Desk:
    """The same desk where all accounts but these were never there. traffic: as that desk would know it."""
    directory = Directory(state, keep, called)
    directory.broken = broken
    desk = Desk(directory, Memory(state, keep), Contexts(Behind(state, keep), NEVER_LATE))
    desk.lookup.behind._traffic = traffic
    return desk


def traffic_of(desk: Desk) -> Traffic:
    return desk.lookup.behind._traffic


def without(traffic: Traffic, keep: frozenset[str], call: str | None) -> Traffic:
    """The calls of late, without a word of other accounts. call: the one that is asked for."""
    kept = Traffic()
    one = None if call is None else traffic._calls.get(call)
    if call is not None and one is not None:
        people = {account: key for account, key in one.people.items() if account in keep}
        sites = {account: site for account, site in one.sites.items() if account in keep}
        kept._calls[call] = replace(one, people=people, sites=sites)
    kept._of_person = {key: copy(calls) for key, calls in traffic._of_person.items() if key.account in keep}
    kept._of_site = {site: copy(callers) for site, callers in traffic._of_site.items() if site[0] in keep}
    kept._of_number = {
        number: {account: at for account, at in called.items() if account in keep}
        for number, called in traffic._of_number.items()
    }
    kept._told = copy(traffic._told)
    return kept
