"""Which lots this node had last, in its own store: for a start without Redis."""

from collections.abc import Mapping

import msgspec
import structlog

from ctibridge.delivery.adapters.outbox import Outbox

HELD = "cluster.held"
"""The kind of fact; its key is the node's name."""
_decoder = msgspec.json.Decoder(dict[int, int])

log = structlog.get_logger()


class Held:
    """node: our name."""

    def __init__(self, outbox: Outbox, node: str) -> None:
        self._outbox = outbox
        self._node = node

    async def last(self) -> dict[int, int] | None:
        """Token by lot; None where it never had one, or that cannot be read."""
        body = await self._outbox.fact(HELD, self._node)
        try:
            return None if body is None else _decoder.decode(body)
        except msgspec.DecodeError:
            log.warning("held_lots_unreadable", mend="nothing: Redis says what this node has")
            return None

    def keep(self, held: Mapping[int, int]) -> None:
        self._outbox.keep_fact(HELD, self._node, msgspec.json.encode({str(lot): token for lot, token in held.items()}))
