"""`cluster/holding.py`: the lots at one node, view by view."""

from ctibridge.cluster.beat import Change
from ctibridge.cluster.holding import MOST_MOVING, Holding
from ctibridge.cluster.lots import ranked
from ctibridge.cluster.outputs import Gained, Lost, Prepare, Yield
from ctibridge.cluster.view import Info, Node, Record, View

LOTS = 4
BOTH = {"a": Node("a1"), "b": Node("b1")}


def holding(lots: int = LOTS) -> Holding:
    return Holding("a", "a1", lots, {})


def view(nodes: dict[str, Node] | None = None, quiet: bool = False, **lots: Record) -> View:
    return View("x", quiet, True, BOTH if nodes is None else nodes, {int(lot[1:]): one for lot, one in lots.items()})


def mine(token: int = 1, **other: object) -> Record:
    return Record("a", "a1", token, **other)  # type: ignore[arg-type]


def his(token: int = 1, **other: object) -> Record:
    return Record("b", "b1", token, **other)  # type: ignore[arg-type]


def asked(it: Holding, seen: View, now: float = 10.0, since: float = 0.0, over: bool = False) -> list[Change]:
    return list(it.changes(seen, now, since, 2.0, over))


def first(node: str, lots: int = LOTS) -> list[int]:
    return [lot for lot in range(lots) if ranked(lot, {"a": 1.0, "b": 1.0})[0] == node]


def test_lots_come_with_their_epochs_and_go() -> None:
    it = holding()
    seen = view(l0=mine(3), l1=mine(1, desks="own"), l2=mine(2, desks="handed"), l3=his())
    assert it.learn(seen, lapsed=False) == [Gained({0: 3}, "fresh"), Gained({2: 2}, "handed"), Gained({1: 1}, "own")]
    assert [it.acts_on(lot) for lot in range(LOTS)] == [True, True, True, False]
    later = view(l0=mine(3), l1=his(2), l2=mine(4))
    assert it.learn(later, lapsed=False) == [Lost(frozenset({1, 2})), Gained({2: 4}, "fresh")]


def test_nothing_is_handed_to_us_twice() -> None:
    """A replica that was behind says again what was long ago."""
    it = holding()
    it.learn(view(l0=mine(3, desks="handed")), lapsed=False)
    it.learn(view(l0=his(4)), lapsed=False)
    assert it.learn(view(l0=mine(3, desks="handed")), lapsed=False) == [Gained({0: 3}, "fresh")]


def test_the_first_in_rank_claims_at_once_and_others_later() -> None:
    it = holding()
    assert asked(it, view(), now=10.0) == [Change("claim", lot) for lot in first("a")]
    assert asked(it, view(), now=12.0) == [Change("claim", lot) for lot in range(LOTS)]


def test_who_does_not_see_everybody_claims_only_what_it_had() -> None:
    seen = view(l0=Record("a", "a0", 5), l1=Record("b", "b0", 5))
    it = holding()
    it.learn(seen, lapsed=False)
    assert asked(it, seen, now=10.0, since=11.0) == [Change("claim", 0, 5)]
    assert asked(it, view(quiet=True), now=20.0) == []


def test_lots_of_others_are_wanted_in_portions() -> None:
    lots = 4 * MOST_MOVING
    it = holding(lots)
    seen = View("x", nodes=BOTH, lots=dict.fromkeys(range(lots), his()))
    wanted = first("a", lots)[:MOST_MOVING]
    assert asked(it, seen) == [Change("want", lot) for lot in wanted]
    seen.lots.update({lot: his(next="a", next_incarnation="a1") for lot in wanted[:5]})
    assert len(asked(it, seen)) == MOST_MOVING - 5


def test_what_is_prepared_is_ready() -> None:
    it, seen = holding(), view(l0=his(next="a", next_incarnation="a1"))
    it.learn(seen, lapsed=False)
    assert it.move(seen) == [Prepare(frozenset({0}))]
    assert it.lines == {0}
    assert it.move(seen) == []
    it.prepared([0, 1])
    assert Change("ready", 0) in asked(it, seen)
    assert Change("claim", 0, 1) in asked(it, view(nodes={"a": Node("a1")}, l0=seen.record(0)))
    it.move(view(l0=his()))
    assert it.lines == frozenset()


def yielded() -> tuple[Holding, View]:
    it, seen = holding(), view(l0=mine(3, next="b", next_incarnation="b1", ready=True))
    it.learn(seen, lapsed=False)
    assert it.move(seen) == [Yield(1, {0: 4})]
    return it, seen


def test_a_lot_is_given_once_it_is_written_and_once_only() -> None:
    it, seen = yielded()
    assert not it.acts_on(0)
    assert it.move(seen) == []
    assert asked(it, seen, since=99.0) == []
    it.given(1)
    assert asked(it, seen, since=99.0) == [Change("give", 0, 3)]
    it.asked([Change("give", 0, 3)])
    assert asked(it, seen, since=99.0) == []
    assert it.learn(view(l0=his(4, desks="handed")), lapsed=False) == [Lost(frozenset({0}))]


def test_a_lot_that_was_not_taken_is_ours_with_new_epochs() -> None:
    it, seen = yielded()
    it.given(1)
    it.asked([Change("give", 0, 3)])
    assert it.learn(seen, lapsed=False) == [Gained({0: 3}, "fresh")]
    assert it.acts_on(0)
    assert it.move(seen) == [Yield(2, {0: 4})]
    it.given(1)
    assert asked(it, seen, since=99.0) == []
    assert it.kept(2) == [Gained({0: 3}, "fresh")]


def test_redis_goes_while_a_lot_is_on_its_way_out() -> None:
    it, _ = yielded()
    assert it.alone(ever=True) == [Gained({0: 3}, "fresh")]


def test_who_begins_alone_begins_with_what_it_had() -> None:
    it = Holding("a", "a1", LOTS, {2: 7})
    assert it.alone(ever=False) == [Gained({2: 7}, "fresh")]
    assert it.learn(view(l2=Record("a", "a0", 7)), lapsed=True) == []
    assert not it.acts_on(2)
    assert Change("reclaim", 2, 7) in asked(it, view(l2=Record("a", "a0", 7)))
    assert it.learn(view(l2=mine(7)), lapsed=False) == [Gained({2: 7}, "own")]


def test_what_the_registry_forgot_is_asked_back() -> None:
    it = holding()
    it.learn(view(l0=mine(3)), lapsed=False)
    it.settled({0: 3, 1: 1})
    assert it.learn(view(quiet=True), lapsed=False) == []
    assert it.acts_on(0)
    assert asked(it, view(quiet=True)) == [Change("reclaim", 0, 3), Change("settle", 0, 3)]
    assert it.learn(view(l0=his(3)), lapsed=False) == [Lost(frozenset({0}))]


def test_who_drains_takes_nothing_and_releases_at_the_end() -> None:
    it = holding()
    draining = {"a": Node("a1", Info(draining=True)), "b": Node("b1")}
    seen = view(draining, l0=mine(3), l1=his(next="a", next_incarnation="a1"))
    it.learn(seen, lapsed=False)
    it.draining = True
    assert it.move(seen) == []
    assert asked(it, seen) == [Change("unwant", 1)]
    assert asked(it, seen, over=True) == [Change("release", 0, 3), Change("unwant", 1)]
    assert asked(it, view({"a": draining["a"]}, l0=mine(3))) == [Change("release", 0, 3)]
    it.asked([Change("release", 0, 3)])
    assert not it.acts_on(0)


def test_who_drains_keeps_the_lines_of_what_may_still_be_given_to_it() -> None:
    it, seen = holding(), view(l0=his(next="a", next_incarnation="a1"))
    it.learn(seen, lapsed=False)
    it.move(seen)
    it.draining = True
    assert it.move(seen) == []
    assert it.lines == {0}
    assert it.coming
    it.move(view(l0=his()))
    assert not it.coming


def test_the_second_in_rank_stands_by() -> None:
    it, seen = holding(), view(l0=his(), l1=his(), l2=mine(), l3=Record("b", "b0", 1))
    it.learn(seen, lapsed=False)
    asked(it, seen)
    it.stand_by(seen)
    assert it.standby == {0, 1} | {3}.intersection(first("a"))
    dead = view({"a": BOTH["a"]}, l0=his(), l1=his(), l2=mine(), l3=Record("b", "b0", 1))
    it.stand_by(dead)
    assert it.standby == {0, 1, 3}, "until it has them, their lines stay registered"


def test_who_lost_its_name_holds_nothing() -> None:
    it = holding()
    it.learn(view(l0=mine(3)), lapsed=False)
    assert it.lose_all() == [Lost(frozenset({0}))]
    assert it.lose_all() == []
    assert it.lines == frozenset()
