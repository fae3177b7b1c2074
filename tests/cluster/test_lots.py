"""`cluster/lots.py`: who should have a lot."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.cluster import lots

_NODES = st.dictionaries(st.text("abcdef", min_size=1, max_size=4), st.floats(0.1, 100), min_size=1, max_size=6)


def test_a_line_goes_where_its_desk_goes() -> None:
    assert lots.of_line("pbx", "6001", ["zoe", "ana"]) == lots.of_agent("ana")
    assert lots.of_line("other", "7", ["ana", "zoe"]) == lots.of_agent("ana")


def test_a_line_of_nobody_has_a_lot_of_its_own() -> None:
    assert {lots.of_line("pbx", str(user), ()) for user in range(2000)} == set(range(lots.LOTS))


def test_the_lots_are_the_same_on_every_machine() -> None:
    assert [lots.of_agent(agent) for agent in ("ana", "ben", "Zoë")] == [60, 176, 154]


@given(_NODES, st.integers(0, lots.LOTS - 1))
def test_whoever_goes_takes_only_his_own_lots_along(weights: dict[str, float], lot: int) -> None:
    order = lots.ranked(lot, weights)
    assert sorted(order) == sorted(weights)
    for gone in weights:
        left = {node: weight for node, weight in weights.items() if node != gone}
        assert lots.ranked(lot, left) == tuple(node for node in order if node != gone)


def test_a_node_of_twice_the_weight_gets_twice_the_lots() -> None:
    counts = Counter(lots.ranked(lot, {"a": 1.0, "b": 1.0, "c": 2.0})[0] for lot in range(10_000))
    assert 0.45 < counts["c"] / 10_000 < 0.55
    assert 0.20 < counts["a"] / 10_000 < 0.30
