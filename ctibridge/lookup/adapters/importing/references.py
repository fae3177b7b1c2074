"""What the rows of directory files may point at: in the store already, or in the files before them.

Small, so in memory. Also how numbers of an account are read: its country, its sites', and their extension plans.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiosqlite

from ctibridge.lookup.adapters import kept_out
from ctibridge.lookup.adapters.importing import narrowing
from ctibridge.lookup.adapters.importing.extension_plan import Plan
from ctibridge.lookup.cells import Value
from ctibridge.lookup.kept_out import KeptOut

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Site:
    """country: ISO 3166 alpha-2."""

    country: str | None = None
    plan: Plan | None = None


@dataclass(slots=True)
class References:
    """countries: of the accounts, by id. shares: (account, role) → when it ends. told: the same, as the files say;
    most: as acts allow. labels: their numbers in the store. service_numbers: whose they are in the store.
    kept_out: who was erased."""

    countries: dict[str, str | None] = field(default_factory=dict)
    sites: dict[str, dict[str, Site]] = field(default_factory=dict)
    agents: set[str] = field(default_factory=set)
    shares: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    told: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    most: dict[tuple[str, ...], narrowing.Limit] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    service_numbers: dict[str, str] = field(default_factory=dict)
    kept_out: KeptOut = field(default_factory=KeptOut)

    def country(self, account: str, site: str | None) -> str | None:
        """In whose national form numbers are written: the site's, else the account's."""
        at = self.sites.get(account, {}).get(site) if site else None
        return (at.country if at is not None else None) or self.countries.get(account)

    def plan(self, account: str, site: str | None) -> Plan | None:
        at = self.sites.get(account, {}).get(site) if site else None
        return None if at is None else at.plan

    def check(self, values: Values) -> None:
        """Raises ValueError where the row points at what is not there."""
        account, agent = values.get("account"), values.get("agent")
        if account is not None and account not in self.countries:
            raise ValueError(f"account {account!r} is not known; import accounts.csv with it first")
        if agent is not None and agent not in self.agents:
            raise ValueError(f"agent {agent!r} is not known; import agents.csv with it first")

    def remember(self, kind: str, values: Values) -> None:
        """What a row of a small file says to those behind it; what the file has no column for stays as it is stored."""
        match kind:
            case "accounts":
                account = str(values["id"])
                self.countries[account] = _text(values.get("country", self.countries.get(account)))
            case "sites":
                sites = self.sites.setdefault(str(values["account"]), {})
                name = str(values["name"])
                sites[name] = _site(values, sites.get(name, Site()))
            case "agents":
                self.agents.add(str(values["id"]))
            case "role_shares":
                share = (str(values["account"]), str(values["role"]))
                if "ends_at" in values or share not in self.shares:
                    self.told[share] = _moment(values.get("ends_at"))

    def end_rest(self, account: str, roles: Collection[str], now: datetime) -> None:
        """The files are the whole truth of this account, and name these roles alone: its other shares end."""
        for share, ends_at in self.shares.items():
            if share[0] == account and share[1] not in roles and (ends_at is None or ends_at > now):
                self.shares[share] = now

    def close(self, now: datetime) -> None:
        """All small files are read. now: aware. Whose people the purge would take at once is known from here on."""
        for share, told in self.told.items():
            self.shares[share] = narrowing.end(told, self.most.get(share, narrowing.NO_LIMIT))
        ends: dict[str, list[datetime | None]] = {}
        for (account, _), end in self.shares.items():
            ends.setdefault(account, []).append(end)
        for account, of_account in ends.items():
            past = [end for end in of_account if end is not None and end <= now]
            if len(past) == len(of_account):
                self.ended[account] = max(past)


async def load(connection: aiosqlite.Connection) -> References:
    """What the store has. Raises sqlite3.Error."""
    known = References()
    rows = await connection.execute_fetchall("SELECT id, country FROM directory_account ORDER BY no")
    known.countries.update({row[0]: row[1] for row in rows})
    rows = await connection.execute_fetchall("SELECT account, name, country, extensions FROM directory_site")
    for account, name, country, extensions in rows:
        known.sites.setdefault(account, {})[name] = Site(country, Plan.read(extensions))
    known.agents.update(row[0] for row in await connection.execute_fetchall("SELECT id FROM directory_agent"))
    rows = await connection.execute_fetchall("SELECT account, role, ends_at FROM directory_role_share")
    known.shares.update({(account, role): _moment(ends_at) for account, role, ends_at in rows})
    known.most.update(await narrowing.limits(connection, "role_shares"))
    rows = await connection.execute_fetchall("SELECT number, account FROM directory_service_number")
    known.service_numbers.update({row[0]: row[1] for row in rows})
    rows = await connection.execute_fetchall("SELECT name, no FROM directory_label")
    known.labels.update({row[0]: row[1] for row in rows})
    known.kept_out = await kept_out.load(connection)
    return known


def _site(values: Values, before: Site) -> Site:
    country = _text(values["country"]) if "country" in values else before.country
    plan = Plan.read(_text(values["extensions"])) if "extensions" in values else before.plan
    return Site(country, plan)


def _moment(value: Value) -> datetime | None:
    return None if value is None else datetime.fromisoformat(str(value))


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
