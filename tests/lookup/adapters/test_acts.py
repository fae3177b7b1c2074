"""Who may see whom, as acts: each whole, in the audit, and seen by whoever follows the directory."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.domain.agent import SERVICE_DESK_ANALYST, Grant, RoleShare
from ctibridge.lookup.adapters.acts import Actor, Acts, UnknownName
from ctibridge.lookup.adapters.importing.importer import BUSY_MS
from ctibridge.lookup.adapters.schema import FILE, StoreFault, open_file
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.visibility import visible_to
from tests.lookup.adapters.directories import Small, fill
from tests.lookup.examples import ACME, ANA, AT, FLEURON, REGULA, ZURICH

Act = Callable[[Acts], Awaitable[object]]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHTS = "Mo-Fr 22:00-06:00 Europe/Berlin"


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    return await filled(tmp_path)


async def filled(folder: Path, *shares: RoleShare, grants: tuple[Grant, ...] = ()) -> Path:
    path = folder / FILE
    await (await open_file(path)).close()
    fill(path, Small((ACME, FLEURON), (REGULA,), agents=(ANA,), shares=shares, grants=grants, sites=(ZURICH,)))
    return path


async def do(path: Path, *acts: Act, at: datetime = AT, busy_ms: int = BUSY_MS) -> None:
    async with await Acts.open(path, Actor("eva", at), busy_ms=busy_ms) as acting:
        for act in acts:
            await act(acting)


async def snapshot(path: Path) -> Snapshot:
    store = await SqliteStore.open(path)
    try:
        return await store.snapshot()
    finally:
        await store.close()


async def held(path: Path) -> tuple[list[RoleShare], list[Grant]]:
    async with await Acts.open(path, Actor("eva", AT)) as acts:
        return await acts.grants()


def sql(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return db.execute(statement).fetchall()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def share(ends_at: datetime | None = None, account: str = "acme") -> Act:
    return lambda acts: acts.share(account, ends_at)


def end_share(acts: Acts) -> Awaitable[None]:
    return acts.end_share("acme")


def grant(ends_at: datetime | None = None, hours: str | None = None, agent: str = "ana", account: str = "acme") -> Act:
    return lambda acts: acts.grant(agent, account, ends_at, hours)


def revoke(acts: Acts) -> Awaitable[None]:
    return acts.revoke("ana", "acme")


def announce(site: str | None = None, account: str = "acme", ends_at: datetime | None = None) -> Act:
    return lambda acts: acts.announce(account, "n1", "Mail is down.", "en", ends_at, site)


EVERY: list[tuple[Act, tuple[Act, ...], tuple[str, str | None, str | None]]] = [
    (share(AT + DAY), (), ("share", None, "until 2026-11-21T18:00:00+00:00")),
    (end_share, (share(),), ("end share", None, None)),
    (grant(AT + DAY, NIGHTS), (), ("grant", "ana", f"until 2026-11-21T18:00:00+00:00, {NIGHTS}")),
    (revoke, (grant(),), ("revoke", "ana", None)),
    (announce(ends_at=AT + DAY), (), ("announce", None, "n1, until 2026-11-21T18:00:00+00:00")),
]
NAMES = [line[0] for _, _, line in EVERY]


@pytest.mark.parametrize(("act", "before", "line"), EVERY, ids=NAMES)
async def test_each_act_is_one_version_and_one_line_in_the_audit(
    path: Path, act: Act, before: tuple[Act, ...], line: tuple[str, str | None, str | None]
) -> None:
    await do(path, *before, at=AT - HOUR)
    ((version,),) = sql(path, "SELECT version FROM directory_change")
    await do(path, act)
    assert sql(path, "SELECT version, tables FROM directory_change") == [(int(str(version)) + 1, int(str(version)) + 1)]
    audit = sql(path, "SELECT at, actor, act, account, agent, detail FROM directory_audit ORDER BY no DESC LIMIT 1")
    assert audit == [(AT.isoformat(), "eva", line[0], "acme", *line[1:])]


@pytest.mark.parametrize(("act", "before", "_line"), EVERY, ids=NAMES)
@pytest.mark.parametrize("table", ["directory_audit", "directory_stamp"])
async def test_a_store_that_fails_in_the_middle_of_an_act_has_none_of_it(
    path: Path, act: Act, before: tuple[Act, ...], _line: object, table: str
) -> None:
    await do(path, *before, at=AT - HOUR)
    sql(path, f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    unchanged = dump(path)
    with pytest.raises(StoreFault, match="disk full; nothing was changed"):
        await do(path, act)
    assert dump(path) == unchanged
    sql(path, "DROP TRIGGER full")
    await do(path, act)


@pytest.mark.parametrize("kind", ["ROLLBACK", "FAIL"])
async def test_however_the_store_fails_the_connection_is_good_for_the_next_act(path: Path, kind: str) -> None:
    sql(path, f"CREATE TRIGGER full BEFORE INSERT ON directory_audit BEGIN SELECT RAISE({kind}, 'full'); END")
    unchanged = dump(path)
    async with await Acts.open(path, Actor("eva", AT)) as acts:
        with pytest.raises(StoreFault):
            await acts.share("acme", None)
        assert dump(path) == unchanged
        sql(path, "DROP TRIGGER full")
        await acts.share("acme", None)


REFUSED: dict[str, tuple[Act, str]] = {
    "share": (share(account="acmee"), "import accounts.csv"),
    "end share": (end_share, "see: ctibridge grants"),
    "grant": (grant(account="acmee"), "import accounts.csv"),
    "grant to nobody": (grant(agent="anna"), "import agents.csv"),
    "revoke": (revoke, "see: ctibridge grants"),
    "announce": (announce(account="acmee"), "import accounts.csv"),
    "announce nowhere": (announce(site="Bern"), "import sites.csv"),
    "announce at another's site": (announce(site="Zürich", account="fleuron"), "no site 'Zürich'"),
}


@pytest.mark.parametrize(("act", "mend"), REFUSED.values(), ids=REFUSED)
async def test_what_is_refused_changes_nothing_and_says_the_mend(path: Path, act: Act, mend: str) -> None:
    unchanged = dump(path)
    with pytest.raises(UnknownName, match=mend):
        await do(path, act)
    assert dump(path) == unchanged


@pytest.mark.parametrize("over", [end_share, revoke])
async def test_what_has_ended_cannot_end_again(path: Path, over: Act) -> None:
    """Else the end would move, and with it the day on which its people leave."""
    await do(path, share(AT), grant(AT), at=AT - DAY)
    unchanged = dump(path)
    with pytest.raises(UnknownName):
        await do(path, over)
    assert dump(path) == unchanged


async def test_a_share_holds_from_now_on_and_extending_it_keeps_its_beginning(path: Path) -> None:
    await do(path, share(AT + HOUR), at=AT - DAY)
    await do(path, share())
    assert (await held(path))[0] == [RoleShare("acme", SERVICE_DESK_ANALYST, AT - DAY, None)]


async def test_a_share_without_a_beginning_keeps_none(tmp_path: Path) -> None:
    path = await filled(tmp_path, RoleShare("acme"), grants=(Grant("ana", "acme"),))
    await do(path, share(AT + DAY), grant(AT + DAY))
    assert await held(path) == (
        [RoleShare("acme", ends_at=AT + DAY)],
        [Grant("ana", "acme", ends_at=AT + DAY)],
    )


async def test_what_was_to_begin_later_begins_now(tmp_path: Path) -> None:
    path = await filled(tmp_path, RoleShare("acme", starts_at=AT + DAY), grants=(Grant("ana", "acme", AT + DAY),))
    await do(path, share(), grant())
    assert await held(path) == ([RoleShare("acme", starts_at=AT)], [Grant("ana", "acme", AT)])


async def test_what_was_to_begin_later_can_be_taken_back_before(tmp_path: Path) -> None:
    path = await filled(tmp_path, RoleShare("acme", starts_at=AT + DAY), grants=(Grant("ana", "acme", AT + DAY),))
    await do(path, revoke, end_share)
    known = await snapshot(path)
    assert [visible_to("ana", known, at).accounts for at in (AT, AT + 2 * DAY)] == [frozenset(), frozenset()]


@pytest.mark.parametrize("ended", [AT, AT - HOUR])
async def test_what_has_ended_begins_anew(tmp_path: Path, ended: datetime) -> None:
    """Not from its first day on: for the time between it was not seen, and the audit must be able to say so."""
    old = AT - DAY
    path = await filled(tmp_path, RoleShare("acme", starts_at=old, ends_at=ended),
                        grants=(Grant("ana", "acme", old, ended, NIGHTS),))  # fmt: skip
    await do(path, share(), grant())
    assert await held(path) == ([RoleShare("acme", starts_at=AT)], [Grant("ana", "acme", AT)])


async def test_who_sees_whom_follows_share_grant_hours_and_revoke(path: Path) -> None:
    async def sees(at: datetime) -> bool:
        return "acme" in visible_to("ana", await snapshot(path), at).accounts

    await do(path, grant(AT + DAY))
    assert not await sees(AT)
    await do(path, share())
    assert [await sees(at) for at in (AT - HOUR, AT, AT + HOUR, AT + DAY)] == [False, True, True, False]
    await do(path, grant(hours=NIGHTS))  # AT is 19:00 in Berlin
    assert [await sees(at) for at in (AT, AT + 4 * HOUR)] == [False, True]
    await do(path, revoke)
    assert not await sees(AT + 4 * HOUR)


async def test_a_moment_is_compared_as_one_whatever_its_fraction(path: Path) -> None:
    """Times stand as text: half a second past six is later than six, and not before it."""
    half = AT + timedelta(microseconds=500_000)
    await do(path, share(half), grant(half))
    await do(path, revoke, end_share)
    with pytest.raises(UnknownName):
        await do(path, revoke, at=half)


async def test_an_announcement_is_for_its_site_from_now_on(path: Path) -> None:
    await do(path, announce("Zürich", ends_at=AT + DAY))
    ((line,),) = (await snapshot(path)).announcements.values()
    assert (line.account, line.id, line.site, line.texts) == ("acme", "n1", "Zürich", {"en": "Mail is down."})
    assert (line.starts_at, line.ends_at) == (AT, AT + DAY)


async def test_a_word_that_is_taken_is_a_fault_and_replaces_nothing(path: Path) -> None:
    await do(path, announce())
    unchanged = dump(path)
    with pytest.raises(StoreFault):
        await do(path, announce())
    assert dump(path) == unchanged


async def test_a_running_daemon_sees_each_act(path: Path) -> None:
    running = await SqliteStore.open(path)
    seen = [running.tables_version()]
    for act in (share(), grant(), announce(), revoke, end_share):
        await do(path, act)
        seen.append(running.tables_version())
    assert seen == list(range(seen[0], seen[0] + 6))
    await running.close()


async def test_everything_that_ever_was_is_listed_in_order(tmp_path: Path) -> None:
    shares = (RoleShare("fleuron"), RoleShare("acme", ends_at=AT - DAY))
    path = await filled(tmp_path, *shares, grants=(Grant("ana", "fleuron"), Grant("ana", "acme", ends_at=AT)))
    found, grants = await held(path)
    assert [one.account for one in found] == ["acme", "fleuron"]
    assert [one.account for one in grants] == ["acme", "fleuron"]


async def test_a_store_that_is_being_written_says_so_and_is_unchanged(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFault, match="database is locked; nothing was changed"):
            await do(path, share(), busy_ms=1)
