"""A customer whose days are shorter, or longer, than the provider's: what of him goes when, and what stays."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ctibridge.delivery import encode
from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.kept import OF_CALLS, KeptPop
from ctibridge.delivery.terms import Terms
from ctibridge.flow import calling_back, remembered
from tests.delivery import examples as ex
from tests.delivery.adapters.outboxes import opened, raw, sql
from tests.delivery.kept_examples import ACME, at, event, kept, note
from tests.delivery.test_unwritten_sights import sight

CANARY = b"laptop"
NUMBER = b"4915112345678"
GLOBEX = frozenset({"globex"})
MIXED = Terms(90, {"acme": 7, "globex": 365})
POP = encode.pop_data(ex.IDENTIFIED, ex.call())
NOTED = encode.noted_data(ex.call(), ex.NOTE)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    outbox = await opened(tmp_path, settings=OutboxSettings(keep=MIXED))
    yield outbox
    await outbox.close()


def speak(outbox: Outbox, accounts: frozenset[str], first: int = 1, call: str = "c1", day: float = 0) -> None:
    """A call with what an agent wrote himself, a quarter of an hour later."""
    begin = at(86_400 * day)
    for number, kind, of, data in (
        (0, "call.ringing", accounts, POP),
        (1, "call.ended", frozenset[str](), encode.call_data(ex.call())),
        (2, "call.worked", frozenset[str](), NOTED),
    ):
        when = begin + timedelta(seconds=450 * number)
        outbox.keep_event(event(first + number, kind=kind, call=call, at=when, accounts=of, data=data))


async def texts(outbox: Outbox, last: int) -> bytes:
    return b"".join(one.data for one in await outbox.tail("ana", 0, last))


async def after(outbox: Outbox, days: float, minutes: float = 0) -> None:
    assert await outbox.flush()
    await outbox.forget(at(0) + timedelta(days=days, minutes=minutes))


@pytest.mark.parametrize(("accounts", "days"), [(ACME, 7), (frozenset[str](), 90), (GLOBEX, 365)])
async def test_each_goes_after_its_own_days_and_the_tail_stays_whole(
    outbox: Outbox, tmp_path: Path, accounts: frozenset[str], days: int
) -> None:
    speak(outbox, accounts)
    await after(outbox, days - 0.1)
    assert NUMBER in await texts(outbox, 3)
    assert CANARY in await texts(outbox, 3)
    await after(outbox, days, 1)
    if days == MIXED.longest:
        assert sql(tmp_path, "SELECT count(*) FROM desk_event WHERE kind = 'call.ringing'") == [(0,)]
    else:
        left = await outbox.tail("ana", 0, 3)
        assert [one.sequence for one in left] == [1, 2, 3]
        assert left[0].accounts == frozenset()
        assert CANARY not in await texts(outbox, 3), "what he wrote himself goes with its call"
    assert NUMBER not in raw(tmp_path), "neither in the file nor in its log"


async def test_a_note_whose_pop_has_fallen_out_goes_with_the_first(outbox: Outbox, tmp_path: Path) -> None:
    outbox.keep_event(event(1, kind="call.worked", data=NOTED))
    await after(outbox, 7, 1)
    assert CANARY not in raw(tmp_path)


async def test_of_what_left_before_nobody_knows_whose_it_was(outbox: Outbox, tmp_path: Path) -> None:
    speak(outbox, GLOBEX)
    assert await outbox.flush()
    await outbox.purge(GLOBEX)
    assert NUMBER in raw(tmp_path)
    await after(outbox, 7, 1)
    assert NUMBER not in raw(tmp_path)


async def test_other_calls_of_the_same_desk_stay_as_they_are(outbox: Outbox) -> None:
    speak(outbox, ACME)
    speak(outbox, GLOBEX, 4, "c2")
    speak(outbox, ACME, 7, "c3", day=5)
    await after(outbox, 8)
    left = await outbox.tail("ana", 0, 9)
    assert [NUMBER in one.data for one in left if one.kind == "call.ringing"] == [False, True, True]


async def test_what_is_due_is_looked_at_once_and_again_under_other_terms(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand desks are looked at each hour, and of a thousand events of each none is decoded twice."""
    read: list[str] = []

    def data(kind: str, before: bytes) -> bytes:
        read.append(kind)
        return before

    monkeypatch.setattr("ctibridge.delivery.aged.data", data)
    speak(outbox, ACME)
    for hour in range(3):
        await after(outbox, 8, 60 * hour)
    assert read == ["call.ringing", "call.ended", "call.worked"]
    outbox.keep_for(Terms(90, {"acme": 6}))
    await after(outbox, 8)
    assert len(read) == 6


async def test_a_customer_with_one_day_leaves_the_list_of_calls_after_it(outbox: Outbox) -> None:
    outbox.keep_for(Terms(90, {"acme": 1}))
    ended = ex.ended(ex.call(1, at(0)))
    other = ex.ended(ex.call(2, at(0)))
    outbox.keep_event(event(1))
    outbox.keep_call(kept(1, of=ended, accounts=ACME, notes=(note("x"),), pop=KeptPop(ACME, POP)))
    outbox.keep_call(kept(2, of=other, accounts=GLOBEX, pop=KeptPop(GLOBEX, POP)))
    await after(outbox, 1, 1)
    assert [one.call.id for one in await outbox.since("ana", at(0), 9)] == [other.id]


async def test_sights_go_with_the_calls_of_their_customer(outbox: Outbox, tmp_path: Path) -> None:
    seen = [replace(sight(account=account), at=at(0)) for account in ("acme", "globex", "initech")]
    for days, left in ((6, "acme globex initech"), (8, "globex initech"), (91, "globex"), (366, "")):
        outbox.keep_sights(seen if days == 6 else ())
        await after(outbox, days)
        found = {account for (account,) in sql(tmp_path, "SELECT account FROM desk_sight")}
        assert found == set(left.split())


async def test_facts_that_say_who_called_go_with_the_shortest(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who called is not said of which customer; they are needed for two days at most."""
    for kind in (*OF_CALLS, "webhook"):
        outbox.keep_fact(kind, "1", NUMBER)
    assert await outbox.flush()
    sql(tmp_path, "UPDATE desk_fact SET at = ?", at(0).timestamp())
    await after(outbox, 7, 1)
    assert sql(tmp_path, "SELECT kind FROM desk_fact") == [("webhook",)]


def test_those_are_the_rooms_own_names() -> None:
    assert set(OF_CALLS) == {remembered.KIND, calling_back.KIND}
