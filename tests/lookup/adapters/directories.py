"""One small directory, in every store that there is: what it holds is said once."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest

from ctibridge.cluster.adapters.spread import Spread
from ctibridge.domain.account import Account, Announcement, ServiceNumber, Site
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Private
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters.index.live import LiveIndex, Pace
from ctibridge.lookup.adapters.schema import FILE, open_file, terms_as_json
from ctibridge.lookup.adapters.shared.store import SharedStore
from ctibridge.lookup.adapters.shared.writing import bring_up
from ctibridge.lookup.adapters.store import DirectoryStore, SqliteStore
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Snapshot, build
from ctibridge.lookup.visibility import Visible, every_shared
from tests.cluster.conftest import reach
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.indexed_store import IndexedStore
from tests.lookup.examples import ACME, AT, FLEURON, KHALIJ
from tests.peers.ports import Loopback
from tests.peers.redis import RedisServer


@dataclass(frozen=True)
class Held:
    """A number of one person, as stored."""

    person: PersonKey
    number: str
    label: str = "mobile"
    imported: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True)
class Small:
    """accounts in the order in which they came; requests: for whom, by (account, id); changed: (version, who)."""

    accounts: tuple[Account, ...] = ()
    people: tuple[Person, ...] = ()
    held: tuple[Held, ...] = ()
    requests: dict[tuple[str, str], str] = field(default_factory=dict)
    agents: tuple[Agent, ...] = ()
    shares: tuple[RoleShare, ...] = ()
    grants: tuple[Grant, ...] = ()
    service_numbers: tuple[ServiceNumber, ...] = ()
    sites: tuple[Site, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    version: int = 1
    tables: int = 1
    logged_from: int = 0
    changed: tuple[tuple[int, PersonKey], ...] = ()

    def snapshot(self) -> Snapshot:
        return build(
            self.version,
            accounts=self.accounts,
            agents=self.agents,
            shares=self.shares,
            grants=self.grants,
            service_numbers=self.service_numbers,
            sites=self.sites,
            announcements=self.announcements,
            tables=self.tables,
            context_accounts=[account for account, _ in self.requests],
        )

    def complete(self) -> list[Person]:
        """The people, each with when his numbers came to him."""
        return [_with_changes(one, self.held) for one in self.people]


def _with_changes(person: Person, held: Iterable[Held]) -> Person:
    changed: dict[str, datetime] = {}
    for one in held:
        if one.person == person.key and one.changed_at is not None:
            changed[one.number] = max(one.changed_at, changed.get(one.number, one.changed_at))
    return replace(person, numbers_changed=changed)


Make = Callable[[Small, Path], Coroutine[Any, Any, DirectoryStore]]


async def memory(small: Small, folder: Path) -> FakeDirectoryStore:
    disabled = {person.key: person.disabled for person in small.people}
    numbers: dict[str, list[NumberRow]] = {}
    for one in small.held:
        key = one.person
        row = NumberRow(key.account, key.id, one.label, disabled[key], one.imported, one.number)
        numbers.setdefault(one.number, []).append(row)
    store = FakeDirectoryStore(small.snapshot(), numbers, small.complete(), small.requests)
    store.changed, store.logged_from = list(small.changed), small.logged_from
    return store


async def sqlite(small: Small, folder: Path) -> SqliteStore:
    """In a new file in that folder."""
    path = folder / FILE
    for old in folder.glob(f"{FILE}*"):
        old.unlink()
    await (await open_file(path)).close()
    await asyncio.to_thread(fill, path, small)
    return await SqliteStore.open(path)


def fill(path: Path, small: Small) -> None:
    """Writes it all with plain SQL: the importer is tested elsewhere."""
    with sqlite3.connect(path) as db:
        numbers = {account.id: _account(db, account) for account in small.accounts}
        people = {person.key: _person(db, numbers[person.key.account], person) for person in small.people}
        for one in small.held:
            _phone(db, numbers[one.person.account], people[one.person], one)
        _small_tables(db, small)
        rows = [(account, id_, whom) for (account, id_), whom in small.requests.items()]
        db.executemany("INSERT INTO directory_request (account, id, requested_for) VALUES (?, ?, ?)", rows)
        changed = [(version, numbers[key.account], key.id) for version, key in small.changed]
        db.executemany("INSERT INTO directory_changed_person VALUES (?, ?, ?)", changed)
        versions = (small.version, small.tables, small.logged_from)
        db.execute("UPDATE directory_change SET version = ?, tables = ?, logged_from = ?", versions)
    db.close()


def _account(db: sqlite3.Connection, account: Account) -> int | None:
    languages = ";".join(account.languages) or None
    links = _json(account.links)
    texts = [_json(text) for text in (account.briefing, account.verification, account.out_of_hours)]
    values = (
        account.id, account.name, account.country, languages, account.default_language, account.time_zone,
        account.holidays, links, *texts,
    )  # fmt: skip
    return db.execute(
        "INSERT INTO directory_account (id, name, country, languages, default_language, time_zone, holidays, links, "
        "briefing, verification, out_of_hours) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    ).lastrowid


def _person(db: sqlite3.Connection, account: int | None, person: Person) -> int | None:
    assert person.name is not None
    columns = ("pronunciation", "email", "employee_id", "support_id", "source_id", "job_title", "organization", "site",
               "location", "language", "time_zone", "vip", "disabled")  # fmt: skip
    values = [getattr(person, column) for column in columns]
    values = [value.value if isinstance(value, Private) else value for value in values]
    no = db.execute(
        f"INSERT INTO directory_person (account, id, name, {', '.join(columns)}) VALUES (?, ?, ?{', ?' * 13})",  # noqa: S608
        (account, person.key.id, person.name.value, *values),
    ).lastrowid
    terms = msgspec.json.decode(terms_as_json(person.name.value), type=list[str])
    db.executemany("INSERT INTO directory_term VALUES (?, ?, ?)", [(account, term, no) for term in terms])
    return no


def _phone(db: sqlite3.Connection, account: int | None, person: int | None, one: Held) -> None:
    db.execute("INSERT OR IGNORE INTO directory_label (name) VALUES (?)", (one.label,))
    (label,) = db.execute("SELECT no FROM directory_label WHERE name = ?", (one.label,)).fetchone()
    at = None if one.changed_at is None else int(one.changed_at.timestamp())
    given = (account, number_key.pack(one.number), person, label, one.imported, at)
    db.execute("INSERT INTO directory_phone VALUES (?, ?, ?, ?, 0, ?, ?)", given)


def _small_tables(db: sqlite3.Connection, small: Small) -> None:
    for agent in small.agents:
        row: tuple[Any, ...] = (agent.id, agent.name, agent.login, ";".join(agent.languages) or None, agent.disabled)
        db.execute("INSERT INTO directory_agent VALUES (?, ?, ?, ?, ?)", row)
    for share in small.shares:
        row = (share.account, share.role, _iso(share.starts_at), _iso(share.ends_at))
        db.execute("INSERT INTO directory_role_share VALUES (?, ?, ?, ?)", row)
    for grant in small.grants:
        row = (grant.agent, grant.account, _iso(grant.starts_at), _iso(grant.ends_at), grant.hours)
        db.execute("INSERT INTO directory_grant VALUES (?, ?, ?, ?, ?)", row)
    for service in small.service_numbers:
        row = (service.number, service.account, service.name, _json(service.greetings), service.support_hours,
               service.default_language, service.caller_name_prefix)  # fmt: skip
        db.execute("INSERT INTO directory_service_number VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for site in small.sites:
        row = (site.account, site.name, site.country, site.language, site.time_zone, site.extensions)
        db.execute("INSERT INTO directory_site VALUES (?, ?, ?, ?, ?, ?)", row)
    for line in small.announcements:
        row = (line.account, line.id, _json(line.texts), line.site, _iso(line.starts_at), _iso(line.ends_at))
        db.execute("INSERT INTO directory_announcement VALUES (?, ?, ?, ?, ?, ?)", row)


def _json(value: Any) -> str | None:
    return msgspec.json.encode(value).decode() if value else None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


async def indexed(small: Small, folder: Path) -> IndexedStore:
    """SQLite with the number index over it, which is there already."""
    store = await sqlite(small, folder)
    index = LiveIndex(folder / FILE, Pace(moment=0.001, poll=0.005, settle=0, patience=0, retry=0.01))
    index.start()
    both = IndexedStore(store, index)
    async with asyncio.timeout(20):
        while both.held(Understood(e164="+4930"), None, seeing()) is None:  # noqa: ASYNC110 - as a call would ask
            await asyncio.sleep(0.001)
    return both


class Running:
    """The Redis of this run, started when somebody wants it first."""

    def __init__(self) -> None:
        self._kept = ExitStack()
        self.server: RedisServer | None = None

    async def empty(self) -> RedisServer:
        """With nothing in it. Started from the main thread: it ends with the thread that started it."""
        if self.server is None:
            folder = self._kept.enter_context(TemporaryDirectory())
            self.server = RedisServer(Path(folder), self._kept.enter_context(Loopback()))
            self._kept.callback(self.server.kill)
            await self.server.start()
        self.server.say("FLUSHALL")
        return self.server

    def close(self) -> None:
        self._kept.close()
        self.server = None


REDIS = Running()
PREFIX = "cti"


class OwnSpread(SharedStore):
    """Closes its connections, too."""

    def __init__(self, small: SqliteStore, spread: Spread) -> None:
        super().__init__(small, spread, PREFIX)
        self.spread = spread

    async def close(self) -> None:
        await super().close()
        await self.spread.close()


async def always() -> bool:
    return True


async def shared(small: Small, folder: Path) -> OwnSpread:
    """The people in a Redis that was emptied, the rest in a file that has nobody."""
    server = await REDIS.empty()
    whole, lean = folder / "keeper", folder / "lean"
    whole.mkdir(exist_ok=True)
    lean.mkdir(exist_ok=True)
    await (await sqlite(small, whole)).close()
    spread = Spread(reach(server.url))
    try:
        assert await bring_up(whole / FILE, spread, PREFIX, always)
    except BaseException:
        await spread.close()  # an open socket would keep the loop
        raise
    return OwnSpread(await sqlite(replace(small, people=(), held=()), lean), spread)


STORES: tuple[Make, ...] = (memory, sqlite, indexed, shared)
"""The naive one first."""
MAKERS = [memory, sqlite, indexed, pytest.param(shared, marks=pytest.mark.peer("redis-server"))]
"""For a test that is about one of them."""
ALL = ("acme", "fleuron", "khalij")


def seeing(*accounts: str) -> Visible:
    shares = tuple(map(RoleShare, accounts))
    return every_shared(build(accounts=(ACME, FLEURON, KHALIJ), shares=shares), AT)
