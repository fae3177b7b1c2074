"""The driver of the second stage: what a source that is slow, dead or wrong costs, and whom."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.context import Context, MajorIncident, Repeat, Request, Service, StandardRequest, Suggestions
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters import contexts as module
from ctibridge.lookup.adapters.contexts import Contexts, Deadlines, Wanted
from ctibridge.lookup.context import About, Article, Part, Reading
from tests.fakes.context_source import FakeContextSource
from tests.lookup.examples import AT, SNAPSHOT

PATIENT = Deadlines(soon=60.0, late=60.0)
# The first revision waits for nothing that is held back here, the last one as long as it takes.
IMPATIENT = Deadlines(soon=0.0, late=60.0)
HOPELESS = Deadlines(soon=0.0, late=0.0)

MAIL = Service("mail", "E-Mail", "operational")
DOWN = MajorIncident(None, "All is down")
REQUEST = Request("r1", "Broken", "assigned", AT)
REGULA, ELODIE, ACME = About("acme", "p17"), About("fleuron", "e1"), About("acme")


def wanted(about: About = REGULA, agent: str = "ana", language: str | None = None, calls: int = 0) -> Wanted:
    reading = Reading(AT, language, None, Repeat(calls, AT) if calls else None)
    return Wanted(about, reading, visibility.visible_to(agent, SNAPSHOT, AT))


@pytest.fixture
def source() -> FakeContextSource:
    return FakeContextSource(
        {
            (Part.SERVICES, "acme", "p17"): [MAIL],
            (Part.REQUESTS, "acme", "p17"): [REQUEST],
            (Part.MAJOR_INCIDENTS, "acme", None): [DOWN],
            (Part.SERVICES, "fleuron", "e1"): [Service("caisse", "Caisses")],
            (Part.KNOWLEDGE_ARTICLES, "acme", "p17"): [
                Article("k1", "mail", "Kalender", None, ("de", "fr")),
            ],
        }
    )


async def all_of(revisions: AsyncIterator[dict[str, Context]]) -> list[dict[str, Context]]:
    return [found async for found in revisions]


async def test_all_that_comes_in_time_is_one_revision(source: FakeContextSource) -> None:
    (found,) = await all_of(Contexts(source, PATIENT).revisions({"ana": wanted(calls=2)}))
    context = found["ana"]
    assert (context.services, context.requests, context.complete, context.failed) == ((MAIL,), (REQUEST,), True, ())
    assert context.repeat == Repeat(2, AT, 1)
    assert [kind for kind, *_ in source.asked] == list(Part)


async def test_of_a_company_only_its_major_incidents_are_asked_for(source: FakeContextSource) -> None:
    found = await all_of(Contexts(source, PATIENT).revisions({"ana": wanted(ACME)}))
    assert found == [{"ana": Context(major_incidents=(DOWN,))}]
    assert source.asked == [(Part.MAJOR_INCIDENTS, "acme", None)]


async def test_several_agents_ask_once_and_each_reads_it_his_way(source: FakeContextSource) -> None:
    readers = {"ana": wanted(language="de"), "chloe": wanted(language="fr-CH")}
    (found,) = await all_of(Contexts(source, PATIENT).revisions(readers))
    assert len(source.asked) == len(Part)
    assert {agent: one.knowledge_articles[0].language for agent, one in found.items()} == {"ana": "de", "chloe": "fr"}


async def test_what_is_late_makes_one_more_revision(source: FakeContextSource) -> None:
    source.hold(Part.REQUESTS, Part.MAJOR_INCIDENTS)
    revisions = Contexts(source, IMPATIENT).revisions({"ana": wanted()})
    with capture_logs() as logs:
        first = (await anext(revisions))["ana"]
    assert (first.services, first.requests, first.complete, first.failed) == ((MAIL,), (), False, ())
    source.release(Part.REQUESTS)
    waiting = asyncio.ensure_future(anext(revisions))
    await asyncio.sleep(0)
    assert not waiting.done()  # not one revision for each part
    source.release(Part.MAJOR_INCIDENTS)
    last = (await waiting)["ana"]
    assert (last.services, last.requests, last.complete, last.failed) == ((MAIL,), (REQUEST,), True, ())
    assert await all_of(revisions) == []
    late = ["requests", "major_incidents"]
    assert logs == [{"event": "context.late", "log_level": "warning", "parts": late, "patience_ms": 0}]


async def test_what_never_comes_is_named_and_given_up(source: FakeContextSource) -> None:
    source.hold(Part.REQUESTS)
    with capture_logs() as logs:
        first, last = await all_of(Contexts(source, HOPELESS).revisions({"ana": wanted()}))
    assert (first["ana"].complete, first["ana"].failed) == (False, ())
    assert (last["ana"].complete, last["ana"].failed, last["ana"].services) == (True, ("requests",), (MAIL,))
    assert source.cancelled == [Part.REQUESTS]
    assert logs[-1] == {
        "event": "context.failed", "log_level": "error", "part": "requests", "error": "TimeoutError"
    }  # fmt: skip


async def test_a_part_that_fails_costs_itself_alone_and_its_words_are_in_no_log(source: FakeContextSource) -> None:
    source.failing = {Part.SERVICES, Part.STANDARD_REQUESTS}
    with capture_logs() as logs:
        (found,) = await all_of(Contexts(source, PATIENT).revisions({"ana": wanted()}))
    assert (found["ana"].failed, found["ana"].complete) == (("services", "standard_requests"), True)
    assert found["ana"].requests == (REQUEST,)
    assert [(log["part"], log["error"]) for log in logs] == [
        ("services", "RuntimeError"), ("standard_requests", "RuntimeError")
    ]  # fmt: skip
    assert "Frei" not in str(logs)


async def test_a_part_that_fails_late_is_named_in_the_last_revision(source: FakeContextSource) -> None:
    source.hold(Part.SERVICES)
    source.failing = {Part.SERVICES, Part.REQUESTS}
    revisions = Contexts(source, IMPATIENT).revisions({"ana": wanted()})
    with capture_logs():
        first = (await anext(revisions))["ana"]
        source.release(Part.SERVICES)
        last = (await anext(revisions))["ana"]
        await revisions.aclose()
    assert (first.failed, first.complete) == (("requests",), False)
    assert (last.failed, last.complete) == (("services", "requests"), True)


async def test_a_source_that_is_dead_still_ends_the_waiting(source: FakeContextSource) -> None:
    source.hold(*Part)
    with capture_logs():
        _, last = await all_of(Contexts(source, HOPELESS).revisions({"ana": wanted(calls=1)}))
    assert last["ana"] == Context(repeat=Repeat(1, AT), failed=tuple(part.value for part in Part))


async def test_one_caller_does_not_wait_for_another_ones_customer(source: FakeContextSource) -> None:
    """Else an agent would learn by the time it takes that somebody whom he may not see is known too."""
    source.hold(Part.REQUESTS)
    revisions = Contexts(source, PATIENT).revisions({"ana": wanted(), "chloe": wanted(ACME)})
    assert await anext(revisions) == {"chloe": Context(major_incidents=(DOWN,))}
    await revisions.aclose()


async def test_an_agent_is_told_of_his_own_caller_alone(source: FakeContextSource) -> None:
    found: dict[str, Context] = {}
    async for one in Contexts(source, PATIENT).revisions({"ana": wanted(), "ben": wanted(ELODIE, "ben")}):
        found |= one
    assert [one.id for one in found["ana"].services] == ["mail"]
    assert [one.id for one in found["ben"].services] == ["caisse"]


async def test_the_source_is_asked_with_what_this_agent_may_see(source: FakeContextSource) -> None:
    """Whoever asks for a customer that is not granted gets nothing, also where it is our own fault."""
    (found,) = await all_of(Contexts(source, PATIENT).revisions({"ben": wanted(REGULA, "ben")}))
    assert found == {"ben": Context()}


async def test_who_stops_listening_ends_what_is_asked(source: FakeContextSource) -> None:
    source.hold(*Part)
    revisions = Contexts(source, PATIENT).revisions({"ana": wanted()})
    listening = asyncio.ensure_future(anext(revisions))
    await source.all_asked.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert sorted(source.cancelled) == sorted(Part)
    assert await all_of(revisions) == []


async def test_callers_that_wait_are_bounded(source: FakeContextSource, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    source.hold(Part.REQUESTS)
    contexts = Contexts(source, IMPATIENT)
    first = contexts.revisions({"ana": wanted()})
    await anext(first)
    asked = len(source.asked)
    (found,) = await all_of(contexts.revisions({"ana": wanted()}))
    assert (found["ana"].failed, found["ana"].complete) == (tuple(part.value for part in Part), True)
    assert len(source.asked) == asked
    await first.aclose()
    source.release(Part.REQUESTS)
    assert (await all_of(contexts.revisions({"ana": wanted()})))[-1]["ana"].failed == ()


async def test_closing_closes_the_source(source: FakeContextSource) -> None:
    await Contexts(source).close()
    assert source.closed


# -- suggestions -------------------------------------------------------------------------------------------------------


def suggesting(source: FakeContextSource) -> Contexts:
    hint = StandardRequest("sr", "mail", "Reset a password")
    source.services["acme", "mail"] = ([hint], [Article("k", "mail", "Kalender", None, ("de",))])
    source.items["acme", "nb"] = "mail"
    return Contexts(source, PATIENT)


@pytest.mark.parametrize(("service", "item"), [("mail", None), (None, "nb"), ("mail", "unknown")])
async def test_a_service_or_the_service_of_an_item(
    source: FakeContextSource, service: str | None, item: str | None
) -> None:
    view = wanted(language="de")
    found = await suggesting(source).suggestions("c1", service, item, "acme", view.reading, view.visible)
    assert [one.id for one in found.standard_requests] == ["sr"]
    assert [(one.id, one.language) for one in found.knowledge_articles] == [("k", "de")]


@pytest.mark.parametrize(("service", "item"), [("unknown", None), (None, "unknown"), (None, None)])
async def test_of_what_is_not_known_there_is_nothing(
    source: FakeContextSource, service: str | None, item: str | None
) -> None:
    view = wanted()
    found = await suggesting(source).suggestions("c1", service, item, "acme", view.reading, view.visible)
    assert found == Suggestions("c1")
