"""Records of people who rang lately, so that a hot call asks no store.

All of it belongs to one version of the directory: with the next one everything is forgotten.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from ctibridge.domain.person import Person, PersonKey

# Some 2 KiB each: the callers of weeks.
REMEMBERED = 10_000


class Recent:
    """Least recently used people leave first."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._version: int | None = None
        self._people: OrderedDict[PersonKey, Person] = OrderedDict()

    def get(self, keys: Iterable[PersonKey], version: int) -> dict[PersonKey, Person]:
        """Those of them that are remembered of this version of the directory."""
        if version != self._version:
            return {}
        found = {key: self._people[key] for key in keys if key in self._people}
        for key in found:
            self._people.move_to_end(key)
        return found

    def put(self, people: Mapping[PersonKey, Person], version: int) -> None:
        """Remembers what was read at this version; an older version than the newest is not taken."""
        if self._version is not None and version < self._version:
            return
        if version != self._version:
            self._people.clear()
            self._version = version
        for key, person in people.items():
            self._people[key] = person
            self._people.move_to_end(key)
        while len(self._people) > self._size:
            self._people.popitem(last=False)

    def clear(self) -> None:
        """Forgets everybody."""
        self._people.clear()

    def __len__(self) -> int:
        return len(self._people)
