"""Fifty customers with the same numbers, shares and grants coming and going: what an agent gets is what he would get if
the accounts that he may not see were not there at all, byte for byte.

`make test` plays some thousands of operations, CTIBRIDGE_TENANTS=100000 (`make soak`) as many as it says.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.lookup.adapters.index.live import Pace
from ctibridge.lookup.found import of_agents
from tests.tenants import customers, oracle
from tests.tenants.customers import AGENTS
from tests.tenants.play import play
from tests.tenants.sqlite_house import IN_A_FILE, IN_MEMORY, opening

OPERATIONS = int(os.environ.get("CTIBRIDGE_TENANTS", "6000"))
SEEDS = range(5)
STORES = {"without the index": None, "index in memory": IN_MEMORY, "index in a file": IN_A_FILE}
SQLITE = OPERATIONS // 4 // len(STORES)
"""Operations over each of them: a fourth of all, as each waits for threads."""


@contextmanager
def listening() -> Iterator[list[str]]:
    """Every line of both logs, at every level."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(f"{record.getMessage()} {record.exc_info}")

    ear, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        with capture_logs() as lines:
            yield heard
    finally:
        root.removeHandler(ear)
        root.setLevel(level)
        heard += map(repr, lines)


def said(text: str, words: tuple[str, ...] = customers.private_words()) -> list[str]:
    return [word for word in words if word.casefold() in text.casefold()]


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_an_agent_may_not_see_changes_nothing_for_him(seed: int) -> None:
    operations = OPERATIONS * 3 // 4 // len(SEEDS)
    with listening() as heard:
        game = await play(seed, operations)
    assert said("\n".join(heard)) == []
    assert any("lookup.store_failed" in line for line in heard)  # somebody was there to listen to
    for seldom in ("identified", "chosen", "suggested", "notices", "purge", "move", "end_share", "revoke"):
        assert game.counted.get(seldom, 0) > 0, f"nothing of it was tried: {seldom}"


@pytest.mark.parametrize("pace", STORES.values(), ids=STORES)
async def test_nor_over_the_store(tmp_path: Path, pace: Pace | None) -> None:
    with listening() as heard:
        game = await play(100, SQLITE, opening(tmp_path, pace))
    assert said("\n".join(heard)) == []
    assert game.counted["identified"] > 0


async def test_nobody_prints() -> None:
    """Of people nothing; which account it is, and what it is called, may be said."""
    game = await play(7, 300)
    for question in game.calls:
        hit = await game.house.desk.lookup.find(question, of_agents(AGENTS))
        assert hit is not None
        read = await game.house.desk.lookup.records(hit)
        game.printed += [repr(question), repr(hit), repr(read), repr(hit.heard), repr(hit.proof), repr(hit.rankings)]
    about_people = tuple(word for word in customers.private_words() if not customers.MARK.fullmatch(word))
    assert len(game.printed) > 50
    assert said("\n".join(game.printed), about_people) == []


@pytest.mark.parametrize("text", oracle.HOURS)
def test_the_hours_of_the_oracle_are_those_of_the_grants(text: str) -> None:
    """It reads none: it knows them, written down in other words."""
    zone, days, *_ = oracle.HOURS[text]
    assert text.endswith(zone)
    assert len(days) == {"Mo-Fr": 5, "Mo-Su": 7, "Sa,Su": 2}[text.split(maxsplit=1)[0]]
