"""Nodes of a cluster in one process: whole flows, joined by a stream in memory: late, but in one order for all."""

import json
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.outputs import Command, KeepCall, KeepEvent, Send
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.desk_command import Done, Shown, Sit, Take, WriteNote
from ctibridge.domain.line import Line
from ctibridge.domain.moment import Moment
from ctibridge.flow.call_names import SharedNames, is_spent
from ctibridge.flow.crossing import Crossing
from ctibridge.flow.flow import Flow
from ctibridge.flow.homes import Homes
from ctibridge.flow.joint import Joint
from ctibridge.flow.nodes import Nodes
from ctibridge.lookup.settings import DialPlan
from ctibridge.sip.events import Event, Identity, RingEnd, RingEnded, RingStarted, View, Withheld
from tests.delivery.memory_outbox import MemoryOutbox
from tests.flow.house import AT, NOW, FakeLookup

LINES = [
    Line("pbx", "6001", ("ana",)),
    Line("pbx", "6002", ("ana", "ben")),
    Line("pbx", "6003", ("cleo",)),
    Line("pbx", "6004", ("dora",)),
]
AGENTS = ("ana", "ben", "cleo", "dora")
HOMES = {"ana": "n1", "ben": "n2", "cleo": "n2", "dora": "n1"}
KEY = b"key"


@dataclass
class Stream:
    """entries: node, incarnation, kind, body, in the one order of Redis, and whether all are to carry it out; on the
    way: of each sender, in its order."""

    entries: list[tuple[tuple[str, str, str, bytes], bool]] = field(default_factory=list)
    on_the_way: dict[str, deque[tuple[str, bytes, bool]]] = field(default_factory=dict)


class Node:
    """One node: desks, flow, crossing. homes: the node of each agent; None: it is alone in the world."""

    def __init__(
        self, name: str, homes: dict[str, str] | None, stream: Stream, now: "Now", desks: Desks | None = None
    ) -> None:
        self.name, self.incarnation, self.read = name, "1", 0
        self._ahead: set[int] = set()
        self._stream, self._now = stream, now
        stream.on_the_way[name] = deque()
        words = count(1)
        self.lookup, self.outbox = FakeLookup(), MemoryOutbox()
        self.desks = desks or Desks(f"/ctibridge/{name}", lambda: f"{name}{next(words)}")
        self.desks.set_lines(LINES)
        self.events: list[KeptEvent] = []
        self.frames: list[tuple[int, dict[str, Any]]] = []
        self._homes = homes
        self.crossing = Crossing(name, "1", self.desks.seats, self.mine, self, lambda: now.moment.clock)
        plans = {"pbx": DialPlan("DE")}
        said = Nodes(
            SharedNames(KEY, self._has), Homes(None if homes is None else self.mine), self.crossing.say
        )  # fmt: skip
        self.flow = Flow(self.lookup, self.desks, self.outbox, plans, lambda: now.moment, said, self.deliver)
        self.crossing.flow = self.flow
        if desks is None:
            self._join()

    def mine(self, agent: str) -> bool:
        return self._homes is None or self._homes[agent] == self.name

    def say(self, kind: str, body: bytes) -> None:
        """The post."""
        self._stream.on_the_way[self.name].append((kind, body, True))

    def tell(self, kind: str, body: bytes, *, can_wait: bool = False) -> None:
        """The post, too."""
        self._stream.on_the_way[self.name].append((kind, body, False))

    def hear(self, event: Event) -> None:
        self.crossing.hear_own(event)

    def send(self) -> bool:
        """One word of ours enters the stream."""
        waiting = self._stream.on_the_way[self.name]
        if waiting:
            kind, body, to_all = waiting.popleft()
            self._stream.entries.append(((self.name, self.incarnation, kind, body), to_all))
            return True
        return False

    def receive(self, *, told: bool = False) -> bool:
        """The next entry reaches us, of those that we do not hear ourselves. told: one that was told, if there is any,
        before what all carry out, though it came behind that."""
        unread = [at for at in range(self.read, len(self._stream.entries)) if at not in self._ahead]
        unread = [at for at in unread if self._is_for_us(at)]
        if not unread:
            self.read = len(self._stream.entries)
            return False
        at = next((at for at in unread if told and not self._stream.entries[at][1]), unread[0])
        if at == unread[0]:
            self.read = at + 1
        else:
            self._ahead.add(at)
        self.crossing.hear(*self._stream.entries[at][0])
        return True

    def _is_for_us(self, at: int) -> bool:
        (node, incarnation, _, _), to_all = self._stream.entries[at]
        return to_all or (node, incarnation) != (self.name, self.incarnation)

    def says(self, agent: str, frame: dict[str, Any]) -> None:
        self.desks.receive(AGENTS.index(agent) + 1, json.dumps(frame), self._now.moment)
        self.deliver()

    def deliver(self) -> None:
        while outputs := self.desks.drain():
            for output in outputs:
                match output:
                    case KeepEvent(event):
                        self.events.append(event)
                    case KeepCall(call):
                        self.outbox.keep_call(call)
                    case Send(number, frame):
                        self.frames.append((number, json.loads(frame)))
                    case Command(WriteNote() as command):
                        self._say(self.flow.written(command))
                    case Command(Sit() as command):
                        self._say(command)
                    case Command(Take() | Done() as command) if self.flow.calling_back.may(command):
                        self._say(command)
                    case Command(Shown()):
                        pass

    def told(self, agent: str) -> dict[str, list[tuple[str, ...]]]:
        """By call: what this desk was told of it, in order."""
        told: dict[str, list[tuple[str, ...]]] = {}
        for event in self.events:
            if event.agent == agent and event.call is not None:
                data = json.loads(event.data)
                call = data["call"]
                words = (event.kind, call["state"], str(call.get("round")), str(call.get("outcome")), call["line"])
                told.setdefault(event.call, []).append((*words, str(data.get("state")), str(data.get("by"))))
        return told

    def _say(self, command: Joint) -> None:
        self.crossing.say(command)

    def _has(self, call: str) -> bool:
        return is_spent(self.desks.having(call, self._now.moment.at).values())

    def _join(self) -> None:
        for number, agent in enumerate(AGENTS, 1):
            if self.mine(agent):
                self.desks.connected(number, NOW)
                self.desks.receive(number, '{"type": "auth", "token": "t"}', NOW)
                self.desks.admit(number, Token("id", Kind.DESK, agent, AT, None, None), agent, NOW)
        self.deliver()


@dataclass
class Now:
    moment: Moment = NOW

    def later(self, seconds: float) -> None:
        self.moment = Moment(self.moment.at + timedelta(seconds=seconds), self.moment.clock + seconds)


class Cluster:
    """homes: the node of each agent."""

    def __init__(self, homes: dict[str, str]) -> None:
        self.now, self.stream, self.homes = Now(), Stream(), homes
        self.nodes = {name: Node(name, homes, self.stream, self.now) for name in sorted(set(homes.values()))}

    def settle(self) -> None:
        """All that was said has reached everybody."""
        moved = True
        while moved:
            moved = sum(node.send() or node.receive() for node in self.nodes.values()) > 0

    def missed(self, name: str) -> None:
        """What was said until now does not reach this node."""
        for node in self.nodes.values():
            while node.send():
                pass
        self.nodes[name].read = len(self.stream.entries)

    def begun_anew(self, name: str, *, restarted: bool = True) -> Node:
        """The node's next process, with the desks of the one before; it has heard nothing yet. restarted: what went on
        there has ended."""
        old = self.nodes[name]
        if restarted:
            old.desks.restarted(self.now.moment.at)
        old.deliver()
        fresh = self.nodes[name] = Node(name, self.homes, self.stream, self.now, old.desks)
        fresh.read, fresh.events = len(self.stream.entries), old.events
        return fresh

    def later(self, seconds: float) -> None:
        self.settle()
        self.now.later(seconds)
        for node in self.nodes.values():
            node.flow._wake()

    def at_home(self, agent: str) -> Node:
        return self.nodes[self.homes[agent]]

    def told(self, agent: str) -> dict[str, list[tuple[str, ...]]]:
        return self.at_home(agent).told(agent)


def ring(leg: str, line: str, call: str = "call-1", caller: str = "111", view: View = View.CONTACT) -> RingStarted:
    identity = Identity(caller, None, Withheld.NO, "From")
    return RingStarted("pbx", line, leg, (call, "tag"), None, identity, ("+4931",), view)


def over(leg: str, how: RingEnd = RingEnd.CANCELLED) -> RingEnded:
    return RingEnded(leg, how)
