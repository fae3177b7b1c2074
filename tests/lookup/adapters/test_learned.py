"""What desks taught us, in the store and in memory."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.lookup.adapters import learned as learning
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.adapters.schema import FILE, StoreFault, open_file
from ctibridge.lookup.choices import Choice, ChoiceRow
from ctibridge.lookup.visibility import visible_to
from tests.lookup.adapters.directories import Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, MOBILE, REGULA, SNAPSHOT

URS = Person(PersonKey("acme", "p18"), Name("Urs Zgraggen"))
ELODIE = Person(PersonKey("fleuron", "e1"), Name("Élodie Lefèvre"))
ANA, BEN = (visible_to(agent, SNAPSHOT, AT) for agent in ("ana", "ben"))
NOBODY_SEES = visible_to("nobody", SNAPSHOT, AT)


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    await (await open_file(tmp_path / FILE)).close()
    fill(tmp_path / FILE, Small((ACME, FLEURON), (REGULA, URS, ELODIE)))
    return tmp_path / FILE


@pytest.fixture
async def learned(path: Path) -> AsyncIterator[Learned]:
    learned = await Learned.open(path, 90, AT)
    yield learned
    await learned.close()


def choice(
    person: Person = REGULA,
    call: str | None = "c1",
    at: datetime = AT,
    number: str = MOBILE,
    called: str | None = "acme",
    by: str = "ana",
) -> Choice:
    return Choice(number, person.key.account, person.key.id, by, at, called, call)


def sql(path: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return db.execute(statement, values).fetchall()


async def chosen(learned: Learned, number: str = MOBILE) -> list[str]:
    return sorted(row.person for row in (await learned.choices(number, ANA)).seen_by(ANA))


# -- choices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("called", ["acme", None])
async def test_a_choice_is_in_the_store_when_the_agent_is_told_so(
    learned: Learned, path: Path, called: str | None
) -> None:
    assert not learned.has_choices(MOBILE, ANA)
    await learned.choose(choice(called=called))
    assert learned.has_choices(MOBILE, ANA)
    # Nothing is closed first: as after a kill.
    again = await Learned.open(path, 90, AT)
    assert again.has_choices(MOBILE, ANA)
    assert not again.has_choices(MOBILE + "1", ANA)
    assert (await again.choices(MOBILE, ANA)).seen_by(ANA) == (
        ChoiceRow("acme", "p17", disabled=False, by="ana", at=AT, called_account=called),
    )
    await again.close()


async def test_a_choice_in_an_account_that_nobody_sees_costs_no_question(learned: Learned) -> None:
    """It would have made that call slower: a trace of somebody whom the agent may not see."""
    await learned.choose(choice())
    assert not learned.has_choices(MOBILE, NOBODY_SEES)


async def test_an_extension_is_not_the_number_of_the_same_digits(learned: Learned) -> None:
    await learned.choose(choice(number="0042"))
    assert learned.has_choices("0042", ANA)
    assert not learned.has_choices("42", ANA)
    assert await chosen(learned, "0042") == ["p17"]
    assert await chosen(learned, "42") == []


async def test_who_corrects_himself_has_chosen_once(learned: Learned) -> None:
    await learned.choose(choice(REGULA))
    await learned.choose(choice(URS))
    await learned.choose(choice(URS, call="c2"))
    assert await chosen(learned) == ["p18", "p18"]


@pytest.mark.parametrize("last", [choice(ELODIE), choice(URS, by="cleo")], ids=["in another account", "by a colleague"])
async def test_a_correction_of_ones_own_or_within_the_account_counts_alone(learned: Learned, last: Choice) -> None:
    await learned.choose(choice(REGULA))
    await learned.choose(last)
    assert await chosen(learned) == [last.person]


async def test_a_colleague_who_chooses_somebody_whom_i_may_not_see_leaves_my_choice_alone(learned: Learned) -> None:
    """It deleted mine: the next call was `unknown` to me, which told that somebody hidden had been chosen."""
    await learned.choose(choice(ELODIE, by="ben"))
    await learned.choose(choice(REGULA, by="cleo"))
    await learned.choose(choice(URS, by="cleo"))
    assert learned.has_choices(MOBILE, BEN)
    assert [row.person for row in (await learned.choices(MOBILE, BEN)).seen_by(BEN)] == ["e1"]
    assert await chosen(learned) == ["e1", "p18"]


@pytest.mark.parametrize("other", [choice(call="c2"), choice(number=MOBILE + "1")], ids=["call", "number"])
async def test_a_choice_for_another_call_or_number_replaces_none(learned: Learned, path: Path, other: Choice) -> None:
    await learned.choose(choice())
    await learned.choose(other)
    assert len(sql(path, "SELECT * FROM directory_choice")) == 2


async def test_a_choice_without_a_call_replaces_none(learned: Learned) -> None:
    await learned.choose(choice(REGULA, call=None))
    await learned.choose(choice(URS, call=None))
    assert await chosen(learned) == ["p17", "p18"]


async def test_old_choices_leave_the_store_with_the_next_one(learned: Learned, path: Path) -> None:
    await learned.choose(choice(REGULA, "c1", AT - timedelta(days=91)))
    await learned.choose(choice(REGULA, "c2", AT - timedelta(days=89)))
    await learned.choose(choice(URS, "c3", AT))
    assert sql(path, "SELECT call FROM directory_choice ORDER BY call") == [("c2",), ("c3",)]


async def test_where_nothing_is_to_be_remembered_nothing_is_written(path: Path) -> None:
    learned = await Learned.open(path, 0, AT)
    await learned.choose(choice())
    assert not learned.has_choices(MOBILE, ANA)
    assert sql(path, "SELECT * FROM directory_choice") == []
    await learned.close()


async def test_choices_are_of_people_who_are_there_now_and_as_they_are_now(learned: Learned, path: Path) -> None:
    for call, person in enumerate((REGULA, URS)):
        await learned.choose(choice(person, f"c{call}"))
    sql(path, "DELETE FROM directory_person WHERE id = 'p18'")
    sql(path, "UPDATE directory_person SET disabled = 1 WHERE id = 'p17'")
    assert [(row.person, row.disabled) for row in (await learned.choices(MOBILE, ANA)).seen_by(ANA)] == [("p17", True)]


async def test_choices_of_accounts_that_nobody_may_see_are_not_even_read(learned: Learned) -> None:
    await learned.choose(choice(REGULA, "c1"))
    await learned.choose(choice(ELODIE, "c2"))
    assert [row.person for row in (await learned.choices(MOBILE, BEN)).seen_by(ANA)] == ["e1"]


async def test_two_desks_that_choose_in_the_same_moment_both_keep_their_word(learned: Learned) -> None:
    """They share the connection: one began its transaction inside the other's, and its choice was lost."""
    learned.contact(URS.key, AT)
    await asyncio.gather(*(learned.choose(choice(REGULA, f"c{number}")) for number in range(5)), learned._write())
    assert len(await chosen(learned)) == 5


@pytest.mark.parametrize("steps", range(8))
async def test_a_choice_that_is_given_up_in_the_middle_locks_nobody_out(
    learned: Learned, path: Path, steps: int
) -> None:
    """The desk goes while it is written: a transaction left open would stop every import and every later choice."""
    asked = asyncio.ensure_future(learned.choose(choice(REGULA)))
    for _ in range(steps):
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await learned.choose(choice(URS, "c2"))
    sql(path, "BEGIN IMMEDIATE")
    assert "p18" in await chosen(learned)


async def test_a_store_that_fails_leaves_no_half_choice_and_says_so(learned: Learned, path: Path) -> None:
    await learned.choose(choice(REGULA))
    sql(path, "CREATE TRIGGER full BEFORE INSERT ON directory_choice BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(sqlite3.Error):
        await learned.choose(choice(URS))
    assert await chosen(learned) == ["p17"]
    sql(path, "DROP TRIGGER full")
    await learned.choose(choice(URS))
    assert await chosen(learned) == ["p18"]


async def test_choices_are_read_while_somebody_else_holds_the_store_for_writing(learned: Learned, path: Path) -> None:
    """An import held it for a second, and a choice waited: every call of a number with choices waited behind it."""
    await learned.choose(choice(REGULA))
    with closing(sqlite3.connect(path, isolation_level=None)) as importer:
        importer.execute("BEGIN IMMEDIATE")
        writing = asyncio.ensure_future(learned.choose(choice(URS, "c2")))
        while not learned._writing.locked():  # noqa: ASYNC110 - it has asked for the store by then
            await asyncio.sleep(0)
        assert await chosen(learned) == ["p17"]
        assert not writing.done()
        importer.execute("ROLLBACK")
    await writing
    assert await chosen(learned) == ["p17", "p18"]


async def test_what_was_learned_of_people_who_left_for_good_is_forgotten(learned: Learned, path: Path) -> None:
    """They left the store, and not the memory of a daemon: shared again, they were first for a talk of the old days."""
    for person in (REGULA, ELODIE):
        learned.contact(person.key, AT)
        await learned.choose(choice(person, f"c{person.key.id}"))
    await learned.choose(choice(REGULA, number=MOBILE + "1"))
    learned.forget(frozenset({"acme"}))
    assert met(learned) == {"e1": AT}
    assert learned.has_choices(MOBILE, ANA)
    assert not learned.has_choices(MOBILE + "1", ANA)
    await learned._write()
    assert sql(path, "SELECT person FROM directory_contact") == [("e1",)]


# -- contacts ----------------------------------------------------------------------------------------------------------


def met(learned: Learned, *people: PersonKey) -> dict[str, datetime]:
    rows = learned.contacts(people or (REGULA.key, URS.key, ELODIE.key)).seen_by(ANA)
    return {row.person: row.at for row in rows}


async def test_a_contact_is_known_at_once_and_after_a_restart(learned: Learned, path: Path) -> None:
    learned.contact(REGULA.key, AT - timedelta(hours=1))
    learned.contact(REGULA.key, AT)
    assert met(learned) == {"p17": AT}
    await learned.close()
    again = await Learned.open(path, 90, AT)
    assert met(again) == {"p17": AT}
    assert met(again, URS.key) == {}
    await again.close()


async def test_contacts_are_guarded_like_everything_about_people(learned: Learned) -> None:
    learned.contact(REGULA.key, AT)
    learned.contact(ELODIE.key, AT)
    assert [row.person for row in learned.contacts([REGULA.key, ELODIE.key]).seen_by(BEN)] == ["e1"]


async def test_run_writes_batch_by_batch_and_goes_on_when_the_store_fails(
    learned: Learned, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = 0

    async def no_time(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            learned.contact(REGULA.key, AT)
            sql(path, "CREATE TRIGGER full BEFORE INSERT ON directory_contact BEGIN SELECT RAISE(ABORT, 'full'); END")
        elif rounds == 2:
            sql(path, "DROP TRIGGER full")
        else:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", no_time)
    learned._age_at = float("inf")  # years later all of it is too old
    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await learned.run()
    assert [entry["event"] for entry in logs] == ["learned.store_failed"]
    assert "p17" not in str(logs)
    assert sql(path, "SELECT account, person FROM directory_contact") == [("acme", "p17")]


async def test_who_was_purged_while_the_desk_spoke_with_him_does_not_come_back(learned: Learned, path: Path) -> None:
    await learned.choose(choice(REGULA))
    learned.contact(REGULA.key, AT)
    learned.contact(ELODIE.key, AT)
    share = "INSERT INTO directory_role_share VALUES (?, 'service_desk_analyst', NULL, ?)"
    sql(path, share, "acme", AT.isoformat())
    assert await purge(path, AT, 0) == {"acme": 2}
    await learned._write()
    assert sql(path, "SELECT account, person FROM directory_contact") == [("fleuron", "e1")]
    assert await chosen(learned) == []


async def test_contacts_are_bounded_in_memory_and_in_what_waits_for_the_store(
    learned: Learned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full for a week must not fill the memory, too."""
    monkeypatch.setattr(learning, "MOST_CONTACTS", 2)
    for minutes, person in enumerate((REGULA, URS, ELODIE, URS)):
        learned.contact(person.key, AT + timedelta(minutes=minutes))
    assert met(learned).keys() == {"p18", "e1"}
    assert len(learned._unwritten) == 2


async def test_old_contacts_are_forgotten(learned: Learned, path: Path) -> None:
    learned.contact(REGULA.key, AT - timedelta(days=91))
    learned.contact(URS.key, AT)
    await learned.close()
    assert sql(path, "SELECT person FROM directory_contact") == [("p18",)]
    later = await Learned.open(path, 90, AT + timedelta(days=91))
    assert met(later) == {}
    await later.close()


async def test_the_newest_contacts_are_read(learned: Learned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for minutes, person in enumerate((URS, REGULA, ELODIE)):
        learned.contact(person.key, AT + timedelta(minutes=minutes))
    await learned.close()
    monkeypatch.setattr(learning, "MOST_CONTACTS", 2)
    again = await Learned.open(path, 90, AT)
    assert met(again).keys() == {"p17", "e1"}
    again.contact(URS.key, AT + timedelta(hours=1))
    assert met(again).keys() == {"p18", "e1"}  # the older of the two went
    await again.close()


async def test_a_store_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, and it is long enough to be seen as none of ours. " * 10)
    with pytest.raises(StoreFault, match=FILE):
        await Learned.open(tmp_path / FILE, 90, AT)


async def test_a_fault_while_it_opens_closes_the_connection_whose_thread_would_keep_the_process(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    async def spy(path: Path) -> object:
        opened.append(await open_file(path))
        return opened[-1]

    sql(path, "ALTER TABLE directory_contact RENAME TO gone")
    monkeypatch.setattr(learning, "open_file", spy)
    with pytest.raises(sqlite3.Error):
        await Learned.open(path, 90, AT)
    with pytest.raises(ValueError, match="no active connection"):
        await opened[0].execute("SELECT 1")


async def test_what_was_learned_prints_no_number(learned: Learned) -> None:
    await learned.choose(choice())
    assert MOBILE[1:] not in repr(choice())
    assert "p17" not in repr(await learned.choices(MOBILE, ANA))
    assert replace(choice(), call=None) != choice()
