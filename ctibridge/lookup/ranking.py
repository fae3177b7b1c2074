"""Who comes first, and what may be said: identified, ambiguous, shared or unknown (contract: *What the words mean*).

Comes in: matches of accounts that the agent may see, and nothing else. Goes out: status, order, the company.
The order is total and the same for the same matches, however they come in. Nothing here reads a person's record, so a
record that is late can change neither status nor order.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ctibridge.domain.resolution import Grade, Status
from ctibridge.lookup.matching import Match, label_strength

_GRADES = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Ranking:
    """account: the id of the caller's company, where it is known; matches: best first, empty when shared."""

    status: Status
    account: str | None = None
    matches: tuple[Match, ...] = ()

    @property
    def identified(self) -> Match | None:
        return self.matches[0] if self.status is Status.IDENTIFIED else None


def rank(matches: Iterable[Match], called_account: str | None, shared_number_people: int) -> Ranking:
    """The ranking of what one agent may see. called_account: of the service number that was called."""
    ordered = tuple(sorted(matches, key=_order))
    if not ordered:
        return Ranking(Status.UNKNOWN)
    if _is_shared(ordered, shared_number_people):
        return Ranking(Status.SHARED, _company(ordered, called_account))
    able = [match for match in ordered if not match.disabled]
    if not able:
        # The number belonged to somebody who has left: shown as a warning, and claimed of nobody.
        return Ranking(Status.UNKNOWN, None, ordered)
    if len(able) == 1 or sum(match.in_called for match in able) == 1:
        return Ranking(Status.IDENTIFIED, ordered[0].person.account, ordered)
    return Ranking(Status.AMBIGUOUS, _company(able, called_account), ordered)


def _order(match: Match) -> tuple[bool, bool, int, int, bool, str, str]:
    """Disabled last, the called company first, then the stronger proof; ids at the end make the order total."""
    typed = not any(row.imported for row in match.rows)
    grade, strength, person = _GRADES[match.grade], label_strength(match.rows[0].label), match.person
    return match.disabled, not match.in_called, grade, strength, typed, person.account, person.id


def _is_shared(matches: Iterable[Match], shared_number_people: int) -> bool:
    """Labelled `general`, or of many people of one account; who has left counts too, the number was his as well."""
    people = Counter(match.person.account for match in matches)
    return any(match.general for match in matches) or max(people.values()) >= shared_number_people


def _company(matches: Iterable[Match], called_account: str | None) -> str | None:
    """The called account if it is among them, else the only one, else none: two companies are not one."""
    accounts = {match.person.account for match in matches}
    if called_account in accounts:
        return called_account
    return next(iter(accounts)) if len(accounts) == 1 else None
