"""Two nodes beside one: the desks are shared out evenly, and the figures say what they are said to say."""

from collections import Counter

import pytest

from bench import node_desks, nodes
from bench.node_stage import OTHER, OWN, Found, anywhere, together
from ctibridge.cluster import lots


def test_each_node_has_as_many_desks() -> None:
    seats = node_desks.seats(32)
    assert Counter(seat.home for seat in seats) == {"n1": 16, "n2": 16}
    assert len({seat.agent for seat in seats}) == len({seat.line for seat in seats}) == 32
    weights = dict.fromkeys(node_desks.NODES, 1.0)
    assert all(lots.ranked(lots.of_agent(seat.agent), weights)[0] == seat.home for seat in seats)


def test_of_each_nodes_desks_half_have_their_screen_elsewhere() -> None:
    found = Counter((seat.home, *anywhere(place)) for place, seat in enumerate(node_desks.seats(32)))
    assert found == {(node, place): 8 for node in node_desks.NODES for place in (OWN, OTHER)}


def round_of(one: float, apart: float, joined: tuple[float, float]) -> dict[str, Found]:
    """Processor seconds of the nodes, 1,000 calls at each."""
    found = {nodes.ONE: Found(1000), nodes.JOINED: Found(1000), nodes.APART: Found(2000), nodes.TWO: Found(2000)}
    found[nodes.ONE].spent["n1"] = one
    found[nodes.JOINED].spent["n1"] = 1.2 * one
    found[nodes.APART].spent.update(n1=apart, n2=apart)
    found[nodes.TWO].spent.update(zip(("n1", "n2"), joined, strict=True))
    return found


def test_the_busier_node_says_how_much_two_carry() -> None:
    cost = nodes._cost([round_of(1.0, 1.1, (1.25, 1.0))])
    assert cost["us"][nodes.TWO] == {"busiest": 625, "together": 1125}
    assert cost["capacity"]["median"] == pytest.approx(1.6)
    assert cost["of_joined"]["median"] == pytest.approx(1.92)
    assert cost["beside_apart"]["median"] == pytest.approx(1.76)


def test_several_blocks_are_one() -> None:
    some = [round_of(1.0, 1.0, (1.0, 1.0))[nodes.TWO] for _ in range(2)]
    for found in some:
        found.lost = 3
        found.took[OWN] += [1.0, 3.0]
    whole = together(some)
    assert (whole.calls, whole.lost, whole.took[OWN]) == (4000, 6, [1.0, 3.0, 1.0, 3.0])
    assert whole.together == pytest.approx(1000)


def test_how_far_behind_is_a_difference_of_medians() -> None:
    found = [round_of(1.0, 1.0, (1.0, 1.0)) for _ in range(2)]
    for one, took in zip(found, ([1.0, 2.25, 4.0], [1.0, 2.75, 4.0]), strict=True):
        one[nodes.TWO].took[OWN] += [1.0, 2.0, 9.0]
        one[nodes.TWO].took[OTHER] += took
        one[nodes.PLAIN] = Found(3)
        one[nodes.PLAIN].took[OWN] += [0.1, 0.2, 0.9]
        one[nodes.PLAIN].took[OTHER] += [0.1, 0.35, 0.9]
    said = nodes.summary(found[:1], found[1:], {}, {})
    assert said["behind_ms"][nodes.TWO]["median"] == pytest.approx(0.25)
    assert said["behind_alone_ms"][nodes.TWO]["median"] == pytest.approx(0.75)
    assert said["behind_ms"][nodes.PLAIN]["median"] == pytest.approx(0.15)


def test_nobody_calls_again_within_the_minute() -> None:
    """He would come back in the same call, with all that it had before."""
    args = nodes._parser().parse_args(["--busy", "10"])
    assert nodes._people(args) == 60 * 2 * 10
    assert nodes._people(nodes._parser().parse_args(["--people", "7"])) == 7


def test_what_is_carried_is_told_by_when_the_last_pop_came() -> None:
    found = round_of(1.0, 1.0, (1.0, 1.0))
    for name, lasted in ((nodes.ONE, 4.0), (nodes.JOINED, 5.0), (nodes.APART, 2.0), (nodes.TWO, 2.5)):
        found[name].lasted = lasted
    full = nodes._full([found])
    assert full["a_second"] == {nodes.ONE: 250, nodes.JOINED: 200, nodes.APART: 1000, nodes.TWO: 800}
    assert full["times"][nodes.TWO]["median"] == pytest.approx(3.2)
    assert full["of_joined"]["median"] == pytest.approx(4.0)
