"""The frames of the stream that are no events as JSON text, in the words of `wire_control`."""

from collections.abc import Iterable, Sequence
from hashlib import blake2s

import msgspec

from ctibridge.delivery import wire_control as wire
from ctibridge.delivery.encode import person
from ctibridge.delivery.encode_context import sure_text, time
from ctibridge.delivery.wire_context import AccountBody
from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Candidate
from ctibridge.domain.work import Work

_json = msgspec.json.Encoder()


def welcome(data: wire.WelcomeData) -> bytes:
    return _json.encode(wire.Welcome(data))


def pong(lines: Sequence[wire.LineBody], stored: int) -> bytes:
    return _json.encode(wire.Pong(wire.PongData(list(lines), stored)))


def leader(*, rings: bool) -> bytes:
    return _json.encode(wire.Leader(wire.LeaderData(rings)))


def people(call: str, text: Private, found: Sequence[Candidate]) -> bytes:
    """The answer to a search. Of the candidates, it is the persons that are told, best first."""
    bodies = [wire.FoundBody(person(one), AccountBody(one.account.id, one.account.name)) for one in found]
    return _json.encode(wire.People(wire.PeopleData(call, sure_text(text), bodies)))


def work_body(done: Work | None) -> wire.WorkBody | None:
    return None if done is None else wire.WorkBody(done.state.value, done.by, time(done.at), done.answered_in)


def today(since: str, calls: Sequence[wire.TodayCallBody]) -> bytes:
    return _json.encode(wire.Today(wire.TodayData(since, list(calls))))


def colleagues(agents: Iterable[tuple[Agent, bool]], visible: frozenset[str]) -> bytes:
    """agents: each with whether he is here. visible: the accounts that the asking one may see."""
    bodies = [wire.ColleagueBody(agent.id, agent.name, list(agent.languages), here) for agent, here in agents]
    return _json.encode(wire.Colleagues(wire.ColleaguesData(bodies, _mark(visible))))


def _mark(visible: frozenset[str]) -> str:
    """The same for the same accounts, in every process."""
    return blake2s("\n".join(sorted(visible)).encode(), digest_size=6).hexdigest()


def error(code: wire.ErrorCode, message: str) -> bytes:
    return _json.encode(wire.Error(wire.ErrorData(code, message)))
