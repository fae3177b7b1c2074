"""The calls of late, as far as one caller makes the next one worth a word: he calls again, others of his site call too,
his number calls one customer after the other.

In memory and bounded: what is too old or too much is forgotten, and after a restart nothing is known. Everything is
told to one agent at a time, and only what he may see: callers of a site are counted for who was told of one of them.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TypeVar

from ctibridge.domain.account import Account
from ctibridge.domain.context import Repeat
from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.visibility import Visible

AGAIN = timedelta(hours=24)
"""Within which a person calls again."""
TOGETHER = timedelta(minutes=10)
"""Within which callers of one site, or calls of one number, belong together."""
SEVERAL = 3
MOST = 20_000
"""Calls, people, sites and numbers that are remembered; the oldest go first."""
MOST_EACH = 100
"""Calls of one person, callers of one site, customers of one number."""

SEVERAL_CALLERS = "several_callers"
NUMBER_AT_SEVERAL = "number_at_several"

Site = tuple[str, str]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Call:
    """at: when it rang first, whatever is learned of it later."""

    at: datetime
    people: dict[str, PersonKey]
    sites: dict[str, str]
    number: str | None = field(repr=False)


class Traffic:
    """People, sites and numbers by what was understood of each call; inner maps have their oldest first."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}
        self._of_person: dict[PersonKey, dict[str, datetime]] = {}
        self._of_site: dict[Site, dict[PersonKey, datetime]] = {}
        self._of_number: dict[str, dict[str, datetime]] = {}
        self._told: dict[tuple[str, str, str, frozenset[str]], datetime] = {}

    def note(
        self, call: str, people: Mapping[PersonKey, str | None], called: str | None, number: str | None, at: datetime
    ) -> None:
        """A call, or more of one that is known. people: whom some agent was told clearly, with his site, at most one of
        an account; called: the account called; number: E.164; at: aware UTC."""
        known = self._calls.get(call) or _Call(at, {}, {}, number)
        for person, site in people.items():
            before = known.people.get(person.account)
            if before is not None and before != person:
                self._take_back(call, known, before)
            self._note_person(call, known, person, site)
        if number is not None and called is not None:
            _put(_of(self._of_number, number), called, known.at, MOST_EACH)
        self._calls[call] = known
        _bound(self._calls, MOST)

    def forget(self, accounts: frozenset[str]) -> None:
        """People and sites of these; that a number called a customer says nothing of people."""
        self._of_person = {person: calls for person, calls in self._of_person.items() if person.account not in accounts}
        self._of_site = {site: people for site, people in self._of_site.items() if site[0] not in accounts}
        for call in self._calls.values():
            for account in accounts:
                call.people.pop(account, None)
                call.sites.pop(account, None)

    def erase(self, people: AbstractSet[PersonKey], numbers: AbstractSet[str]) -> None:
        """These people and numbers (E.164) were never heard of."""
        for person in people:
            self._of_person.pop(person, None)
        for callers in self._of_site.values():
            for person in people & callers.keys():
                del callers[person]
        for call, known in self._calls.items():
            for person in people & set(known.people.values()):
                del known.people[person.account]
                known.sites.pop(person.account, None)
            if known.number in numbers:
                self._calls[call] = replace(known, number=None)
        for number in numbers & self._of_number.keys():
            del self._of_number[number]
        self._told = {what: at for what, at in self._told.items() if what[2] not in numbers}

    def repeat(self, call: str, person: PersonKey, at: datetime) -> Repeat | None:
        """His earlier calls within 24 hours; None where there is none."""
        calls = self._of_person.get(person, {})
        _forget(calls, at - AGAIN)
        began = calls.get(call, at)
        # Of two that ring at one moment, the one that was noted first is the earlier one.
        before = takewhile(lambda other: other != call, calls)
        earlier = [calls[other] for other in before if calls[other] <= began]
        return Repeat(len(earlier), max(earlier)) if earlier else None

    def notices(
        self, agent: str, call: str, caller: PersonKey | None, visible: Visible, accounts: Mapping[str, Account]
    ) -> tuple[Notice, ...]:
        """What this agent should know besides his pop, each once in ten minutes. caller: whom he is told clearly."""
        known = self._calls.get(call)
        if known is None:
            return ()
        site = None if caller is None else known.sites.get(caller.account)
        found = []
        if caller is not None and site is not None and caller.account in visible.accounts:
            found.append(self._several_callers(agent, call, known.at, accounts[caller.account], site))
        found.append(self._number_at_several(agent, call, known, visible, accounts))
        return tuple(notice for notice in found if notice is not None)

    def _several_callers(self, agent: str, call: str, at: datetime, account: Account, site: str) -> Notice | None:
        callers = self._of_site.get((account.id, site), {})
        _forget(callers, at - TOGETHER)
        if len(callers) < SEVERAL or not self._tells((agent, SEVERAL_CALLERS, account.id, frozenset({site})), at):
            return None
        text = f"{len(callers)} people of {account.name}, site {site}, called within ten minutes."
        ids = ("call", call), ("account", account.id), ("site", site)
        return Notice(SEVERAL_CALLERS, text, ids, frozenset({account.id}))

    def _number_at_several(
        self, agent: str, call: str, known: _Call, visible: Visible, accounts: Mapping[str, Account]
    ) -> Notice | None:
        if known.number is None:
            return None
        called = self._of_number.get(known.number, {})
        _forget(called, known.at - TOGETHER)
        seen = frozenset(called.keys() & visible.accounts & accounts.keys())
        if len(seen) < 2 or not self._tells((agent, NUMBER_AT_SEVERAL, known.number, seen), known.at):
            return None
        *others, last = sorted(accounts[account].name for account in seen)
        text = f"One number called {', '.join(others)} and {last} within ten minutes."
        return Notice(NUMBER_AT_SEVERAL, text, (("call", call),), seen)

    def _tells(self, what: tuple[str, str, str, frozenset[str]], at: datetime) -> bool:
        """Has the agent (first) not been told just that within ten minutes?"""
        told = self._told.get(what)
        if told is not None and at - told < TOGETHER:
            return False
        _put(self._told, what, at)
        return True

    def _note_person(self, call: str, known: _Call, person: PersonKey, site: str | None) -> None:
        known.people[person.account] = person
        calls = _of(self._of_person, person)
        calls.setdefault(call, known.at)
        _bound(calls, MOST_EACH)
        if site is not None:
            known.sites[person.account] = site
            _put(_of(self._of_site, (person.account, site)), person, known.at, MOST_EACH)

    def _take_back(self, call: str, known: _Call, person: PersonKey) -> None:
        """It was not he who called."""
        self._of_person.get(person, {}).pop(call, None)
        site = known.sites.pop(person.account, None)
        callers = {} if site is None else self._of_site.get((person.account, site), {})
        if callers.get(person) == known.at:
            del callers[person]


def _of(maps: dict[K, dict[V, datetime]], key: K) -> dict[V, datetime]:
    """The map of that key, which is now the newest one."""
    found = maps.pop(key, None) or {}
    maps[key] = found
    _bound(maps, MOST)
    return found


def _put(times: dict[V, datetime], key: V, at: datetime, most: int = MOST) -> None:
    """Behind all others, and never earlier than it was."""
    times[key] = max(at, times.pop(key, at))
    _bound(times, most)


def _forget(times: dict[K, datetime], before: datetime) -> None:
    if times and min(times.values()) <= before:
        for key in [key for key, at in times.items() if at <= before]:
            del times[key]


def _bound(found: dict[K, V], most: int) -> None:
    while len(found) > most:
        del found[next(iter(found))]
