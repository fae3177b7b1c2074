"""Who may see whom, as acts: share, grant, revoke, announce. Each is one transaction with its line in the audit.

Comes in: what the administrator says, who he is, and the time. Goes out: what holds now. A running daemon sees it with
its next look at the directory.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite
import msgspec

from ctibridge.domain.agent import SERVICE_DESK_ANALYST, Grant, RoleShare
from ctibridge.lookup.adapters import records
from ctibridge.lookup.adapters.importing.importer import BUSY_MS
from ctibridge.lookup.adapters.schema import StoreFault, open_file
from ctibridge.lookup.adapters.transaction import transaction


class UnknownName(ValueError):
    """An account, agent, grant or site that is not in the directory."""


class HasEnded(UnknownName):
    """The share of an account has ended already."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, for the audit: the user of this machine; at: aware UTC."""

    name: str
    at: datetime


class Acts:
    """An async context manager over its own connection."""

    def __init__(self, connection: aiosqlite.Connection, actor: Actor) -> None:
        self._connection = connection
        self._actor = actor

    @classmethod
    async def open(cls, path: Path, actor: Actor, *, busy_ms: int = BUSY_MS) -> Self:
        """busy_ms: how long it waits for another writer. Raises StoreFault."""
        return cls(await open_file(path, busy_ms=busy_ms), actor)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def share(self, account: str, ends_at: datetime | None) -> None:
        """The customer lends its analyst role from now on; what holds already keeps its start. Raises UnknownName."""
        async with self._act("share", account=account, detail=_until(ends_at)):
            await self._check_account(account)
            await self._connection.execute(
                "INSERT INTO directory_role_share VALUES (?, ?, ?, ?) ON CONFLICT (account, role) DO UPDATE SET "
                "starts_at = CASE WHEN ends_at IS NULL OR ends_at > ? THEN min(starts_at, excluded.starts_at) "
                "ELSE excluded.starts_at END, ends_at = excluded.ends_at",
                (account, SERVICE_DESK_ANALYST, self._now, _text(ends_at), self._now),
            )

    async def end_share(self, account: str) -> None:
        """It ends now. Raises UnknownName where it does not hold, HasEnded where it did once."""
        async with self._act("end share", account=account):
            cursor = await self._connection.execute(
                "UPDATE directory_role_share SET ends_at = ? WHERE account = ? AND (ends_at IS NULL OR ends_at > ?)",
                (self._now, account, self._now),
            )
            if not cursor.rowcount:
                shared = await self._has("SELECT 1 FROM directory_role_share WHERE account = ?", account)
                fault = HasEnded if shared else UnknownName
                raise fault(f"account {account!r} does not share its role now; see: ctibridge grants")

    async def grant(self, agent: str, account: str, ends_at: datetime | None, hours: str | None) -> None:
        """This agent has the role there from now on; hours: as in `domain.hours`. Raises UnknownName."""
        async with self._act("grant", account=account, agent=agent, detail=_joined(_until(ends_at), hours)):
            await self._check_account(account)
            if not await self._has("SELECT 1 FROM directory_agent WHERE id = ?", agent):
                raise UnknownName(f"agent {agent!r} is not known; import agents.csv with them first")
            await self._connection.execute(
                "INSERT INTO directory_grant VALUES (?, ?, ?, ?, ?) ON CONFLICT (agent, account) DO UPDATE SET "
                "starts_at = CASE WHEN ends_at IS NULL OR ends_at > ? THEN min(starts_at, excluded.starts_at) "
                "ELSE excluded.starts_at END, ends_at = excluded.ends_at, hours = excluded.hours",
                (agent, account, self._now, _text(ends_at), hours, self._now),
            )

    async def revoke(self, agent: str, account: str) -> None:
        """The grant ends now. Raises UnknownName where there is none that holds."""
        async with self._act("revoke", account=account, agent=agent):
            cursor = await self._connection.execute(
                "UPDATE directory_grant SET ends_at = ? WHERE agent = ? AND account = ? "
                "AND (ends_at IS NULL OR ends_at > ?)",
                (self._now, agent, account, self._now),
            )
            if not cursor.rowcount:
                raise UnknownName(f"agent {agent!r} has no grant for {account!r}; see: ctibridge grants")

    async def announce(
        self,
        account: str,
        name: str,
        text: str,
        language: str,
        ends_at: datetime | None,
        site: str | None,
    ) -> None:
        """A line on each pop of that customer, from now on. name: a fresh word. Raises UnknownName, and HasEnded
        where the account's share has: a purge would take it."""
        async with self._act("announce", account=account, detail=_joined(name, _until(ends_at))):
            await self._check_account(account)
            await self._check_not_ended(account)
            if site is not None and not await self._has(
                "SELECT 1 FROM directory_site WHERE account = ? AND name = ?", account, site
            ):
                raise UnknownName(f"account {account!r} has no site {site!r}; import sites.csv with it first")
            texts = msgspec.json.encode({language: text}).decode()
            await self._connection.execute(
                "INSERT INTO directory_announcement (account, id, text, site, starts_at, ends_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (account, name, texts, site, self._now, _text(ends_at)),
            )

    async def note(
        self, act: str, *, account: str | None = None, agent: str | None = None, detail: str | None = None
    ) -> None:
        """Something that was done by another way stands in the audit. Raises StoreFault."""
        async with self._act(act, account=account, agent=agent, detail=detail, changes=False):
            pass

    async def grants(self) -> tuple[list[RoleShare], list[Grant]]:
        """All that were ever made, by account and agent."""
        shares = await self._connection.execute_fetchall(f"{records.SHARE} ORDER BY account, role")
        grants = await self._connection.execute_fetchall(f"{records.GRANT} ORDER BY agent, account")
        return [records.share(row) for row in shares], [records.grant(row) for row in grants]

    @property
    def _now(self) -> str:
        return self._actor.at.isoformat()

    @asynccontextmanager
    async def _act(
        self,
        act: str,
        *,
        account: str | None = None,
        agent: str | None = None,
        detail: str | None = None,
        changes: bool = True,
    ) -> AsyncIterator[None]:
        """One transaction. changes: it raises the directory's version."""
        try:
            async with transaction(self._connection):
                yield
                await self._connection.execute(
                    "INSERT INTO directory_audit (at, actor, act, account, agent, detail) VALUES (?, ?, ?, ?, ?, ?)",
                    (self._now, self._actor.name, act, account, agent, detail),
                )
                if changes:
                    await self._connection.execute(
                        "UPDATE directory_change SET version = version + 1, tables = version + 1"
                    )
        except sqlite3.Error as error:
            raise StoreFault(f"the store failed: {error}; nothing was changed") from None

    async def _check_account(self, account: str) -> None:
        if not await self._has("SELECT 1 FROM directory_account WHERE id = ?", account):
            raise UnknownName(f"account {account!r} is not known; import accounts.csv with it first")

    async def _check_not_ended(self, account: str) -> None:
        """An account that was never shared may be prepared ahead."""
        query = "SELECT 1 FROM directory_role_share WHERE account = ?"
        open_still = f"{query} AND (ends_at IS NULL OR ends_at > ?)"
        if await self._has(query, account) and not await self._has(open_still, account, self._now):
            raise HasEnded(f"account {account!r}: its role share has ended; first run: ctibridge share {account}")

    async def _has(self, query: str, *values: Any) -> bool:
        rows: Sequence[Any] = list(await self._connection.execute_fetchall(query, values))
        return bool(rows)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _until(at: datetime | None) -> str | None:
    return None if at is None else f"until {at.isoformat()}"


def _joined(*parts: str | None) -> str | None:
    return ", ".join(part for part in parts if part) or None
