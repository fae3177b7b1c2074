"""How a view reads as rows."""

from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.standing import Stand, nobodys, stands
from ctibridge.cluster.view import Info, Node, Record, View


def test_each_live_node_with_what_it_says_of_itself() -> None:
    said = Info(2.0, version="1", redundancy="both", figures={"lines": 3.0, "desks": 2.0, "lag": 0.004})
    view = View(
        "b",
        nodes={"n2": Node("i2"), "n1": Node("i1", said)},
        lots={1: Record("n1", "i1", 1, "own", "n2", "i2"), 2: Record("n1", "i1", 1), 3: Record("n2", "i2", 4)},
    )
    assert stands(view) == (
        Stand("n1", "member", 2, 0, 3, 2, 0.004, 2.0, "both", "1"),
        Stand("n2", "member", 1, 1, None, None, None, 1.0, "one", None),
    )


def test_who_drains_and_who_is_behind() -> None:
    late = {"lag": 1.5}
    view = View("b", nodes={"n1": Node("i", Info(figures=late)), "n2": Node("i", Info(draining=True, figures=late))})
    assert [one.state for one in stands(view)] == ["behind", "drains"]


def test_who_is_gone_is_known_by_the_lots_that_nobody_has() -> None:
    """Not who left: it released what it had. Nor the incarnation before of one that lives again."""
    lots = {
        1: Record("n1", "i1", 1),
        2: Record("n2", "", 2),
        3: Record("n3", "before", 1),
        **{lot: Record("n3", "i3", 1) for lot in range(4, LOTS)},
    }
    view = View("b", nodes={"n3": Node("i3")}, lots=lots)
    assert [(one.name, one.state, one.lots) for one in stands(view)] == [("n1", "gone", 1), ("n3", "member", LOTS - 4)]
    assert nobodys(view) == [0, 1, 2, 3]
