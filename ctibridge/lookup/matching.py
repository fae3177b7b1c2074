"""Whom a number belongs to, with the evidence: rows of one number in, one match for each person out, unranked."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Evidence, Grade
from ctibridge.lookup.claims import Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.stored_numbers import FAX, GENERAL

NUMBER = "number"
CALLED_ACCOUNT = "called_account"

# The nearer a number is to one person, the stronger: nobody else answers my mobile.
_LABELS = {label: rank for rank, label in enumerate(("mobile", "work", "home"))}


@dataclass(frozen=True, slots=True)
class Match:
    """One person who holds the number. rows: his rows of it, strongest first. in_called: of the account called.

    claims: what of the PBX's claims his record has. Somebody whom they alone name has no rows.
    """

    person: PersonKey
    disabled: bool
    in_called: bool
    grade: Grade
    rows: tuple[NumberRow, ...]
    claims: tuple[Claim, ...] = ()

    @property
    def general(self) -> bool:
        return any(row.label == GENERAL for row in self.rows)

    @property
    def changed_at(self) -> datetime | None:
        """When the number last came to him, as far as it is known."""
        return max((row.changed_at for row in self.rows if row.changed_at is not None), default=None)


def label_strength(label: str) -> int:
    """Smaller is stronger."""
    return _LABELS.get(label, len(_LABELS))


def matches(rows: Iterable[NumberRow], number: Understood, called_account: str | None) -> tuple[Match, ...]:
    """The people behind rows of this number. A fax is nobody's voice and never matches.

    An extension exists in every company, so it counts only within the account that was called.
    """
    grade = Grade.EXACT if number.e164 is not None else Grade.EXTENSION
    by_person: dict[PersonKey, list[NumberRow]] = {}
    for row in rows:
        if row.label != FAX and (grade is Grade.EXACT or row.account == called_account):
            by_person.setdefault(PersonKey(row.account, row.person), []).append(row)
    return tuple(_match(person, found, grade, called_account) for person, found in by_person.items())


def named(rows: Iterable[ClaimRow], called_account: str | None, most: int) -> tuple[Match, ...]:
    """The people whom the PBX's claims name, without their numbers. What `most` people of one account or more have
    (a zero, a dash, a team's mailbox) names none of them."""
    having: dict[tuple[str, Claim], dict[str, bool]] = defaultdict(dict)
    for row in rows:
        people = having[row.account, row.claim]
        people[row.person] = row.disabled or people.get(row.person, False)
    by_person: dict[PersonKey, list[tuple[Claim, bool]]] = defaultdict(list)
    for (account, claim), people in having.items():
        for person, disabled in people.items() if len(people) < most else ():
            by_person[PersonKey(account, person)].append((claim, disabled))
    return tuple(_named(person, found, called_account) for person, found in by_person.items())


def _named(person: PersonKey, found: list[tuple[Claim, bool]], called_account: str | None) -> Match:
    disabled = any(disabled for _, disabled in found)
    claims = tuple(claim for claim, _ in sorted(found, key=lambda one: one[0].kind))
    return Match(person, disabled, person.account == called_account, Grade.EXACT, (), claims)


def _match(person: PersonKey, rows: list[NumberRow], grade: Grade, called_account: str | None) -> Match:
    strongest_first = tuple(sorted(rows, key=_strength))
    # One disabled row is enough: who has left must not come back because one of his rows was not told.
    disabled = any(row.disabled for row in rows)
    return Match(person, disabled, person.account == called_account, grade, strongest_first)


def _strength(row: NumberRow) -> tuple[int, str, bool, bool, str]:
    """Total: rows that differ in anything never change places."""
    return label_strength(row.label), row.label, not row.imported, row.disabled, str(row.changed_at)


def evidence(match: Match, number: Understood) -> tuple[Evidence, ...]:
    """The reasons for this match, strongest first. What the PBX claimed stands under the word of its remark."""
    matched = None if number.key is None else Number(number.key)
    labels = dict.fromkeys(row.label for row in match.rows)
    reasons = [Evidence(NUMBER, label, matched, match.grade) for label in labels]
    reasons += [Evidence(claim.kind, None, claim.value, Grade.EXACT) for claim in match.claims]
    return (*reasons, Evidence(CALLED_ACCOUNT)) if match.in_called else tuple(reasons)
