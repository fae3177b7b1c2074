"""Which service number was called, out of what the signalling offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain import hours
from ctibridge.domain.account import Account, ServiceNumber
from ctibridge.domain.caller import Called
from ctibridge.domain.private import Name, Number
from ctibridge.lookup import holidays, numbers, texts
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


def find(offered: Iterable[Number], plan: DialPlan, snapshot: Snapshot, *names: Name | None) -> CalledNumber:
    """The first that is a service number wins; else the first that is a number at all, which names no company.

    So a line's own user part before or behind the real called number does no harm. Where none is a service number, the
    prefix of the caller's name decides, if the PBX puts one there. names: where it may stand, best first.
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
    service = next(filter(None, map(snapshot.prefixes.service, names)), None)
    return CalledNumber(first, service, None if service is None else snapshot.accounts[service.account])


def shown(called: CalledNumber, visible: Visible, at: datetime, caller: str | None = None) -> Called:
    """As a desk reads it: company and name for whoever rings; `granted` says whether the agent has a role there.

    caller: the language (BCP 47) to speak to the caller; as the greeting, what to tell him is for whoever rings.
    """
    number = None if called.number is None else called.number.value
    service, account = called.service, called.account
    if service is None or account is None:
        return Called(number)
    free = holiday(service, account, at)
    state = support_hours(service, at, free)
    told = texts.out_of_hours(account, caller or service.default_language) if state == CLOSED else None
    return Called(number, account.ref, service.name, state, account.id in visible.accounts, free, told)


def support_hours(service: ServiceNumber, at: datetime, free: str | None = None) -> str | None:
    """`open`, `closed`, or None where no hours are kept. free: the holiday, on which it is closed, if it is one."""
    kept = hours.known(service.support_hours)
    if kept is None:
        return None
    return OPEN if free is None and kept.open_at(at) else CLOSED


def holiday(service: ServiceNumber, account: Account, at: datetime) -> str | None:
    """The name of the customer's holiday, or its date, by the calendar where the desk's hours are kept, else the
    account's; None on an ordinary day, and where no zone is known."""
    if not account.holidays:
        return None
    kept = hours.known(service.support_hours)
    today = hours.local_date(account.time_zone if kept is None else kept.zone, at)
    return None if today is None else holidays.parse(account.holidays).on(today)
