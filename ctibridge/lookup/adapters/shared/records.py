"""Records of people by their keys, some at a time, so that no reply is large."""

from collections.abc import Iterable, Sequence

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared.asking import Command
from ctibridge.lookup.adapters.shared.layout import Layout, field
from ctibridge.lookup.adapters.shared.looking import Looking
from ctibridge.lookup.adapters.shared.record import Record

AT_ONCE = 250
"""Some milliseconds of work here."""


class Records:
    def __init__(self, looking: Looking) -> None:
        self._looking = looking

    async def read(self, keys: Iterable[PersonKey]) -> dict[PersonKey, Record]:
        """Those who are there. Raises OSError, or ValueError for a record that is none."""
        wanted = list(dict.fromkeys(keys))
        found: dict[PersonKey, Record] = {}
        for at in range(0, len(wanted), AT_ONCE):
            found |= await self._some(wanted[at : at + AT_ONCE])
        return found

    async def people(self, keys: Iterable[PersonKey]) -> dict[PersonKey, Person]:
        return {key: records.person(key, record) for key, record in (await self.read(keys)).items()}

    async def _some(self, keys: Sequence[PersonKey]) -> dict[PersonKey, Record]:
        def commands(layout: Layout) -> list[Command]:
            return [("HGET", layout.people(key), field(key)) for key in keys]

        found = zip(keys, await self._looking.ask(commands), strict=True)
        newest = ((key, next(iter(records.unpack(packed)), None)) for key, packed in found)
        return {key: record for key, record in newest if record is not None}
