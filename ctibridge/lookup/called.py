"""Which service number was called, out of what the signalling offers."""

import unicodedata
from collections.abc import Iterable, Mapping
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


def find(
    offered: Iterable[Number], plan: DialPlan, snapshot: Snapshot, display_name: Name | None = None
) -> CalledNumber:
    """The first that is a service number wins; else the first that is a number at all, which names no company.

    So a line's own user part before or behind the real called number does no harm. Where none is a service number, the
    prefix of the caller's name decides, if the PBX puts one there.
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
    service = by_prefix(display_name, snapshot)
    return CalledNumber(first, service, None if service is None else snapshot.accounts[service.account])


def by_prefix(display_name: Name | None, snapshot: Snapshot) -> ServiceNumber | None:
    """The service number whose `caller_name_prefix` this name begins with (`ACME:`); the longest wins, case does not
    matter. Of several numbers of one prefix it is the lowest, if they are of one account; two companies are none.
    """
    prefixes = None if display_name is None else _prefixes(snapshot)
    if display_name is None or prefixes is None:
        return None
    name = _folded(display_name.value)
    starts = (name[:length] for length in prefixes.lengths)
    return next((prefixes.services[one] for one in starts if one in prefixes.services and _begins(name, one)), None)


def without_prefix(display_name: Name | None, service: ServiceNumber | None) -> Name | None:
    """The caller's name as he calls himself; None where nothing is left of it."""
    prefix = "" if service is None else _folded(service.caller_name_prefix or "")
    if display_name is None or not prefix or not _begins(_folded(display_name.value), prefix):
        return display_name
    start = display_name.value.lstrip()
    # Folding may change the length (ß, Ａ), though never by much.
    lengths = range(1, min(len(start), 3 * len(prefix)) + 1)
    length = next((length for length in lengths if _folded(start[:length]) == prefix), 0)
    rest = start[length:].strip()
    return Name(rest) if rest else None


@dataclass(frozen=True, slots=True)
class _Prefixes:
    """Of one directory. services: by folded prefix, None where it is of two companies; lengths: longest first."""

    of: Mapping[str, ServiceNumber]
    services: Mapping[str, ServiceNumber | None]
    lengths: tuple[int, ...]


_newest = _Prefixes({}, {}, ())
"""A cache of one: of thousands of service numbers, read once for a directory and not at each call."""


def _prefixes(snapshot: Snapshot) -> _Prefixes:
    global _newest  # noqa: PLW0603 - said above
    if _newest.of is not snapshot.service_numbers:
        _newest = _read_prefixes(snapshot)
    return _newest


def _read_prefixes(snapshot: Snapshot) -> _Prefixes:
    found: dict[str, ServiceNumber | None] = {}
    for service in sorted(snapshot.service_numbers.values(), key=lambda one: one.number):
        prefix = _folded(service.caller_name_prefix or "")
        if not prefix or service.account not in snapshot.accounts:
            continue
        other = found.setdefault(prefix, service)
        if other is not None and other.account != service.account:
            found[prefix] = None
    lengths = sorted({len(prefix) for prefix in found}, reverse=True)
    return _Prefixes(snapshot.service_numbers, found, tuple(lengths))


def _begins(name: str, prefix: str) -> bool:
    """A prefix that ends like a word is one: `VIP` is not the beginning of `Viper`."""
    rest = name.removeprefix(prefix)
    return name.startswith(prefix) and not (prefix[-1].isalnum() and rest[:1].isalnum())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


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
