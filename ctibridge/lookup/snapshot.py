"""The small tables of the directory, whole, as they were at one version of it: all that is known without the people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from ctibridge.domain.account import Account, Announcement, ServiceNumber, Site
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import PersonKey
from ctibridge.lookup import prefixes
from ctibridge.lookup.prefixes import Prefixes

K = TypeVar("K")
V = TypeVar("V")


def _empty() -> Mapping[K, V]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Changes:
    """Whose record or numbers changed, came or went, up to and with this version of the directory."""

    version: int
    people: frozenset[PersonKey]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Immutable; a changed directory is a new snapshot with a higher version.

    accounts and agents by id, service_numbers by number, sites by (account, name), shares and announcements by account,
    grants by agent. version: of the whole directory; tables: the version at which anything that stands here changed.
    context_accounts: those of which anything is known that stands behind a caller. purged: the version at which the
    people of an account left last, as its share had ended. prefixes: of the service numbers.
    """

    version: int = 0
    accounts: Mapping[str, Account] = field(default_factory=_empty)
    agents: Mapping[str, Agent] = field(default_factory=_empty)
    shares: Mapping[str, tuple[RoleShare, ...]] = field(default_factory=_empty)
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=_empty)
    service_numbers: Mapping[str, ServiceNumber] = field(default_factory=_empty)
    sites: Mapping[tuple[str, str], Site] = field(default_factory=_empty)
    announcements: Mapping[str, tuple[Announcement, ...]] = field(default_factory=_empty)
    tables: int = 0
    context_accounts: frozenset[str] = frozenset()
    purged: Mapping[str, int] = field(default_factory=_empty)
    prefixes: Prefixes = field(default_factory=Prefixes)

    def at(self, version: int) -> "Snapshot":
        """The same at a later version, at which only people and numbers are others."""
        return replace(self, version=version)

    def languages(self) -> frozenset[str]:
        """Every language tag in it: what a call may need the names of."""
        accounts = self.accounts.values()
        tags = [tag for account in accounts for tag in (*account.languages, account.default_language)]
        tags += [number.default_language for number in self.service_numbers.values()]
        tags += [site.language for site in self.sites.values()]
        return frozenset(tag for tag in tags if tag)


def build(  # noqa: PLR0913 - one argument for each table
    version: int = 0,
    *,
    accounts: Iterable[Account] = (),
    agents: Iterable[Agent] = (),
    shares: Iterable[RoleShare] = (),
    grants: Iterable[Grant] = (),
    service_numbers: Iterable[ServiceNumber] = (),
    sites: Iterable[Site] = (),
    announcements: Iterable[Announcement] = (),
    tables: int = 0,
    context_accounts: Iterable[str] = (),
    purged: Iterable[tuple[str, int]] = (),
) -> Snapshot:
    """A snapshot of these rows."""
    by_id = {account.id: account for account in accounts}
    by_number = {number.number: number for number in service_numbers}
    return Snapshot(
        version,
        MappingProxyType(by_id),
        MappingProxyType({agent.id: agent for agent in agents}),
        _grouped((share.account, share) for share in shares),
        _grouped((grant.agent, grant) for grant in grants),
        MappingProxyType(by_number),
        MappingProxyType({(site.account, site.name): site for site in sites}),
        _grouped((announcement.account, announcement) for announcement in announcements),
        tables,
        frozenset(context_accounts),
        MappingProxyType(dict(purged)),
        prefixes.read(by_number.values(), by_id),
    )


def _grouped(rows: Iterable[tuple[str, V]]) -> Mapping[str, tuple[V, ...]]:
    groups: dict[str, list[V]] = {}
    for key, row in rows:
        groups.setdefault(key, []).append(row)
    return MappingProxyType({key: tuple(group) for key, group in groups.items()})
