"""Calls put to a `Lookup` over the directory in memory, with and without a number index."""

from typing import Any

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.domain.resolution import Grade
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.adapters.answers import Answers, Patience
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.visibility import Visible
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.examples import MOBILE, REGULA, SNAPSHOT, question, row, signalled

URS = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"))
ELODIE = Person(PersonKey("fleuron", "e1"), Name("Élodie Lefèvre"))
AGENTS = frozenset({"ana", "ben"})
# The first pop waits for nothing that is held back here, and for everything else as long as it takes.
IMPATIENT = Patience(record=0.0, index=0.0, rest=5.0)
PATIENT = Patience(record=60.0, index=60.0, rest=60.0)


class FakeIndex:
    """Over the same directory as the store. behind: it is not at the store's version."""

    def __init__(self, directory: FakeDirectoryStore) -> None:
        self._directory = directory
        self.behind = False
        self.closed = False

    def rows(
        self, number: Understood, called_account: str | None, visible: Visible, version: int
    ) -> tuple[NumberRow, ...] | None:
        assert number.tail is None, "nobody is found by a tail in memory"
        if self.behind or version != self._directory.current.version:
            return None
        held = self._directory._with
        rows = [] if number.e164 is None else held(number.e164, Grade.EXACT, visible.accounts)
        if number.extension is not None:
            rows += held(number.extension, Grade.EXTENSION, visible.accounts & {called_account})
        return tuple(rows)

    async def close(self) -> None:
        self.closed = True


def store() -> FakeDirectoryStore:
    return FakeDirectoryStore(SNAPSHOT, {MOBILE: [row()]}, [REGULA])


def over(
    directory: FakeDirectoryStore,
    patience: Patience = PATIENT,
    index: FakeIndex | None = None,
    learned: Learned | None = None,
) -> Lookup:
    return Lookup(directory, ResolutionSettings(), LanguageSettings(), patience, learned, index)


async def ask(lookup: Lookup, raw: str | None = MOBILE, agents: frozenset[str] = AGENTS, **kwargs: Any) -> Answers:
    return await lookup.answers(question(signalled(raw, **kwargs)), agents)


def hot(
    lookup: Lookup, raw: str | None = MOBILE, agents: frozenset[str] = AGENTS, **kwargs: Any
) -> dict[str, Answer] | None:
    answers = lookup.hot(question(signalled(raw, **kwargs)), agents)
    return None if answers is None else answers.first


async def told(answers: Answers) -> list[dict[str, Answer]]:
    """Every revision that follows."""
    return [] if answers.rest is None else [one async for one in answers.rest]


def name(answer: Answer) -> str | None:
    person = answer.resolution.candidates[0].person
    return None if person.name is None else person.name.value


def statuses(answers: dict[str, Answer]) -> dict[str, str]:
    return {agent: str(answer.resolution.status) for agent, answer in answers.items()}
