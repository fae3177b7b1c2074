"""All receivers of webhooks: started, stopped and changed as the configuration says, while the daemon runs.

Comes in: which desk has another stored event; other settings. Goes out: a `Webhook` for each, and the metrics' figures.
"""

import asyncio
import ssl
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from ctibridge.delivery.adapters.webhook import Wanted, Webhook
from ctibridge.delivery.adapters.webhook_saying import Receiver, Source
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.delivery.webhooks import cursor as cursors
from ctibridge.delivery.webhooks.cursor import FORM
from ctibridge.delivery.webhooks.forms import CloudEvents, Form, Generic
from ctibridge.delivery.webhooks.pace import AT_ONCE, Pace
from ctibridge.delivery.webhooks.showing import Showing, Views

if TYPE_CHECKING:
    from ctibridge.delivery.adapters.webhook_client import Client
    from ctibridge.delivery.adapters.webhook_names import Names

Remark = Callable[[str, str | None], None]
"""By a subject; None takes it back."""
log = structlog.get_logger()


@dataclass(slots=True)
class Running:
    settings: WebhookSettings
    access: WebhookAccess
    webhook: Webhook
    task: asyncio.Task[None] = field(repr=False)


class Webhooks:
    """source: of the events; name: our `source` in each of them. names: makes what one receiver's name is looked up
    with, so that one that hangs keeps no other waiting; None: the loop's own executor."""

    def __init__(
        self, source: Source, name: str, views: Views, remark: Remark, names: "Callable[[], Names] | None" = None
    ) -> None:
        self._names = names
        self.running: dict[str, Running] = {}
        self._source = source
        self._name = name
        self._views = views
        self._remark = remark
        self._wanted: Mapping[str, tuple[WebhookSettings, WebhookAccess, Wanted]] = {}
        self._changed = asyncio.Event()

    def stored(self, agent: str) -> None:
        """This desk has another event in the store."""
        for one in self.running.values():
            one.webhook.news(agent)

    def erase(self, calls: Collection[str]) -> None:
        """Who called in these has to leave for good."""
        for one in self.running.values():
            one.webhook.erase(calls)

    def leave(self, agents: Iterable[str]) -> dict[str, dict[str, bytes]]:
        """Other nodes go on with these desks. Returns the facts (`FORM`) that go with each."""
        leaving, away = list(agents), dict[str, dict[str, bytes]]()
        for name, one in self.running.items():
            for agent, kept in one.webhook.leave(leaving).items():
                away.setdefault(agent, {}).update({cursors.key(name, key): body for key, body in kept.items()})
        return away

    def adopt(self, name: str, agent: str, cursor: cursors.Cursor, came: Mapping[str, bytes]) -> None:
        """One of `running`; came: of `leave`, of all receivers. Follows: `stay`."""
        self.running[name].webhook.adopt(agent, cursor, cursors.of(name, came))

    def stay(self, agents: Iterable[str]) -> None:
        """These desks are this node's."""
        staying = list(agents)
        for one in self.running.values():
            one.webhook.stay(staying)

    def retune(self, settings: Sequence[WebhookSettings], accesses: Mapping[str, WebhookAccess]) -> None:
        """These, and no others; one that was stopped by its receiver tries again."""
        stands = ((agent, self._source.stand(agent)) for agent in self._source.agents())
        now = Wanted(datetime.now(UTC), {agent: stand for agent, stand in stands if stand is not None})
        self._wanted = {one.name: (one, accesses[one.name], now) for one in settings}
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                await self._stop([name for name in self.running if not self._goes_on(name)])
                for name, one in self._wanted.items():
                    if name not in self.running:
                        await self._start(*one)
        finally:
            await self._stop(list(self.running))

    def _goes_on(self, name: str) -> bool:
        one = self.running[name]
        wanted = self._wanted.get(name, (None,))[:2]
        return wanted == (one.settings, one.access) and not one.webhook.pace.stopped

    async def _start(self, settings: WebhookSettings, access: WebhookAccess, wanted: Wanted) -> None:
        subject = f"webhook {settings.name}"
        self._remark(subject, None)
        try:
            client_of, context = await asyncio.to_thread(_loaded, settings)
        except OSError as error:
            log.error("webhook_ca_file", webhook=settings.name, why=error.strerror, mend="mend ca_file, then reload")
            self._remark(subject, f"{subject}: its ca_file cannot be used; mend it, then reload")
            return
        form = await self._form(settings, access)
        client = client_of(settings, access, context, form.refusals, self._names and self._names())
        receiver = Receiver(
            settings.name,
            frozenset(settings.agents),
            form,
            Showing(settings, self._views),
            client.post,
            partial(self._remark, subject),
        )
        webhook = Webhook(receiver, self._source, Pace(1 if form.one_by_one else AT_ONCE), wanted)
        task = asyncio.get_running_loop().create_task(_served(webhook, client))
        self.running[settings.name] = Running(settings, access, webhook, task)

    async def _form(self, settings: WebhookSettings, access: WebhookAccess) -> Form:
        if settings.format == "zammad":
            return Generic(cursors.of(settings.name, await self._source.facts(FORM)))
        return CloudEvents(self._name, access.key or b"", some=bool(settings.accounts))

    async def _stop(self, names: Sequence[str]) -> None:
        ending = [self.running.pop(name).task for name in names]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        for name in names:
            self._remark(f"webhook {name}", None)


def _loaded(settings: WebhookSettings) -> "tuple[type[Client], ssl.SSLContext]":
    """Blocks: the client takes a quarter of a second the first time, and no pop waits for that. Raises OSError."""
    from ctibridge.delivery.adapters.webhook_client import Client, tls  # noqa: PLC0415

    return Client, tls(settings)


async def _served(webhook: Webhook, client: "Client") -> None:
    """What breaks in it costs this receiver alone."""
    try:
        await webhook.run()
    except Exception:
        log.error("webhook_broke", exc_info=True)
    finally:
        await client.close()
