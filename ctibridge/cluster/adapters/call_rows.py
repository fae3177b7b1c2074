"""What is written of desks' calls, row by row: of those desks alone that are ours, as far as Redis knows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from redis.exceptions import ResponseError

from ctibridge.cluster import lots
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault
from ctibridge.cluster.adapters.script import Script
from ctibridge.cluster.adapters.together import Together
from ctibridge.cluster.adapters.wire import Argument, Reply
from ctibridge.cluster.keys import CALLS_LIFETIME, Keys

Words = Sequence[str | bytes]


class Wrote(NamedTuple):
    """foreign: agents whose desks are not ours, of which nothing was written. fault: what Redis refused of the others;
    None: nothing."""

    foreign: frozenset[str] = frozenset()
    fault: RedisFault | None = None


class CallRows:
    """node, incarnation: who writes. token: under which we have this lot; 0: we have it not."""

    def __init__(
        self, link: Link | Together, keys: Keys, node: str, incarnation: str, token: Callable[[int], int]
    ) -> None:
        self._link, self._keys = link, keys
        self._node, self._incarnation = node, incarnation
        self._token = token
        self._script = Script("calls")
        self._number = 0

    async def write(self, desks: Mapping[str, Words], emptied: Collection[str] = ()) -> Wrote:
        """desks: fields and values by agent; emptied: those of them of whom what lies there goes first. Raises
        RedisFault; Refused where nothing was written at all."""
        self._number += 1
        keys = self._keys.lots, self._keys.wrote(self._node), *map(self._keys.calls, desks)
        head = self._node, self._incarnation, self._number, CALLS_LIFETIME
        tail: list[Argument] = []
        for agent, words in desks.items():
            lot = lots.of_agent(agent)
            tail += [lot, self._token(lot), int(agent in emptied), len(words), *words]
        agents = list(desks)
        foreign, *refused = await self._link.run(self._script, keys, *head, *tail)
        return Wrote(frozenset(agents[place - 1] for place in foreign), self._fault(refused))

    def _fault(self, refused: Sequence[Reply]) -> RedisFault | None:
        return next((self._link.explain(one) for one in refused if isinstance(one, ResponseError)), None)
