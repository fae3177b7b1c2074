"""The driver: what the first pop waits for, what comes later, and what happens when the store does not answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.agent import Agent
from ctibridge.domain.caller import Presentation
from ctibridge.domain.private import Name
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.adapters import lookup as lookups
from ctibridge.lookup.adapters.lookup import Answers, Lookup, Patience
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.examples import AT, MOBILE, PLAN, REGULA, SNAPSHOT, row, signalled

AGENTS = frozenset({"ana", "ben"})
# The first pop waits for nothing that is held back here, and for everything else as long as it takes.
IMPATIENT = Patience(record=0.0, index=0.0, rest=5.0)
PATIENT = Patience(record=60.0, index=60.0, rest=60.0)


def store() -> FakeDirectoryStore:
    return FakeDirectoryStore(SNAPSHOT, {MOBILE: [row()]}, [REGULA])


def over(directory: FakeDirectoryStore, patience: Patience = PATIENT) -> Lookup:
    return Lookup(directory, ResolutionSettings(), LanguageSettings(), patience)


@pytest.fixture
async def directory() -> FakeDirectoryStore:
    return store()


@pytest.fixture
async def lookup(directory: FakeDirectoryStore) -> AsyncIterator[Lookup]:
    lookup = over(directory)
    await lookup.refresh()
    yield lookup
    await lookup.close()


async def ask(lookup: Lookup, raw: str = MOBILE, agents: frozenset[str] = AGENTS, **kwargs: Any) -> Answers:
    return await lookup.answers(signalled(raw, **kwargs), PLAN, agents, "c1", AT)


def hot(lookup: Lookup, raw: str | None = MOBILE, agents: frozenset[str] = AGENTS) -> dict[str, Answer] | None:
    return lookup.hot(signalled(raw), PLAN, agents, "c1", AT)


def name(answer: Answer) -> str | None:
    person = answer.resolution.candidates[0].person
    return None if person.name is None else person.name.value


async def test_each_agent_gets_what_he_may_see(lookup: Lookup) -> None:
    answers = await ask(lookup)
    assert answers.rest is None
    assert {agent: answer.resolution.status for agent, answer in answers.first.items()} == {
        "ana": "identified",
        "ben": "unknown",
    }
    assert name(answers.first["ana"]) == "Regula Frei"
    assert answers.first["ana"].complete


async def test_the_second_call_is_hot(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    assert hot(lookup) is None
    cold = await ask(lookup)
    directory.asked.clear()
    assert hot(lookup) == cold.first
    assert directory.asked == []


async def test_a_number_that_nobody_has_is_hot_too(lookup: Lookup) -> None:
    await ask(lookup, "+493023125999")
    answers = hot(lookup, "+493023125999")
    assert answers is not None
    assert answers["ana"].resolution.status == "unknown"


@pytest.mark.parametrize("call", [signalled(presentation=Presentation.RESTRICTED), signalled("alice"), signalled(None)])
async def test_without_a_number_the_store_is_not_asked(
    lookup: Lookup, directory: FakeDirectoryStore, call: Any
) -> None:
    directory.asked.clear()
    assert lookup.hot(call, PLAN, AGENTS, "c1", AT) is not None
    assert directory.asked == []


async def test_hot_for_one_agent_is_cold_for_one_who_sees_more(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    """ben may not see Regula, so her record was not read for him."""
    await ask(lookup, agents=frozenset({"ben"}))
    assert hot(lookup, agents=frozenset({"ben"})) is not None
    assert hot(lookup) is None
    directory.asked.clear()
    await ask(lookup)
    assert directory.asked == ["people"]


async def test_a_change_of_the_directory_forgets_what_was_hot(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    await ask(lookup)
    directory.current = replace(SNAPSHOT, version=2, agents={**SNAPSHOT.agents, "ana": Agent("ana", "Ana Nova")})
    directory.records[REGULA.key] = replace(REGULA, name=Name("Regula Neu"))
    assert hot(lookup) is None
    answers = await ask(lookup)
    assert name(answers.first["ana"]) == "Regula Neu"
    assert str(answers.first["ana"].language.greeting).endswith("mein Name ist Ana Nova.")
    assert lookup.snapshot().version == 2
    assert hot(lookup) == answers.first


async def test_grants_end_by_the_clock_and_not_by_an_import(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    """The share of khalij ends at AT: nothing is written then; what is remembered is filtered anew for each call."""
    directory.numbers["+97140000001"] = [row("khalij", "k1")]
    call, ana = signalled("+97140000001"), frozenset({"ana"})
    await lookup.answers(call, PLAN, ana, "c1", AT - timedelta(seconds=1))
    statuses = []
    for at in (AT - timedelta(seconds=1), AT):
        answers = lookup.hot(call, PLAN, ana, "c1", at)
        assert answers is not None
        statuses.append(answers["ana"].resolution.status)
    assert statuses == ["identified", "unknown"]


async def test_a_late_record_comes_as_revision_two(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, Patience(record=0.0, index=60.0, rest=60.0))
    directory.hold("people")
    with capture_logs() as logs:
        answers = await ask(lookup)
    first = answers.first["ana"]
    assert (first.resolution.status, first.resolution.revision, first.complete) == ("identified", 1, False)
    assert (first.resolution.candidates[0].person.key, name(first)) == (REGULA.key, None)
    assert first.language.source == "called_number"
    assert answers.first["ben"].complete
    assert answers.rest is not None
    directory.release("people")
    rest = (await answers.rest)["ana"]
    assert (rest.resolution.status, rest.resolution.revision, rest.complete) == ("identified", 2, True)
    assert (rest.language.source, name(rest)) == ("person", "Regula Frei")
    assert logs == [{"event": "lookup.late", "log_level": "warning", "step": "record", "patience_ms": 0}]
    await lookup.close()


async def test_a_late_index_says_unknown_and_comes_as_revision_two(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, IMPATIENT)
    directory.hold("holders")
    answers = await ask(lookup)
    assert (answers.first["ana"].resolution.status, answers.first["ana"].complete) == ("unknown", False)
    assert answers.rest is not None
    directory.release("holders")
    rest = (await answers.rest)["ana"]
    assert (rest.resolution.status, rest.resolution.revision, name(rest)) == ("identified", 2, "Regula Frei")
    await lookup.close()


async def test_what_never_comes_is_not_waited_for(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, Patience(record=0.0, index=0.0, rest=0.0))
    directory.hold("holders")
    answers = await ask(lookup)
    assert answers.rest is not None
    assert await answers.rest == answers.first
    await lookup.close()


async def test_a_store_that_fails_does_not_lose_the_pop(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.broken = True
    with capture_logs() as logs:
        assert hot(lookup) is None
        answers = await ask(lookup)
    answer = answers.first["ana"]
    assert (answer.resolution.status, answer.complete, answers.rest) == ("unknown", False, None)
    assert answer.called.name == "ACME IT Service Desk"
    assert answer.called.granted
    assert logs == [{"event": "lookup.store_failed", "log_level": "error", "error": "OperationalError", "code": None}]
    directory.broken = False
    assert (await ask(lookup)).first["ana"].resolution.status == "identified"


async def test_a_record_that_cannot_be_read_leaves_status_and_id(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    reached = directory.hold("people")
    asked = asyncio.create_task(ask(lookup))
    await reached.wait()
    directory.broken = True
    directory.release("people")
    with capture_logs():
        answers = await asked
    answer = answers.first["ana"]
    assert (answer.resolution.status, name(answer), answer.complete, answers.rest) == ("identified", None, False, None)
    directory.broken = False
    assert hot(lookup) is None
    assert name((await ask(lookup)).first["ana"]) == "Regula Frei"


async def test_a_record_that_has_just_gone_is_not_waited_for(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.records.clear()
    answer = (await ask(lookup)).first["ana"]
    assert (answer.resolution.status, name(answer), answer.complete) == ("identified", None, True)


async def test_calls_that_wait_are_bounded(directory: FakeDirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MOST_WAITING", 4)
    lookup = over(directory, IMPATIENT)
    directory.hold("snapshot")
    answers = [await ask(lookup) for _ in range(4)]
    assert [one.rest is None for one in answers] == [False, False, True, True]
    assert all(one.first["ana"].resolution.status == "unknown" for one in answers)
    await lookup.close()


async def test_an_agent_is_as_the_directory_has_him_now(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    assert await lookup.agent("ana") is SNAPSHOT.agents["ana"]
    assert await lookup.agent("nobody") is None
    directory.current = replace(SNAPSHOT, version=2, agents={"nova": Agent("nova", "Nova")})
    assert await lookup.agent("nova") == Agent("nova", "Nova")
    directory.broken = True
    with capture_logs():
        assert await lookup.agent("nova") == Agent("nova", "Nova")


async def test_concurrent_calls_read_the_small_tables_once(directory: FakeDirectoryStore) -> None:
    lookup = over(directory)
    await asyncio.gather(*(ask(lookup) for _ in range(10)))
    assert directory.asked.count("snapshot") == 1
    await lookup.close()


async def test_closing_gives_up_what_is_being_read(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, IMPATIENT)
    directory.hold("holders")
    answers = await ask(lookup)
    await lookup.close()
    assert directory.closed
    assert isinstance(answers.rest, asyncio.Task)
    assert answers.rest.cancelled()


async def test_no_number_and_no_name_is_logged(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.broken = True
    with capture_logs() as logs:
        await ask(lookup)
    assert "3920017" not in str(logs)
    assert "Frei" not in str(logs)


@pytest.mark.parametrize("fault", [RuntimeError("no numbering plans here"), KeyboardInterrupt()])
async def test_any_fault_while_it_opens_closes_the_store_whose_thread_would_keep_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    closed: list[SqliteStore] = []
    close = SqliteStore.close

    async def spy(store: SqliteStore) -> None:
        await close(store)
        closed.append(store)

    async def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(SqliteStore, "close", spy)
    monkeypatch.setattr(asyncio, "to_thread", fail)
    with pytest.raises(type(fault)):
        await Lookup.open(tmp_path / FILE, ResolutionSettings(), LanguageSettings())
    assert len(closed) == 1


# -- whom the PBX names besides ----------------------------------------------------------------------------------------

TYPED = (("employee_id", "A-17"),)
UNKNOWN = "+493023125999"


async def test_whom_an_employee_number_names_is_found_where_the_number_is_unknown(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    answers = await ask(lookup, UNKNOWN, remarks=TYPED)
    assert (answers.first["ana"].resolution.status, name(answers.first["ana"])) == ("identified", "Regula Frei")
    assert answers.first["ben"].resolution.status == "unknown"
    assert directory.asked.count("claimants") == 1


async def test_calls_without_an_id_ask_nothing_more(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    await ask(lookup, remarks=[("queue", "Sales"), ("alert", "internal"), ("request", "4711")])
    assert directory.asked == ["snapshot", "holders", "people"]
    again = lookup.hot(signalled(remarks=[("queue", "IT")]), PLAN, AGENTS, "c2", AT)
    assert again is not None
    assert [remark.value.value for remark in again["ana"].caller.remarks] == ["IT"]


async def test_what_is_remembered_of_a_number_knows_nothing_of_what_somebody_typed(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    """One phone in a workshop: each caller types his own number, and the next one types none."""
    await ask(lookup, UNKNOWN)
    for typed, status in (("A-17", "identified"), ("A-18", "unknown"), ("A-17", "identified")):
        call = signalled(UNKNOWN, remarks=[("employee_id", typed)])
        assert lookup.hot(call, PLAN, AGENTS, "c1", AT) is None
        assert (await ask(lookup, UNKNOWN, remarks=[("employee_id", typed)])).first["ana"].resolution.status == status
    after = hot(lookup, UNKNOWN)
    assert after is not None
    assert after["ana"].resolution.status == "unknown"
    assert directory.asked.count("holders") == 1


async def test_of_a_withheld_caller_the_id_is_not_looked_for(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.asked.clear()
    call = signalled(presentation=Presentation.RESTRICTED, remarks=TYPED)
    answers = lookup.hot(call, PLAN, AGENTS, "c1", AT)
    assert answers is not None
    assert answers["ana"].resolution.status == "withheld"
    assert directory.asked == []


async def test_a_store_that_fails_on_the_id_loses_no_pop(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    reached = directory.hold("claimants")
    asked = asyncio.create_task(ask(lookup, UNKNOWN, remarks=TYPED))
    await reached.wait()
    directory.broken = True
    directory.release("claimants")
    with capture_logs() as logs:
        answers = await asked
    assert (answers.first["ana"].resolution.status, answers.first["ana"].complete) == ("unknown", False)
    assert [entry["event"] for entry in logs] == ["lookup.store_failed"]
    assert [remark.means for remark in answers.first["ana"].caller.remarks] == ["employee_id"]
