"""Who comes first, and what may be said: identified, ambiguous, shared or unknown (contract: *What the words mean*).

Comes in: matches of accounts that the agent may see, and nothing else. Goes out: status, order, the company.
Where the PBX names somebody (an employee number typed in), he is found among those who hold the number, else in the
account called; where number and claim speak of different people, both are told, and neither is meant.
The order is total and the same for the same matches, however they come in. Nothing here reads a person's record, so a
record that is late can change neither status nor order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ctibridge.domain.resolution import Grade, Status
from ctibridge.lookup.matching import Match, label_strength

_GRADES = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Ranking:
    """account: the id of the caller's company, where it is known; matches: best first, empty when shared.

    contradicted: the number is of one person, what the PBX claims of another.
    """

    status: Status
    account: str | None = None
    matches: tuple[Match, ...] = ()
    contradicted: bool = False

    @property
    def identified(self) -> Match | None:
        return self.matches[0] if self.status is Status.IDENTIFIED else None


def rank(
    matches: Iterable[Match], called_account: str | None, shared_number_people: int, named: Iterable[Match] = ()
) -> Ranking:
    """The ranking of what one agent may see. called_account: of the service number that was called. named: whom the
    PBX's claims name, in whatever account."""
    by_person = {match.person: match for match in named}
    ordered = tuple(sorted((_confirmed(match, by_person.pop(match.person, None)) for match in matches), key=_order))
    # Whom the number does not know is looked for only where the call went: ids are alike in all companies.
    strangers = tuple(sorted((match for match in by_person.values() if match.in_called), key=_order))
    if not ordered:
        return _by_claim(strangers, called_account)
    if _is_shared(ordered, shared_number_people):
        return _of_many(ordered, strangers, called_account)
    if _contradict(ordered, strangers):
        return _of_both(ordered, strangers, called_account)
    return _by_number(ordered, called_account)


def _by_number(ordered: tuple[Match, ...], called_account: str | None) -> Ranking:
    able = _able(ordered)
    if not able:
        # The number belonged to somebody who has left: shown as a warning, and claimed of nobody.
        return Ranking(Status.UNKNOWN, None, ordered)
    nearest = [match for match in able if match.in_called] or able
    if len(nearest) == 1 or sum(bool(match.claims) for match in nearest) == 1:
        return Ranking(Status.IDENTIFIED, ordered[0].person.account, ordered)
    return Ranking(Status.AMBIGUOUS, _company(able, called_account), ordered)


def _by_claim(ordered: tuple[Match, ...], called_account: str | None) -> Ranking:
    """Nobody, or too many, have the number; these the PBX names."""
    able = _able(ordered)
    if not able:
        return Ranking(Status.UNKNOWN, None, ordered)
    if len(able) == 1:
        return Ranking(Status.IDENTIFIED, able[0].person.account, ordered)
    return Ranking(Status.AMBIGUOUS, _company(able, called_account), ordered)


def _of_many(ordered: tuple[Match, ...], strangers: tuple[Match, ...], called_account: str | None) -> Ranking:
    """A number of many people says no more than the company, unless the PBX names one of them, or one where he calls:
    a switchboard is not on everybody's record."""
    holders = tuple(match for match in ordered if match.claims)
    among = holders if any(match.in_called for match in holders) else (*holders, *strangers)
    if not _able(among):
        return Ranking(Status.SHARED, _company(ordered, called_account))
    return _by_claim(tuple(sorted(among, key=_order)), called_account)


def _of_both(ordered: tuple[Match, ...], strangers: tuple[Match, ...], called_account: str | None) -> Ranking:
    """The number's people first, then those whom the PBX names; who has left last, as ever."""
    both = tuple(sorted((*ordered, *strangers), key=lambda match: match.disabled))
    able = _able(both)
    if not able:
        return Ranking(Status.UNKNOWN, None, both, contradicted=True)
    return Ranking(Status.AMBIGUOUS, _company(able, called_account), both, contradicted=True)


def _contradict(ordered: Sequence[Match], strangers: Sequence[Match]) -> bool:
    """Is somebody named of whom the number knows nothing? Not where a holder is named as well; if the called company
    has holders, one of these."""
    nearest = [match for match in ordered if match.in_called] or ordered
    return bool(strangers) and not any(match.claims for match in nearest)


def _confirmed(match: Match, named: Match | None) -> Match:
    return match if named is None else replace(match, claims=named.claims, disabled=match.disabled or named.disabled)


def _able(matches: Iterable[Match]) -> list[Match]:
    return [match for match in matches if not match.disabled]


def _order(match: Match) -> tuple[bool, bool, int, int, int, bool, str, str]:
    """Disabled last, the called company first, then the stronger proof; ids at the end make the order total."""
    typed = not any(row.imported for row in match.rows)
    strength = label_strength(match.rows[0].label) if match.rows else 0
    proof = -len(match.claims), _GRADES[match.grade], strength
    return match.disabled, not match.in_called, *proof, typed, match.person.account, match.person.id


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
