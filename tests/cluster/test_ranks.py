"""`cluster/ranks.py`: who should have which lot."""

from ctibridge.cluster.lots import ranked
from ctibridge.cluster.ranks import Ranks

WEIGHTS = {"a": 1.0, "b": 2.0, "c": 0.5}


def test_the_first_one_and_the_one_behind_it() -> None:
    ranks = Ranks(16)
    ranks.weigh(WEIGHTS)
    for lot in range(16):
        order = ranked(lot, WEIGHTS)
        assert ranks.first(lot) == order[0]
        assert ranks.first(lot, order[0]) == order[1]
        assert ranks.first(lot, order[2]) == order[0]


def test_nobody_takes_lots() -> None:
    ranks = Ranks(2)
    assert (ranks.nobody, ranks.first(0)) == (True, None)
    ranks.weigh({"a": 1.0})
    assert (ranks.nobody, ranks.first(0), ranks.first(0, "a")) == (False, "a", None)


def test_weights_that_change_are_seen() -> None:
    ranks = Ranks(64)
    ranks.weigh({"a": 1.0})
    ranks.weigh({"a": 1.0, "b": 1.0})
    assert {ranks.first(lot) for lot in range(64)} == {"a", "b"}
