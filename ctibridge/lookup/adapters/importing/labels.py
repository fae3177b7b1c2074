"""Labels of numbers, as the store numbers them: the first ones met keep their names, all others are `other`."""

from collections.abc import Sequence

import aiosqlite

from ctibridge.lookup.adapters.importing.preparing import NEW_LABELS, Phone
from ctibridge.lookup.adapters.tables import MOST_LABELS, OTHER_LABEL


class Labels:
    """Of one import. known: their numbers by now, of new ones also where a dry run does not write them."""

    def __init__(self, connection: aiosqlite.Connection, known: dict[str, int], *, writes: bool) -> None:
        self._connection = connection
        self._writes = writes
        self.known = known

    async def settle(self, phones: Sequence[Phone], new: Sequence[str]) -> Sequence[Phone]:
        """The same numbers with labels that the store has. new: the names of those from NEW_LABELS on."""
        if not new:
            return phones
        if self._writes:  # another import may have been faster
            rows = await self._connection.execute_fetchall("SELECT name, no FROM directory_label")
            self.known.update({row[0]: row[1] for row in rows})
        numbers = {NEW_LABELS + at: await self._number(name) for at, name in enumerate(new)}
        settled = {
            (number, index, numbers.get(label, label), origin): (imported, changed_at)
            for number, index, label, origin, imported, changed_at in phones
        }
        return sorted((*key, *told) for key, told in settled.items())

    async def _number(self, name: str) -> int:
        number = self.known.get(name)
        if number is None:
            if len(self.known) >= MOST_LABELS:
                return OTHER_LABEL
            number = max(self.known.values(), default=OTHER_LABEL) + 1
            self.known[name] = number
            if self._writes:
                await self._connection.execute("INSERT INTO directory_label VALUES (?, ?)", (number, name))
        return number
