"""Connections that take nothing: each is looked at when it is due, and whoever delivers looks at none."""

from typing import Any, cast

from ctibridge.delivery.adapters.connection import Connection
from ctibridge.delivery.adapters.waiting import Waiting


class Corked:
    """looks: how often its deadline was asked for. frames: that wait."""

    def __init__(self, number: int, at: float | None, frames: int = 0) -> None:
        self.number = number
        self.frames = frames
        self.at = at
        self.looks = 0

    def __len__(self) -> int:
        return self.frames

    @property
    def deadline(self) -> float | None:
        self.looks += 1
        return self.at


class Shelf:
    def __init__(self) -> None:
        self.waiting = Waiting()

    def note(self, corked: Corked, at: float | None) -> None:
        corked.at = at
        self.waiting.note(cast("Connection", corked))

    def due(self, clock: float) -> list[int]:
        return [cast("Any", one).number for one in self.waiting.due(clock)]


def test_the_earliest_comes_first_and_each_once() -> None:
    shelf = Shelf()
    for number, at in ((1, 30.0), (2, 10.0), (3, 20.0), (4, None)):
        shelf.note(Corked(number, at), at)
    assert shelf.waiting.deadline == 10.0
    assert shelf.due(9.9) == []
    assert shelf.due(20.0) == [2, 3]
    assert shelf.due(99.0) == [1]
    assert len(shelf.waiting) == 0


def test_a_deadline_that_comes_nearer_counts_and_one_that_moves_away_is_looked_at_first() -> None:
    shelf, corked = Shelf(), Corked(1, None)
    shelf.note(corked, 30.0)
    shelf.note(corked, 10.0)
    shelf.note(corked, 40.0)
    assert shelf.due(10.0) == [1]
    shelf.note(corked, 40.0)
    assert shelf.waiting.deadline == 40.0
    assert shelf.due(40.0) == [1]
    assert shelf.due(99.0) == []


def test_who_has_gone_is_not_waited_for() -> None:
    shelf, corked = Shelf(), Corked(1, None)
    shelf.note(corked, 30.0)
    shelf.waiting.forget(cast("Connection", corked))
    shelf.waiting.forget(cast("Connection", corked))
    assert (shelf.due(99.0), len(shelf.waiting)) == ([], 0)
    assert shelf.waiting.deadline is None


def test_ten_thousand_that_take_nothing_cost_each_delivery_a_look_at_none_of_them() -> None:
    """Each delivery and each tick asked all of them: 3 ms and more, for every pop."""
    shelf = Shelf()
    crowd = [Corked(number, None) for number in range(10_000)]
    for corked in crowd:
        shelf.note(corked, 30.0 + corked.number)
    for _ in range(100):
        assert shelf.waiting.deadline == 30.0
        assert shelf.due(29.0) == []
    assert shelf.due(31.0) == [0, 1]
    assert {corked.looks for corked in crowd} == {1}


def test_what_waits_of_all_and_of_the_slowest() -> None:
    shelf = Shelf()
    assert shelf.waiting.backlog == (0, 0)
    for number, frames in ((1, 3), (2, 5)):
        shelf.note(Corked(number, 30.0, frames), 30.0)
    assert shelf.waiting.backlog == (8, 5)
