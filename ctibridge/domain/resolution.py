"""Who the caller may be, with the reasons."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ctibridge.domain.account import AccountRef
from ctibridge.domain.person import Person
from ctibridge.domain.private import Private


class Status(StrEnum):
    """identified: one clear candidate; ambiguous: several, ranked; shared: a number of many people."""

    IDENTIFIED = "identified"
    AMBIGUOUS = "ambiguous"
    SHARED = "shared"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"


class Grade(StrEnum):
    """How a stored number matched, strongest first."""

    EXACT = "exact"
    REWRITTEN = "rewritten"
    EXTENSION = "extension"
    SUFFIX = "suffix"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a match. kind `number`: label, matched and grade are set; kind `employee_id`, `support_id`,
    `email` or `request`, which the PBX named: matched and grade; kind `chosen`: at and by, an agent's id, of the newest
    choice for this number; kind `last_contact`: at; kind `called_account`: nothing else. at: aware UTC."""

    kind: str
    label: str | None = None
    matched: Private | None = None
    grade: Grade | None = None
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person with the evidence for him. local_time: `HH:MM` where he is now; after_hours: are his working hours over,
    or is it his weekend or a holiday? Both None where his time zone is not known."""

    person: Person
    account: AccountRef
    evidence: tuple[Evidence, ...]
    local_time: str | None = None
    after_hours: bool | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """candidates are ranked, best first; account is the caller's company as far as it is known."""

    status: Status
    account: AccountRef | None
    candidates: tuple[Candidate, ...]
    revision: int = 1
