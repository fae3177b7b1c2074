"""A real outbox, receivers that do what a test tells them, and between both a webhook with short waits."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook as Official

from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.adapters.webhooks import Webhooks
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhook_settings import WebhookAccess, WebhookSettings
from ctibridge.delivery.webhooks.narrowing import Seen
from ctibridge.delivery.webhooks.showing import Views
from ctibridge.domain.screen_pop import Answer
from ctibridge.fields import Duration, Secret
from tests.delivery.adapters.outboxes import close_unclean, opened
from tests.delivery.kept_examples import event
from tests.peers.process import until
from tests.peers.receiver import Came, Receiver

KEY = bytes(range(32))
SOURCE = "/ctibridge/test"


def settings(url: str, name: str = "tool", **keys: Any) -> WebhookSettings:
    given = {"secret": Secret(file="key"), "timeout": Duration(2), "keep": Duration(30 * 86400), **keys}
    return WebhookSettings(name, url, **given)


def access(one: WebhookSettings) -> WebhookAccess:
    return WebhookAccess(one.url, KEY if one.format == "cloudevents" else None)


@dataclass
class Hooked:
    """remarks: of the health, by subject. seen: what `see` says; raises where it is an exception."""

    folder: Path
    outbox: Outbox
    webhooks: Webhooks
    tasks: list[asyncio.Task[None]]
    remarks: dict[str, str]

    def retune(self, *hooks: WebhookSettings) -> None:
        self.webhooks.retune(hooks, {one.name: access(one) for one in hooks})

    async def running(self, name: str = "tool") -> Any:
        """That webhook, when it has begun."""
        running = self.webhooks.running
        await until(lambda: name in running and running[name].webhook.has_begun, f"{name} runs")
        return self.webhooks.running[name].webhook

    def tell(self, first: int, last: int, agent: str = "ana", **changes: Any) -> list[KeptEvent]:
        """The desk says these, both included; the outbox writes them a moment later."""
        events = [
            event(number, agent, **{"heard": False, "at": datetime.now(UTC), **changes})
            for number in range(first, last + 1)
        ]
        for one in events:
            self.outbox.keep_event(one)
        return events

    async def end(self, *, clean: bool = True) -> None:
        """clean: with the outbox's last word, as after SIGTERM; else as after a kill in a quiet moment."""
        self.tasks[0].cancel()
        await asyncio.gather(self.tasks[0], return_exceptions=True)
        self.tasks[1].cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await (self.outbox.close() if clean else close_unclean(self.outbox))


@dataclass
class Eyes:
    """What the agents see, as the directory would say it."""

    visible: frozenset[str] = frozenset({"acme", "fleuron"})
    seen: dict[str, Seen | None] = field(default_factory=dict)
    asked: dict[str, Answer] = field(default_factory=dict)
    told: dict[str, frozenset[str]] = field(default_factory=dict)
    fails: Callable[[], Exception | None] = lambda: None

    def views(self) -> Views:
        return Views(lambda _: self.visible, self._ask, self._see, self.told.get)

    async def _ask(self, agent: str, call: str) -> Answer | None:
        return self.asked.get(call)

    async def _see(self, agent: str, call: str, accounts: frozenset[str]) -> Seen | None:
        if (fault := self.fails()) is not None:
            raise fault
        return self.seen.get(call)


@asynccontextmanager
async def hooked(
    folder: Path, *hooks: WebhookSettings, eyes: Eyes | None = None, keep: OutboxSettings | None = None
) -> AsyncGenerator[Hooked]:
    """Ended here unless the test has ended it."""
    outbox = await opened(folder, settings=keep or OutboxSettings(gather=0.001))
    remarks: dict[str, str] = {}

    def remark(subject: str, text: str | None) -> None:
        remarks.pop(subject, None)
        remarks.update({} if text is None else {subject: text})

    webhooks = Webhooks(outbox, SOURCE, (eyes or Eyes()).views(), remark)
    outbox.on_stored = lambda agent, _: webhooks.stored(agent)
    outbox.on_lost = lambda agent, _: webhooks.stored(agent)
    tasks = [asyncio.create_task(webhooks.run()), asyncio.create_task(outbox.run())]
    one = Hooked(folder, outbox, webhooks, tasks, remarks)
    one.retune(*hooks)
    try:
        for hook in hooks:
            await one.running(hook.name)
        yield one
    finally:
        if not tasks[1].done():
            await one.end()


def verified(came: Came) -> dict[str, Any]:
    """The event, if its signature is one by the official library's word."""
    event = Official(base64.b64encode(KEY).decode()).verify(came.body, dict(came.headers))
    assert event["id"] == came.headers["webhook-id"]
    assert event == json.loads(came.body)
    return dict(event)


def taken(receiver: Receiver) -> list[dict[str, Any]]:
    """The events that it took, in that order, all of them signed."""
    events = [(verified(came), came.reply) for came in receiver.came]
    return [event for event, reply in events if reply.status // 100 == 2 and reply.end != "cut"]


def sequences(events: Iterable[dict[str, Any]], desk: str = "ana") -> list[int]:
    return [int(event["sequence"]) for event in events if event["desk"] == desk and "sequence" in event]
