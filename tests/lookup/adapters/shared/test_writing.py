"""People come to Redis, change and leave, whatever is cut where; an erased one is nowhere."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ctibridge.domain.person import Person
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.adapters.shared import writing
from ctibridge.lookup.adapters.shared.layout import digits_of
from ctibridge.lookup.adapters.shared.store import SharedStore
from ctibridge.lookup.adapters.shared.writing import bring_up
from ctibridge.lookup.adapters.store import SqliteStore
from tests.lookup.adapters.asking_all import answers, asked, random_held, random_people
from tests.lookup.adapters.directories import PREFIX, Held, Small, always
from tests.lookup.adapters.shared.moments import (
    ACCOUNTS,
    AFTER,
    BEFORE,
    CHANGED,
    DESK,
    HOME,
    KARIM,
    REGULA,
)
from tests.lookup.adapters.shared.redis import (
    Cut,
    CutAsk,
    HeldAsk,
    change,
    content,
    differing,
    kept,
    raw,
    spread_over,
    up,
)

pytestmark = [pytest.mark.peer("redis-server"), pytest.mark.usefixtures("few_shards")]


# -- the same as the file ----------------------------------------------------------------------------------------------

people_now = st.lists(random_people, max_size=10, unique_by=lambda one: one.key)
held_now = st.lists(random_held, max_size=14, unique_by=lambda one: (one.person, one.number, one.label))


def small(people: Sequence[Person], held: Sequence[Held]) -> Small:
    there = {one.key for one in people}
    return Small(ACCOUNTS, tuple(people), tuple(one for one in held if one.person in there))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.builds(small, people_now, held_now), min_size=2, max_size=4), st.lists(asked, min_size=1, max_size=3)
)
async def test_whatever_changes_redis_answers_as_the_file_does(
    tmp_path: Path, moments: list[Small], questions: list[dict[str, object]]
) -> None:
    path = await kept(moments[0], tmp_path)
    async with spread_over() as (_, spread):
        for before, now in zip([None, *moments], moments, strict=False):
            if before is not None:
                change(path, now, differing(before, now))
            assert await up(path, spread)
            file = await SqliteStore.open(path)
            both = SharedStore(file, spread, PREFIX)
            for one in questions:
                assert await answers(both, **one) == await answers(file, **one)  # type: ignore[arg-type]
            await both.close()


async def test_what_changed_piece_by_piece_lies_there_as_if_it_had_been_written_at_once(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (server, spread):
        await up(path, spread)
        change(path, AFTER, CHANGED)
        await up(path, spread)
        changed = content(server)
        server.say("FLUSHALL")
        await up(path, spread)
        assert content(server) == changed


async def test_only_who_changed_is_written_and_nobody_twice(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (_, spread):
        await up(path, spread)
        again = CutAsk(spread)
        await up(path, again)
        assert again.written == []
        change(path, AFTER, {*CHANGED, KARIM.key})  # he was touched, and is as he was
        await up(path, again)
        written = b"\n".join(word for one in again.written for word in one if isinstance(word, bytes))
        assert b"khalij" not in written
        assert REGULA.key.id.encode() in written
        again.written.clear()
        await up(path, again)
        assert again.written == []


async def test_it_is_told_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "AT_ONCE", 2)
    path = await kept(BEFORE, tmp_path)
    async with spread_over() as (_, spread):
        told: list[tuple[int, int]] = []
        await bring_up(path, spread, PREFIX, always, lambda *far: told.append(far))
        assert told == [(2, 3), (3, 3)]


# -- cut anywhere ------------------------------------------------------------------------------------------------------


async def test_wherever_a_build_is_cut_the_next_run_ends_the_same(tmp_path: Path) -> None:
    await _cut_everywhere(await kept(AFTER, tmp_path), None)


async def test_wherever_a_change_is_cut_the_next_run_ends_the_same(tmp_path: Path) -> None:
    """And so it does where it was cut twice, and the file had gone on meanwhile."""
    await _cut_everywhere(await kept(BEFORE, tmp_path / "one"), AFTER)


async def test_wherever_a_change_is_cut_the_file_may_go_on_meanwhile(tmp_path: Path) -> None:
    last = replace(AFTER, people=AFTER.people[1:], held=AFTER.held[1:])
    await _cut_everywhere(await kept(BEFORE, tmp_path / "one"), AFTER, last)


async def _cut_everywhere(path: Path, *later: Small | None) -> None:
    async with spread_over() as (server, spread):
        counting = CutAsk(spread)
        cuts = 0
        while True:
            stored = path.read_bytes()
            server.say("FLUSHALL")
            moments = [one for one in later if one is not None]
            if moments:
                await up(path, spread)
                change(path, moments[0], differing(BEFORE, moments[0]))
            try:
                await up(path, CutAsk(spread, cuts))
            except Cut:
                cuts += 1
            else:
                break
            for before, after in pairwise(moments):
                change(path, after, differing(before, after))
            assert await up(path, spread)
            found = content(server)
            server.say("FLUSHALL")
            assert await up(path, counting)
            assert content(server) == found
            path.write_bytes(stored)
            path.with_name(f"{FILE}-wal").unlink(missing_ok=True)
            path.with_name(f"{FILE}-shm").unlink(missing_ok=True)
        assert cuts > 10


# -- whose turn it is --------------------------------------------------------------------------------------------------


async def test_who_may_not_go_on_writes_nothing(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)

    async def never() -> bool:
        return False

    async with spread_over() as (server, spread):
        assert not await bring_up(path, spread, PREFIX, never)
        assert server.say("DBSIZE") == 0


async def test_whose_turn_ends_meanwhile_stops(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)
    asked = 0

    async def twice() -> bool:
        nonlocal asked
        asked += 1
        return asked <= 3

    async with spread_over() as (_, spread):
        assert not await bring_up(path, spread, PREFIX, twice)
        assert asked == 4
        assert await spread.ask([("HMGET", f"{{{PREFIX}}}:directory:shared", "generation")]) == [[None]]


@pytest.mark.parametrize("before", range(5))
async def test_what_a_stopped_writer_sends_later_is_not_carried_out(tmp_path: Path, before: int) -> None:
    """He stood still behind his last look at the clock, and another one has written meanwhile."""
    path = await kept(BEFORE, tmp_path / "one")
    other = await kept(BEFORE, tmp_path / "two")
    other.write_bytes(path.read_bytes())
    async with spread_over() as (server, spread):
        await up(path, spread)
        change(path, AFTER, CHANGED)
        held = HeldAsk(spread, before)
        stopped = asyncio.create_task(up(path, held))
        waiting = asyncio.create_task(held.reached.wait())
        await asyncio.wait([stopped, waiting], return_when=asyncio.FIRST_COMPLETED)
        assert held.reached.is_set() or stopped.done()
        gone = Small(ACCOUNTS, (KARIM,), (Held(KARIM.key, HOME),))
        change(other, gone, {*differing(BEFORE, gone), *CHANGED})
        assert await up(other, spread)
        found = content(server)
        held.go.set()
        waiting.cancel()
        assert not await stopped
        assert content(server) == found


# -- nobody stays ------------------------------------------------------------------------------------------------------


def _canaries(one: Person, numbers: Sequence[str]) -> list[bytes]:
    """All that could tell of him: as it is written, as it is folded, as numbers are packed, and the ends of them."""
    assert one.name is not None
    packed = [number_key.pack(number) for number in numbers]
    words = [word.lower().encode() for word in one.name.value.split()]
    texts = [one.name.value.encode(), *words, b"regula@", b"A-17", b"a-17", b"p17"]
    digits = [form for number in packed for form in (str(number).encode(), str(number)[::-1].encode())]
    return [*texts, *digits, *map(digits_of, packed), *(number.to_bytes(8, "big").lstrip(b"\0") for number in packed)]


async def test_an_erased_person_is_nowhere_in_it(tmp_path: Path) -> None:
    path = await kept(BEFORE, tmp_path)
    canaries = _canaries(REGULA, [DESK, "4711"])
    with_desk = replace(BEFORE, held=(*BEFORE.held[1:], Held(REGULA.key, DESK)))
    async with spread_over() as (server, spread):
        await up(path, spread)
        change(path, with_desk, differing(BEFORE, with_desk))
        await up(path, spread)
        there = raw(server)
        expected = {b"regula", b"zgraggen", b"regula@", b"a-17", b"p17", digits_of(493023125100)}
        assert expected <= {one for one in canaries if one in there}
        without = replace(
            BEFORE, people=BEFORE.people[1:], held=tuple(one for one in with_desk.held if one.person != REGULA.key)
        )
        change(path, without, {REGULA.key})
        await up(path, spread)
        left = raw(server)
        assert [one for one in canaries if one in left] == []
        assert b"frei" in left
