"""What a node tells the others of itself."""

from dataclasses import replace

from ctibridge.cluster.figures import Figures
from ctibridge.cluster.standing import stands
from ctibridge.cluster.view import Info, Node, View


def test_what_it_tells_is_what_the_table_reads() -> None:
    figures = Figures(False, 2, 1, 40, 9, 5, 0.25, 7, 3)
    (row,) = stands(View("b", nodes={"n1": Node("i", Info(figures=figures.told()))}))
    assert (row.lines, row.desks, row.lag) == (40, 9, 0.25)
    assert row.people is None
    told = {name: replace(figures, lean=name == "n2").told() for name in ("n1", "n2")}
    rows = stands(View("b", nodes={name: Node("i", Info(figures=said)) for name, said in told.items()}))
    assert [row.people for row in rows] == ["keeper", "lean"]
