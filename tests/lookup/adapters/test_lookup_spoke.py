"""The driver: with whom the desk speaks, and who is forgotten for good."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ctibridge.domain.agent import RoleShare
from ctibridge.domain.person import Person
from ctibridge.lookup.adapters.answers import Patience
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.visibility import visible_to
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.asking import AGENTS, ELODIE, URS, ask, name, over, statuses, told
from tests.lookup.adapters.directories import Held, Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, FLEURON_DESK, MOBILE, REGULA, SNAPSHOT, question, row, signalled

FLEURON_MOBILE = "+33639980102"
ANA, BEN = frozenset({"ana"}), frozenset({"ben"})


async def chose(learned: Learned, person: Person, *calls: str, days_ago: int = 1, number: str = MOBILE) -> None:
    for call in calls:
        at = AT - timedelta(days=days_ago)
        await learned.choose(Choice(number, person.key.account, person.key.id, "ben", at, "acme", call))


def met(learned: Learned) -> list[str]:
    seen = visible_to("ana", SNAPSHOT, AT)
    return sorted(row.person for row in learned.contacts([REGULA.key, URS.key, ELODIE.key]).seen_by(seen))


async def test_who_was_identified_has_been_spoken_to_when_the_call_is_taken(lookup: Lookup, learned: Learned) -> None:
    await ask(lookup)
    assert met(learned) == []
    lookup.spoke("c1", AT)
    lookup.spoke("never rang", AT)
    assert met(learned) == ["p17"]


async def test_of_equals_the_one_spoken_to_last_is_first(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    directory.numbers[MOBILE].append(row("acme", "p18"))
    assert name((await ask(lookup)).first["ana"]) == "Regula Frei"
    lookup.spoke("c1", AT)
    assert met(learned) == []  # it was not clear who called
    learned.contact(URS.key, AT)
    assert name((await ask(lookup)).first["ana"]) == "Urs Zgraggen"


async def test_a_colleague_who_sees_more_leaves_no_trace_in_what_i_read(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    """Contacts order equals, and were read where all desks together saw two people: ben, who sees one of them, was told
    of his last contact only where the number was known to a company that he may not see."""
    directory.numbers[MOBILE].append(row("fleuron", "e1"))
    learned.contact(ELODIE.key, AT)
    alone = (await ask(lookup, agents=BEN)).first["ben"]
    assert (await ask(lookup)).first["ben"].resolution == alone.resolution


async def test_one_human_at_two_customers_is_spoken_to_as_both(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    """Each of two agents sees him as one company's, clearly: of a set of names the first was taken, by chance, and then
    neither."""
    directory.numbers[MOBILE] = [row(), row("fleuron", "e1")]
    answers = await ask(lookup)
    assert statuses(answers.first) == {"ana": "identified", "ben": "identified"}
    lookup.spoke("c1", AT)
    assert met(learned) == ["e1", "p17"]


async def test_who_is_not_clear_any_more_has_not_been_spoken_to(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    """Another person got the number while it rang; what was clear before was kept."""
    await ask(lookup)
    directory.numbers[MOBILE].append(row("acme", "p18"))
    directory.current = replace(SNAPSHOT, version=2)
    assert statuses((await ask(lookup)).first)["ana"] == "ambiguous"
    lookup.spoke("c1", AT)
    assert met(learned) == []


async def test_a_desk_that_may_not_see_him_takes_nothing_from_what_the_others_were_told(
    lookup: Lookup, learned: Learned
) -> None:
    """In a ring group each line is asked for by itself: the last one had its way."""
    await ask(lookup, agents=ANA)
    assert statuses((await ask(lookup, agents=BEN)).first) == {"ben": "unknown"}
    lookup.spoke("c1", AT)
    assert met(learned) == ["p17"]


@pytest.mark.parametrize("first_comes_last", [False, True])
async def test_who_is_handed_on_has_been_spoken_to_whichever_of_both_calls_was_read_last(
    lookup: Lookup, learned: Learned, first_comes_last: bool
) -> None:
    """A colleague's own number, which nobody has, is asked for the same call."""
    own, first = question(signalled("6001")), replace(question(), again=True)
    for asked in (own, first) if first_comes_last else (first, own):
        await lookup.answers(asked, ANA)
    lookup.spoke("c1", AT)
    assert met(learned) == ["p17"]


async def test_people_who_left_for_good_leave_the_memory_of_a_running_look_up(
    lookup: Lookup, directory: FakeDirectoryStore, learned: Learned
) -> None:
    """A purge emptied the store, and the daemon knew them still: record, contact, choices, calls and whom it meant."""
    directory.numbers[FLEURON_MOBILE] = [row("fleuron", "e1")]
    await ask(lookup)
    await lookup.answers(question(signalled(FLEURON_MOBILE, called=[FLEURON_DESK]), call_id="c2"), AGENTS)
    for person in (REGULA, ELODIE):
        learned.contact(person.key, AT)
    await chose(learned, URS, "c9", number="+4930")
    directory.current = replace(SNAPSHOT, version=2, tables=2, purged={"acme": 2, "fleuron": 1})
    await lookup.refresh()
    assert met(learned) == ["e1"]
    assert not learned.has_choices("+4930", visible_to("ana", SNAPSHOT, AT))
    assert len(lookup._recent) == 0
    assert "p17" not in str([vars(lookup._behind._traffic), lookup._meant])
    lookup.spoke("c1", AT)
    lookup.spoke("c2", AT + timedelta(minutes=1))
    assert met(learned) == ["e1"]


async def test_a_purge_of_another_process_is_heard_of_with_the_next_look(tmp_path: Path) -> None:
    """`ctibridge directory purge` beside the daemon."""
    path, before = tmp_path / FILE, AT - timedelta(seconds=1)
    await (await open_file(path)).close()
    fill(path, Small((ACME, FLEURON), (REGULA,), (Held(REGULA.key, MOBILE),), agents=tuple(SNAPSHOT.agents.values()),
                     shares=(RoleShare("acme", ends_at=AT),), grants=SNAPSHOT.grants["ana"]))  # fmt: skip
    lookup = await Lookup.open(path, ResolutionSettings(), LanguageSettings())
    try:
        assert lookup.learned is not None
        answers = await lookup.answers(question(at=before), ANA)
        assert statuses(answers.first) == {"ana": "identified"}
        lookup.spoke("c1", before)
        assert met(lookup.learned) == ["p17"]
        assert await purge(path, AT, 0) == {"acme": 1}
        await lookup.refresh()
        lookup.spoke("c1", AT)
        assert met(lookup.learned) == []
        assert len(lookup._recent) == 0
    finally:
        await lookup.close()


async def test_a_call_whose_record_is_late_is_spoken_to_all_the_same(
    directory: FakeDirectoryStore, learned: Learned
) -> None:
    lookup = over(directory, Patience(record=0.0, index=60.0, rest=60.0), learned=learned)
    directory.hold("people")
    answers = await ask(lookup)
    lookup.spoke("c1", AT)
    assert met(learned) == ["p17"]
    directory.release("people")
    assert len(await told(answers)) == 1
    await lookup.close()


async def test_where_nothing_is_learned_nobody_minds(directory: FakeDirectoryStore) -> None:
    lookup = over(directory)
    await ask(lookup)
    lookup.spoke("c1", AT)
    await lookup.run()
    await lookup.close()
