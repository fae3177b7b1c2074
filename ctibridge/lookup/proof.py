"""How strong the proof for one match is: what puts it before another, and in words what puts it behind.

A match's standing depends on nothing but itself and the company called. So an account that goes out of sight can take
people away, and can never let one overtake another. `Standing` is the order of proof: its fields stand as they decide.
"""

from datetime import datetime
from typing import NamedTuple

from ctibridge.lookup.matching import Match, grade_strength, label_strength


class Standing(NamedTuple):
    """Smaller comes first. What follows `typed` is no proof: it only orders equals. Ids make the order total."""

    disabled: bool
    weak: bool
    elsewhere: bool
    claims: int
    chosen: int
    chosen_elsewhere: int
    grade: int
    label: int
    typed: bool
    chosen_at: float
    contact: float
    account: str
    id: str


_NUDGES = Standing._fields.index("chosen_at")
# What is no row's grade or label: behind all of them.
_NONE = 9

WEAK_NUMBER = "suffix only: too weak to name anybody"
WEAK_CHOICE = "chosen only when another company was called: too weak to name anybody"
DISABLED = "disabled: shown as a warning, never meant"
EQUAL = "equal proof: only the ids order them"

_BEHIND = {
    "elsewhere": "of another company than the one called",
    "claims": "the PBX names another, or names another more often",
    "chosen": "another was chosen for this number, or chosen more often",
    "chosen_elsewhere": "another was chosen for this number as well",
    "grade": "the number of the one before matches more exactly",
    "label": "a label less personal than that of the one before",
    "typed": "typed by hand, where that of the one before comes from HR or a directory",
    "chosen_at": "equal proof: the one before was chosen later",
    "contact": "equal proof: the last contact with the one before is later",
    "account": EQUAL,
    "id": EQUAL,
}


def is_weak(match: Match) -> bool:
    """May it be told, but never name anybody by itself: the end of a number, a choice made for another company."""
    return not match.claims and not match.holds and (match.chosen is None or match.chosen.here == 0)


def standing(match: Match) -> Standing:
    """For sorting, best first."""
    chosen, best = match.chosen, match.rows[0] if match.rows else None
    return Standing(
        match.disabled,
        is_weak(match),
        not match.in_called,
        -len(match.claims),
        0 if chosen is None else -chosen.here,
        0 if chosen is None else -chosen.elsewhere,
        _NONE if best is None else grade_strength(best.grade),
        _NONE if best is None else label_strength(best.label),
        not any(row.imported for row in match.rows),
        _later_first(None if chosen is None else chosen.at),
        _later_first(match.last_contact),
        match.person.account,
        match.person.id,
    )


def why_behind(match: Match, before: Match) -> str:
    """Why this match stands behind `before`, in words that name nobody."""
    if match.disabled:
        return DISABLED
    if is_weak(match):
        return WEAK_NUMBER if match.rows else WEAK_CHOICE
    mine, others = standing(match), standing(before)
    return next((_BEHIND[name] for name in _BEHIND if getattr(mine, name) != getattr(others, name)), EQUAL)


def equal_proof(one: Match, other: Match) -> bool:
    """Does nothing but a nudge order these two?"""
    return standing(one)[:_NUDGES] == standing(other)[:_NUDGES]


def _later_first(at: datetime | None) -> float:
    return 0.0 if at is None else -at.timestamp()
