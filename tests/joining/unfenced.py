"""Rows of calls that are written whoever has their desks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ctibridge.cluster.adapters.call_rows import Words, Wrote
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.keys import Keys


@dataclass(frozen=True, slots=True)
class Unfenced:
    link: Link
    keys: Keys

    async def write(self, desks: Mapping[str, Words], emptied: Collection[str] = ()) -> Wrote:
        for agent in emptied:
            await self.link.call("DEL", self.keys.calls(agent))
        for agent, words in desks.items():
            if words:
                await self.link.call("HSET", self.keys.calls(agent), *words)
        return Wrote()
