"""A call for a customer's own tool: asked again, as itself and as the one that it continues, with that customer's
accounts alone."""

from datetime import datetime

from ctibridge.delivery.webhooks.narrowing import Seen
from ctibridge.delivery.webhooks.showing import Unreadable
from ctibridge.flow.flow import Flow
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.narrowed import narrowed


async def seen(
    flow: Flow, lookup: Lookup, agent: str, call: str, accounts: frozenset[str], now: datetime
) -> Seen | None:
    """None: the call is not known any more. Of its own time, so that it is the same whenever it is asked; with what the
    agent may see at `now`. Raises Unreadable."""
    asked = await flow.anew(agent, call)
    if asked is None:
        return None
    own = await narrowed(lookup, asked.own, agent, accounts, now)
    first = None if asked.first is None else await narrowed(lookup, asked.first, agent, accounts, now)
    if own is None or (asked.first is not None and first is None):
        raise Unreadable
    called, answer = own
    answer = asked.whole(answer, None if first is None else first[1])
    both = {called, first[0]} if first is not None and answer.hand_over is not None else {called}
    return Seen(frozenset(one for one in both if one is not None), answer)
