"""Which service number was called, out of what the signalling offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.account import Account, ServiceNumber
from ctibridge.domain.caller import Called
from ctibridge.domain.private import Number
from ctibridge.lookup import numbers, visibility
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.visibility import Visible

OPEN = "open"
CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class CalledNumber:
    """number: E.164, or a short service number as it stands in the directory. service and account come together."""

    number: Number | None = None
    service: ServiceNumber | None = None
    account: Account | None = None

    @property
    def account_id(self) -> str | None:
        return None if self.account is None else self.account.id


def find(offered: Iterable[Number], plan: DialPlan, snapshot: Snapshot) -> CalledNumber:
    """The first that is a service number wins; else the first that is a number at all, which names no company.

    So a line's own user part before or behind the real called number does no harm.
    """
    first: Number | None = None
    for candidate in offered:
        understood = numbers.understand(candidate.value, plan)
        for key in (understood.e164, candidate.value, understood.extension):
            service = snapshot.service_numbers.get(key) if key else None
            account = snapshot.accounts.get(service.account) if service else None
            if service is not None and account is not None:
                return CalledNumber(Number(service.number), service, account)
        if first is None and understood.e164 is not None:
            first = Number(understood.e164)
    return CalledNumber(first)


def shown(called: CalledNumber, visible: Visible, at: datetime) -> Called:
    """As a desk reads it: company and name for whoever rings; `granted` says whether the agent has a role there."""
    number = None if called.number is None else called.number.value
    if called.service is None or called.account is None:
        return Called(number)
    granted = called.account.id in visible.accounts
    return Called(number, called.account.ref, called.service.name, support_hours(called.service, at), granted)


def support_hours(service: ServiceNumber, at: datetime) -> str | None:
    """`open`, `closed`, or None where no hours are kept."""
    is_open = None if service.support_hours is None else visibility.open_at(service.support_hours, at)
    return None if is_open is None else OPEN if is_open else CLOSED
