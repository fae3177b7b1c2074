"""Whom the PBX names besides the number: an id or a request that the caller typed, or that a switchboard knew.

A claim, like a number: whoever knows a colleague's id can type it. People are found by it only through a `Visible`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

from ctibridge.domain.caller import Remark
from ctibridge.domain.private import Private
from ctibridge.lookup.holders import Guarded

EMAIL = "email"
"""An address is one person's, whatever company was called; the other ids are alike in all companies."""
KINDS = ("employee_id", "support_id", EMAIL)
"""What a remark may mean that names a person; each is a field of his record."""
REQUEST = "request"
"""A request's number, typed into an IVR or kept by a switchboard: it names the person for whom the request is."""
LONGEST = 200
"""Characters: what is longer is nobody's id."""


@dataclass(frozen=True, slots=True)
class Claim:
    kind: str
    value: Private


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """One person whose record has what was claimed, or for whom the claimed request is."""

    account: str
    person: str
    disabled: bool
    claim: Claim


@final
class Claimants(Guarded[ClaimRow]):
    """The people whose records have what was claimed, over several accounts."""

    __slots__ = ()


UNNAMED = Claimants()


def claims(remarks: Iterable[Remark]) -> tuple[Claim, ...]:
    """At most one of each kind: two different employee numbers in one call name nobody."""
    found: dict[Claim, None] = {}
    for remark in remarks:
        if remark.means in (*KINDS, REQUEST) and len(remark.value.value) <= LONGEST:
            found[Claim(remark.means, remark.value)] = None
    kinds = Counter(claim.kind for claim in found)
    return tuple(claim for claim in found if kinds[claim.kind] == 1)
