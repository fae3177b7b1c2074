"""What happens to the directory between two calls: people come, move and go, shares and grants begin and end.

Each takes the state and a seeded generator, changes the state, and says what the store has to be told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from ctibridge.domain.agent import Grant, RoleShare
from ctibridge.domain.person import PersonKey
from tests.tenants import customers, state
from tests.tenants.customers import ACCOUNTS, AGENTS, PEOPLE
from tests.tenants.oracle import HOURS
from tests.tenants.state import State


@dataclass(frozen=True)
class Changed:
    """kind: person, share, grant, agent, purge or contact; act: the command of an administrator, none for an import."""

    kind: str
    account: str = ""
    person: str = ""
    agent: str = ""
    act: str | None = None


Change = Callable[[State, Random], list[Changed]]


def random_key(rng: Random) -> PersonKey:
    return PersonKey(rng.choice(ACCOUNTS), rng.choice(PEOPLE))


def _people(found: State, *keys: PersonKey) -> list[Changed]:
    found.version += 1
    return [Changed("person", key.account, key.id) for key in keys]


def _table(found: State, changed: Changed) -> list[Changed]:
    found.version += 1
    found.tables = found.version
    return [changed]


def add(found: State, rng: Random) -> list[Changed]:
    """Also over somebody who is there: he is another one then."""
    key = random_key(rng)
    state.add(found, key, rng)
    return _people(found, key)


def remove(found: State, rng: Random) -> list[Changed]:
    key = random_key(rng)
    if key not in found.people:
        return []
    del found.people[key], found.phones[key]
    return _people(found, key)


def move(found: State, rng: Random) -> list[Changed]:
    """The same person with the same numbers, at another customer from now on."""
    key, other = random_key(rng), random_key(rng)
    if key not in found.people or other in found.people:
        return []
    moved = customers.person(other, rng)
    found.people[other], found.phones[other] = moved, found.phones[key]
    del found.people[key], found.phones[key]
    return _people(found, key, other)


def disable(found: State, rng: Random) -> list[Changed]:
    key = random_key(rng)
    if key not in found.people:
        return []
    found.people[key] = replace(found.people[key], disabled=not found.people[key].disabled)
    return _people(found, key)


def renumber(found: State, rng: Random) -> list[Changed]:
    key = random_key(rng)
    if key not in found.people:
        return []
    found.phones[key] = state.phones(found.now, rng)
    return _people(found, key)


def share(found: State, rng: Random) -> list[Changed]:
    account, now = rng.choice(ACCOUNTS), found.now
    ends = now + timedelta(hours=rng.randrange(1, 200)) if rng.random() < 0.5 else None
    if rng.random() < 0.3:
        starts = now + timedelta(hours=rng.randrange(-5, 20))
        found.shares[account] = RoleShare(
            account, starts_at=starts, ends_at=None if ends is None else max(starts, ends)
        )
        return _table(found, Changed("share", account))
    old, starts = found.shares.get(account), now
    if old is not None and (old.ends_at is None or old.ends_at > now):
        starts = None if old.starts_at is None else min(old.starts_at, now)  # type: ignore[assignment]
    found.shares[account] = RoleShare(account, starts_at=starts, ends_at=ends)
    return _table(found, Changed("share", account, act="share"))


def end_share(found: State, rng: Random) -> list[Changed]:
    account = rng.choice(ACCOUNTS)
    old = found.shares.get(account)
    if old is None or (old.ends_at is not None and old.ends_at <= found.now):
        return []
    found.shares[account] = replace(old, ends_at=found.now)
    return _table(found, Changed("share", account, act="end_share"))


def grant(found: State, rng: Random) -> list[Changed]:
    """Some agents get few: who sees one holder of a number is told more than who sees many."""
    agent = rng.choices(AGENTS, range(1, len(AGENTS) + 1))[0]
    account, now = rng.choice(ACCOUNTS), found.now
    ends = now + timedelta(hours=rng.randrange(1, 200)) if rng.random() < 0.5 else None
    hours = rng.choice(list(HOURS)) if rng.random() < 0.3 else None
    if rng.random() < 0.3:
        starts = now + timedelta(hours=rng.randrange(-5, 20))
        until = None if ends is None else max(starts, ends)
        found.grants[agent, account] = Grant(agent, account, starts, until, hours)
        return _table(found, Changed("grant", account, agent=agent))
    old, begins = found.grants.get((agent, account)), now
    if old is not None and (old.ends_at is None or old.ends_at > now):
        begins = None if old.starts_at is None else min(old.starts_at, now)  # type: ignore[assignment]
    found.grants[agent, account] = Grant(agent, account, begins, ends, hours)
    return _table(found, Changed("grant", account, agent=agent, act="grant"))


def revoke(found: State, rng: Random) -> list[Changed]:
    agent, account = rng.choice(AGENTS), rng.choice(ACCOUNTS)
    old = found.grants.get((agent, account))
    if old is None or (old.ends_at is not None and old.ends_at <= found.now):
        return []
    found.grants[agent, account] = replace(old, ends_at=found.now)
    return _table(found, Changed("grant", account, agent=agent, act="revoke"))


def disable_agent(found: State, rng: Random) -> list[Changed]:
    """Mostly he comes back soon: who sees nothing tests little."""
    off = [one for one in AGENTS if found.agents[one].disabled]
    agent = off[0] if off else rng.choice(AGENTS)
    found.agents[agent] = customers.agent(agent, disabled=not off)
    return _table(found, Changed("agent", agent=agent))


def advance(found: State, rng: Random) -> list[Changed]:
    found.now += timedelta(minutes=rng.choice((1, 1, 5, 30, 120, 600)))
    return []


def contact(found: State, rng: Random) -> list[Changed]:
    key = random_key(rng)
    if key not in found.people:
        return []
    found.contacts[key] = found.now
    return [Changed("contact", key.account, key.id)]


def purge(found: State, rng: Random) -> list[Changed]:
    """All whose share is over."""
    gone = [one for one in found.ended() if any(key.account == one for key in found.people)]
    if not gone:
        return []
    for account in found.ended():
        found.purge(account)
    return _table(found, Changed("purge"))


CHANGES: dict[Change, int] = {
    add: 8, remove: 3, move: 3, disable: 3, renumber: 8, share: 5, end_share: 2, grant: 10, revoke: 5, disable_agent: 3,
    advance: 8, contact: 12, purge: 1,
}  # fmt: skip
