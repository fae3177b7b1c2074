"""Two customers, one desk service, and the webhook of one of them: what its tool is sent, as the bytes that go out."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from ctibridge.delivery.outputs import KeepEvent, Output
from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.delivery.webhooks.cursor import Cursor
from ctibridge.delivery.webhooks.forms import CloudEvents
from ctibridge.delivery.webhooks.showing import Showing, Step, Views
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import PersonKey
from ctibridge.fields import Secret
from ctibridge.flow.narrowed import seen
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.question import Pick
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.snapshot import build
from tests.fakes.directory_store import FakeDirectoryStore
from tests.flow.house import House, settle
from tests.lookup.adapters.asking import ELODIE, PATIENT
from tests.lookup.examples import (
    ACME,
    ACME_SERVICE,
    ANA,
    FLEURON,
    FLEURON_DESK,
    FLEURON_SERVICE,
    MOBILE,
    REGULA,
    ZURICH,
    row,
)

BOTH, HERS, NOBODYS = "+491713920099", "+33639980101", "+491713920000"
OTHERS = ("Élodie", "Lef\\u00e8vre", "Lefèvre", "e1", "leuron", FLEURON_DESK.lstrip("+"))
"""What would betray the other customer; none of it stands in an id."""
WHOLE = ("acme", "fleuron")


def directory() -> FakeDirectoryStore:
    held = {
        MOBILE: [row()],
        HERS: [row("fleuron", "e1", matched=HERS)],
        BOTH: [row(matched=BOTH), row("fleuron", "e1", matched=BOTH)],
    }
    made = FakeDirectoryStore(snapshot(1), held, [REGULA, ELODIE])
    made.records |= {REGULA.key: REGULA, ELODIE.key: ELODIE}
    return made


def snapshot(version: int, without: tuple[str, str] | None = None) -> Any:
    """without: agent and account of a grant that has ended."""
    grants = [Grant(agent, account) for agent in ("ana", "cleo") for account in WHOLE if (agent, account) != without]
    return build(
        version,
        tables=version,
        accounts=(ACME, FLEURON),
        agents=(ANA, Agent("cleo", "Cleo Marchand", languages=("fr", "de"))),
        shares=(RoleShare("acme"), RoleShare("fleuron")),
        grants=tuple(grants),
        service_numbers=(ACME_SERVICE, FLEURON_SERVICE),
        sites=(ZURICH,),
    )


class Tenants(House):
    """ana sits at 6001, cleo at 6003; both see both customers."""

    def __init__(self, store: FakeDirectoryStore, before: "Tenants | None" = None) -> None:
        self.store = store
        self.real = Lookup(store, ResolutionSettings(), LanguageSettings(), PATIENT)
        super().__init__(self.real, before=before)  # type: ignore[arg-type]

    @classmethod
    async def open(cls, before: "Tenants | None" = None) -> "Tenants":
        one = cls(directory(), before)
        await one.real.refresh()
        return one

    def do(self, output: Output) -> None:
        if isinstance(output, KeepEvent):
            self.outbox.keep_event(output.event)
        super().do(output)

    def views(self) -> Views:
        return Views(self._visible, self.flow.as_seen_now, self._see, self.desks.told_anywhere)

    def _visible(self, agent: str) -> frozenset[str]:
        return self.real.visible(agent, self.now.at)

    async def _see(self, agent: str, call: str, accounts: frozenset[str]) -> Any:
        return await seen(self.flow, self.real, agent, call, accounts, self.now.at)

    async def call(self, leg: str, number: str, called: str, line: str = "6001", dialog: str | None = None) -> None:
        self.ring(leg, line, number, called, dialog)
        await settle()

    async def choose(self, call: str, account: str, person: str, by: str = "ana") -> None:
        self.flow.choose(call, Pick(PersonKey(account, person), by, self.now.at))
        await settle()

    async def grant_ends(self, agent: str, account: str) -> None:
        self.store.current = snapshot(2, (agent, account))
        await self.real.refresh()
        await self.flow.review()
        await settle()


class Tool:
    """A receiver with these accounts; () hears of all. It hears what it has not heard yet."""

    def __init__(self, *accounts: str) -> None:
        keys: dict[str, Any] = {"accounts": accounts, "secret": Secret(file="key")}
        self._settings = WebhookSettings("tool", "https://tool.example/hook", **keys)
        self._form = CloudEvents("/ctibridge/test", bytes(32), some=bool(accounts))
        self._cursors: dict[str, Cursor] = {}

    async def hears(self, of: Tenants, agent: str = "ana", at: datetime | None = None) -> list[dict[str, Any]]:
        return [json.loads(body) for body in await self.bodies(of, agent, at)]

    async def bodies(self, of: Tenants, agent: str = "ana", at: datetime | None = None) -> list[bytes]:
        """As the driver does it."""
        showing, bodies = Showing(self._settings, of.views()), []
        cursor = self._cursors.setdefault(agent, Cursor("e0", 0))
        events = of.outbox.events.get(agent, [])
        for event in events[cursor.sequence :]:
            step = await showing.step(event, cursor.calls, at or of.now.at)
            bodies += self._said(cursor, step)
            cursor.sequence += 1
            if step.shown is not None and step.shown.told is not None and event.call is not None:
                cursor.tell(event.call, step.shown.told)
        return bodies

    def _said(self, cursor: Cursor, step: Step) -> list[bytes]:
        assert step.lost is None, step.lost
        if step.shown is None:
            return []
        cursor.sent += 1
        return [message.body for message in self._form.messages(replace(step.shown.event), cursor.sent)]


def types(events: list[dict[str, Any]]) -> list[str]:
    return [f"{event['type']} {event.get('subject')}" for event in events]


def betrays(bodies: list[bytes]) -> list[str]:
    """What of the other customer stands in it."""
    said = b"\n".join(bodies).decode()
    without_ids = "\n".join(json.dumps(json.loads(line) | {"id": ""}, ensure_ascii=False) for line in said.splitlines())
    return [word for word in OTHERS if f'"{word}"' in without_ids or (len(word) > 2 and word in without_ids)]
