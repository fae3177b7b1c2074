"""What was learned of a customer goes when its calls go."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.lookup.adapters import learned as learning
from ctibridge.lookup.adapters.learned import Learned
from tests.lookup.adapters.test_learned import ANA, BEN, ELODIE, choice, learned, path, sql
from tests.lookup.examples import AT, MOBILE, REGULA
from tests.peers.process import until

__all__ = ["learned", "path"]


@pytest.mark.parametrize(("account", "days"), [("acme", 7), ("fleuron", 30)])
async def test_what_was_learned_of_a_customer_is_kept_no_longer_than_its_calls(
    path: Path, learned: Learned, account: str, days: int
) -> None:
    person = {"acme": REGULA, "fleuron": ELODIE}[account]
    learned.keep_for(30, {"acme": 7, "globex": 365})
    await learned.choose(choice(person, called=account))
    learned.contact(person.key, AT)
    await learned._write()
    await learned.age(AT + timedelta(days=days, seconds=-1))
    assert learned.has_choices(MOBILE, ANA if account == "acme" else BEN)
    assert sql(path, "SELECT account FROM directory_contact") == [(account,)]
    await learned.age(AT + timedelta(days=days, seconds=2))
    assert sql(path, "SELECT count(*) FROM directory_choice") == [(0,)]
    assert sql(path, "SELECT count(*) FROM directory_contact") == [(0,)]
    assert not learned.has_choices(MOBILE, ANA)
    assert not list(learned._contacts)


async def test_choice_days_is_the_most_also_for_who_has_agreed_to_more(path: Path, learned: Learned) -> None:
    learned.choice_days = 3
    learned.keep_for(90, {"acme": 365})
    await learned.choose(choice())
    await learned.age(AT + timedelta(days=3, seconds=2))
    assert sql(path, "SELECT count(*) FROM directory_choice") == [(0,)]


async def test_new_days_count_with_the_next_batch(
    path: Path, learned: Learned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "WRITE_EVERY", 0.001)
    aged: list[datetime] = []

    async def age(now: datetime) -> None:
        aged.append(now)
        learned._age_at = float("inf")

    monkeypatch.setattr(learned, "age", age)
    running = asyncio.create_task(learned.run())
    await until(lambda: len(aged) == 1, "it looks at the start")
    learned.keep_for(1, {})
    await until(lambda: len(aged) == 2, "and when the days have changed")
    running.cancel()
