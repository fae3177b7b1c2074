"""A fact is asked as itself and as the call that it continues; both are one pop, however late their parts are."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from ctibridge.calls.facts import Continues, Rang
from ctibridge.domain.account import AccountRef
from ctibridge.domain.call import Call, CallState
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.hand_over import HandOverKind, Internal
from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow.asking import Asking
from ctibridge.lookup.adapters.answers import Answers
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan
from tests.flow.house import AT, answer

FIRST = Signalled(Number("222"), None, Presentation.ALLOWED, "From", None, ())
OWN = Signalled(Number("111"), None, Presentation.ALLOWED, "From", None, ())
CONTINUES = Continues(HandOverKind.ATTENDED, "6003", "call1", FIRST)
PICK = Pick(PersonKey("acme", "p17"), "ana", AT)
FACT = Rang(Call("call2", "pbx", "6001", CallState.RINGING, AT), frozenset({"ana", "ben"}), OWN, CONTINUES)


def of_acme(revision: int) -> Answer:
    account = AccountRef("acme", "ACME AG")
    return replace(answer(), resolution=Resolution(Status.SHARED, account, (), revision))


class Fake:
    """of: the answers for each of both calls; rests: what is late, by hand."""

    def __init__(self) -> None:
        self.questions: list[Question] = []
        self.rests: dict[Signalled, asyncio.Queue[dict[str, Answer] | None]] = {}
        self.notices: dict[Signalled, dict[str, tuple[Notice, ...]]] = {}

    def hot(self, question: Question, agents: frozenset[str]) -> Answers | None:
        self.questions.append(question)
        first = of_acme(1) if question.signalled is FIRST else answer()
        rest = self.rests.get(question.signalled)
        told = dict.fromkeys(agents, first)
        late = None if rest is None else self._rest(rest)
        return Answers(told, late, self.notices.get(question.signalled, {}))

    async def answers(self, question: Question, agents: frozenset[str]) -> Answers:
        found = self.hot(question, agents)
        assert found is not None
        return found

    async def _rest(self, rest: "asyncio.Queue[dict[str, Answer] | None]") -> AsyncIterator[dict[str, Answer]]:
        while (answers := await rest.get()) is not None:
            yield answers

    def visible(self, agent: str, at: datetime) -> frozenset[str]:
        return frozenset()

    def spoke(self, call: str, at: datetime) -> None: ...


def asking(fake: Fake) -> Asking:
    return Asking(
        fake,
        {"pbx": DialPlan("DE")},
        lambda _, line: Internal(line, "cleo"),
        lambda _: (),
        lambda _: (),
        lambda call, first: (PICK,) if (call, first) == ("call2", "call1") else (),
        lambda _: frozenset({"cleo"}),
    )


def test_the_first_call_is_asked_too_and_its_caller_does_not_call_once_more() -> None:
    fake = Fake()
    found = asking(fake).hot(FACT, FACT.agents, AT)
    assert found is not None
    assert found.rest is None
    assert [(one.signalled, one.again) for one in fake.questions] == [(FIRST, True), (OWN, False)]
    assert {one.beside for one in fake.questions} == {frozenset({"ana", "ben", "cleo"})}
    assert [one.chosen for one in fake.questions] == [(PICK,), ()]
    assert {one.resolution.account for one in found.first.values()} == {AccountRef("acme", "ACME AG")}


async def test_what_the_agents_should_know_besides_of_this_call_is_told_with_both() -> None:
    fake = Fake()
    fake.notices = {OWN: {"ana": (Notice("site", "Third caller of Bern within ten minutes"),)}}
    told = asking(fake).hot(FACT, FACT.agents, AT)
    assert told is not None
    assert told.notices == fake.notices[OWN]
    assert (await asking(fake).answers(FACT, FACT.agents, AT)).notices == fake.notices[OWN]


async def test_what_is_noticed_of_this_call_is_not_lost_where_the_first_one_has_to_be_read() -> None:
    """It was asked for from memory, which says it once, and then thrown away."""

    class Cold(Fake):
        def hot(self, question: Question, agents: frozenset[str]) -> Answers | None:
            if question.signalled is FIRST:
                return None
            raise AssertionError("asked for in vain")

    assert asking(Cold()).hot(FACT, FACT.agents, AT) is None


async def test_a_revision_of_one_agent_is_told_to_him_alone_and_with_what_is_newest_of_the_other_call() -> None:
    """A revision holds only whose answer has changed; it was taken for all of them once, and the others were lost."""
    fake = Fake()
    fake.rests = {OWN: asyncio.Queue(), FIRST: asyncio.Queue()}
    own, first = fake.rests[OWN], fake.rests[FIRST]
    found = await asking(fake).answers(FACT, FACT.agents, AT)
    assert found.rest is not None
    first.put_nowait({"ben": of_acme(2)})
    told = await anext(found.rest)
    assert list(told) == ["ben"]
    assert told["ben"].resolution.revision == 2
    own.put_nowait({"ana": answer(complete=False)})
    told = await anext(found.rest)
    assert list(told) == ["ana"]
    assert (told["ana"].resolution.revision, told["ana"].complete) == (1, False)
    own.put_nowait(None)
    first.put_nowait(None)
    assert [one async for one in found.rest] == []


async def test_a_slow_context_of_this_call_does_not_keep_back_the_first_ones() -> None:
    fake = Fake()
    fake.rests = {OWN: asyncio.Queue(), FIRST: asyncio.Queue()}
    found = await asking(fake).answers(FACT, FACT.agents, AT)
    assert found.rest is not None
    fake.rests[FIRST].put_nowait({"ana": of_acme(2), "ben": of_acme(2)})
    assert set(await anext(found.rest)) == {"ana", "ben"}
    await found.rest.aclose()  # type: ignore[attr-defined]
