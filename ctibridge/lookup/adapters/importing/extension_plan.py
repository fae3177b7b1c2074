"""Which short numbers people have by the extension plan of their site: `4000-4999` and +49 30 23125 4711 make 4711.

Comes in: numbers as `number_key.pack` makes them. Goes out: such numbers too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from ctibridge.lookup.number_key import EXTENSION_BASE, is_extension

Number = tuple[int, int, int]
"""Number, label, and which file told of it."""
Known = tuple[int, int | None]
"""imported, and changed_at in Unix seconds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """ranges: (digits, lowest, highest), both ends in it."""

    ranges: tuple[tuple[int, int, int], ...]

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """`4000-4999;70`, as `cells.extensions` lets it through. None where there is no plan."""
        ends = [part.strip().partition("-")[::2] for part in (text or "").split(";") if part.strip()]
        found = tuple((len(low), int(low), int(high or low)) for low, high in ends)
        return cls(found) if found else None

    def short_numbers(self, number: int) -> Iterator[int]:
        """Of one E.164 number; several where ranges of different lengths hold its last digits."""
        for digits, lowest, highest in self.ranges:
            scale = 10**digits
            last = number % scale
            if lowest <= last <= highest and number >= scale:
                yield EXTENSION_BASE + scale + last

    def derive(self, told: Mapping[Number, Known], fax: int) -> dict[tuple[int, int], Known]:
        """(short number, label) → what is known of it, for one person. fax: the label that derives nothing.

        A short number that the files tell themselves is not derived again. Where two numbers end in the same one, the
        better known one counts.
        """
        found: dict[tuple[int, int], Known] = {}
        for (number, label, _), known in told.items():
            if label != fax and not is_extension(number):
                for short in self.short_numbers(number):
                    key = (short, label)
                    found[key] = max(found.get(key, known), known, key=_better)
        if found:
            for number, label, _ in told:
                if label != fax and is_extension(number):
                    found = {key: known for key, known in found.items() if key[0] != number}
        return found


def _better(known: Known) -> tuple[int, int]:
    return known[0], known[1] or 0
