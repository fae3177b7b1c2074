"""The directory in the store: who should have left, what is old, which numbers help nobody. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ctibridge.cli.checks.wording import MOST_NAMED, counted, named
from ctibridge.delivery.settings import PrivacySettings
from ctibridge.domain.finding import Finding, note
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters.importing.journal import Entry
from ctibridge.lookup.adapters.state import DirectoryState
from ctibridge.lookup.snapshot import Snapshot

STALE = timedelta(days=7)
MANY = 0.05
"""Share of an account's numbers that can never match from which on somebody should ask the customer."""


def findings(found: DirectoryState, at: datetime) -> Iterator[Finding]:
    """at: aware UTC."""
    shared = visibility.every_shared(found.snapshot, at).accounts
    used = {account: people for account, people in found.people.items() if account in shared}
    yield ended_shares(found.left_behind)
    yield from not_allowed(found.not_allowed)
    yield from freshness(used, found.imports, at)
    yield from unmatchable({account: entry for account, entry in found.imports.items() if account in used})
    yield from service_numbers(found.snapshot, at)


def ended_shares(left_behind: Mapping[str, int]) -> Finding:
    count = sum(left_behind.values())
    if not left_behind:
        return Finding("ended shares", "0 people of accounts whose share has ended")
    return Finding(
        "ended shares",
        f"{count:,} people of accounts whose share has ended: {named(left_behind)}",
        "they leave within a minute while the daemon runs; else: ctibridge run",
    )


def not_allowed(numbers: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """By account and label; a setting was made narrower."""
    if numbers:
        count = sum(sum(labels.values()) for labels in numbers.values())
        said = named(f"{account} ({', '.join(sorted(labels))})" for account, labels in numbers.items())
        mend = "they leave within a minute while the daemon runs; else: ctibridge run"
        yield Finding("phone labels", f"{counted(count, 'number')} that their account does not allow: {said}", mend)


def privacy_accounts(settings: PrivacySettings, directory: Snapshot) -> Iterator[Finding]:
    """An agreement with a customer who is not known is a typing error, and kept with nobody."""
    unknown = [one.id for one in settings.account if one.id not in directory.accounts]
    if unknown:
        text = f"[[privacy.account]] for accounts that are not in the store: {named(unknown)}"
        yield note("privacy", text, "write the id as in accounts.csv, or import that account")


def freshness(people: Mapping[str, int], imports: Mapping[str, Entry], at: datetime) -> Iterator[Finding]:
    """people: by account, of those that are shared now."""
    ages = {account: at - imports[account].at for account in people if account in imports}
    stale = {account: age for account, age in ages.items() if age > STALE}
    ahead = [account for account, age in ages.items() if age < -timedelta(minutes=1)]
    if stale:
        said = named(f"{account} ({age.days} days)" for account, age in stale.items())
        text = f"not imported for more than {STALE.days} days: {said}"
        yield note("freshness", text, "see whether its export still comes, then: ctibridge import PATH")
    if ahead:
        yield note("freshness", f"imported in the future: {named(ahead)}", "set the clock, then import again")
    unknown = people.keys() - ages.keys()
    if unknown:
        yield Finding("freshness", f"not known of {named(unknown)}: an older ctibridge imported it")
    elif not stale and not ahead and people:
        oldest = max(sorted(ages), key=lambda account: ages[account])
        which = f", {oldest} longest ago" if ages[oldest].days and len(people) > 1 else ""
        text = f"all of {counted(len(people), 'account')} imported within {_days(ages[oldest])}{which}"
        yield Finding("freshness", text)


def unmatchable(imports: Mapping[str, Entry]) -> Iterator[Finding]:
    """Numbers that can never match, by account, worst first; as the last import of the account told them."""
    lost = {account: sum(entry.unmatchable.values()) for account, entry in imports.items()}
    shares = {account: lost[account] / (lost[account] + imports[account].numbers) for account in lost if lost[account]}
    worst = sorted((account for account, share in shares.items() if share >= MANY), key=lambda one: -shares[one])
    for account in worst[:MOST_NAMED]:
        text = f"{lost[account]:,} of {account}'s ({shares[account]:.0%}): {_reasons(imports[account].unmatchable)}"
        mend = f"ctibridge import PATH --account {account} --report FILE lists them for the customer"
        yield note("unmatchable", text, mend)
    if len(worst) > MOST_NAMED:
        text = f"as many of {counted(len(worst) - MOST_NAMED, 'more account')}"
        yield note("unmatchable", text, "ctibridge import PATH --report FILE lists them")
    if not worst:
        numbers = sum(entry.numbers for entry in imports.values()) + sum(lost.values())
        yield Finding("unmatchable", f"{sum(lost.values()):,} of {counted(numbers, 'number')} can never match")


def service_numbers(directory: Snapshot, at: datetime) -> Iterator[Finding]:
    """Those whose calls name no company, and those whose company lends no role now."""
    numbers = directory.service_numbers.values()
    shared = visibility.every_shared(directory, at).accounts
    nobodys = [one.number for one in numbers if one.account not in directory.accounts]
    closed = [f"{one.number} ({one.account})" for one in numbers if one.account in directory.accounts.keys() - shared]
    if nobodys:
        text = f"of accounts that are not known: {named(nobodys)}"
        yield Finding("service numbers", text, "import accounts.csv with them, or take the numbers away")
    if closed:
        text = f"of accounts that do not share their role now: {named(closed)}"
        yield note("service numbers", text, "ctibridge share ACCOUNT, or let the PBX send these calls elsewhere")
    if not numbers:
        yield note("service numbers", "none: no call says who was called", "ctibridge import service_numbers.csv")
    elif not nobodys and not closed:
        yield Finding("service numbers", f"{counted(len(numbers), 'number')}, each of an account that shares its role")


def _reasons(unmatchable: Mapping[str, int]) -> str:
    """The two most frequent ones."""
    most = sorted(unmatchable, key=lambda reason: -unmatchable[reason])[:2]
    return "; ".join(f"{unmatchable[reason]:,} {reason.partition(';')[0]}" for reason in most)


def _days(age: timedelta) -> str:
    return "a day" if age.days < 1 else counted(age.days + 1, "day")
