"""What one receiver is told of one event: as its agent may see it now, or of some accounts only; or nothing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ctibridge.delivery import caught_up
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.delivery.webhooks import narrowing
from ctibridge.delivery.webhooks.cursor import Told
from ctibridge.delivery.webhooks.narrowing import Seen, Shown
from ctibridge.delivery.wire_webhook import Why
from ctibridge.domain.screen_pop import Answer


@dataclass(frozen=True, slots=True)
class Views:
    """visible: the accounts that an agent may see now. ask: what his pop of a call would say now. see: the same with
    some accounts alone; both None where the call is not known any more. told: of which accounts any desk was told with
    a call, None where nobody knows. `see` raises Unreadable."""

    visible: Callable[[str], frozenset[str]]
    ask: Callable[[str, str], Awaitable[Answer | None]]
    see: Callable[[str, str, frozenset[str]], Awaitable[Seen | None]]
    told: Callable[[str], frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of an event: shown and wanted, it is sent; lost, that is stated; else it is passed over."""

    shown: Shown | None = None
    wanted: bool = False
    lost: Why | None = None


_NOT_FOR_IT = Step()


class Unreadable(Exception):
    """What an event says now cannot be asked at this moment: the directory fails."""


class Showing:
    def __init__(self, settings: WebhookSettings, views: Views) -> None:
        self._accounts = frozenset(settings.accounts)
        self._events = frozenset(settings.events)
        self._keep = timedelta(seconds=settings.keep)
        self._views = views

    async def step(self, event: KeptEvent, known: Mapping[str, Told], now: datetime) -> Step:
        """known: of the calls, what a receiver with accounts was told last. Raises Unreadable."""
        wanted = not self._events or event.kind in self._events
        if not wanted and not self._accounts:
            return _NOT_FOR_IT
        step = await (self._narrowed(event, known) if self._accounts else self._now(event))
        if wanted and step.shown is not None and now - event.at > self._keep:
            return Step(lost="too_old")
        return Step(step.shown, wanted, step.lost if wanted else None)

    async def _now(self, event: KeptEvent) -> Step:
        """As a desk that comes back is shown it."""
        visible = self._views.visible(event.agent)
        asked = {}
        for call in caught_up.to_ask((event,), {}, visible):
            answer = await self._views.ask(event.agent, call)
            if answer is None:
                return Step(lost="unreadable")
            asked[call] = answer
        shown = caught_up.event_now(event, visible, asked)
        return Step(lost="unreadable") if shown is None else Step(Shown(shown))

    async def _narrowed(self, event: KeptEvent, known: Mapping[str, Told]) -> Step:
        if event.call is None or event.kind == "notice":
            return _NOT_FOR_IT
        seen = None
        if narrowing.must_ask(event, known):
            seen = await self._views.see(event.agent, event.call, self._accounts)
            if seen is None:
                return Step(lost="unreadable")
        visible, told = self._views.visible(event.agent), self._views.told(event.call)
        return Step(narrowing.shown(event, seen, known.get(event.call), self._accounts, visible, told))
