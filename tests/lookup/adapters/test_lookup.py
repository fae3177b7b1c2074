"""The driver: what the first pop waits for, what comes later, and what happens when the store does not answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.agent import Agent, RoleShare
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.fields import Duration
from ctibridge.lookup.adapters import lookup as lookups
from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.answers import Patience
from ctibridge.lookup.adapters.enquiries import elsewhere
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.adapters.store import FAULTS
from ctibridge.lookup.found import of_administrator, of_agents
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.asking import AGENTS, IMPATIENT, ask, hot, name, over, statuses, store, told
from tests.lookup.adapters.directories import Held, Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, MOBILE, REGULA, SNAPSHOT, question, row, signalled


@pytest.fixture
async def directory() -> FakeDirectoryStore:
    return store()


@pytest.fixture
async def lookup(directory: FakeDirectoryStore) -> AsyncIterator[Lookup]:
    lookup = over(directory)
    await lookup.refresh()
    directory.asked.clear()
    yield lookup
    await lookup.close()


async def test_each_agent_gets_what_he_may_see(lookup: Lookup) -> None:
    answers = await ask(lookup)
    assert answers.rest is None
    assert statuses(answers.first) == {"ana": "identified", "ben": "unknown"}
    assert name(answers.first["ana"]) == "Regula Frei"
    assert answers.first["ana"].complete


async def test_only_records_that_somebody_may_see_are_read(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    await ask(lookup, agents=frozenset({"ben"}))
    assert directory.asked == ["holders"]
    await ask(lookup)
    await ask(lookup)
    assert directory.asked == ["holders", "holders", "people", "holders"]


async def test_other_settings_count_from_the_next_call_on(lookup: Lookup) -> None:
    await lookup.retune(ResolutionSettings(patience=Duration(0.2)), LanguageSettings("nl"))
    answers = await ask(lookup, None, called=())
    assert {answer.language.tag for answer in answers.first.values()} == {"nl"}
    assert lookup._patience.record == 0.2


# -- what is late ------------------------------------------------------------------------------------------------------


async def test_a_late_record_comes_as_a_revision(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, Patience(record=0.0, index=60.0, rest=60.0))
    directory.hold("people")
    with capture_logs() as logs:
        answers = await ask(lookup)
    first = answers.first["ana"]
    assert (first.resolution.status, first.complete) == ("identified", False)
    assert (first.resolution.candidates[0].person.key, name(first)) == (REGULA.key, None)
    assert first.language.source == "called_number"
    assert answers.first["ben"].complete
    directory.release("people")
    (rest,) = await told(answers)
    assert (rest["ana"].resolution.status, rest["ana"].complete) == ("identified", True)
    assert (rest["ana"].language.source, name(rest["ana"])) == ("person", "Regula Frei")
    assert logs == [{"event": "lookup.late", "log_level": "warning", "step": "record", "patience_ms": 0}]
    assert lookup.reads.late == {"record": 1}
    await lookup.close()


async def test_a_late_record_is_told_to_whose_answer_it_changes_and_to_nobody_else(
    directory: FakeDirectoryStore,
) -> None:
    """That he was told the same once more told ben that somebody whom he may not see has this number."""
    lookup = over(directory, Patience(record=0.0, index=60.0, rest=60.0))
    directory.hold("people")
    answers = await ask(lookup)
    directory.release("people")
    assert [set(rest) for rest in await told(answers)] == [{"ana"}]
    await lookup.close()


async def test_a_late_index_says_unknown_and_comes_as_a_revision(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, IMPATIENT)
    directory.hold("holders")
    answers = await ask(lookup)
    assert (answers.first["ana"].resolution.status, answers.first["ana"].complete) == ("unknown", False)
    directory.release("holders")
    (rest,) = await told(answers)
    assert (rest["ana"].resolution.status, name(rest["ana"])) == ("identified", "Regula Frei")
    await lookup.close()


async def test_what_never_comes_is_not_waited_for(directory: FakeDirectoryStore) -> None:
    lookup = over(directory, Patience(record=0.0, index=0.0, rest=0.0))
    directory.hold("holders")
    assert await told(await ask(lookup)) == []
    await lookup.close()


@pytest.mark.parametrize("step", ["holders", "people"])
async def test_where_the_store_fails_behind_the_first_pop_nothing_more_comes(
    directory: FakeDirectoryStore, step: str
) -> None:
    lookup = over(directory, Patience(record=0.0, index=0.0 if step == "holders" else 60.0, rest=60.0))
    directory.hold(step)
    answers = await ask(lookup)
    directory.broken = True
    directory.release(step)
    with capture_logs():
        assert await told(answers) == []
    await lookup.close()


@pytest.mark.parametrize("step", ["holders", "people"])
async def test_who_waits_for_the_rest_is_not_cancelled_when_the_look_up_closes(
    directory: FakeDirectoryStore, step: str
) -> None:
    """It was: what was given up raised in the task of the call, which nobody had cancelled."""
    lookup = over(directory, Patience(record=0.0, index=0.0 if step == "holders" else 60.0, rest=60.0))
    directory.hold(step)
    waiting = asyncio.create_task(told(await ask(lookup)))
    await asyncio.sleep(0)
    await lookup.close()
    assert directory.closed
    assert await waiting == []


# -- a store that fails ------------------------------------------------------------------------------------------------


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
    assert name((await ask(lookup)).first["ana"]) == "Regula Frei"


async def test_a_record_that_has_just_gone_is_not_waited_for(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.records.clear()
    answer = (await ask(lookup)).first["ana"]
    assert (answer.resolution.status, name(answer), answer.complete) == ("identified", None, True)


async def test_calls_that_wait_are_bounded(directory: FakeDirectoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "MOST_WAITING", 4)
    lookup = over(directory, IMPATIENT)
    directory.hold("snapshot")
    answers = [await ask(lookup) for _ in range(6)]
    assert [one.rest is None for one in answers] == [False] * 4 + [True] * 2
    assert all(one.first["ana"].resolution.status == "unknown" for one in answers)
    await lookup.close()


async def test_no_number_and_no_name_is_logged(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.broken = True
    with capture_logs() as logs:
        await ask(lookup)
    assert "3920017" not in str(logs)
    assert "Frei" not in str(logs)


async def test_a_fault_of_ours_costs_what_is_known_of_the_caller_and_not_the_pop(
    lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nobody thought of it")

    monkeypatch.setattr(lookup._proofs, "remembered", fail)
    monkeypatch.setattr(lookup._proofs, "read", fail)
    with capture_logs() as logs:
        assert hot(lookup) is None
        answers = await ask(lookup)
    assert {answer.complete for answer in answers.first.values()} == {False}
    assert answers.first["ana"].called.name == "ACME IT Service Desk"
    assert [entry["event"] for entry in logs] == ["lookup.failed"] * 2


# -- the small tables --------------------------------------------------------------------------------------------------


async def test_the_agents_are_as_the_directory_has_them_now_or_had_them_last(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    """Asked for every two seconds: a store that fails is said once, until it has worked again."""
    nova = {"nova": Agent("nova", "Nova")}
    directory.current = replace(SNAPSHOT, version=2, tables=2, agents=nova)
    await lookup.catch_up()
    assert lookup.snapshot().agents == nova
    with capture_logs() as logs:
        for broken in (True, True, False, True):
            directory.broken = broken
            await lookup.catch_up()
    assert lookup.snapshot().agents == nova
    assert [entry["event"] for entry in logs] == ["lookup.store_failed"] * 2


async def test_concurrent_calls_read_the_small_tables_once(directory: FakeDirectoryStore) -> None:
    lookup = over(directory)
    await asyncio.gather(*(ask(lookup) for _ in range(10)))
    assert directory.asked.count("snapshot") == 1
    await lookup.close()


async def test_where_only_people_changed_the_small_tables_are_not_read_again(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    """An import of ten thousand people in small batches: each one would have read a thousand accounts anew."""
    directory.current = replace(SNAPSHOT, version=7, tables=1)
    directory.records[REGULA.key] = replace(REGULA, name=Name("Regula Neu"))
    assert name((await ask(lookup)).first["ana"]) == "Regula Neu"
    assert "snapshot" not in directory.asked
    assert lookup.snapshot().version == 7
    directory.current = replace(SNAPSHOT, version=8, tables=8)
    await ask(lookup)
    assert directory.asked.count("snapshot") == 1


async def test_what_an_agent_may_see_is_said_by_the_small_tables_as_last_read(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    assert lookup.visible("ana", AT) == {"acme", "fleuron"}
    assert lookup.visible("ana", AT.replace(hour=17)) == {"acme", "fleuron", "khalij"}
    assert lookup.visible("gone", AT) == lookup.visible("nobody", AT) == frozenset()
    directory.current = replace(SNAPSHOT, version=2, tables=2, grants={})
    assert lookup.visible("ana", AT) == {"acme", "fleuron"}
    await lookup.refresh()
    assert lookup.visible("ana", AT) == frozenset()


async def test_a_share_that_ends_holds_no_longer_for_the_next_question(tmp_path: Path) -> None:
    """By the clock, and by an act of another process."""
    path = tmp_path / FILE
    await (await open_file(path)).close()
    at = SNAPSHOT
    fill(path, Small((ACME, FLEURON), (REGULA,), (Held(REGULA.key, MOBILE),), agents=tuple(at.agents.values()),
                     shares=(RoleShare("acme"),), grants=at.grants["ana"], version=3, tables=3))  # fmt: skip
    lookup = await Lookup.open(path, ResolutionSettings(), LanguageSettings())
    try:
        assert statuses((await ask(lookup)).first) == {"ana": "identified", "ben": "unknown"}
        async with await Acts.open(path, Actor("eva", AT)) as acts:
            await acts.end_share("acme")
        assert hot(lookup) is None
        assert statuses((await ask(lookup)).first) == {"ana": "unknown", "ben": "unknown"}
        assert lookup.visible("ana", AT) == frozenset()
    finally:
        await lookup.close()


# -- the administrator -------------------------------------------------------------------------------------------------


async def test_why_not_is_asked_over_all_accounts_and_names_no_person(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    directory.numbers[MOBILE] += [row("khalij", "k1"), row("fleuron", "e1")]
    for watch, accounts in ((of_administrator, ("khalij",)), (of_agents(["ben"]), ("acme", "khalij"))):
        hit = await lookup.find(question(), watch)
        assert hit is not None
        assert await elsewhere(directory, hit) == accounts
    withheld = await lookup.find(question(signalled(None)), of_administrator)
    nobodys = await lookup.find(question(), of_agents(["nobody"]))
    assert withheld is not None
    assert nobodys is not None
    assert await elsewhere(directory, withheld) == ()
    directory.broken = True
    with pytest.raises(FAULTS):
        await elsewhere(directory, nobodys)
    with capture_logs():
        assert await lookup.find(question(), of_administrator) is None


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


async def test_for_whom_a_request_is_he_is_found_by_its_number(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    urs = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"))
    directory.records[urs.key], directory.requests = urs, {("acme", "4711"): "p18"}
    assert name((await ask(lookup, UNKNOWN, remarks=[("request", "4711")])).first["ana"]) == "Urs Zgraggen"


async def test_calls_that_name_nobody_ask_nothing_more(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    await ask(lookup, remarks=[("queue", "Sales"), ("alert", "internal")])
    assert directory.asked == ["holders", "people"]


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
    assert answers.first.keys() == AGENTS
