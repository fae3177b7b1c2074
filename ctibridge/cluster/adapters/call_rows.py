"""What is written of desks' calls, row by row: of those desks alone that are ours, as far as Redis knows."""

from collections.abc import Collection, Mapping, Sequence

from ctibridge.cluster import lots
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.together import Together
from ctibridge.cluster.adapters.wire import Argument
from ctibridge.cluster.keys import CALLS_LIFETIME, Keys

Words = Sequence[str | bytes]


class CallRows:
    """node, incarnation: who writes."""

    def __init__(self, link: Link | Together, keys: Keys, node: str, incarnation: str) -> None:
        self._link, self._keys = link, keys
        self._node, self._incarnation = node, incarnation
        self._script = Script("calls")
        self._number = 0

    async def write(self, desks: Mapping[str, Words], emptied: Collection[str] = ()) -> frozenset[str]:
        """desks: fields and values by agent; emptied: those of them of whom what lies there goes first. Returns those
        whose desks another node has: of them nothing was written. Raises RedisFault; Refused where some of the rest was
        refused."""
        self._number += 1
        keys = self._keys.lots, self._keys.wrote(self._node), *map(self._keys.calls, desks)
        head = self._node, self._incarnation, self._number, CALLS_LIFETIME
        tail: list[Argument] = []
        for agent, words in desks.items():
            tail += [lots.of_agent(agent), int(agent in emptied), len(words), *words]
        foreign, agents = await self._link.run(self._script, keys, *head, *tail), list(desks)
        return frozenset(agents[place - 1] for place in foreign)
