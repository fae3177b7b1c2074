"""The same game over the real store: SQLite, the number index, what desks taught, context; each reads only what may be
seen, and is asked for that by itself, too (`probe`)."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ctibridge.domain.person import PersonKey
from ctibridge.lookup import numbers, visibility
from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.context_store import SqliteContext
from ctibridge.lookup.adapters.contexts import Contexts
from ctibridge.lookup.adapters.index.live import LiveIndex, Pace
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.purge import left_behind, purge
from ctibridge.lookup.adapters.schema import FILE, open_file, terms_as_json
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.claims import Claim
from ctibridge.lookup.context import Part
from ctibridge.lookup.question import Question
from tests.lookup.adapters import directories
from tests.lookup.adapters.directories import Held, Small
from tests.tenants import customers
from tests.tenants.changes import Changed
from tests.tenants.customers import ACCOUNTS, BEGIN, PLAN, RESOLUTION
from tests.tenants.desk import NEVER_LATE, Desk
from tests.tenants.oracle import Leak, called_by, may_see
from tests.tenants.state import Known, State

# Of few people everybody is a change of nothing; with few=0 the index is a file that another process makes.
IN_MEMORY = Pace(moment=0.0, poll=0.05)
IN_A_FILE = Pace(moment=0.0, poll=0.05, settle=0.0, patience=0.0, retry=0.0, few=0)


class SqliteHouse:
    def __init__(self, path: Path, desk: Desk, index: LiveIndex | None, parts: Any) -> None:
        self.desk = desk
        self._path = path
        self._index = index
        self._store, self._learned, self._context = parts

    async def tell(self, state: State, changed: Changed) -> None:
        if changed.kind == "contact":
            self._learned.contact(PersonKey(changed.account, changed.person), state.now)
        elif changed.kind == "purge":
            await self._purge(state)
        elif changed.act is not None:
            await self._act(state, changed)
        else:
            await asyncio.to_thread(_write, self._path, state, changed)
        if self._index is not None and changed.kind != "contact":
            await self._caught_up()

    async def _caught_up(self) -> None:
        """Now and then the store answers first, as it does in life."""
        index = self._index
        assert index is not None
        async with asyncio.timeout(30):
            while index.state.version != self._store.version():
                index.rows(numbers.NOTHING, None, visibility.of_several(()), self._store.version())
                await asyncio.sleep(0.005)

    async def _act(self, state: State, changed: Changed) -> None:
        async with await Acts.open(self._path, Actor("test", state.now)) as acts:
            account, agent = changed.account, changed.agent
            match changed.act:
                case "share":
                    await acts.share(account, state.shares[account].ends_at)
                case "end_share":
                    await acts.end_share(account)
                case "grant":
                    grant = state.grants[agent, account]
                    await acts.grant(agent, account, grant.ends_at, grant.hours)
                case _:
                    await acts.revoke(agent, account)

    async def _purge(self, state: State) -> None:
        await purge(self._path, state.now, 0.0)
        connection = await open_file(self._path)
        try:
            left = await left_behind(connection, state.now)
        finally:
            await connection.close()
        if left:
            raise Leak(f"people of ended shares are still in the store: {left}")

    async def probe(self, state: State, agent: str, question: Question) -> None:
        """What each part hands out for this agent is of accounts that he may see, also without the guard behind it."""
        seen = may_see(state, agent, question.at)
        await self.desk.lookup.refresh()
        visible = visibility.visible_to(agent, self.desk.lookup.snapshot(), question.at)
        raw = "" if question.signalled.raw is None else question.signalled.raw.value
        number, called = numbers.understand(raw, PLAN), called_by(question)
        found = await self._store.holders(number, called, visible)
        claims = [Claim(one.means, one.value) for one in question.signalled.remarks]
        named = await self._store.claimants(claims, visible)
        _demand(not found.hidden_accounts(visible), "rows of a number")
        _demand(not named.hidden_accounts(visible), "whom a claim names")
        if number.key is not None:
            chosen = await self._learned.choices(number.key, visible)
            _demand(not chosen.hidden_accounts(visible), "choices")
        if self._index is not None:
            rows = self._index.rows(number, called, visible, self._store.version()) or ()
            _demand({row.account for row in rows} <= seen, "rows of the index")
        keys = [key for key in state.people if key.id == "p0"]
        _demand({key.account for key in await self._store.people(keys, visible)} <= seen, "records")
        people = await self._store.search("ximena", ACCOUNTS, visible, 1000)
        _demand({one.key.account for one in people} <= seen, "people found")
        for account in sorted(set(ACCOUNTS) - seen)[:3]:
            for part in Part:
                _demand(not await self._context.part(part, "p0", account, visible), f"context: {part}")
            _demand(await self._context.service_of("c1", account, visible) is None, "an item's service")
            _demand(await self._context.of_service("s1", account, visible) == ([], []), "what a service has")


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise Leak(what)


def opening(folder: Path, pace: Pace | None = None) -> Callable[[State], Awaitable[SqliteHouse]]:
    """A house in that folder; pace: with the number index."""

    async def opened(state: State) -> SqliteHouse:
        path = folder / FILE
        await (await open_file(path)).close()
        await asyncio.to_thread(_fill, path, state)
        store, learned = await SqliteStore.open(path), await Learned.open(path, RESOLUTION.choice_days, BEGIN)
        context = await SqliteContext.open(path)
        index = None if pace is None else await LiveIndex.open(path, pace)
        desk = Desk(store, learned, Contexts(context, NEVER_LATE), index)
        house = SqliteHouse(path, desk, index, (store, learned, context))
        if index is not None:
            await house._caught_up()
        return house

    return opened


def _fill(path: Path, state: State) -> None:
    small = Small(
        accounts=tuple(map(customers.account, ACCOUNTS)),
        people=tuple(state.people.values()),
        held=tuple(
            Held(key, number, label, imported, at)
            for key, phones in state.phones.items()
            for (number, label), (imported, at) in phones.items()
        ),
        agents=tuple(state.agents.values()),
        shares=tuple(state.shares.values()),
        grants=tuple(state.grants.values()),
        service_numbers=tuple(map(customers.service_number, ACCOUNTS)),
        sites=tuple(map(customers.site, ACCOUNTS)),
        announcements=tuple(map(customers.announcement, ACCOUNTS)),
    )
    directories.fill(path, small)
    db = sqlite3.connect(path)
    with db:
        for account, known in state.context.items():
            _know(db, account, known)
    db.close()


def _know(db: sqlite3.Connection, account: str, known: Known) -> None:
    for service in known.services.values():
        covered = known.people[service.id]
        people = "*" if "*" in covered else msgspec.json.encode(covered).decode()
        row: tuple[Any, ...] = (account, service.id, service.name, service.status, people)
        db.execute("INSERT INTO directory_service (account, id, name, status, people) VALUES (?, ?, ?, ?, ?)", row)
    for whose, item in known.items.values():
        row = (account, item.id, whose, item.name, item.product, item.status, item.service)
        db.execute("INSERT INTO directory_configuration_item VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for person, one in known.requests.values():
        row = (account, one.id, person, one.subject, one.status, _iso(one.updated_at), one.service, one.url)
        db.execute("INSERT INTO directory_request VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    for asked in known.standard_requests:
        row = (account, asked.id, asked.service, asked.subject, asked.registration_hints)
        db.execute("INSERT INTO directory_standard_request VALUES (?, ?, ?, ?, ?)", row)
    for text in known.articles:
        row = (account, text.id, text.service, text.subject, text.url, ";".join(text.languages))
        db.execute("INSERT INTO directory_knowledge_article VALUES (?, ?, ?, ?, ?, ?)", row)


def _write(path: Path, state: State, changed: Changed) -> None:
    """As an import does it: the rows, the version, and who changed."""
    db = sqlite3.connect(path, timeout=10)
    db.create_function("directory_terms", 1, terms_as_json, deterministic=True)
    with db:
        match changed.kind:
            case "person":
                _person(db, state, PersonKey(changed.account, changed.person))
            case "share":
                share = state.shares[changed.account]
                row: tuple[Any, ...] = (share.account, share.role, _iso(share.starts_at), _iso(share.ends_at))
                db.execute("INSERT OR REPLACE INTO directory_role_share VALUES (?, ?, ?, ?)", row)
            case "grant":
                grant = state.grants[changed.agent, changed.account]
                row = (grant.agent, grant.account, _iso(grant.starts_at), _iso(grant.ends_at), grant.hours)
                db.execute("INSERT OR REPLACE INTO directory_grant VALUES (?, ?, ?, ?, ?)", row)
            case _:
                agent = state.agents[changed.agent]
                db.execute("UPDATE directory_agent SET disabled = ? WHERE id = ?", (agent.disabled, agent.id))
        db.execute("UPDATE directory_change SET version = version + 1")
        if changed.kind != "person":
            db.execute("UPDATE directory_change SET tables = version")
    db.close()


def _person(db: sqlite3.Connection, state: State, key: PersonKey) -> None:
    (account,) = db.execute("SELECT no FROM directory_account WHERE id = ?", (key.account,)).fetchone()
    found = db.execute(
        "SELECT no, name FROM directory_person WHERE account = ? AND id = ?", (account, key.id)
    ).fetchone()
    if found is not None:
        no, name = found
        terms = msgspec.json.decode(terms_as_json(name), type=list[str])
        rows = [(account, term, no) for term in terms]
        db.executemany("DELETE FROM directory_term WHERE account = ? AND term = ? AND person = ?", rows)
        db.execute("DELETE FROM directory_phone WHERE person = ?", (no,))
        db.execute("DELETE FROM directory_person WHERE no = ?", (no,))
    if key in state.people:
        no = directories._person(db, account, state.people[key])
        for (number, label), (imported, at) in state.phones[key].items():
            directories._phone(db, account, no, Held(key, number, label, imported, at))
    (version,) = db.execute("SELECT version FROM directory_change").fetchone()
    db.execute("INSERT INTO directory_changed_person VALUES (?, ?, ?)", (version + 1, account, key.id))


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
