"""Who may be meant, with the evidence: rows, claims and choices of one number in, one match a person out, unranked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Evidence, Grade
from ctibridge.lookup.choices import Chosen
from ctibridge.lookup.claims import EMAIL, Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.stored_numbers import FAX, GENERAL

NUMBER = "number"
CHOSEN = "chosen"
CALLED_ACCOUNT = "called_account"
LAST_CONTACT = "last_contact"

# The nearer a number is to one person, the stronger: nobody else answers my mobile.
_LABELS = {label: rank for rank, label in enumerate(("mobile", "work", "home"))}
_GRADES = {grade: rank for rank, grade in enumerate(Grade)}


@dataclass(frozen=True, slots=True)
class Match:
    """One person who may be meant, and why.

    in_called: he is of the account called; rows: of the number, strongest first, none for somebody whom a claim or a
    choice alone names; claims: what of the PBX's claims his record has; chosen: what agents chose before.
    """

    person: PersonKey
    disabled: bool
    in_called: bool
    rows: tuple[NumberRow, ...] = ()
    claims: tuple[Claim, ...] = ()
    chosen: Chosen | None = None
    last_contact: datetime | None = None

    @property
    def grade(self) -> Grade | None:
        """His best; None: the number is not his."""
        return self.rows[0].grade if self.rows else None

    @property
    def holds(self) -> bool:
        """Is the number his, and not only the end of it?"""
        return bool(self.rows) and self.rows[0].grade is not Grade.SUFFIX

    @property
    def by_mail(self) -> bool:
        """Does the PBX name him by his e-mail address?"""
        return any(claim.kind == EMAIL for claim in self.claims)

    @property
    def general(self) -> bool:
        return any(row.label == GENERAL for row in self.rows)


def label_strength(label: str) -> int:
    """Smaller is stronger."""
    return _LABELS.get(label, len(_LABELS))


def grade_strength(grade: Grade) -> int:
    """Smaller is stronger."""
    return _GRADES[grade]


def matches(rows: Iterable[NumberRow], called_account: str | None) -> tuple[Match, ...]:
    """The people behind these rows, each with his best grade first. A fax is nobody's voice and never matches.

    An extension exists in every company, so it counts only within the account that was called. What only ends alike
    counts there too, or, where no account was called, anywhere; the end of a switchboard's number names nobody.
    """
    by_person: dict[PersonKey, list[NumberRow]] = {}
    for row in rows:
        if row.label != FAX and _counts(row, called_account):
            by_person.setdefault(PersonKey(row.account, row.person), []).append(row)
    return tuple(_match(person, found, called_account) for person, found in by_person.items())


def _counts(row: NumberRow, called_account: str | None) -> bool:
    if row.grade is Grade.EXTENSION:
        return row.account == called_account
    if row.grade is Grade.SUFFIX:
        return called_account in {None, row.account} and row.label != GENERAL
    return True


def named(rows: Iterable[ClaimRow], called_account: str | None, most: int) -> tuple[Match, ...]:
    """The people whom the PBX's claims name, without their numbers. What `most` people of one account or more have
    (a zero, a dash, a team's mailbox) names none of them. Who has left counts here: an export writes the zero when
    somebody leaves, and the one who is still there would be taken for all who type it."""
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
    claims = tuple(claim for claim, _ in sorted(found, key=lambda one: (one[0].kind, one[0].value.value)))
    return Match(person, disabled, person.account == called_account, claims=claims)


def _match(person: PersonKey, rows: list[NumberRow], called_account: str | None) -> Match:
    strongest_first = tuple(sorted(rows, key=_strength)) if len(rows) > 1 else tuple(rows)
    # One disabled row is enough: who has left must not come back because one of his rows was not told.
    disabled = any(row.disabled for row in rows)
    return Match(person, disabled, person.account == called_account, strongest_first)


def _strength(row: NumberRow) -> tuple[int, int, str, bool, str, bool]:
    """Total: rows that differ in anything never change places."""
    return (
        _GRADES[row.grade], label_strength(row.label), row.label, not row.imported, row.matched, row.disabled,
    )  # fmt: skip


def without_crowds(matches: Sequence[Match], most: int) -> list[Match]:
    """Seven digits end many numbers: where they fit `most` people of one company, they fit none of them. Who has left
    does not count: he is not the one who calls."""
    ends = Counter(match.person.account for match in matches if match.grade is Grade.SUFFIX and not match.disabled)
    return [match for match in matches if match.grade is not Grade.SUFFIX or ends[match.person.account] < most]


def joined(
    matches: Iterable[Match],
    called_account: str | None,
    named: Iterable[Match],
    chosen: Mapping[PersonKey, Chosen],
    contacts: Mapping[PersonKey, datetime],
) -> Iterable[Match]:
    """Everybody for whom anything speaks, once, with all of it.

    A claim alone brings somebody in where his company was called, or none. An e-mail address is unique in the world, so
    it does so wherever its owner is: also where somebody of the company called has it, or the people of one account
    would come in when another account goes out of sight.
    """
    by_person = {match.person: match for match in matches}
    for person, choice in chosen.items():
        match = by_person.get(person) or Match(person, choice.disabled, person.account == called_account)
        by_person[person] = replace(match, chosen=choice, disabled=match.disabled or choice.disabled)
    for claimed in named:
        known = by_person.get(claimed.person)
        if known is not None:
            both = replace(known, claims=claimed.claims, disabled=known.disabled or claimed.disabled)
            by_person[claimed.person] = both
        elif claimed.in_called or called_account is None or claimed.by_mail:
            by_person[claimed.person] = claimed
    for person in by_person.keys() & contacts.keys():
        by_person[person] = replace(by_person[person], last_contact=contacts[person])
    return by_person.values()


def evidence(match: Match) -> tuple[Evidence, ...]:
    """The reasons for this match, strongest first. What the PBX claimed stands under the word of its remark."""
    reasons = [Evidence(claim.kind, None, claim.value, Grade.EXACT) for claim in match.claims]
    if match.chosen is not None:
        reasons.append(Evidence(CHOSEN, at=match.chosen.at, by=match.chosen.by))
    numbers = dict.fromkeys((row.label, row.matched, row.grade) for row in match.rows)
    reasons += [Evidence(NUMBER, label, Number(matched), grade) for label, matched, grade in numbers]
    if match.in_called:
        reasons.append(Evidence(CALLED_ACCOUNT))
    if match.last_contact is not None:
        reasons.append(Evidence(LAST_CONTACT, at=match.last_contact))
    return tuple(reasons)
