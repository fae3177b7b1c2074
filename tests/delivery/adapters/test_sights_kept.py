"""Read in pages, beside the daemon that writes them."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_tables, sights_kept
from ctibridge.delivery.adapters.outbox_tables import FILE, TooNew
from ctibridge.delivery.adapters.sights_kept import Wanted, sights
from ctibridge.delivery.kept import Sight
from tests.delivery.adapters.outboxes import opened, sql
from tests.delivery.adapters.test_outbox_tables import VERSION_1
from tests.delivery.examples import AT
from tests.delivery.test_unwritten_sights import sight

SEEN = [
    replace(sight(call), at=AT + timedelta(seconds=second), agent=agent, account=account, person=person)
    for second, call, agent, account, person in (
        (0, 2, "ana", "acme", "p1"),
        (0, 2, "ana", "acme", "p2"),
        (1, 1, "ben", "globex", "p1"),
        (2, 3, "ben", "acme", "p1"),
        (2, 4, "ana", "acme", "p1"),
    )
]


async def kept(folder: Path) -> None:
    outbox = await opened(folder)
    outbox.keep_sights(reversed(SEEN))
    await outbox.close()


def numbers(found: list[Sight]) -> list[int]:
    return [SEEN.index(one) for one in found]


@pytest.mark.parametrize("page", [1, 2, 5, 99])
async def test_each_comes_once_by_time_whatever_a_page_holds(
    tmp_path: Path, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sights_kept, "PAGE", page)
    await kept(tmp_path)
    assert numbers(list(sights(tmp_path, Wanted()))) == [0, 1, 2, 3, 4]
    assert numbers(list(sights(tmp_path, Wanted(account="acme", person="p1")))) == [0, 3, 4]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(account="acme"), [0, 1, 3, 4]),
        (Wanted(agent="ben"), [2, 3]),
        (Wanted(since=AT + timedelta(seconds=1)), [2, 3, 4]),
        (Wanted(since=AT, until=AT + timedelta(seconds=1)), [0, 1]),
        (Wanted(account="nobody"), []),
    ],
)
async def test_what_is_asked_for(tmp_path: Path, wanted: Wanted, found: list[int]) -> None:
    await kept(tmp_path)
    assert numbers(list(sights(tmp_path, wanted))) == found


async def test_it_reads_while_the_daemon_writes_and_does_not_hold_up_its_log(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    outbox.keep_sights(SEEN)
    assert await outbox.flush()
    reading = sights(tmp_path, Wanted())
    assert next(reading) == SEEN[0]
    await outbox.purge(frozenset({"globex"}))  # empties the log, for which nobody may read it
    assert [one.account for one in reading]
    await outbox.close()


def test_nothing_where_no_daemon_has_run_and_where_none_kept_them(tmp_path: Path) -> None:
    assert list(sights(tmp_path, Wanted())) == []
    assert list(tmp_path.iterdir()) == []
    with sqlite3.connect(tmp_path / FILE) as db:
        db.executescript(VERSION_1)
    db.close()
    assert list(sights(tmp_path, Wanted())) == []


async def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    outbox_tables.connect(tmp_path / FILE)[0].close()
    sql(tmp_path, "UPDATE schema_version SET version = 9")
    with pytest.raises(TooNew, match="version 9, this ctibridge knows 2"):
        list(sights(tmp_path, Wanted()))
