"""The whole room on virtual time, driven as `adapters/web.py` drives it: calls and frames in, outputs out."""

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from ctibridge.delivery import caught_up
from ctibridge.delivery.caught_up import CaughtUp
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import CatchUp, Check, Greet, Keep, Output, Send, keep
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.line import Line
from ctibridge.domain.moment import Moment
from tests.delivery import examples as ex
from tests.delivery.memory_outbox import MemoryOutbox

LINES = (Line("pbx", "6001", ("ana",)), Line("pbx", "6004", ("ana", "ben")))
VISIBLE = frozenset({"acme", "globex"})


def counted() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"e{next(numbers)}"


class Room:
    """clock: seconds since `examples.AT`. told: what other connections heard of the newest sign-in."""

    def __init__(self, **options: Any) -> None:
        self.desks = Desks("/ctibridge/desk-1", counted(), **options)
        self.desks.set_lines(LINES)
        self.outbox = MemoryOutbox()
        self.clock = 0.0
        self.numbers = count(1)
        self.told: list[Output] = []

    @property
    def now(self) -> Moment:
        return Moment(ex.AT + timedelta(seconds=self.clock), self.clock)

    def said(self) -> list[Output]:
        """What is not kept."""
        return [output for output in self.desks.drain() if not self.kept(output)]

    def kept(self, output: Output) -> bool:
        if not isinstance(output, Keep):
            return False
        keep(self.outbox, output)
        return True

    def check(self, *, relayed: bool = False, **auth: Any) -> int:
        """A connection that waits for the verdict on its token."""
        number = next(self.numbers)
        self.desks.connected(number, self.now, relayed=relayed)
        self.desks.receive(number, json.dumps({"type": "auth", "token": "t", **auth}), self.now)
        assert [type(output) for output in self.said()] == [Check]
        return number

    def admit(self, agent: str = "ana", seconds: float = 3600, **auth: Any) -> CatchUp:
        """A connection that is signed in and not greeted yet."""
        number = self.check(**auth)
        token = Token(f"t{number}", Kind.DESK, agent, self.now.at, self.now.at + timedelta(seconds=seconds))
        self.desks.admit(number, token, agent, self.now)
        *self.told, catch_up = self.said()
        assert isinstance(catch_up, CatchUp)
        return catch_up

    def greet(self, wanted: CatchUp) -> list[dict[str, Any]]:
        self.desks.greet(wanted, self.read(wanted), self.now.at)
        (greet,) = self.said()
        assert isinstance(greet, Greet)
        return [json.loads(frame) for frame in greet.frames]

    def sign_in(self, agent: str = "ana", seconds: float = 3600, **auth: Any) -> tuple[int, list[dict[str, Any]]]:
        self.said()
        catch_up = self.admit(agent, seconds, **auth)
        return catch_up.session, self.greet(catch_up)

    def read(self, wanted: CatchUp) -> CaughtUp:
        """By an agent who sees everything."""
        events = None
        if wanted.after is not None:
            events = tuple(self.outbox.events.get(wanted.agent, ())[wanted.after : wanted.until])
        kept = [(known, self.outbox.calls[known.agent, known.call.id].pop) for known in wanted.calls]
        pops = [(known, None if pop is None else pop.data) for known, pop in kept]
        return CaughtUp(
            events,
            tuple(caught_up.call_now(known, pop, VISIBLE) for known, pop in pops),
            tuple(caught_up.detail(known, pop, VISIBLE) for known, pop in pops),
        )

    def send(self, number: int, **frame: Any) -> list[Output]:
        self.desks.receive(number, json.dumps(frame), self.now)
        return self.said()


def events(outputs: list[Output]) -> list[tuple[int, str]]:
    return [(out.session, json.loads(out.frame)["type"]) for out in outputs if isinstance(out, Send)]


def error(outputs: list[Output]) -> str:
    (output,) = outputs
    assert isinstance(output, Send)
    code: str = json.loads(output.frame)["data"]["code"]
    return code
