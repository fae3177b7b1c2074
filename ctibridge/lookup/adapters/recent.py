"""Numbers that rang lately, with their holders and those people's records, so that a hot call asks no store.

All of it belongs to one version of the directory: with the next one everything is forgotten.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup.holders import Holders

# Some 2 KiB each: the callers of weeks.
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """people: the records of all whom any agent asked about may see; read for some agents, so others may miss some."""

    holders: Holders
    people: Mapping[PersonKey, Person]


class Recent:
    """Least recently used numbers leave first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._version: int | None = None
        self._numbers: OrderedDict[str, Remembered] = OrderedDict()

    def get(self, number: str, version: int) -> Remembered | None:
        """What is remembered of this number, if it is of this version of the directory."""
        if version != self._version or number not in self._numbers:
            return None
        self._numbers.move_to_end(number)
        return self._numbers[number]

    def put(self, number: str, remembered: Remembered, version: int) -> None:
        """Remembers what was read at this version; an older version than the newest is not taken."""
        if self._version is not None and version < self._version:
            return
        if version != self._version:
            self._numbers.clear()
            self._version = version
        self._numbers[number] = remembered
        self._numbers.move_to_end(number)
        while len(self._numbers) > self._size:
            self._numbers.popitem(last=False)

    def __len__(self) -> int:
        return len(self._numbers)
