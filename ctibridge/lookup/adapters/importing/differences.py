"""What differs between rows of the store and rows of files: only that is written.

Comes in: rows as sequences of values, all columns in the table's order, the key first. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

Row = Sequence[Any]
Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """How many rows."""

    new: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.new + other.new, self.changed + other.changed, self.removed + other.removed)


@dataclass(slots=True)
class Difference:
    """new and changed: rows as the store has to have them."""

    new: list[Row] = field(default_factory=list, repr=False)
    changed: list[Row] = field(default_factory=list, repr=False)

    @property
    def changes(self) -> Changes:
        return Changes(len(self.new), len(self.changed))


def difference(stored: Mapping[Key, Row], staged: Iterable[Row], keys: int, given: Collection[int]) -> Difference:
    """keys: how many columns the key has; given: positions of the columns that the files tell, the others stay."""
    found = Difference()
    told = _several(given)
    for row in staged:
        before = stored.get(tuple(row[:keys]))
        if before is None:
            found.new.append(row)
        elif told(before) != told(row):
            found.changed.append(
                [new if at in given else old for at, (old, new) in enumerate(zip(before, row, strict=True))]
            )
    return found


@dataclass(slots=True)
class Numbers:
    """Rows of numbers by their key, with what is told beside it."""

    new: dict[Key, Key] = field(default_factory=dict, repr=False)
    changed: dict[Key, Key] = field(default_factory=dict, repr=False)
    removed: list[Key] = field(default_factory=list, repr=False)

    @property
    def changes(self) -> Changes:
        return Changes(len(self.new), len(self.changed), len(self.removed))


def numbers(stored: Mapping[Key, Key], staged: Mapping[Key, Key]) -> Numbers:
    """stored: all that the files may change; what they do not tell of it goes."""
    return Numbers(
        {key: staged[key] for key in staged if key not in stored},
        {key: told for key, told in staged.items() if key in stored and stored[key] != told},
        [key for key in stored if key not in staged],
    )


def _several(positions: Collection[int]) -> Any:
    """The values at these positions, to be compared with their like; an itemgetter of nothing there is not."""
    return itemgetter(*positions) if positions else lambda _: None
