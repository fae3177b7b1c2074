"""A house that can be stopped and killed at any moment: its desks, what of them is on disk, the screens before them.

Desks, backlogs and catching up are the real ones. The disk keeps the outbox's rules: events in order, calls with the
last of them; a desk goes on under its epoch where nobody was told more than is stored. A screen complains of a gap.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from ctibridge.delivery.adapters.catching_up import CatchingUp
from ctibridge.delivery.backlog import Backlog, End
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptCall, KeptDesk, KeptEvent
from ctibridge.delivery.outputs import (
    CatchUp,
    Check,
    Close,
    Greet,
    KeepAck,
    KeepCall,
    KeepEvent,
    KeepHeard,
    KeepSights,
    Output,
    Send,
    keep,
)
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.account import AccountRef
from ctibridge.domain.moment import Moment
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer
from tests.delivery import examples as ex
from tests.delivery.memory_outbox import MemoryOutbox
from tests.leaks import canary

AGENTS = ("ana", "ben")
ACCOUNTS = (ex.ACME, ex.GLOBEX)
NAMES = {"acme": canary("Quillfeather"), "globex": canary("Brambleworth")}
"""Of the one employee of each customer."""
CALL_EVENTS = {"call.ringing", "call.updated", "call.answered", "call.ended"}


def account_of(call: int) -> AccountRef:
    return ACCOUNTS[call % 2]


class Disk(MemoryOutbox):
    """What is kept, and beside it what of that outlives a kill: rows, events, calls, and who was told how much."""

    def __init__(self) -> None:
        super().__init__()
        self.unwritten: list[KeptEvent] = []
        self.epochs: dict[str, str] = {}
        self.floors: dict[str, int] = {}
        self.stored: dict[str, KeptDesk] = {}
        self.stored_events: dict[str, list[KeptEvent]] = {}
        self.stored_calls: dict[tuple[str, str], KeptCall] = {}
        self.halfway: set[str] = set()
        """Whose events are stored without the calls that belong to them."""

    def keep_event(self, event: KeptEvent) -> None:
        super().keep_event(event)
        self.unwritten.append(event)
        self.epochs[event.agent] = event.epoch
        if event.heard:
            self.keep_heard(event.agent, event.epoch, event.sequence)

    def keep_heard(self, agent: str, epoch: str, sequence: int) -> None:
        self.heard[agent] = max(self.heard.get(agent, 0), sequence)

    def store(self, most: int | None = None) -> None:
        """One batch."""
        batch, self.unwritten = self.unwritten[:most], self.unwritten[len(self.unwritten[:most]) :]
        for event in batch:
            self.stored_events.setdefault(event.agent, []).append(event)
            self.halfway.add(event.agent)
        if not self.unwritten:
            self.stored_calls = dict(self.calls)
            self.halfway.clear()
        for agent, epoch in self.epochs.items():
            events = self.stored_events.get(agent)
            newest = events[-1].sequence if events else 0
            acked = min(self.acks.get(agent, 0), newest)
            self.stored[agent] = KeptDesk(agent, epoch, newest, self.floors.get(agent, 1), acked)

    def lose(self, most: int) -> dict[str, int]:
        """The oldest that are not written. Returns each such desk's new floor."""
        lost, self.unwritten = self.unwritten[:most], self.unwritten[most:]
        for event in lost:
            self.events[event.agent].remove(event)
            self.floors[event.agent] = event.sequence + 1
        return {event.agent: self.floors[event.agent] for event in lost}

    def start(self, fresh: Callable[[], str]) -> list[KeptDesk]:
        """As the next process finds it."""
        kept = [self._goes_on(desk) or KeptDesk(agent, fresh(), 0, 1, 0) for agent, desk in self.stored.items()]
        self.stored = {desk.agent: desk for desk in kept}
        for desk in kept:
            events = self.stored_events.get(desk.agent, [])
            self.stored_events[desk.agent] = [one for one in events if one.epoch == desk.epoch]
        self.stored_events = {agent: events for agent, events in self.stored_events.items() if events}
        self.events = {agent: events[:] for agent, events in self.stored_events.items()}
        self.calls = dict(self.stored_calls)
        self.acks = {desk.agent: desk.acked for desk in kept}
        self.epochs = {desk.agent: desk.epoch for desk in kept}
        self.floors = {desk.agent: desk.floor for desk in kept}
        self.unwritten, self.heard = [], {}
        self.halfway.clear()
        return [replace(desk, calls=self._calls_of(desk.agent)) for desk in kept]

    def _goes_on(self, desk: KeptDesk) -> KeptDesk | None:
        told = self.heard.get(desk.agent, 0)
        return desk if told <= desk.sequence and desk.agent not in self.halfway else None

    def _calls_of(self, agent: str) -> tuple[KeptCall, ...]:
        return tuple(replace(one, pop=None) for (whose, _), one in self.stored_calls.items() if whose == agent)


class Line:
    """One connection, as `adapters/connection.py` has it."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.greeted = False


class Screen:
    """A page: what it has heard, and what it makes of that."""

    def __init__(self, house: "House", agent: str) -> None:
        self.house = house
        self.agent = agent
        self.epoch = ""
        self.seen = 0
        self.states: dict[str, str] = {}
        self.number: int | None = None
        self.asleep = True

    @property
    def line(self) -> Line | None:
        return None if self.number is None else self.house.lines[self.number]

    @property
    def is_caught_up(self) -> bool:
        line = self.line
        return line is not None and line.greeted and not line.backlog and not line.backlog.ended

    def read(self, most: int) -> None:
        for _ in range(most):
            line = self.line
            if line is None or not (line.greeted or line.backlog.ended):
                return
            frame = line.backlog.take()
            if isinstance(frame, End):
                self.number = None
            elif frame is not None:
                self.hear(json.loads(frame))

    def hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "welcome":
            self._start(frame["data"])
        elif frame["type"] not in ("leader", "pong"):
            self._follow(frame)

    def _start(self, data: dict[str, Any]) -> None:
        if data["resumed"]:
            assert data["epoch"] == self.epoch, "resumed in another life of the desk"
            return
        self.epoch, self.seen = data["epoch"], data["sequence"]
        self.states = {one["call"]["id"]: one["call"]["state"] for one in data["calls"]}
        self.house.told |= {f"{self.epoch}.{sequence}" for sequence in range(1, self.seen + 1)}

    def _follow(self, event: dict[str, Any]) -> None:
        assert event["id"] == f"{self.epoch}.{self.seen + 1}", "a gap, or an event twice"
        self.seen += 1
        self.house.told.add(event["id"])
        said = self.house.said[event["id"]]
        assert (event["type"], event.get("subject")) == (said.kind, said.call), "an id that names another event"
        if event["type"] in CALL_EVENTS:
            self.states[event["subject"]] = event["data"]["call"]["state"]


class House:
    def __init__(self) -> None:
        self.disk = Disk()
        self.answers_fail = False
        self.grants = {(agent, account.id) for agent in AGENTS for account in ACCOUNTS}
        self.seconds = 0
        self.life = 0
        self.said: dict[str, KeptEvent] = {}
        self.told: set[str] = set()
        """Ids that some screen has heard of."""
        self.rang: set[tuple[str, str, int]] = set()
        self.screens = [Screen(self, agent) for agent in AGENTS for _ in range(2)]
        self._epochs = count(1)
        self._numbers = count(1)
        self._runner = asyncio.Runner()
        self.screens[0].asleep = False
        self.start()

    def close(self) -> None:
        self._runner.close()

    @property
    def now(self) -> Moment:
        return Moment(ex.AT + timedelta(seconds=self.seconds), float(self.seconds))

    # -- its lives -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.life += 1
        self.lines: dict[int, Line] = {}
        self.waiting: list[CatchUp] = []
        for screen in self.screens:
            screen.number = None
        self.desks = Desks("/ctibridge/desk-1", self._epoch, self.disk.start(self._epoch))
        self.catching_up = CatchingUp(self.disk, self.visible, self._ask)
        self.desks.restarted(self.now.at)
        self.deliver()

    def _epoch(self) -> str:
        return f"e{next(self._epochs)}"

    # -- what happens --------------------------------------------------------------------------------------------------

    def call_id(self, call: int) -> str:
        """Calls of before never ring again."""
        return f"c{self.life}-{call}"

    def visible(self, agent: str) -> frozenset[str]:
        return frozenset(account.id for account in ACCOUNTS if (agent, account.id) in self.grants)

    def answer(self, agent: str, call: int) -> Answer:
        """As this agent may see it now."""
        account = account_of(call)
        called = replace(ex.CALLED, account=account, name=f"{account.name} desk")
        if account.id not in self.visible(agent):
            unknown = Resolution(Status.UNKNOWN, None, ())
            return replace(ex.UNKNOWN, called=replace(called, granted=False), resolution=unknown)
        known = Resolution(Status.IDENTIFIED, account, (ex.candidate(NAMES[account.id], account),))
        return replace(ex.IDENTIFIED, called=called, resolution=known)

    async def _ask(self, agent: str, call: str) -> Answer | None:
        return None if self.answers_fail else self.answer(agent, int(call.rpartition("-")[2]))

    def deliver(self) -> None:
        while outputs := self.desks.drain():
            for output in outputs:
                self._do(output)

    def _do(self, output: Output) -> None:
        match output:
            case KeepEvent() | KeepCall() | KeepAck() | KeepHeard() | KeepSights():
                if isinstance(output, KeepEvent):
                    self._say(output.event)
                keep(self.disk, output)
            case CatchUp():
                self.waiting.append(output)
            case Send(number, frame):
                if not self.lines[number].backlog.put(frame, self.seconds):
                    self.desks.gone(number)
            case Close(number, code, reason):
                self.lines[number].backlog.end(End(code, reason), self.seconds)

    def _say(self, event: KeptEvent) -> None:
        name = f"{event.epoch}.{event.sequence}"
        assert name not in self.told, "an id that somebody knows already"
        self.said[name] = event
        if event.kind == "call.ringing":
            ring = event.agent, event.call or "", json.loads(event.data)["call"].get("round", 1)
            assert ring not in self.rang, "rang twice"
            self.rang.add(ring)

    # -- connections ---------------------------------------------------------------------------------------------------

    def connect(self, screen: Screen) -> None:
        number = screen.number = next(self._numbers)
        self.lines[number] = Line()
        resume = {"resume": {"epoch": screen.epoch, "sequence": screen.seen}} if screen.epoch else {}
        self.desks.connected(number, self.now)
        self.desks.receive(number, json.dumps({"type": "auth", "token": "t", "rings": True, **resume}), self.now)
        assert [type(output) for output in self.desks.drain()] == [Check]
        self.desks.admit(number, Token(f"t{number}", Kind.DESK, screen.agent, ex.AT), screen.agent, self.now)
        self.deliver()

    def attend(self, screen: Screen) -> None:
        """Somebody sits there: it reads what comes, and comes back when it is closed."""
        screen.read(100)
        if screen.number is None:
            self.connect(screen)
            while self.waiting:
                self.greet()
            screen.read(100)

    def greet(self) -> None:
        """The one that waits longest."""
        catch_up = self.waiting.pop(0)
        self.desks.greet(catch_up, self._runner.run(self.catching_up.read(catch_up)), ex.AT)
        for output in self.desks.drain():
            if isinstance(output, KeepSights):
                self._do(output)
                continue
            assert isinstance(output, Greet)
            hidden = {name for account, name in NAMES.items() if account not in self.visible(catch_up.agent)}
            assert not [name for name in hidden for frame in output.frames if name.encode() in frame]
            self.lines[output.session].backlog.greet(output.frames)
            self.lines[output.session].greeted = True
        self.disk.broken = self.answers_fail = False
