"""Two agents hear the same call, and one of them may see more: the other one must not notice, not even by what comes
when. Each story was once otherwise, or would be easily."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ctibridge.delivery import encode
from ctibridge.domain.agent import Grant, RoleShare
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Number
from ctibridge.lookup import number_key, overlay
from ctibridge.lookup.adapters.answers import Patience
from ctibridge.lookup.adapters.contexts import Contexts
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.overlay import Overlay
from ctibridge.lookup.question import Question
from ctibridge.lookup.visibility import Visible
from tests.tenants import customers
from tests.tenants.careless import Behind, Directory, Memory
from tests.tenants.changes import Changed
from tests.tenants.customers import BEGIN, E164, PLAN
from tests.tenants.desk import NEVER_LATE, PATIENT, Desk, over
from tests.tenants.sqlite_house import opening
from tests.tenants.state import State, known

NUMBER = E164[0]
MINE, THEIRS = "t01", "t02"
ME, OTHER = "agent0", "agent1"


def state(*people: PersonKey) -> State:
    """Both hear the call; I may see one of the two customers, the other agent both."""
    found = State(
        agents={one: customers.agent(one) for one in (ME, OTHER)},
        shares={one: RoleShare(one) for one in (MINE, THEIRS)},
        context={one: known(one) for one in customers.ACCOUNTS},
    )
    for agent, account in ((ME, MINE), (OTHER, MINE), (OTHER, THEIRS)):
        found.grants[agent, account] = Grant(agent, account)
    for key in people:
        found.people[key] = customers.person(key, Random(1))
        found.phones[key] = {(NUMBER, "mobile"): (False, None)}
    return found


def call(called: str = "6001") -> Question:
    signalled = Signalled(Number(NUMBER), None, Presentation.ALLOWED, "From", None, (Number(called),))
    return Question(signalled, PLAN, "c1", BEGIN)


class Slow(Directory):
    """Records come when the first pop has gone."""

    def __init__(self, of: State, late: asyncio.Event) -> None:
        super().__init__(of)
        self._late = late

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        wanted = list(keys)
        await self._late.wait()
        return await super().people(wanted, visible)


async def with_late_records(of: State) -> list[bytes]:
    """What I am sent, one after the other."""
    late = asyncio.Event()
    desk = over(of, Slow(of, late), Patience(record=0.0, index=60.0, rest=60.0))
    answers = await desk.lookup.answers(call(), {ME, OTHER})
    late.set()
    told = [answers.first] if answers.rest is None else [answers.first, *[later async for later in answers.rest]]
    await desk.close()
    return [encode.pop_data(one[ME], None) for one in told if ME in one]


async def test_late_records_of_two_customers_come_to_me_as_mine_alone_would() -> None:
    mine, theirs = PersonKey(MINE, "p0"), PersonKey(THEIRS, "p1")
    assert await with_late_records(state(mine, theirs)) == await with_late_records(state(mine))


async def test_a_late_record_of_another_customer_sends_me_nothing() -> None:
    """Else I am told, by an update in which nothing is new, that somebody whom I may not see has this number."""
    assert await with_late_records(state(PersonKey(THEIRS, "p1"))) == await with_late_records(state())


async def test_a_holder_whom_i_may_not_see_brings_no_last_contact() -> None:
    """Last contacts only order equals. They were read where all agents together saw two holders or more, and then stood
    beside my only one."""
    told = []
    for people in ([PersonKey(MINE, "p0")], [PersonKey(MINE, "p0"), PersonKey(THEIRS, "p1")]):
        of = state(*people)
        of.contacts[people[0]] = BEGIN - timedelta(days=1)
        desk = over(of, Directory(of))
        told.append((await desk.ring(call(), {ME, OTHER}))[ME])
        await desk.close()
    assert told[0] == told[1]
    assert b'"status":"identified"' in told[0].revisions[-1]


class Indexed:
    """A NumberIndex that is always there."""

    def __init__(self, of: State) -> None:
        self._overlay = Overlay()
        for key, phones in of.phones.items():
            held = [
                (number_key.pack(number), (key.account, key.id, label, of.people[key].disabled, imported))
                for (number, label), (imported, _) in phones.items()
            ]
            self._overlay.put(key.account, key.id, held)

    def rows(
        self, number: Understood, called_account: str | None, visible: Visible, version: int
    ) -> tuple[NumberRow, ...] | None:
        return overlay.rows(None, self._overlay, number, called_account, visible)

    async def close(self) -> None: ...


@pytest.mark.parametrize("theirs", [False, True], ids=["nobody was chosen", "one of theirs was chosen"])
async def test_a_choice_of_another_customer_costs_my_pop_no_time(theirs: bool) -> None:
    """What is in memory is answered from memory: a pop that waits for the store tells that somebody was chosen."""
    of = state(PersonKey(MINE, "p0"), PersonKey(THEIRS, "p1"))
    if theirs:
        of.choices.append(Choice(NUMBER, THEIRS, "p1", OTHER, BEGIN - timedelta(days=1)))
    contexts = Contexts(Behind(of), NEVER_LATE)
    desk = Desk(Directory(of), Memory(of), contexts, Indexed(of), PATIENT)
    await desk.ring(call(), {ME})
    assert desk.lookup.hot(call(), {ME}) is not None
    await desk.close()


class Listening(Memory):
    """Who was spoken to."""

    def __init__(self, of: State) -> None:
        super().__init__(of)
        self.met: set[PersonKey] = set()

    def contact(self, person: PersonKey, at: datetime) -> None:
        self.met.add(person)


async def test_it_is_no_chance_with_whom_of_two_customers_the_desk_spoke() -> None:
    """The company called has a holder whom I may not see: I am told of mine, the other agent of that one. One of them
    was kept, whichever came first, and my next list was ordered by it."""
    of = state(PersonKey(MINE, "p0"), PersonKey(THEIRS, "p1"))
    for key, person in of.people.items():
        of.people[key] = replace(person, disabled=False)
    learned = Listening(of)
    desk = Desk(Directory(of), learned, Contexts(Behind(of), NEVER_LATE))
    told = await desk.ring(call(customers.service_number(THEIRS).number), {ME, OTHER})
    assert all(b'"status":"identified"' in told[agent].revisions[-1] for agent in (ME, OTHER))
    desk.lookup.spoke("c1", BEGIN)
    await desk.close()
    assert len(learned.met) in {0, 2}


async def test_who_was_purged_comes_back_without_his_last_contact(tmp_path: Path) -> None:
    """Share ended, people purged, shared again and imported anew: what desks remembered of him was to be forgotten."""
    of, key = state(PersonKey(MINE, "p0"), PersonKey(MINE, "p1")), PersonKey(MINE, "p0")
    house = await opening(tmp_path)(of)
    learned = house.desk.lookup.learned
    assert learned is not None
    # As at the start of the daemon: it knows the directory before anybody calls.
    await house.desk.lookup.refresh()
    learned.contact(key, BEGIN)
    of.shares[MINE] = RoleShare(MINE, ends_at=BEGIN)
    await house.tell(of, Changed("share", MINE))
    await purge(tmp_path / FILE, BEGIN, 0.0)
    of.shares[MINE] = RoleShare(MINE)
    for changed in (Changed("share", MINE), Changed("person", MINE, "p0"), Changed("person", MINE, "p1")):
        await house.tell(of, changed)
    told = (await house.desk.ring(call(), {ME}))[ME]
    await house.desk.close()
    assert b'"name":"Ximena' in told.revisions[-1]
    assert b"last_contact" not in told.revisions[-1]
