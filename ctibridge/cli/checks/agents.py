"""Who sits where and who may see whom: agents, lines, grants and shares against each other. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ctibridge.cli.checks.wording import counted, named
from ctibridge.domain.agent import Grant, RoleShare, holds
from ctibridge.domain.finding import Finding, note
from ctibridge.lookup.snapshot import Snapshot

SOON = timedelta(days=14)

Seats = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By trunk and line: the agents who may sit there."""


def findings(directory: Snapshot, seats: Seats, at: datetime) -> Iterator[Finding]:
    """at: aware UTC."""
    working = {one.id for one in directory.agents.values() if not one.disabled}
    yield from _lines(seats, directory)
    if seats:
        yield from _without_line(working, seats)
    yield from _without_grant(working, directory, at)
    yield from ending(directory, at)


def _lines(seats: Seats, directory: Snapshot) -> Iterator[Finding]:
    unknown = {
        f"{line} ({agent})"
        for lines in seats.values() for line, agents in lines.items() for agent in agents
        if agent not in directory.agents
    }  # fmt: skip
    if unknown:
        text = f"the directory does not know the agents of these lines: {named(unknown)}"
        yield Finding("lines", text, "import agents.csv with them, or mend their names in the configuration")
    off = {one.id for one in directory.agents.values() if one.disabled}
    empty = {line for lines in seats.values() for line, agents in lines.items() if off.issuperset(agents)}
    if empty:
        text = f"nobody may sit at {counted(len(empty), 'line')}, whose calls pop nowhere: {named(empty)}"
        yield note("lines empty", text, "give them agents who are not disabled")
    if seats and not unknown and not empty:
        yield Finding("lines", f"{counted(sum(map(len, seats.values())), 'line')}, each with agents that are known")


def _without_line(working: set[str], seats: Seats) -> Iterator[Finding]:
    seated = {agent for lines in seats.values() for agents in lines.values() for agent in agents}
    without = working - seated
    if without:
        text = f"no line rings for {counted(len(without), 'agent')}: {named(without)}"
        yield note("agents", text, "name them at a line, or disable them in agents.csv")


def _without_grant(working: set[str], directory: Snapshot, at: datetime) -> Iterator[Finding]:
    granted = {
        one.agent for many in directory.grants.values() for one in many if one.ends_at is None or one.ends_at > at
    }
    without = working - granted
    if not directory.agents:
        yield Finding("agents", "none", "ctibridge import agents.csv")
    elif without:
        text = f"{counted(len(without), 'agent')} may see no customer's people: {named(without)}"
        yield note("grants", text, "ctibridge grant AGENT ACCOUNT")
    else:
        yield Finding("grants", f"{counted(len(working), 'agent')}, each with a grant")


def ending(directory: Snapshot, at: datetime) -> Iterator[Finding]:
    """What holds now and ends soon, by account and agent. A grant that ends with its share is told by the share."""
    shares = {one.account: one for many in directory.shares.values() for one in many if _ends_soon(one, at)}
    for account, share in sorted(shares.items()):
        yield note(
            "shares end", f"{account} shares its role only {_until(share)}", f"ctibridge share {account} --until T"
        )
    grants = [
        one for many in directory.grants.values() for one in many if _ends_soon(one, at) and one.account not in shares
    ]
    if grants:
        names = named(f"{one.agent} at {one.account} {_until(one)}" for one in grants)
        text = f"{counted(len(grants), 'grant')} within {SOON.days} days: {names}"
        yield note("grants end", text, "ctibridge grant AGENT ACCOUNT --until T")


def _ends_soon(one: RoleShare | Grant, at: datetime) -> bool:
    return one.ends_at is not None and one.ends_at <= at + SOON and holds(one.starts_at, one.ends_at, at)


def _until(one: RoleShare | Grant) -> str:
    assert one.ends_at is not None
    return f"until {one.ends_at:%Y-%m-%d %H:%M} UTC"
