"""Who calls and what was called: first as the signalling says it, then as the numbering plans understand it."""

from dataclasses import dataclass, field
from enum import StrEnum

from ctibridge.domain.account import AccountRef, Text
from ctibridge.domain.private import Name, Number, Private

NOT_CHECKED = "not-checked"
ATTESTATION_FAILED = "failed"


class Presentation(StrEnum):
    """May the number be shown (RFC 3323, RFC 3325)? Anything but ALLOWED makes the caller *withheld*."""

    ALLOWED = "allowed"
    RESTRICTED = "restricted"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Remark:
    """What the PBX knows besides. means: `employee_id`, `support_id`, `email`, `request`, `alert` (`internal` or
    `external`), or whatever word the trunk's configuration gives; source: the header."""

    means: str
    value: Private
    source: str


@dataclass(frozen=True, slots=True)
class Signalled:
    """What the INVITE says of caller and called, nothing interpreted.

    raw: user part, unescaped once. display_name: as it came, with the customer's prefix if the PBX writes one. Both are
    None when withheld or absent. called: the candidates for the called number in the trunk's configured order, best
    first. source: the header that named the caller. diverted_by: Diversion's user part. attestation: as in the
    contract. remarks: also of a withheld caller, who typed them himself. marked: the name in From, also of a withheld
    caller, read for the customer's prefix at its start and for nothing else: never shown.
    """

    raw: Number | None
    display_name: Name | None
    presentation: Presentation
    source: str
    diverted_by: Number | None
    called: tuple[Number, ...]
    attestation: str = NOT_CHECKED
    remarks: tuple[Remark, ...] = ()
    marked: Name | None = None

    @property
    def is_external(self) -> bool:
        """The PBX says that it comes from outside (Alert-Info)."""
        return any((one.means, one.value.value) == ("alert", "external") for one in self.remarks)


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller as a desk may read him. number and diverted_by: E.164 or None; extension: a short number or None.

    Withheld: number, raw, display_name, extension and diverted_by are all None; remarks stay.
    """

    number: Number | None
    raw: Number | None
    display_name: Name | None
    presentation: Presentation
    extension: Number | None
    source: str
    attestation: str = NOT_CHECKED
    diverted_by: Number | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """The service number that was called. Without one, all but the number is None, and granted is False.

    holiday: the name of the customer's holiday today, or its date. out_of_hours: what to tell who calls when the desk
    is closed, and only then.
    """

    number: str | None = field(repr=False)
    account: AccountRef | None = None
    name: str | None = None
    support_hours: str | None = None
    granted: bool = False
    holiday: str | None = None
    out_of_hours: Text | None = None
