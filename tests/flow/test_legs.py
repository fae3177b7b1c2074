"""What each node has told of its lines."""

from ctibridge.flow import legs
from ctibridge.flow.legs import Legs, Told
from ctibridge.sip.events import Answered, Hearing, LineChanged, LineGone, RingEnd, RingEnded
from tests.flow.cluster import over, ring

ONE, OTHER = ("n1", "1"), ("n2", "1")


def line(hearing: Hearing, user: str = "6001") -> LineChanged:
    return LineChanged("pbx", user, hearing, "why")


def test_what_goes_on_is_said_again_as_it_stands() -> None:
    told = Told()
    for event in (ring("a", "6001"), ring("b", "6001"), Answered("b"), Answered("x"), over("a"), line(Hearing.DEAF)):
        assert told.hear(event) == []
    assert told.again() == [line(Hearing.DEAF), ring("b", "6001"), Answered("b")]


def test_the_legs_of_a_node_that_goes_end_once() -> None:
    all_legs = Legs()
    all_legs.of(ONE).hear(ring("a", "6001"))
    all_legs.of(OTHER).hear(ring("b", "6001"))
    assert all_legs.gone(ONE) == [RingEnded("a", RingEnd.UNSEEN)]
    assert all_legs.gone(ONE) == []
    assert all_legs.nodes() == [OTHER]


def test_a_line_stands_as_with_whom_it_stands_best() -> None:
    all_legs = Legs()
    for who, hearing in ((ONE, Hearing.DEAF), (OTHER, Hearing.REGISTERED)):
        all_legs.of(who).hear(line(hearing))
    assert all_legs.line(line(Hearing.DEAF)) == line(Hearing.REGISTERED)
    assert all_legs.gone(OTHER) == [line(Hearing.DEAF)]
    gone = all_legs.gone(ONE)
    assert [each.hearing for each in gone if isinstance(each, LineChanged)] == [Hearing.DEAF]
    assert all_legs.line(LineGone("pbx", "6001")) == LineGone("pbx", "6001")


def test_who_has_just_begun_with_a_line_says_least() -> None:
    all_legs = Legs()
    for who, hearing in ((ONE, Hearing.REGISTERING), (OTHER, Hearing.ALONE)):
        all_legs.of(who).hear(line(hearing))
    assert all_legs.line(line(Hearing.REGISTERING)) == line(Hearing.ALONE)


def test_of_too_many_legs_the_oldest_ends() -> None:
    told = Told()
    for number in range(legs.MOST_LEGS):
        told.hear(ring(f"{number}", "6001"))
    assert told.hear(ring("more", "6001")) == [RingEnded("0", RingEnd.UNSEEN)]


def test_legs_that_the_others_took_for_ended_are_not_said_again_as_new_ones() -> None:
    told = Told()
    for event in (ring("a", "6001"), Answered("a"), line(Hearing.REGISTERED)):
        told.hear(event)
    told.forget()
    assert told.again() == [line(Hearing.REGISTERED)]
