"""Agents, role shares and grants, and the one rule of who may see whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

SERVICE_DESK_ANALYST = "service_desk_analyst"


@dataclass(frozen=True, slots=True)
class Agent:
    """A person in the provider's account who answers calls. languages: BCP 47, best first."""

    id: str
    name: str
    login: str | None = None
    languages: tuple[str, ...] = ()
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class RoleShare:
    """A customer account lets the provider hand out its role, from `starts_at` until before `ends_at` (aware UTC)."""

    account: str
    role: str = SERVICE_DESK_ANALYST
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """The provider gives one agent that role for one account; hours restrict it to times of the week."""

    agent: str
    account: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    hours: str | None = None


def holds(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> bool:
    """True from `starts_at` on (always, if None) until before `ends_at` (for ever, if None)."""
    return (starts_at is None or starts_at <= now) and (ends_at is None or now < ends_at)


def shared_accounts(shares: Iterable[RoleShare], now: datetime) -> frozenset[str]:
    """The accounts whose analyst role the provider holds now."""
    return frozenset(
        [  # a list is read in half the time of a generator, and each call asks for some fifty
            share.account
            for share in shares
            if share.role == SERVICE_DESK_ANALYST and holds(share.starts_at, share.ends_at, now)
        ]
    )
