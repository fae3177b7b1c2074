"""What a receiver is sent of an event, in the form that it speaks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import msgspec

from ctibridge.delivery.encode_context import time
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhook_signature import opaque
from ctibridge.delivery.wire_webhook import GapData, GapEvent, WebhookEvent
from ctibridge.delivery.zammad import CONTENT_TYPE, Left, Step, Zammad

if TYPE_CHECKING:
    from ctibridge.delivery.webhooks.lane import Gap

CLOUDEVENTS = "application/cloudevents+json"

_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Message:
    """One request; without a body there is none, and it is only counted. id: the same at each attempt; empty where the
    form knows none. counts: for the form."""

    id: str
    content_type: str
    body: bytes = field(repr=False)
    counts: Step | None = None


class Form(Protocol):
    """names_people: what it sends of a pop says who may call. one_by_one: desks have their turns one at a time, event
    by event. refusals: statuses by which its receivers refuse what one request says. What is made of an event is made
    anew at each attempt."""

    names_people: bool
    one_by_one: bool
    refusals: frozenset[int]

    def messages(self, event: KeptEvent, number: int) -> Sequence[Message]:
        """event: as the receiver may see it; number: of those that it was sent of this desk. Without those of which
        `took` has heard."""

    def gap(self, agent: str, gap: "Gap", at: datetime) -> Sequence[Message]:
        """at: now. None at all where the form has no word for it."""

    def took(self, message: Message) -> Mapping[str, bytes | None]:
        """The receiver has it, or will never have it. What the next process wants back, by key; None: no longer."""

    def leave(self, agents: frozenset[str]) -> Left:
        """These desks go to other nodes."""

    def adopt(self, agent: str, came: Mapping[str, bytes]) -> Mapping[str, bytes | None]:
        """This desk came from another node with this of `leave`. Returns the same as `took`."""

    def erase(self, calls: Iterable[str]) -> None:
        """Who called in these has to leave for good."""


class CloudEvents:
    """CloudEvents 1.0, HTTP binding, structured mode. some: the receiver hears of some accounts only, and must not
    learn from a number how much there is besides."""

    names_people = True
    one_by_one = False
    refusals: frozenset[int] = frozenset()

    def __init__(self, source: str, key: bytes, *, some: bool) -> None:
        self._source = source
        self._key = key
        self._some = some

    def messages(self, event: KeptEvent, number: int) -> Sequence[Message]:
        name = f"{event.epoch}.{event.sequence}"
        body = WebhookEvent(
            specversion="1.0",
            id=self._name("event", event.agent, name) if self._some else name,
            source=self._source,
            type=event.kind,
            subject=msgspec.UNSET if event.call is None else event.call,
            time=time(event.at),
            sequence=str(number if self._some else event.sequence),
            data=msgspec.Raw(event.data),
            desk=event.agent,
        )
        return [Message(body.id, CLOUDEVENTS, _json.encode(body))]

    def gap(self, agent: str, gap: "Gap", at: datetime) -> Sequence[Message]:
        after, now = str(gap.after), str(gap.now)
        said = GapData(agent, None if self._some else after, None if self._some else now, gap.why)
        name = self._name("gap", agent, after, now)
        body = GapEvent("1.0", name, self._source, "webhook.gap", time(at), agent, said)
        return [Message(name, CLOUDEVENTS, _json.encode(body))]

    def took(self, message: Message) -> Mapping[str, bytes | None]:
        return {}

    def leave(self, agents: frozenset[str]) -> Left:
        return Left()

    def adopt(self, agent: str, came: Mapping[str, bytes]) -> Mapping[str, bytes | None]:
        return {}

    def erase(self, calls: Iterable[str]) -> None:
        """Nothing is remembered."""

    def _name(self, *parts: str) -> str:
        return opaque(self._key, *parts)


class Generic:
    """Zammad's generic CTI, which answers 500 to what it does not expect. kept: of the process before."""

    names_people = False
    one_by_one = True
    refusals = frozenset({500})

    def __init__(self, kept: Mapping[str, bytes] = MappingProxyType({})) -> None:
        self._zammad = Zammad(kept)

    def messages(self, event: KeptEvent, number: int) -> Sequence[Message]:
        return _forms(self._zammad.steps(event.agent, event))

    def gap(self, agent: str, gap: "Gap", at: datetime) -> Sequence[Message]:
        """One body that it would not have says nothing of the desk's other calls."""
        return [] if gap.why == "refused" else _forms(self._zammad.lost(agent))

    def took(self, message: Message) -> Mapping[str, bytes | None]:
        return {} if message.counts is None else self._zammad.took(message.counts)

    def leave(self, agents: frozenset[str]) -> Left:
        return self._zammad.leave(agents)

    def adopt(self, agent: str, came: Mapping[str, bytes]) -> Mapping[str, bytes | None]:
        return self._zammad.adopt(agent, came)

    def erase(self, calls: Iterable[str]) -> None:
        self._zammad.erase(calls)


def _forms(steps: Sequence[Step]) -> Sequence[Message]:
    return [Message("", CONTENT_TYPE, step.body, step) for step in steps]
