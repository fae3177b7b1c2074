"""The protocol under all that may happen: hypothesis chooses, `world` judges. docs/cluster-protocol.md says what is
proved.

Never two that act on a lot; tokens only rise; no number names two events; an epoch goes on only where nobody told in
between; a lot is given only to who has its lines; nobody is alone who was merely stopped; and whatever has happened, as
soon as it is calm each lot has exactly one owner that acts, within the bound.
`CTIBRIDGE_PROTOCOL=N` looks at N runs instead of a few.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, initialize, rule
from msgspec.structs import replace

from ctibridge.cluster import lease, registry
from ctibridge.cluster.beat import Beat, Change
from ctibridge.cluster.holding import Holding
from ctibridge.cluster.lease import BEATS, Lease
from ctibridge.cluster.member import nobody_for
from ctibridge.cluster.reach import Reach
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import Record
from tests.cluster.world import LEASE, LOTS, NEVER, Broken, World

NAMES = ("a", "b", "c")
RUNS = int(os.environ.get("CTIBRIDGE_PROTOCOL", "150"))
names = st.sampled_from(NAMES)
lots = st.integers(0, LOTS - 1)
GOOD = (0.01, 0.01, 0.0)
ways = st.sampled_from(
    [
        GOOD,
        (0.0, 0.9, 0.0),
        (0.9, 0.0, 0.0),
        (0.01, NEVER, 0.0),
        (0.01, 0.01, 2.6),
        (4.6, 0.01, 0.0),
        (NEVER, NEVER, 0.0),
    ]
)
sleeps = st.sampled_from([0.3, 4.4, 4.9, 5.2, 7.0])
weights = st.sampled_from([0.1, 1, 10])
seconds = st.sampled_from([0.0, 0.3, 1.1, 2.2, 4.6])
LONGEST_DRAIN = 20.0
CALM = 3 * LEASE
"""Seconds until all is as it should be, whatever was before: a lease until who stopped counts as gone, a lease of
patience after Redis was away, and a lease for what moves."""


class Protocol(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        clocks = {"a": (0.0, 1.0), "b": (1000.0, 1.05), "c": (-50.0, 0.95)}
        self.world = World(clocks)
        self.kept = [(self.world.registry.copy(), dict(self.world.states))]

    @initialize(started=st.sets(names, min_size=1), calm=st.booleans())
    def begin(self, started: set[str], calm: bool) -> None:
        for name in sorted(started):
            self.world.start(name)
        if calm:
            self.world.run(CALM)

    @rule(lot=lots, then=seconds)
    def ring(self, lot: int, then: float) -> None:
        self.world.ring(lot)
        self.world.run(then)

    @rule(name=names, way=ways, work=st.sampled_from([0.0, 0.1, 1.5, 6.0]), then=seconds)
    def network(self, name: str, way: tuple[float, float, float], work: float, then: float) -> None:
        node = self.world.nodes[name]
        node.there, node.back, node.late = way
        node.work = work
        self.world.run(then)

    @rule(name=names, time=sleeps, timers_first=st.booleans(), lot=lots, then=seconds)
    def stop(self, name: str, time: float, timers_first: bool, lot: int, then: float) -> None:
        """And wake it, perhaps in the middle of something; it hears of a call at once."""
        if self.world.nodes[name].runs:
            self.world.stop(name)
            self.world.run(time)
            self.world.wake(name, timers_first)
            self.world.ring(lot)
            self.world.run(then)

    @rule(name=names, then=seconds)
    def kill(self, name: str, then: float) -> None:
        self.world.kill(name)
        self.world.run(then)

    @rule(name=names, replaces=st.booleans(), weight=weights, then=seconds)
    def start(self, name: str, replaces: bool, weight: float, then: float) -> None:
        if self.world.nodes[name].member is None:
            self.world.start(name, replaces, weight)
            self.world.run(then)

    @rule(name=names, weight=weights, then=seconds)
    def weigh(self, name: str, weight: float, then: float) -> None:
        """Lots move."""
        self.world.weigh(name, weight)
        self.world.run(then)

    @rule(name=names, patience=st.sampled_from([0.0, 2.0, LONGEST_DRAIN]), then=seconds)
    def drain(self, name: str, patience: float, then: float) -> None:
        self.world.drain(name, patience)
        self.world.run(then)

    @rule(time=st.sampled_from([0.5, 3.0, 8.0]), then=seconds)
    def redis_away(self, time: float, then: float) -> None:
        """Killed and started; all that it had is on its disk."""
        self.world.redis(up=False)
        self.world.run(time)
        self.world.redis(up=True)
        self.world.run(then)

    @rule()
    def keep(self) -> None:
        """A replica is as far as this."""
        self.kept.append((self.world.registry.copy(), dict(self.world.states)))

    @rule(which=st.integers(-3, -1), then=seconds)
    def forget(self, which: int, then: float) -> None:
        """Flushed (the first one is empty), or behind."""
        kept, states = self.kept[max(which, -len(self.kept))]
        self.world.replace(kept.copy(), dict(states))
        self.world.run(then)

    @rule()
    def calm(self) -> None:
        """Nothing happens any more; who is away stays away. Then all is as it should be, if there is anybody."""
        for node in self.world.nodes.values():
            node.work = min(node.work, 0.1)
            if node.member is not None and node.member.draining:
                self.world.run(LONGEST_DRAIN)
        self.world.run(CALM)
        if self._somebody():
            self._each_lot_has_one()

    @rule(name=names)
    def die(self, name: str) -> None:
        """All is well, and one node dies: nobody is missed for longer than the bound."""
        for node in self.world.nodes.values():
            node.there, node.back, node.late = GOOD
        self.calm()
        self.world.kill(name)
        self.world.run(nobody_for(LEASE))
        if self._somebody():
            self._each_lot_has_one()

    def _somebody(self) -> bool:
        return any(
            node.runs
            and (node.there, node.back, node.late) == GOOD
            and node.member is not None
            and not node.member.draining
            for node in self.world.nodes.values()
        )

    def _owner_is_deaf(self, lot: int) -> bool:
        """Its requests arrive and no answer comes back in time: it is alone, and its lots are its own."""
        node = self.world.nodes.get(self.world.registry.record(lot).node)
        return (
            node is not None
            and node.runs
            and node.there < NEVER
            and node.there + node.back + node.late >= LEASE / BEATS
        )

    def _each_lot_has_one(self) -> None:
        for lot in range(LOTS):
            acting = self.world.acting(lot)
            if len(acting) != 1 and not self._owner_is_deaf(lot):
                raise Broken(f"{lot} is acted on by {acting}")
            self.world.ring(lot)


def explore(runs: int, start: int = 0, steps: int = 20) -> None:
    """start: of chance."""
    quick = settings(
        max_examples=runs,
        stateful_step_count=steps,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    seed(start)(get_state_machine_test(Protocol, settings=quick))()


def test_it_holds() -> None:
    explore(RUNS)


# What the proof is worth: each of these faults is found.

Patch = pytest.MonkeyPatch
_changed, _claimed, _asked = Registry._changed, registry._claimed, Holding.asked


def changed_by(patch: Patch, op: str, otherwise: Callable[[Record, Beat], Record | None]) -> None:
    def changed(self: Registry, lot: Record, beat: Beat, change: Change, now: float) -> Record | None:
        return otherwise(lot, beat) if change.op == op else _changed(self, lot, beat, change, now)

    patch.setattr(Registry, "_changed", changed)


def lease_without_margin(patch: Patch) -> None:
    patch.setattr(lease, "MARGIN", 0.0)


def lease_from_the_answer(patch: Patch) -> None:
    def renew(self: Lease, sent_at: float) -> None:
        self.until = sent_at + 0.9 + 0.9 * LEASE

    patch.setattr(Lease, "renew", renew)


def claim_of_the_living(patch: Patch) -> None:
    """Who loses the race takes it all the same."""
    changed_by(patch, "claim", lambda lot, beat: _claimed(lot, beat, lot.token + 1))


def given_unready(patch: Patch) -> None:
    def wanted(lot: Record, beat: Beat) -> Record:
        return replace(lot, next=beat.node, next_incarnation=beat.incarnation, ready=True)

    changed_by(patch, "want", wanted)


def epoch_kept(patch: Patch) -> None:
    """Who takes over goes on with what it had once."""
    patch.setattr(registry, "_claimed", lambda *claim: replace(_claimed(*claim), desks="own"))


def epoch_unsettled(patch: Patch) -> None:
    """Who had it last goes on, though the desks' epochs never reached its disk."""

    def claimed(lot: Record, beat: Beat, token: int) -> Record:
        return Record(beat.node, beat.incarnation, token, "own" if lot.node == beat.node else "fresh")

    patch.setattr(registry, "_claimed", claimed)


def stopped_is_alone(patch: Patch) -> None:
    patch.setattr(Reach, "seen", lambda *_: None)


def acts_while_it_releases(patch: Patch) -> None:
    """Was ours, and found here."""

    def asked(self: Holding, changes: tuple[Change, ...]) -> None:
        _asked(self, tuple(change for change in changes if change.op != "release"))

    patch.setattr(Holding, "asked", asked)


CHANCE = [lease_from_the_answer, claim_of_the_living, stopped_is_alone]


@pytest.mark.parametrize("fault", CHANCE)
def test_chance_finds(fault: Callable[[Patch], None], monkeypatch: Patch) -> None:
    fault(monkeypatch)
    with pytest.raises(Broken):
        explore(1000)


# Chance finds these too, but later: here are the steps.


def slow_clock() -> None:
    """c's clock is slow, and Redis no longer hears it; the others look at all times of a second."""
    for shift in range(20):
        state = Protocol()
        state.begin(set(NAMES), calm=True)
        state.world.run(shift / 20)
        state.network("c", (NEVER, NEVER, 0.0), work=0.1, then=7.0)


def slow_lines() -> None:
    state = Protocol()
    state.begin({"a"}, calm=True)
    state.network("b", GOOD, work=6.0, then=0.0)
    state.start("b", replaces=True, weight=10, then=10.0)


def back_again() -> None:
    """b tells, dies, a takes over and tells, dies, b starts again."""
    state = Protocol()
    state.begin({"b"}, calm=True)
    for name, other in (("b", "a"), ("a", "b")):
        state.ring(0, then=1.0)
        state.kill(name, then=0.0)
        state.start(other, replaces=True, weight=1, then=10.0)
    state.ring(0, then=1.0)


def back_twice() -> None:
    """As before, and b dies again before its new epochs are on disk."""
    state = Protocol()
    state.begin({"b"}, calm=True)
    state.ring(0, then=1.0)
    state.kill("b", then=0.0)
    state.start("a", replaces=True, weight=1, then=10.0)
    state.ring(0, then=1.0)
    state.network("b", GOOD, work=6.0, then=0.0)
    state.kill("a", then=0.0)
    state.start("b", replaces=True, weight=1, then=8.0)
    state.kill("b", then=0.0)
    state.start("b", replaces=True, weight=1, then=1.0)
    state.ring(0, then=1.0)


def slow_leave() -> None:
    """What each releases is carried out at once, and answered most of a second later."""
    for name in NAMES:
        state = Protocol()
        state.begin(set(NAMES), calm=True)
        state.network(name, (0.0, 0.9, 0.0), work=0.1, then=2.2)
        state.drain(name, patience=0.0, then=4.6)


STEPS = [
    (lease_without_margin, slow_clock),
    (given_unready, slow_lines),
    (epoch_kept, back_again),
    (epoch_unsettled, back_twice),
    (acts_while_it_releases, slow_leave),
]


@pytest.mark.parametrize(("fault", "steps"), STEPS)
def test_these_steps_find(fault: Callable[[Patch], None], steps: Callable[[], None], monkeypatch: Patch) -> None:
    steps()
    fault(monkeypatch)
    with pytest.raises(Broken):
        steps()
