"""How the nodes stand, in the words of `check`."""

import pytest

from ctibridge.cli.checks import cluster
from ctibridge.cli.checks.cluster import Here
from ctibridge.cluster.lots import LOTS
from ctibridge.cluster.view import Info, Node, Record, View
from ctibridge.domain.finding import Finding, Kind

LOTS_OF = {lot: Record(f"n{lot % 2 + 1}", "i", 1, "own") for lot in range(LOTS)}


def two(of_n2: Info | None = None) -> View:
    return View("b", nodes={"n1": Node("i"), "n2": Node("i", of_n2 or Info())}, lots=LOTS_OF)


def of(view: View) -> dict[str, Finding]:
    return {one.what: one for one in cluster.findings(view)}


def test_all_is_good() -> None:
    assert [(row.kind, row.text) for row in of(two()).values()] == [
        (Kind.GOOD, "2 nodes: n1, n2"),
        (Kind.GOOD, "each of 256 has an owner"),
    ]


def test_lines_that_nobody_registers() -> None:
    alone = View("b", nodes={"n1": Node("i")}, lots=LOTS_OF)
    row = of(alone)["lots"]
    assert row.kind is Kind.MEND
    assert row.text == "128 of 256 have no owner, nobody registers their lines; n2 had some last"
    assert of(View("b", quiet=True, nodes=alone.nodes))["lots"].kind is Kind.NOTE


def test_nobody_is_there() -> None:
    assert [(row.what, row.kind) for row in of(View("b", lots=LOTS_OF)).values()] == [("nodes", Kind.NOTE)]


@pytest.mark.parametrize(
    ("lean", "kind", "text"),
    [
        ((0.0, 0.0), Kind.GOOD, "people are on the disks of n1, n2"),
        ((0.0, 1.0), Kind.NOTE, "n1 alone has people on its disk"),
        ((1.0, 1.0), Kind.NOTE, "no node that runs has people on its disk: nothing could write them to Redis anew"),
    ],
)
def test_who_has_the_people_that_all_share(lean: tuple[float, float], kind: Kind, text: str) -> None:
    nodes = {f"n{at}": Node("i", Info(figures={"lean": one})) for at, one in enumerate(lean, 1)}
    row = of(View("b", nodes=nodes, lots=LOTS_OF))["keepers"]
    assert (row.kind, row.text) == (kind, text)


@pytest.mark.parametrize(
    ("info", "what", "text"),
    [
        (Info(figures={"lag": 2.0}), "lag", "behind what the others say by more than 1 s: n2 (2.0 s)"),
        (Info(version="2"), "versions", "not of one version: 2, unknown"),
        (Info(redundancy="both"), "redundancy", "only n2 registers lines of others as well"),
    ],
)
def test_worth_knowing(info: Info, what: str, text: str) -> None:
    row = of(two(info))[what]
    assert (row.kind, row.text) == (Kind.NOTE, text)


def test_who_drains_is_said() -> None:
    assert of(two(Info(draining=True)))["nodes"].text == "2 nodes: n1, n2 (drains)"


@pytest.mark.parametrize(
    ("here", "kind", "text"),
    [
        (Here("n1", "i", runs=True), Kind.GOOD, "n1: member, 128 lots"),
        (Here("n1", None, runs=True), Kind.GOOD, "n1: member, 128 lots"),
        (Here("n1", "other", runs=True), Kind.MEND, "another ctibridge is n1 in this cluster"),
        (Here("n3", "i", runs=True), Kind.MEND, "n3 runs, and the others do not know of it"),
    ],
)
def test_this_node(here: Here, kind: Kind, text: str) -> None:
    (row,) = cluster.this_node(two(), here)
    assert row.kind is kind
    assert row.text.startswith(text)


def test_of_one_that_is_stopped_nothing_is_said() -> None:
    assert list(cluster.this_node(two(), Here("n1", "i", runs=False))) == []
