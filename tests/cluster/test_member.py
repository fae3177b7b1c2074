"""`cluster/member.py`: one node, step by step. The lease is 5 s, a beat 1 s; it may believe in 4.5 s of it."""

import pytest

from ctibridge.cluster.beat import Beat, Change, Refused
from ctibridge.cluster.member import Member, nobody_for
from ctibridge.cluster.outputs import (
    Alone,
    Ask,
    Gained,
    Left,
    Lines,
    Lost,
    NameTaken,
    NodeGone,
    Nudge,
    Output,
    Prepare,
    Together,
    Yield,
)
from ctibridge.cluster.registry import Registry
from ctibridge.cluster.view import Info, Record, View

OTHER = Beat("b", "b1", "", 1, 5.0, Info())


class Stage:
    """One member, a, with two lots, and its registry, on one clock; `other` is what b asks."""

    def __init__(self, name: str = "a", **more: object) -> None:
        self.now = 100.0
        self.registry = Registry(birth="old")
        self.up = True
        self.count = 1
        self.member = Member(name, f"{name}1", self.now, lots=2, **more)  # type: ignore[arg-type]
        self.said: list[Output] = []
        self.asks: list[Beat] = []
        self.member.wake(self.now)
        self.carry()

    def carry(self) -> None:
        """Everything it asks is answered at once, or fails at once."""
        while outputs := self.member.outputs():
            for output in outputs:
                if isinstance(output, Ask):
                    self.asks.append(output.beat)
                    self._ask(output.beat)
                else:
                    self.said.append(output)

    def _ask(self, beat: Beat) -> None:
        if self.up:
            self.member.answered(beat, self.registry.ask(beat, self.now), self.now)
        else:
            self.member.failed(beat, self.now)

    def run(self, seconds: float) -> list[Output]:
        """What it says until then."""
        self.said.clear()
        until = self.now + seconds
        while (deadline := self.member.deadline) is not None and deadline <= until:
            self.now = deadline
            self.member.wake(self.now)
            self.carry()
        self.now = until
        return list(self.said)

    def after(self) -> list[Output]:
        """What it says of what was just done with it."""
        self.said.clear()
        self.carry()
        return list(self.said)

    def other(self, *changes: Change, info: Info | None = None, leaves: bool = False) -> View:
        self.count += 1
        view = self.registry.ask(Beat("b", "b1", "", self.count, 5.0, info or Info(), changes, leaves), self.now)
        assert isinstance(view, View)
        return view

    def look(self) -> list[Output]:
        self.member.look(self.now)
        return self.after()

    def joined(self) -> "Stage":
        self.run(3.0)
        assert self.member.held == {0: 1, 1: 1}
        return self


def test_it_looks_before_it_claims() -> None:
    stage = Stage()
    assert stage.said == [Together()]
    assert stage.run(1.9) == []
    assert stage.run(0.2) == [Gained({0: 1, 1: 1}, "fresh"), Lines(frozenset({0, 1}))]
    assert stage.member.holds(0, stage.now)
    assert (stage.member.home(0), stage.member.standby(0)) == ("a", False)


def test_it_beats_once_a_beat() -> None:
    stage = Stage().joined()
    stage.asks.clear()
    assert stage.run(10.0) == []
    assert len(stage.asks) == 10


def test_an_empty_registry_is_quiet_for_a_lease() -> None:
    stage = Stage()
    stage.registry = Registry()
    assert stage.run(5.9) == []
    assert stage.run(1.2)[0] == Gained({0: 1, 1: 1}, "fresh")


def test_what_is_settled_is_its_own_after_a_restart() -> None:
    stage = Stage().joined()
    stage.member.settled(stage.member.held, stage.now)
    stage.carry()
    again = Member("a", "a2", stage.now, replaces="a1", lots=2)
    stage.member = again
    again.wake(stage.now)
    assert stage.after() == [Together(), Gained({0: 2, 1: 2}, "own"), Lines(frozenset({0, 1}))]


def test_redis_goes_and_comes_back() -> None:
    stage = Stage().joined()
    stage.up = False
    assert stage.run(4.4) == []
    assert stage.member.holds(0, stage.now)
    assert stage.run(1.1) == [Alone()]
    assert stage.run(60.0) == []
    assert stage.member.alone
    assert stage.member.holds(0, stage.now)
    stage.up = True
    assert stage.run(1.0) == [Together()]
    assert stage.member.holds(0, stage.now)


def test_redis_comes_back_empty() -> None:
    stage = Stage().joined()
    stage.up = False
    stage.run(60.0)
    stage.up, stage.registry = True, Registry()
    assert stage.run(1.0) == [Together(), Gained({0: 1, 1: 1}, "own")]
    assert stage.registry.record(0) == Record("a", "a1", 1, "fresh")


def test_a_woken_node_holds_back_until_it_has_an_answer() -> None:
    stage = Stage().joined()
    stage.now += 60
    stage.other()
    stage.other(Change("claim", 0))
    assert not stage.member.acts(stage.now)
    stage.member.wake(stage.now)
    [ask] = [output for output in stage.member.outputs() if isinstance(output, Ask)]
    assert not stage.member.holds(1, stage.now)
    stage._ask(ask.beat)
    assert stage.after() == [Lost(frozenset({0})), Lines(frozenset({1}))]
    assert (stage.member.holds(0, stage.now), stage.member.holds(1, stage.now)) == (False, True)


def test_a_woken_node_without_redis_holds_back_until_its_tries_failed_for_a_lease() -> None:
    stage = Stage().joined()
    stage.run(1.0)
    stage.now += 60
    stage.up = False
    stage.member.wake(stage.now)
    assert not stage.member.acts(stage.now)
    stage.carry()
    assert Alone() not in stage.run(4.9)
    assert Alone() in stage.run(1.0)
    assert stage.member.holds(0, stage.now)


def test_an_answer_from_before_it_was_stopped_proves_nothing() -> None:
    stage = Stage().joined()
    stage.now += 1
    stage.member.wake(stage.now)
    [ask] = [output for output in stage.member.outputs() if isinstance(output, Ask)]
    answer = stage.registry.ask(ask.beat, stage.now)
    stage.member.answered(ask.beat, answer, stage.now + 60)
    assert not stage.member.acts(stage.now + 60)
    assert [type(output) for output in stage.member.outputs()] == [Ask]
    stage.member.answered(ask.beat, answer, stage.now + 60)
    assert stage.member.outputs() == []


def test_a_start_without_redis() -> None:
    stage = Stage(last_held={1: 4})
    stage.up = False
    stage.member = Member("a", "a1", stage.now, lots=2, last_held={1: 4})
    assert stage.run(4.9) == []
    assert stage.run(1.0) == [Alone(), Gained({1: 4}, "fresh"), Lines(frozenset({1}))]
    assert (stage.member.holds(1, stage.now), stage.member.held) == (True, {1: 4})


def test_a_name_that_another_one_has() -> None:
    stage = Stage().joined()
    stage.registry.ask(Beat("a", "a2", "a1", 1, 5.0, Info()), stage.now)
    assert stage.run(3.0) == [Lost(frozenset({0, 1})), Lines(frozenset()), NameTaken()]
    assert not stage.member.acts(stage.now)
    assert Together() in stage.run(3.0)


def test_another_node_dies() -> None:
    stage = Stage().joined()
    stage.other()
    stage.run(1.1)
    assert stage.run(nobody_for(5.0))[0] == NodeGone("b", "b1")


def test_after_redis_was_away_nobody_is_gone_yet() -> None:
    stage = Stage().joined()
    stage.other()
    stage.run(1.1)
    stage.up = False
    stage.run(60.0)
    stage.up = True
    assert stage.run(4.0) == [Together()]
    assert NodeGone("b", "b1") in stage.run(3.0)


def giving() -> Stage:
    """Both lots are wanted by b, which is ready."""
    stage = Stage().joined()
    stage.other(*(Change("want", lot) for lot in (0, 1)), *(Change("ready", lot) for lot in (0, 1)))
    assert stage.look() == [Yield(1, {0: 2, 1: 2})]
    assert not stage.member.holds(0, stage.now)
    return stage


def test_lots_go_over() -> None:
    stage = giving()
    stage.member.given(1, stage.now)
    assert stage.after()[:3] == [Lost(frozenset({0, 1})), Lines(frozenset()), Nudge("b")]
    assert stage.registry.record(0).desks == "handed"
    assert stage.member.home(0) == "b"


def test_what_could_not_be_written_stays() -> None:
    stage = giving()
    stage.member.kept(1, stage.now)
    assert stage.after()[0] == Gained({0: 1, 1: 1}, "fresh")


def test_lots_come() -> None:
    stage = Stage()
    stage.other(Change("claim", 0), Change("claim", 1), info=Info(draining=True))
    assert stage.run(2.1) == [Nudge("b")] or stage.said == [
        Lines(frozenset({0, 1})),
        Prepare(frozenset({0, 1})),
        Nudge("b"),
    ]
    stage.member.prepared({0, 1}, stage.now)
    assert stage.after() == [Nudge("b")]
    stage.other(Change("give", 0, 1), Change("give", 1, 1))
    assert stage.look() == [Gained({0: 2, 1: 2}, "handed")]


def test_the_second_node_for_each_line() -> None:
    stage = Stage(info=Info(redundancy="both"))
    stage.other(Change("claim", 0), Change("claim", 1), info=Info(weight=1e9))
    stage.run(2.1)
    assert stage.member.standby(0)
    assert stage.member.standby(1)


def test_it_drains_and_leaves() -> None:
    stage = Stage().joined()
    stage.other()
    stage.run(1.0)
    stage.member.drain(stage.now, 30.0)
    stage.member.silent(stage.now)
    stage.carry()
    view = stage.other(Change("want", 0), Change("want", 1), Change("ready", 0), Change("ready", 1))
    assert view.nodes["a"].info.draining
    assert stage.member.draining
    assert stage.look() == [Yield(1, {0: 2, 1: 2})]
    stage.member.given(1, stage.now)
    assert stage.after() == [Lost(frozenset({0, 1})), Lines(frozenset()), Nudge("b"), Left()]
    assert set(stage.other().nodes) == {"b"}
    assert (stage.member.deadline, stage.member.acts(stage.now)) == (None, False)


def test_who_drains_stays_until_no_call_rings_there_as_its_legs_would_end_with_it() -> None:
    stage = Stage().joined()
    stage.other()
    stage.run(1.0)
    stage.member.drain(stage.now, 30.0)
    stage.carry()
    stage.other(Change("want", 0), Change("want", 1), Change("ready", 0), Change("ready", 1))
    stage.look()
    stage.member.given(1, stage.now)
    stage.run(5.0)
    assert stage.member.held == {}
    assert set(stage.other().nodes) == {"a", "b"}
    stage.member.silent(stage.now)
    assert stage.after() == [Left()]
    assert set(stage.other().nodes) == {"b"}


@pytest.mark.parametrize("other", [False, True])
def test_what_nobody_takes_in_time_is_released(other: bool) -> None:
    stage = Stage().joined()
    if other:
        stage.other()
        stage.run(1.0)
    stage.member.drain(stage.now, 3.0)
    stage.member.silent(stage.now)
    stage.run(3.1)
    assert stage.said[-1] == Left()
    assert stage.registry.record(0) == Record("a", "", 2, "fresh")


def test_who_has_lost_its_name_leaves_at_once() -> None:
    stage = Stage().joined()
    stage.registry.ask(Beat("a", "a2", "a1", 1, 5.0, Info()), stage.now)
    stage.run(3.0)
    stage.member.drain(stage.now, 20.0)
    assert stage.run(1.2) == [Left()]
    assert stage.member.deadline is None


def test_a_drain_without_redis_ends_in_time() -> None:
    stage = Stage().joined()
    stage.up = False
    stage.run(6.0)
    stage.member.drain(stage.now, 3.0)
    stage.member.silent(stage.now)
    assert stage.run(2.9) == []
    assert stage.run(1.2) == [Lost(frozenset({0, 1})), Lines(frozenset()), Left()]


def test_what_it_says_of_itself_is_known_to_others() -> None:
    stage = Stage().joined()
    stage.member.tell(Info(3.0, version="2", figures={"lines": 9}), stage.now)
    stage.run(1.1)
    assert stage.other().nodes["a"].info == Info(3.0, version="2", figures={"lines": 9})


def test_a_request_that_was_overtaken_is_asked_anew() -> None:
    stage = Stage().joined()
    stage.now += 1
    stage.member.wake(stage.now)
    [ask] = [output for output in stage.member.outputs() if isinstance(output, Ask)]
    stage.member.answered(ask.beat, Refused("overtaken"), stage.now)
    assert [type(output) for output in stage.member.outputs()] == [Ask]


def test_the_bound() -> None:
    assert nobody_for(5.0) == 7.0
