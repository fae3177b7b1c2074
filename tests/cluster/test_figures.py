"""What a node tells the others of itself."""

from ctibridge.cluster.figures import Figures
from ctibridge.cluster.standing import stands
from ctibridge.cluster.view import Info, Node, View


def test_what_it_tells_is_what_the_table_reads() -> None:
    figures = Figures(False, 2, 1, 40, 9, 5, 0.25, 7, 3)
    (row,) = stands(View("b", nodes={"n1": Node("i", Info(figures=figures.told()))}))
    assert (row.lines, row.desks, row.lag) == (40, 9, 0.25)
