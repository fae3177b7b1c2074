"""What comes behind the first pop, through the look-up as a desk has it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.caller import Presentation
from ctibridge.domain.context import Context, MajorIncident, Repeat, Request, Service
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.adapters.answers import Answers, Patience
from ctibridge.lookup.adapters.contexts import Contexts, Deadlines
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.context import Article, Part
from ctibridge.lookup.found import Found, of_agents
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.visibility import Visible
from tests.fakes.context_source import FakeContextSource
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.examples import AT, FLEURON_DESK, MOBILE, PLAN, REGULA, SNAPSHOT, row, signalled

KNOWN = replace(SNAPSHOT, context_accounts=frozenset({"acme"}))
URS = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"), site="Zürich")
AMELIE = Person(PersonKey("acme", "p19"), Name("Amélie Rochat"), site="Zürich")
ELODIE = Person(PersonKey("fleuron", "e1"), Name("Élodie Lefèvre"))
NUMBERS = {"p17": MOBILE, "p18": "+491713920018", "p19": "+491713920019"}
PATIENT = Patience(record=60.0, index=60.0, rest=60.0)
BOTH = frozenset({"ana", "ben"})
ANA = frozenset({"ana"})
SAP = Service("sap", "SAP")
DOWN = MajorIncident(None, "Production stands still")


def directory(snapshot: Snapshot = KNOWN) -> FakeDirectoryStore:
    numbers = {number: [row(person=person, matched=number)] for person, number in NUMBERS.items()}
    return FakeDirectoryStore(snapshot, numbers, [REGULA, URS, AMELIE, ELODIE])


@pytest.fixture
async def store() -> FakeDirectoryStore:
    return directory()


@pytest.fixture
async def source() -> FakeContextSource:
    return FakeContextSource(
        {
            (Part.SERVICES, "acme", "p17"): [SAP],
            (Part.SERVICES, "acme", "p18"): [Service("mes", "Production")],
            (Part.REQUESTS, "acme", "p17"): [Request("r1", "Broken", "assigned", AT)],
            (Part.MAJOR_INCIDENTS, "acme", "p17"): [DOWN],
            (Part.MAJOR_INCIDENTS, "acme", None): [DOWN],
            (Part.KNOWLEDGE_ARTICLES, "acme", "p17"): [Article("k", "sap", "x", None, ("de", "en"))],
        }
    )


class Index:
    """Who holds a number, from memory."""

    def __init__(self, numbers: Mapping[str, Sequence[NumberRow]]) -> None:
        self.numbers = numbers

    def rows(
        self, number: Understood, called_account: str | None, visible: Visible, version: int
    ) -> tuple[NumberRow, ...]:
        return tuple(one for one in self.numbers.get(number.e164 or "", ()) if one.account in visible.accounts)

    async def close(self) -> None: ...


def over(store: FakeDirectoryStore, source: FakeContextSource | None, patience: Patience = PATIENT) -> Lookup:
    contexts = None if source is None else Contexts(source, Deadlines(soon=60.0, late=60.0))
    index = Index(store.numbers)
    return Lookup(store, ResolutionSettings(), LanguageSettings(), patience, index=index, contexts=contexts)


@pytest.fixture
async def lookup(store: FakeDirectoryStore, source: FakeContextSource) -> AsyncIterator[Lookup]:
    lookup = over(store, source)
    yield lookup
    await lookup.close()


def question(
    person: str | None = "p17",
    call: str | None = "c1",
    at: datetime = AT,
    chosen: PersonKey | None = None,
    called: str | None = None,
) -> Question:
    raw = "+493023125999" if person is None else NUMBERS[person]
    desk = signalled(raw) if called is None else signalled(raw, [called])
    return Question(desk, PLAN, call, at, () if chosen is None else (Pick(chosen, "ana", at),))


def contexts(answers: dict[str, Answer]) -> dict[str, Context | None]:
    return {agent: answer.context for agent, answer in answers.items()}


async def rest(answers: Answers) -> list[dict[str, Answer]]:
    return [] if answers.rest is None else [found async for found in answers.rest]


# -- context -----------------------------------------------------------------------------------------------------------


async def test_the_first_pop_waits_for_no_context_and_the_last_revision_has_it(
    lookup: Lookup, source: FakeContextSource
) -> None:
    source.hold(*Part)
    answers = await lookup.answers(question(), BOTH)
    assert contexts(answers.first) == {"ana": Context(complete=False), "ben": None}
    assert source.asked == []
    source.release(*Part)
    (last,) = await rest(answers)
    assert set(last) == {"ana"}
    context = last["ana"].context
    assert context is not None
    assert (context.services, context.major_incidents, context.complete) == ((SAP,), (DOWN,), True)
    assert context.repeat == Repeat(0, None, 1)
    assert context.knowledge_articles[0].language == "de"  # hers is de-CH
    assert replace(last["ana"], context=None) == replace(answers.first["ana"], context=None)


async def test_what_is_answered_from_memory_has_context_too(lookup: Lookup) -> None:
    await lookup.answers(question(), ANA)
    hot = lookup.hot(question(call="c2"), ANA)
    assert hot is not None
    assert hot.first["ana"].context == Context(repeat=Repeat(1, AT), complete=False)
    (last,) = await rest(hot)
    assert last["ana"].context is not None
    assert (last["ana"].context.services, last["ana"].context.repeat) == ((SAP,), Repeat(1, AT, 1))


async def test_a_directory_without_context_asks_nobody_and_tells_once(source: FakeContextSource) -> None:
    lookup = over(directory(SNAPSHOT), source)
    answers = await lookup.answers(question(), BOTH)
    assert (answers.rest, contexts(answers.first)) == (None, {"ana": None, "ben": None})
    again = await lookup.answers(question(call="c2", at=AT + timedelta(minutes=5)), BOTH)
    assert (again.rest, contexts(again.first)) == (None, {"ana": Context(repeat=Repeat(1, AT)), "ben": None})
    assert source.asked == []
    await lookup.close()


async def test_without_a_source_there_is_none(store: FakeDirectoryStore) -> None:
    lookup = over(store, None)
    answers = await lookup.answers(question(), ANA)
    assert (answers.rest, answers.first["ana"].context) == (None, None)
    assert await lookup.behind.suggestions(await found(lookup, question()), "ana", "sap", None) is None
    await lookup.close()


async def found(lookup: Lookup, asked: Question) -> Found:
    hit = await lookup.find(asked, of_agents(ANA))
    assert hit is not None
    return hit


@pytest.mark.parametrize("presentation", [Presentation.ALLOWED, Presentation.RESTRICTED])
async def test_who_is_not_known_may_have_what_all_of_the_company_called_have(
    lookup: Lookup, source: FakeContextSource, presentation: Presentation
) -> None:
    call = Question(signalled("+493023125999", presentation=presentation), PLAN, "c1", AT)
    answers = await lookup.answers(call, BOTH)
    assert contexts(answers.first) == {"ana": Context(complete=False), "ben": None}
    assert [contexts(one) for one in await rest(answers)] == [{"ana": Context(major_incidents=(DOWN,))}]
    assert source.asked == [(Part.MAJOR_INCIDENTS, "acme", None)]


async def test_a_chosen_person_gets_his_context_like_any_other(lookup: Lookup) -> None:
    (last,) = await rest(await lookup.answers(question(None, chosen=URS.key), ANA))
    assert last["ana"].context is not None
    assert [one.id for one in last["ana"].context.services] == ["mes"]


async def test_context_follows_a_record_that_was_late(store: FakeDirectoryStore, source: FakeContextSource) -> None:
    lookup = over(store, source, Patience(record=0.0, index=60.0, rest=60.0))
    store.hold("people")
    with capture_logs():
        answers = await lookup.answers(question(), ANA)
    assert answers.first["ana"].context is None
    store.release("people")
    record, last = await rest(answers)
    assert record["ana"].context == Context(complete=False)
    assert last["ana"].context is not None
    assert (last["ana"].complete, last["ana"].context.complete) == (True, True)
    await lookup.close()


async def test_a_grant_that_ends_takes_the_context_with_it(lookup: Lookup, source: FakeContextSource) -> None:
    await rest(await lookup.answers(question(), ANA))
    asked = len(source.asked)
    answers = await lookup.answers(question(), frozenset({"ben"}))
    assert (answers.rest, contexts(answers.first)) == (None, {"ben": None})
    assert len(source.asked) == asked


async def test_closing_closes_the_source(lookup: Lookup, source: FakeContextSource) -> None:
    await lookup.close()
    assert source.closed


# -- what happens besides ----------------------------------------------------------------------------------------------


async def test_the_third_caller_of_a_site_is_told_to_who_may_see_them(lookup: Lookup) -> None:
    people = [REGULA, URS, AMELIE]
    told = [
        (await lookup.answers(question(one.key.id, one.key.id, AT + timedelta(minutes=minute)), BOTH)).notices
        for minute, one in enumerate(people)
    ]
    assert told[:2] == [{}, {}]
    assert {agent: [one.kind for one in notices] for agent, notices in told[2].items()} == {"ana": ["several_callers"]}


async def test_one_number_at_two_customers_is_told_to_who_has_both(lookup: Lookup) -> None:
    assert (await lookup.answers(question(None, "c1"), BOTH)).notices == {}
    second = await lookup.answers(question(None, "c2", called=FLEURON_DESK), BOTH)
    assert {agent: [one.kind for one in notices] for agent, notices in second.notices.items()} == {
        "ana": ["number_at_several"]
    }


async def test_a_late_record_costs_no_word_of_what_is_known_at_once(
    store: FakeDirectoryStore, source: FakeContextSource
) -> None:
    """What needs the record (the site) is said at the next call of that site, and not lost."""
    lookup = over(store, source, Patience(record=0.0, index=60.0, rest=60.0))
    for one in (REGULA, URS, AMELIE):
        store.hold("people")
        with capture_logs():
            answers = await lookup.answers(question(one.key.id, one.key.id), ANA)
        store.release("people")
        await rest(answers)
        assert answers.notices == {}
    again = lookup.hot(question("p17", "c9"), ANA)
    assert again is not None
    assert [one.kind for one in again.notices["ana"]] == ["several_callers"]
    await lookup.close()


async def test_a_question_of_the_command_line_is_no_call(lookup: Lookup) -> None:
    for _ in range(2):
        answers = await lookup.answers(question(call=None), ANA)
        assert answers.first["ana"].context == Context(complete=False)
    assert (await lookup.answers(question(call="c1"), ANA)).first["ana"].context == Context(complete=False)
