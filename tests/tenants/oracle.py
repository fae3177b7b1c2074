"""What an agent may be told, worked out once more from the words of the contract: by dicts and loops.

Comes in: the state, who asks what, and the JSON that he got. Raises Leak for what he may not be told.
"""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ctibridge.domain.caller import Presentation
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.question import Question
from tests.tenants.customers import ACCOUNTS, EMAILS, EMPLOYEE_IDS, MARK, MENDED, PEOPLE, SAME_LINE, SUPPORT_IDS, TAIL
from tests.tenants.state import State


class Leak(AssertionError):
    """Somebody was told what he may not know, or is told otherwise than he would be without it."""


# The hours that grants have, in other words: zone, days (Monday is 0), from, to; to before from is the next day.
HOURS = {
    "Mo-Fr 08:00-18:30 Europe/Zurich": ("Europe/Zurich", {0, 1, 2, 3, 4}, 8 * 60, 18 * 60 + 30),
    "Mo-Su 21:00-05:00 UTC": ("UTC", {0, 1, 2, 3, 4, 5, 6}, 21 * 60, 5 * 60),
    "Sa,Su 00:00-24:00 Asia/Tokyo": ("Asia/Tokyo", {5, 6}, 0, 24 * 60),
}


def may_see(state: State, agent: str, at: datetime) -> frozenset[str]:
    """The accounts whose customer lends its role now, and to which the provider lets this agent now."""
    record = state.agents.get(agent)
    if record is None or record.disabled:
        return frozenset()
    seen = set()
    for account in ACCOUNTS:
        share, grant = state.shares.get(account), state.grants.get((agent, account))
        if share is None or grant is None or not _within(share.starts_at, share.ends_at, at):
            continue
        if _within(grant.starts_at, grant.ends_at, at) and (grant.hours is None or _in_hours(grant.hours, at)):
            seen.add(account)
    return frozenset(seen)


def _within(starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> bool:
    if starts_at is not None and at < starts_at:
        return False
    return ends_at is None or at < ends_at


def _in_hours(text: str, at: datetime) -> bool:
    zone, days, first, last = HOURS[text]
    local = at.astimezone(ZoneInfo(zone))
    minute = 60 * local.hour + local.minute
    if first < last:
        return local.weekday() in days and first <= minute < last
    return (local.weekday() in days and minute >= first) or ((local.weekday() - 1) % 7 in days and minute < last)


def called_by(question: Question) -> str | None:
    """The account of the first service number among those offered; else of the prefix before the caller's name."""
    for number in question.signalled.called:
        if number.value.startswith("+4144668"):
            return ACCOUNTS[int(number.value[-4:])]
    name = question.signalled.display_name
    prefix = "" if name is None else name.value.partition(":")[0].lower()
    return prefix if prefix in ACCOUNTS else None


def possible(state: State, question: Question, seen: frozenset[str]) -> set[PersonKey]:
    """Everybody of whom anything could speak for this call, among those who may be seen."""
    found = {pick.person for pick in question.chosen}
    signalled, called = question.signalled, called_by(question)
    if signalled.presentation is Presentation.ALLOWED:
        raw = "" if signalled.raw is None else signalled.raw.value
        for key, phones in state.phones.items():
            if any(_reaches(raw, held, key.account, called) for held, label in phones if label != "fax"):
                found.add(key)
        number = MENDED.get(raw, raw)
        found |= {PersonKey(one.account, one.person) for one in state.choices if one.number == number}
        for remark in signalled.remarks:
            found |= _claimed(state, remark.means, remark.value.value)
    return {key for key in found if key.account in seen and key in state.people}


def _reaches(raw: str, held: str, account: str, called: str | None) -> bool:
    if raw == TAIL:
        return held.startswith("+") and held.endswith(raw)
    if not raw.startswith("+"):
        return held == raw and account == called
    return held == raw or held in SAME_LINE.get(raw, set())


def _claimed(state: State, means: str, value: str) -> set[PersonKey]:
    ids = {"employee_id": EMPLOYEE_IDS, "support_id": SUPPORT_IDS, "email": EMAILS}
    if means in ids:
        return {PersonKey(account, PEOPLE[ids[means].index(value)]) for account in ACCOUNTS}
    requested = ((account, known.requests.get(value)) for account, known in state.context.items())
    return {PersonKey(account, one[0]) for account, one in requested if one is not None and one[0] is not None}


def check_pop(state: State, agent: str, question: Question, data: bytes) -> None:
    """data: of `call.ringing` and `call.updated`."""
    seen, called = may_see(state, agent, question.at), called_by(question)
    pop: dict[str, Any] = json.loads(data)
    who = {(key.account, key.id) for key in possible(state, question, seen)}
    told = [(one["person"]["account"], one["person"]["id"]) for one in pop["resolution"]["candidates"]]
    _demand(set(told) <= who, "candidates who may not be seen, or of whom nothing speaks")
    _demand(len(set(told)) == len(told), "one candidate twice")
    company = pop["resolution"]["account"]
    _demand(company is None or company["id"] in seen, "the company of the caller")
    if not who:
        _demand(pop["resolution"]["status"] in {"unknown", "withheld"}, "a status for nobody who may be seen")
        _demand(company is None, "a company for nobody who may be seen")
    _demand(pop["called"]["granted"] is (called in seen), "granted")
    _demand(pop["customer"] is None or pop["customer"]["account"]["id"] in seen, "the customer's own words")
    _check_marks(pop, seen, called)


def _check_marks(pop: dict[str, Any], seen: frozenset[str], called: str | None) -> None:
    """Name, greeting and hours of the number called are for whoever rings there; nothing else of that account is."""
    _demand(_marks(pop["called"]) <= {called}, "another account's words for the number called")
    _demand(_marks(pop["language"]) <= seen | {called}, "the greeting")
    rest = {key: value for key, value in pop.items() if key not in {"called", "language", "caller"}}
    _demand(_marks(rest) <= seen, "words of an account that may not be seen")


def check_text(state: State, agent: str, at: datetime, data: bytes, what: str) -> None:
    """Anything else that he gets."""
    _demand(_marks(data.decode()) <= may_see(state, agent, at), what)


def _marks(found: object) -> set[str]:
    text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
    return set(MARK.findall(text))


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise Leak(what)
