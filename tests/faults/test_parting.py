"""What is owed of a node that is parted from the others, and what is owed all the same."""

from dataclasses import replace

from tests.faults.judge import complaints
from tests.faults.record import ABANDONED, RINGING, Event, Gone, Life, Listed, Over, Rang, Record, Sent, Stored, Welcome

ANA = frozenset({"ana"})


def parted() -> Record:
    """Node n1 is parted from 10 to 20 and has ana's screen, link 1, until 21; call 1 rings at it. Then she is at n2."""
    return Record(
        lives=[Life(0, 1, apart=((10, 20),), node="n1", web="w1"), Life(0, 1, node="n2", web="w2")],
        sent=[Sent(1, 12, ANA, node="n1")],
        rang=[Rang(1, 12.01, ANA, "n1")],
        over=[Over(1, 13, ABANDONED, 13.01)],
        links=[
            Welcome("ana", 1, 2, "e", 0, False, None, {}, "w1"),
            Welcome("ana", 2, 22, "f", 0, False, ("e", 2), {}, "w2"),
        ],
        gone=[Gone("ana", 1, 21)],
        events=[said("e.1", 12.02, 1), said("e.2", 13.02, 1, over=True)],
    )


def said(name: str, at: float, link: int, *, over: bool = False) -> Event:
    epoch, _, number = name.partition(".")
    outcome = ABANDONED if over else None
    kind = "call.ended" if over else RINGING
    return Event("ana", link, at, epoch, int(number), name, kind, None if over else 1, "c1", name, outcome)


def test_who_is_connected_to_it_is_owed_its_calls() -> None:
    record = parted()
    assert complaints(record) == []
    record.events.clear()
    assert complaints(record) == ["call 1 was rung and did not pop at ana"]


def test_who_is_connected_elsewhere_is_owed_what_another_node_rings() -> None:
    record = parted()
    record.events.clear()
    record.links[0] = replace(record.links[0], web="w2")
    assert complaints(record) == []
    record.rang.append(Rang(1, 12.01, ANA, "n2"))
    assert complaints(record) == ["call 1 was rung and did not pop at ana"]


def test_a_screen_that_comes_from_it_is_told_nothing_twice() -> None:
    record = parted()
    again = [said("f.1", 23, 2), said("f.2", 23, 2, over=True)]
    record.events += again
    assert "call 1 popped 2 times at ana" in complaints(record)
    has = {"c1": Listed(1, "ended", ABANDONED)}
    record.links[1] = replace(record.links[1], sequence=2, calls=has)
    record.links.append(replace(record.links[1], link=3, at=24, resumed=True, asked=("f", 0)))
    record.gone.append(Gone("ana", 2, 23.5))
    record.events[2:] = [replace(one, link=3, at=25) for one in again]
    assert complaints(record) == [], "asked for from before the snapshot that had it"


def test_two_screens_may_hear_of_it_from_two_sides() -> None:
    record = parted()
    record.rang.append(Rang(1, 12.01, ANA, "n2"))
    record.links[1] = replace(record.links[1], at=11, asked=None)
    record.events += [said("f.1", 12.03, 2), said("f.2", 13.03, 2, over=True)]
    assert complaints(record) == []
    record.lives[0] = replace(record.lives[0], apart=())
    assert "call 1 popped 2 times at ana" in complaints(record)


def test_what_was_on_its_way_when_the_way_was_cut_is_not_known_elsewhere() -> None:
    """A call that popped 60 us before the stall: the row that keeps it for the next home never left."""
    record = parted()
    record.sent = [Sent(1, 9.98, ANA, node="n1")]
    record.rang = [Rang(1, 9.985, ANA, "n1")]
    record.events = [said("e.1", 9.99, 1), said("e.2", 13.02, 1, over=True)]
    record.stored = [Stored("ana", 14.0, "e", 2)]
    assert complaints(record) == []
    record.events[0] = replace(record.events[0], at=9.9)
    assert complaints(record) == ["ana acknowledged e.1, and its call is not in the snapshot of f"]


def test_what_it_told_a_screen_elsewhere_when_the_way_was_cut_may_be_told_again() -> None:
    record = parted()
    record.sent = [Sent(1, 9.98, ANA, node="n1")]
    record.rang = [Rang(1, 9.985, ANA, "n1")]
    record.links[0] = replace(record.links[0], web="w2")
    record.events = [said("e.1", 10.01, 1), said("f.1", 23, 2), said("f.2", 23, 2, over=True)]
    assert complaints(record) == []
    record.stored = [Stored("ana", 10.02, "e", 1)]
    assert "call 1 popped 2 times at ana" in complaints(record)
