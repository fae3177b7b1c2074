"""Which accounts an agent may see now: the one rule, and the one place where it is applied.

`Visible` is the key to the people: `Holders.seen_by` asks for one, and only the functions below make one. So no query
for people can be written that forgets the rule, and nothing that an agent may not see reaches ranking.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import final

from ctibridge.domain import hours
from ctibridge.domain.agent import Grant, holds, shared_accounts
from ctibridge.lookup.snapshot import Snapshot

_HERE = object()


@final
@dataclass(frozen=True, slots=True)
class Visible:
    """The accounts that somebody may see at one moment."""

    accounts: frozenset[str]
    _made: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self._made is not _HERE:
            raise TypeError("Visible is made by ctibridge.lookup.visibility alone")


def visible_to(agent: str, snapshot: Snapshot, at: datetime) -> Visible:
    """Shares that hold now, of which this agent has a grant that holds now. Unknown and disabled agents see nothing."""
    record = snapshot.agents.get(agent)
    if record is None or record.disabled:
        return Visible(frozenset(), _HERE)
    granted = {grant.account for grant in snapshot.grants.get(agent, ()) if _grants_now(grant, at)}
    return Visible(_shared_now(granted, snapshot, at), _HERE)


def every_shared(snapshot: Snapshot, at: datetime) -> Visible:
    """For the administrator, who asks for no agent: all that customers share with the provider now."""
    return Visible(_shared_now(snapshot.shares, snapshot, at), _HERE)


def every_account(snapshot: Snapshot) -> Visible:
    """For the administrator's question why *not*: which accounts know a number at all. No person is shown by it."""
    return Visible(frozenset(snapshot.accounts), _HERE)


def of_several(visibles: Iterable[Visible]) -> Visible:
    """What any of them may see: for a question asked once for all desks where it rings. Each is still shown its own."""
    return Visible(frozenset().union(*(visible.accounts for visible in visibles)), _HERE)


def only(visible: Visible, accounts: frozenset[str]) -> Visible:
    """What he may see of these: for who is told of some customers alone."""
    return Visible(visible.accounts & accounts, _HERE)


def why_hidden(agent: str | None, account: str, snapshot: Snapshot, at: datetime) -> str:
    """For the administrator: the first reason why this agent does not see that account."""
    if not _shared_now((account,), snapshot, at):
        return "its role is not shared with the provider now"
    if agent is None or agent not in snapshot.agents:
        return "there is no such agent"
    if snapshot.agents[agent].disabled:
        return f"agent {agent} is disabled"
    if any(grant.account == account for grant in snapshot.grants.get(agent, ())):
        return f"the grant of {agent} does not hold at this time"
    return f"not granted to {agent}"


def _shared_now(accounts: Iterable[str], snapshot: Snapshot, at: datetime) -> frozenset[str]:
    """Only the shares of these accounts are looked at: a provider has a thousand customers, an agent some twenty."""
    known = snapshot.accounts
    shares = [share for account in accounts if account in known for share in snapshot.shares.get(account, ())]
    return shared_accounts(shares, at)


def _grants_now(grant: Grant, at: datetime) -> bool:
    return holds(grant.starts_at, grant.ends_at, at) and (grant.hours is None or open_at(grant.hours, at) is True)


def open_at(text: str, at: datetime) -> bool | None:
    """Is `at` within these hours? None where they cannot be read: then nothing is claimed, and nothing is granted."""
    kept = hours.known(text)
    return None if kept is None else kept.open_at(at)
