"""A cluster on virtual time: members with clocks of their own, one registry, a network that delays, loses and delivers
late, processes that are stopped, woken and killed, and what an application does with what its member says. It judges
all the time; `Broken` says what went wrong.

A node *acts* on a lot when `Member.holds` says so and it is not alone: then it tells the lot's desk and numbers its
events under a record of the cluster. Who is alone serves its own old epochs and is not counted; but it may be so only
after a request of its own, begun and waited for without being stopped, had no answer.
"""

import heapq
from collections.abc import Callable, Iterable
from itertools import count
from math import inf

from ctibridge.cluster.beat import Beat
from ctibridge.cluster.lease import BEATS
from ctibridge.cluster.member import Member
from ctibridge.cluster.outputs import Alone, Ask, Gained, Left, Lines, Lost, Nudge, Output, Prepare, Yield
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import Info
from tests.cluster.machine import Epoch, Node

LEASE = 5.0
LOTS = 3
NEVER = inf
UNSEEN = 1.5 * LEASE / BEATS
"""Seconds. A process does not see that it was stopped for less: its next timer is not late enough."""


class Broken(AssertionError):
    """The protocol did what it must not."""


class World:
    """registry: as it is; up: Redis answers. told: of each lot the epochs of acting owners, newest last."""

    def __init__(self, nodes: dict[str, tuple[float, float]], redundancy: str = "one") -> None:
        self.t = 0.0
        self.up = True
        self.registry = Registry()
        self.states: dict[tuple[int, int], Epoch] = {}
        self.nodes = {name: Node(name, clock) for name, clock in nodes.items()}
        self.redundancy = redundancy
        self.forgot_at = -inf
        self.ready_at = dict.fromkeys(range(LOTS), -inf)
        self.primary = 0
        self.numbered: dict[Epoch, tuple[str, int]] = {}
        self.told: dict[int, list[int]] = {lot: [] for lot in range(LOTS)}
        self._fresh = count(1)
        self._facts = count(1)
        self._events: list[tuple[float, int, Callable[[], None]]] = []

    # what may happen

    def start(self, name: str, replaces: bool = True, weight: float = 1.0) -> None:
        node = self.nodes[name]
        old = f"{name}{node.process}" if replaces and node.process else ""
        node.process += 1
        node.lines.clear()
        node.mailbox.clear()
        node.desks = dict(node.disk)
        node.asked, node.stopped_at, node.ran_since, node.unanswered = None, None, self.t, -inf
        node.member = Member(
            name,
            f"{name}{node.process}",
            node.local(self.t),
            LEASE,
            replaces=old,
            info=Info(weight, redundancy=self.redundancy),
            last_held=node.last_held,
            lots=LOTS,
        )
        self._do(node, lambda member, now: member.wake(now))

    def kill(self, name: str) -> None:
        self.nodes[name].member = None

    def stop(self, name: str) -> None:
        self.nodes[name].stopped_at = self.t

    def wake(self, name: str, timers_first: bool) -> None:
        """Whatever it does first, it may not act on what it believed when it was stopped."""
        node = self.nodes[name]
        if self.t > (node.stopped_at or 0.0) + UNSEEN:
            node.ran_since = self.t
        node.stopped_at = None
        self.judge()
        arrived, node.mailbox = node.mailbox, []
        if timers_first:
            self._tick(node)
        for happen in arrived:
            happen()
            self.judge()
        self._tick(node)

    def drain(self, name: str, patience: float) -> None:
        self._do(self.nodes[name], lambda member, now: member.drain(now, patience))
        self._do(self.nodes[name], lambda member, now: member.silent(now))

    def weigh(self, name: str, weight: float) -> None:
        self._do(self.nodes[name], lambda member, now: member.tell(Info(weight, redundancy=self.redundancy), now))

    def redis(self, up: bool) -> None:
        """Killed: whatever was on its way to it is lost. What it had is on its disk."""
        self.up = up
        self.primary += not up

    def replace(self, registry: Registry, states: dict[tuple[int, int], Epoch]) -> None:
        """Flushed, or a replica that was behind is primary now."""
        self.registry, self.states = registry, states
        self.forgot_at = self.t
        self.told = {lot: [] for lot in range(LOTS)}
        self.primary += 1

    def ring(self, lot: int) -> None:
        """All hear it; who acts for the lot tells its desk, who is alone too."""
        fact = next(self._facts)
        for node in self.nodes.values():
            if node.runs and node.member is not None and node.member.holds(lot, node.local(self.t)):
                self._tell(node, lot, fact, node.member.alone)

    def run(self, seconds: float) -> None:
        """Time goes on."""
        until = self.t + seconds
        while True:
            event = self._events[0][0] if self._events else inf
            timers = [(self._next(node), node) for node in self.nodes.values() if node.runs]
            timer, node = min(timers, key=lambda one: one[0], default=(inf, None))
            if min(event, timer) > until:
                break
            self.t = max(self.t, min(event, timer))
            if event <= timer or node is None:
                heapq.heappop(self._events)[2]()
            else:
                self._tick(node)
            self.judge()
        self.t = until
        self.judge()

    # what is judged

    def acting(self, lot: int) -> list[str]:
        return [
            node.name
            for node in self.nodes.values()
            if node.runs
            and node.member is not None
            and node.member.holds(lot, node.local(self.t))
            and not node.member.alone
        ]

    def judge(self) -> None:
        """Never two that act; but for one lease after Redis forgot what it had said."""
        if self.t <= self.forgot_at + LEASE:
            return
        for lot in range(LOTS):
            if len(acting := self.acting(lot)) > 1:
                raise Broken(f"two owners of {lot}: {acting}")

    def _tell(self, node: Node, lot: int, fact: int, alone: bool) -> None:
        epoch, last = node.desks[lot]
        node.desks[lot] = (epoch, last + 1)
        if node.disk.get(lot, (0, 0))[0] == epoch:
            node.disk[lot] = (epoch, last + 1)
        if self.numbered.setdefault((epoch, last + 1), (node.name, fact)) != (node.name, fact):
            raise Broken(f"one number for two events: {epoch}-{last + 1}")
        told = self.told[lot]
        if alone or (told and told[-1] == epoch):
            return
        if epoch in told:
            raise Broken(f"epoch {epoch} goes on although others told under {told[told.index(epoch) + 1 :]}")
        told.append(epoch)

    # the network

    def _carry(self, node: Node, beat: Beat) -> None:
        member, primary = node.member, self.primary
        node.asked = (beat, self.t)
        if not self.up:
            self._at(self.t + 0.001, lambda: self._fail(node, beat))
            return

        def arrive() -> None:
            if not self.up or primary != self.primary:
                return
            answer = self._ask(beat)
            if node.back < NEVER:
                self._at(self.t + node.back, lambda: self._answer(node, member, beat, answer))

        if node.there < NEVER:
            self._at(self.t + node.there + node.late * (beat.count % 2), arrive)

    def _ask(self, beat: Beat) -> object:
        before = self.registry.copy()
        answer = self.registry.ask(beat, self.t)
        for lot in range(LOTS):
            old, new = before.record(lot), self.registry.record(lot)
            if new.token < old.token or (new.token == old.token and new.node != old.node):
                raise Broken(f"the token of {lot} does not rise: {old}, {new}")
            if new.ready and not old.ready:
                self.ready_at[lot] = self.t
            if new.token > old.token and new.desks == "handed" and self.ready_at[lot] > self.forgot_at:
                heir = self.nodes[new.node]
                alive = heir.member is not None and heir.member.incarnation == new.incarnation
                if alive and heir.lines.get(lot, inf) > self.t:
                    raise Broken(f"{lot} was given to {heir.name}, which does not have its lines")
        return answer

    def _answer(self, node: Node, member: Member | None, beat: Beat, answer: object) -> None:
        def happen() -> None:
            if node.member is member and node.asked is not None and node.asked[0] is beat:
                node.asked = None
                self._do(node, lambda member, now: member.answered(beat, answer, now))  # type: ignore[arg-type]

        self._arrive(node, happen)

    def _fail(self, node: Node, beat: Beat) -> None:
        def happen() -> None:
            if node.asked is not None and node.asked[0] is beat:
                node.unanswered = node.asked[1]
                node.asked = None
                self._do(node, lambda member, now: member.failed(beat, now))

        self._arrive(node, happen)

    def _arrive(self, node: Node, happen: Callable[[], None]) -> None:
        if node.stopped_at is None:
            happen()
        else:
            node.mailbox.append(happen)

    # a process

    def _next(self, node: Node) -> float:
        """When its next timer runs out."""
        assert node.member is not None
        deadline = node.member.deadline
        timers = [inf if deadline is None else node.real(deadline)]
        if node.asked is not None:
            timers.append(node.asked[1] + LEASE / 5)
        return min(timers) + 1e-6

    def _tick(self, node: Node) -> None:
        if node.asked is not None and self.t >= node.asked[1] + LEASE / 5:
            self._fail(node, node.asked[0])
        else:
            self._do(node, lambda member, now: member.wake(now))

    def _do(self, node: Node, what: Callable[[Member, float], None]) -> None:
        if node.runs and node.member is not None:
            what(node.member, node.local(self.t))
            for output in node.member.outputs():
                self._carry_out(node, output)
            if node.member is not None:
                node.last_held = node.member.held

    def _later(self, node: Node, what: Callable[[], None]) -> None:
        """Work of the application: it is gone with the process."""
        member = node.member

        def happen() -> None:
            if node.member is member:
                self._arrive(node, what)

        self._at(self.t + node.work, happen)

    def _carry_out(self, node: Node, output: Output) -> None:
        match output:
            case Ask(beat):
                self._carry(node, beat)
            case Lines(lots):
                node.lines = {lot: node.lines.get(lot, self.t + node.work) for lot in lots}
            case Prepare(lots):
                self._later(node, lambda: self._do(node, lambda member, now: member.prepared(lots, now)))
            case Yield():
                self._hand_over(node, output)
            case Gained():
                self._begin(node, output)
            case Lost(lots):
                self._renew(node, lots)
            case Nudge(name):
                other = self.nodes[name]
                self._arrive(other, lambda: self._do(other, lambda member, now: member.look(now)))
            case Alone() if node.unanswered < node.ran_since:
                raise Broken(f"{node.name} is alone although no request of it failed since it runs")
            case Left():
                node.member = None

    def _hand_over(self, node: Node, output: Yield) -> None:
        written = {}
        for lot, token in output.lots.items():
            written[lot, token] = node.desks[lot]
        self._renew(node, output.lots)

        def write() -> None:
            if self.up and node.there < NEVER and node.back < NEVER:
                self.states |= written
                self._do(node, lambda member, now: member.given(output.turn, now))
            else:
                self._do(node, lambda member, now: member.kept(output.turn, now))

        self._later(node, write)

    def _begin(self, node: Node, output: Gained) -> None:
        """New epochs are on disk a while later, and only then settled."""
        for lot, token in output.lots.items():
            if output.how == "handed" and (lot, token) in self.states:
                node.desks[lot] = self.states[lot, token]
            elif output.how != "own" or lot not in node.desks:
                node.desks[lot] = (next(self._fresh), 0)

        def settle() -> None:
            member = node.member
            lots = {lot: token for lot, token in output.lots.items() if member and member.held.get(lot) == token}
            node.disk |= {lot: node.desks[lot] for lot in lots}
            self._do(node, lambda member, now: member.settled(lots, now))

        self._later(node, settle)

    def _renew(self, node: Node, lots: Iterable[int]) -> None:
        for lot in lots:
            node.desks[lot] = node.disk[lot] = (next(self._fresh), 0)

    def _at(self, t: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._events, (t, next(self._facts), happen))
