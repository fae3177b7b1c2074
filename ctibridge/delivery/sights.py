"""Who saw whom: each time that a desk, or a receiver of webhooks, is told of a person.

Comes in: what is told, as a value or as the JSON text of a frame. Goes out: sights, which name persons by their ids
alone. Where a pop names the company only, or nobody, there is none.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from ctibridge.delivery.caught_up import POPS, CaughtUp
from ctibridge.delivery.kept import KeptEvent, Sight
from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Candidate
from ctibridge.domain.screen_pop import ScreenPop

POP = "pop"
"""A candidate on the pop of a call, also when somebody comes back and is shown it then."""
HAND_OVER = "hand_over"
"""The same of a call that continues another one."""
SEARCH = "search"
"""In the answer to a search."""
LIST = "list"
"""In the list of the day's calls."""
WEBHOOK = "webhook:{}"
"""In an event that this receiver took; the agent is whose desk the event is of."""

_NAMES = b'"candidates":[{'
"""Of ten thousand events that are sent again most name nobody, and need not be read."""


def of_pop(agent: str, pop: ScreenPop, at: datetime) -> tuple[Sight, ...]:
    how = POP if pop.answer.hand_over is None else HAND_OVER
    return tuple(_each(agent, _keys(pop.answer.resolution.candidates), pop.call.id, how, at))


def of_search(agent: str, call: str, found: Iterable[Candidate], at: datetime) -> tuple[Sight, ...]:
    return tuple(_each(agent, _keys(found), call, SEARCH, at))


def of_list(agent: str, named: Iterable[tuple[str, PersonKey]], at: datetime) -> tuple[Sight, ...]:
    """named: calls, each with who is named there."""
    return tuple(one for call, person in named for one in _each(agent, (person,), call, LIST, at))


def of_caught_up(agent: str, told: CaughtUp, at: datetime) -> tuple[Sight, ...]:
    """at: now, when it is sent. Raises msgspec.DecodeError for a pop that is none."""
    texts = [event.data for event in told.events or () if event.kind in POPS]
    texts += [bytes(raw) for raw in told.calls]
    texts += [bytes(one.pop) for one in told.details if one.pop is not None]
    return tuple(one for text in texts for one in _of_data(agent, text, at, None))


def of_webhook(name: str, event: KeptEvent, at: datetime) -> tuple[Sight, ...]:
    """event: as the receiver was sent it. Raises msgspec.DecodeError for a pop that is none."""
    if event.kind not in POPS:
        return ()
    return tuple(_of_data(event.agent, event.data, at, WEBHOOK.format(name)))


class _Call(msgspec.Struct):
    id: str


class _Person(msgspec.Struct):
    account: str
    id: str


class _Candidate(msgspec.Struct):
    person: _Person


class _Resolution(msgspec.Struct):
    candidates: list[_Candidate] = []


class _Pop(msgspec.Struct):
    call: _Call
    resolution: _Resolution = msgspec.field(default_factory=_Resolution)
    hand_over: object = None


_pop = msgspec.json.Decoder(_Pop)


def _of_data(agent: str, data: bytes, at: datetime, how: str | None) -> Iterator[Sight]:
    """how: None where the pop itself says it."""
    if _NAMES not in data:
        return iter(())
    pop = _pop.decode(data)
    keys = [PersonKey(one.person.account, one.person.id) for one in pop.resolution.candidates]
    return _each(agent, keys, pop.call.id, how or (POP if pop.hand_over is None else HAND_OVER), at)


def _keys(candidates: Iterable[Candidate]) -> Iterator[PersonKey]:
    return (candidate.person.key for candidate in candidates)


def _each(agent: str, people: Iterable[PersonKey], call: str, how: str, at: datetime) -> Iterator[Sight]:
    return (Sight(agent, person.account, person.id, call, how, at) for person in people)
