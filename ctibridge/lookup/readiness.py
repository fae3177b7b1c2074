"""Is a customer ready for its first call? One finding for each thing that a desk needs of it, good or with the mend."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.account import Account, ServiceNumber
from ctibridge.domain.agent import Grant, shared_accounts
from ctibridge.domain.finding import Finding
from ctibridge.domain.last_call import LastCall, told
from ctibridge.lookup import tags, visibility
from ctibridge.lookup.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class People:
    """How many people of the account are in the store, and how many of them have a number that can match."""

    all: int
    with_number: int


def findings(
    account: Account, snapshot: Snapshot, people: People | None, tested: LastCall | None, at: datetime
) -> tuple[Finding, ...]:
    """people: None where this node goes without them. tested: the last test call of the account; at: aware UTC. Nothing
    in here names a person."""
    numbers = sorted(
        (one for one in snapshot.service_numbers.values() if one.account == account.id), key=lambda one: one.number
    )
    return (
        _share(account, snapshot, at),
        _grants(account, snapshot, at),
        _service_numbers(account, numbers),
        *_greetings(account, numbers),
        _hours(numbers),
        _briefing(account),
        _people(account, people),
        _test_call(tested),
    )


def _share(account: Account, snapshot: Snapshot, at: datetime) -> Finding:
    if account.id not in visibility.every_shared(snapshot, at).accounts:
        return Finding("share", "its role is not shared with the provider now", f"ctibridge share {account.id}")
    holding = [one for one in snapshot.shares.get(account.id, ()) if account.id in shared_accounts([one], at)]
    ends = [share.ends_at for share in holding if share.ends_at is not None]
    if len(ends) < len(holding):
        return Finding("share", "without end")
    return Finding("share", f"until {max(ends):%Y-%m-%d %H:%M} UTC")


def _grants(account: Account, snapshot: Snapshot, at: datetime) -> Finding:
    granted = [grant for grants in snapshot.grants.values() for grant in grants if grant.account == account.id]
    seeing = [
        grant.agent for grant in granted if account.id in visibility.visible_to(grant.agent, snapshot, at).accounts
    ]
    if seeing:
        return Finding("grants", f"{_agents(len(seeing))} may see its people now")
    if any(_later(grant, snapshot, at) for grant in granted):
        return Finding("grants", "nobody now; a grant holds at other hours, begins later or waits for the share")
    return Finding("grants", "no agent may see its people", f"ctibridge grant AGENT {account.id}")


def _agents(count: int) -> str:
    return "1 agent" if count == 1 else f"{count:,} agents"


def _later(grant: Grant, snapshot: Snapshot, at: datetime) -> bool:
    agent = snapshot.agents.get(grant.agent)
    return agent is not None and not agent.disabled and (grant.ends_at is None or grant.ends_at > at)


def _service_numbers(account: Account, numbers: list[ServiceNumber]) -> Finding:
    if not numbers:
        return Finding("service numbers", "none", f"import service_numbers.csv with a row for {account.id}")
    return Finding("service numbers", ", ".join(one.number for one in numbers))


def _greetings(account: Account, numbers: list[ServiceNumber]) -> Iterator[Finding]:
    """For each language of the account: at every number a greeting in it."""
    languages = dict.fromkeys((*account.languages, *([account.default_language] if account.default_language else [])))
    if not languages:
        yield Finding("languages", "none", "fill languages and default_language in accounts.csv")
    for tag in languages:
        silent = [one.number for one in numbers if not one.greetings.keys() & set(tags.forms(tag))]
        if not numbers or silent:
            where = f" at {', '.join(silent)}" if silent else ""
            yield Finding("greeting", f"none in {tag}{where}", f"fill greeting_{tag} in service_numbers.csv")
        else:
            yield Finding("greeting", f"in {tag}")


def _hours(numbers: list[ServiceNumber]) -> Finding:
    without = [one.number for one in numbers if one.support_hours is None]
    if without or not numbers:
        where = ", ".join(without) or "no service number"
        return Finding("hours", f"none at {where}", "fill support_hours in service_numbers.csv")
    return Finding("hours", "; ".join(dict.fromkeys(str(one.support_hours) for one in numbers)))


def _briefing(account: Account) -> Finding:
    if not account.briefing:
        return Finding("briefing", "none", "fill briefing_LANG in accounts.csv")
    return Finding("briefing", f"in {', '.join(sorted(account.briefing))}")


def _test_call(tested: LastCall | None) -> Finding:
    if tested is None:
        return Finding("test call", "none was made yet")
    mend = None if tested.failed is None else f"ctibridge selftest --trunk {tested.trunk} says why"
    return Finding("test call", told(tested), mend)


def _people(account: Account, people: People | None) -> Finding:
    if people is None:
        return Finding("people", "in Redis; how many there are say the nodes that keep them")
    if not people.all:
        return Finding("people", "none", f"ctibridge import people.csv phones.csv --account {account.id}")
    text = f"{people.all:,}, {people.with_number:,} of them with a number that can match"
    if not people.with_number:
        return Finding("people", text, "import phones.csv, with --report FILE for what can never match")
    return Finding("people", text)
