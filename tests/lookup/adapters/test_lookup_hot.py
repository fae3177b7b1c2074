"""The driver: what is answered from memory, and what agents chose."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.agent import Agent
from ctibridge.domain.caller import Presentation
from ctibridge.domain.person import Person
from ctibridge.domain.private import Name
from ctibridge.lookup import tags
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.question import Pick
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.asking import AGENTS, URS, FakeIndex, ask, hot, name, over, statuses
from tests.lookup.examples import AT, MOBILE, REGULA, SNAPSHOT, question, row, signalled

ANA, BEN = frozenset({"ana"}), frozenset({"ben"})


async def test_the_second_call_asks_no_store(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    assert hot(lookup) is None
    cold = await ask(lookup)
    assert directory.asked == ["people"]
    assert hot(lookup) == cold.first
    assert statuses(cold.first) == {"ana": "identified", "ben": "unknown"}
    assert directory.asked == ["people"]


async def test_without_an_index_each_number_asks_the_store(directory: FakeDirectoryStore) -> None:
    lookup = over(directory)
    cold = await ask(lookup)
    assert hot(lookup) is None
    assert (await ask(lookup)).first == cold.first
    assert directory.asked == ["snapshot", "holders", "people", "holders"]
    await lookup.close()


async def test_an_index_that_is_behind_is_not_believed(
    lookup: Lookup, directory: FakeDirectoryStore, index: FakeIndex
) -> None:
    await ask(lookup)
    index.behind = True
    assert hot(lookup) is None
    assert statuses((await ask(lookup)).first)["ana"] == "identified"
    assert directory.asked == ["people", "holders"]


async def test_the_end_of_a_number_is_looked_for_in_the_store(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    assert hot(lookup, "13920017") is None
    answers = await ask(lookup, "13920017")
    assert statuses(answers.first)["ana"] == "ambiguous"
    assert directory.asked[0] == "holders"


@pytest.mark.parametrize("raw", ["+493023125999", "4711"])
async def test_a_number_that_nobody_has_is_hot(lookup: Lookup, raw: str) -> None:
    answers = hot(lookup, raw)
    assert answers is not None
    assert statuses(answers) == {"ana": "unknown", "ben": "unknown"}


@pytest.mark.parametrize("call", [signalled(presentation=Presentation.RESTRICTED), signalled("alice"), signalled(None)])
async def test_without_a_number_nobody_is_asked(directory: FakeDirectoryStore, call: object) -> None:
    lookup = over(directory)
    await lookup.refresh()
    assert lookup.hot(question(call), AGENTS) is not None  # type: ignore[arg-type]
    assert directory.asked == ["snapshot"]
    await lookup.close()


async def test_hot_for_one_agent_is_cold_for_one_who_sees_more(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    """ben may not see Regula, so her record was not read for him."""
    await ask(lookup, agents=BEN)
    assert hot(lookup, agents=BEN) is not None
    assert hot(lookup) is None
    await ask(lookup)
    assert directory.asked == ["people"]


async def test_a_change_of_the_directory_forgets_what_was_hot(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    await ask(lookup)
    agents = {**SNAPSHOT.agents, "ana": Agent("ana", "Ana Nova")}
    directory.current = replace(SNAPSHOT, version=2, tables=2, agents=agents)
    directory.records[REGULA.key] = replace(REGULA, name=Name("Regula Neu"))
    assert hot(lookup) is None
    answers = await ask(lookup)
    assert name(answers.first["ana"]) == "Regula Neu"
    assert str(answers.first["ana"].language.greeting).endswith("mein Name ist Ana Nova.")
    assert hot(lookup) == answers.first


async def test_grants_end_by_the_clock_and_not_by_an_import(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    """The share of khalij ends at AT: nothing is written then; what is in memory is filtered anew for each call."""
    directory.numbers["+97140000001"] = [row("khalij", "k1")]
    before, call = AT - timedelta(seconds=1), signalled("+97140000001")
    await lookup.answers(question(call, at=before), ANA)
    seen = []
    for at in (before, AT):
        answers = lookup.hot(question(call, at=at), ANA)
        assert answers is not None
        seen.append(answers.first["ana"].resolution.status)
    assert seen == ["identified", "unknown"]


async def test_whom_a_switchboard_names_is_never_hot(lookup: Lookup) -> None:
    """One phone in a workshop: each caller types his own number, and the next one types none."""
    for typed, status in (("A-17", "identified"), ("A-18", "unknown"), ("A-17", "identified")):
        remarks = [("employee_id", typed)]
        assert hot(lookup, "+493023125999", remarks=remarks) is None
        assert statuses((await ask(lookup, "+493023125999", remarks=remarks)).first)["ana"] == status
    after = hot(lookup, "+493023125999", remarks=[("queue", "IT")])
    assert after is not None
    assert statuses(after)["ana"] == "unknown"


# -- whom agents choose ------------------------------------------------------------------------------------------------


def pick(person: Person, by: str = "ana") -> Pick:
    return Pick(person.key, by, AT)


async def chose(learned: Learned, person: Person, *calls: str, days_ago: int = 1, number: str = MOBILE) -> None:
    for call in calls:
        at = AT - timedelta(days=days_ago)
        await learned.choose(Choice(number, person.key.account, person.key.id, "ben", at, "acme", call))


async def test_a_number_with_choices_asks_the_store_and_the_choices_decide(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    directory.numbers[MOBILE].append(row("acme", "p18"))
    assert statuses((await ask(lookup)).first)["ana"] == "ambiguous"
    assert hot(lookup) is not None
    await chose(learned, URS, "c8", "c9")
    assert hot(lookup) is None
    answers = await ask(lookup)
    assert (statuses(answers.first)["ana"], name(answers.first["ana"])) == ("identified", "Urs Zgraggen")
    assert {one.kind for one in answers.first["ana"].resolution.candidates[0].evidence} >= {"chosen", "number"}


async def test_choices_expire(lookup: Lookup, learned: Learned) -> None:
    await chose(learned, URS, "c8", "c9", days_ago=90)
    assert name((await ask(lookup)).first["ana"]) == "Regula Frei"


async def test_choices_of_hidden_accounts_leave_no_trace(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    directory.numbers[MOBILE].append(row("fleuron", "e1"))
    before = (await ask(lookup, agents=BEN)).first["ben"]
    await chose(learned, URS, "c7", "c8", "c9")
    assert (await ask(lookup, agents=BEN)).first["ben"] == before
    assert (await ask(lookup)).first["ben"].resolution == before.resolution


async def test_whom_an_agent_names_on_this_call_is_first_at_every_desk_that_may_see_him(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    directory.numbers[MOBILE].append(row("fleuron", "e1"))
    plain = (await ask(lookup)).first
    asked = question(chosen=pick(URS))
    first = (await lookup.answers(asked, AGENTS)).first
    assert (statuses(first)["ana"], name(first["ana"])) == ("identified", "Urs Zgraggen")
    assert first["ben"] == plain["ben"]
    again = lookup.hot(asked, AGENTS)
    assert again is not None
    assert again.first == first


async def test_the_language_of_a_chosen_person_is_not_read_from_disk_on_the_loop(
    lookup: Lookup, directory: FakeDirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """His record comes by another way than the callers' records, and that way forgot it."""
    directory.records[URS.key] = replace(URS, language="fi")
    monkeypatch.delitem(tags._names, "fi", raising=False)
    load, loop, on_loop = tags._load_names, threading.current_thread(), []

    def spy(tag: str) -> tuple[str, str]:
        on_loop.append(threading.current_thread() is loop)
        return load(tag)

    monkeypatch.setattr(tags, "_load_names", spy)
    answers = await lookup.answers(question(signalled("+493023125999"), chosen=pick(URS)), ANA)
    assert answers.first["ana"].language.tag == "fi"
    assert on_loop == [False]


@pytest.mark.parametrize("agents", [ANA, AGENTS])
async def test_a_disabled_person_is_never_identified_by_an_agents_word(
    lookup: Lookup, directory: FakeDirectoryStore, agents: frozenset[str]
) -> None:
    directory.records[URS.key] = replace(URS, disabled=True)
    answers = await lookup.answers(question(signalled("+493023125999"), chosen=pick(URS)), agents)
    assert statuses(answers.first)["ana"] == "unknown"
    assert answers.first["ana"].resolution.candidates[0].person.disabled


async def test_somebody_whose_record_has_gone_is_nobody_to_be_chosen(
    lookup: Lookup, directory: FakeDirectoryStore
) -> None:
    """What was remembered of her was an id without a record: an agent's old word made that the caller."""
    del directory.records[REGULA.key]
    assert name((await ask(lookup)).first["ana"]) is None
    asked = question(signalled("+493023125999"), chosen=pick(REGULA))
    assert statuses((await lookup.answers(asked, ANA)).first)["ana"] == "unknown"


async def test_a_withheld_caller_whom_an_agent_knows(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    asked = question(signalled(presentation=Presentation.RESTRICTED), chosen=pick(REGULA))
    assert lookup.hot(asked, AGENTS) is None
    first = (await lookup.answers(asked, AGENTS)).first
    assert statuses(first) == {"ana": "identified", "ben": "withheld"}
    assert directory.asked == ["people"]
    again = lookup.hot(asked, AGENTS)
    assert again is not None
    assert again.first == first
