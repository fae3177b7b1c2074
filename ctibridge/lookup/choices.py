"""Whom agents chose for a number before: which of those choices still speak, and how much.

A choice is an agent's word after he talked to the caller. It is everybody's (team-wide), it ages, and it says more for
a call to the same company than for one to another: a contractor is another person there. What it may decide, and what
not, stands in `ranking`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import final

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.holders import Guarded


@dataclass(frozen=True, slots=True)
class Choice:
    """An agent's act, as it is stored. number: E.164 or short; by: the agent's id; at: aware UTC; called_account: whose
    service number was called; call: our id of the call.

    For one call and number, a choice replaces the earlier ones of the same account and those of the same agent: who
    corrects himself, or a colleague about the same company, has chosen once. What others chose in other accounts stays:
    whoever does not see this account would learn from its going that somebody hidden was chosen. The store sees to it
    when it writes, for here an account that goes out of sight would bring back what was corrected.
    """

    number: str = field(repr=False)
    account: str
    person: str
    by: str
    at: datetime
    called_account: str | None = None
    call: str | None = None


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """One choice for the number that calls now, of a person who is still in the directory."""

    account: str
    person: str
    disabled: bool
    by: str
    at: datetime
    called_account: str | None = None


@final
class Choices(Guarded[ChoiceRow]):
    """The choices for one number, over several accounts."""

    __slots__ = ()


UNCHOSEN = Choices()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the choices say of one person. here: how many count in full; elsewhere: how many were made when another
    company was called; at and by: of the newest."""

    here: int
    elsewhere: int
    at: datetime
    by: str
    disabled: bool = False


NOBODY_CHOSEN: Mapping[PersonKey, Chosen] = MappingProxyType({})


def counting(
    rows: Iterable[ChoiceRow], called_account: str | None, now: datetime, days: int, *, short: bool = False
) -> dict[PersonKey, Chosen]:
    """Those chosen within the last `days` before `now` (aware: when it rang). short: the number is an extension; every
    company has that one, so only choices of calls to the same company are of the same telephone."""
    fresh = [row for row in rows if max(timedelta(0), now - row.at) < timedelta(days=days)]
    if short:
        fresh = [row for row in fresh if called_account is not None and row.called_account == called_account]
    by_person: dict[PersonKey, list[ChoiceRow]] = {}
    for row in fresh:
        by_person.setdefault(PersonKey(row.account, row.person), []).append(row)
    return {person: _chosen(of_him, called_account) for person, of_him in by_person.items()}


def _chosen(rows: list[ChoiceRow], called_account: str | None) -> Chosen:
    here = sum(_here(row.called_account, called_account) for row in rows)
    newest = max(rows, key=lambda row: (row.at, row.by))
    return Chosen(here, len(rows) - here, newest.at, newest.by, any(row.disabled for row in rows))


def _here(chosen_in: str | None, called_account: str | None) -> bool:
    """Where either call had no service number, nothing says that it went to another company."""
    return chosen_in is None or called_account is None or chosen_in == called_account
