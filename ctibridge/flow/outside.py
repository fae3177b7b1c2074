"""What programs outside are told: webhooks, with what they need of the other rooms. Without one nothing is loaded."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.delivery.webhooks.narrowing import Seen
from ctibridge.delivery.webhooks.showing import Views
from ctibridge.flow.flow import Flow
from ctibridge.flow.narrowed import seen
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.sip.adapters.addresses import AddressLookup

if TYPE_CHECKING:
    from ctibridge.delivery.adapters.webhook_names import Names
    from ctibridge.delivery.adapters.webhooks import Webhooks


class Outside:
    """source: of our events. remark: for the health, by a subject; None takes it back. now: aware UTC."""

    def __init__(
        self,
        source: str,
        outbox: Outbox,
        desks: Desks,
        lookup: Lookup,
        flow: Flow,
        remark: Callable[[str, str | None], None],
        now: Callable[[], datetime],
    ) -> None:
        self.webhooks: Webhooks | None = None
        """None until there is one."""
        self._source = source
        self._outbox = outbox
        self._desks = desks
        self._lookup = lookup
        self._flow = flow
        self._remark = remark
        self._now = now
        self._wanted = asyncio.Event()

    def stored(self, agent: str, sequence: int) -> None:
        """This desk's events up to that one are in the store."""
        self._desks.stored(agent, sequence)
        if self.webhooks is not None:
            self.webhooks.stored(agent)

    def erase(self, calls: Collection[str]) -> None:
        """Who called in these has to leave for good."""
        if self.webhooks is not None:
            self.webhooks.erase(calls)

    def retune(self, settings: Sequence[WebhookSettings], accesses: Mapping[str, WebhookAccess]) -> None:
        """accesses: by name, one for each."""
        if self.webhooks is None and settings:
            from ctibridge.delivery.adapters.webhooks import Webhooks  # noqa: PLC0415 - costs a start 0.2 s

            views = Views(self._visible, self._flow.as_seen_now, self._see, self._desks.told_anywhere)
            self.webhooks = Webhooks(self._outbox, self._source, views, self._remark, _names)
            self._wanted.set()
        if self.webhooks is not None:
            self.webhooks.retune(settings, accesses)

    async def run(self) -> None:
        """Until cancelled."""
        await self._wanted.wait()
        assert self.webhooks is not None
        await self.webhooks.run()

    def _visible(self, agent: str) -> frozenset[str]:
        return self._lookup.visible(agent, self._now())

    async def _see(self, agent: str, call: str, accounts: frozenset[str]) -> Seen | None:
        return await seen(self._flow, self._lookup, agent, call, accounts, self._now())


def _names() -> "Names":
    """As the trunks' names are asked for: two threads of its own."""
    return AddressLookup().addresses
