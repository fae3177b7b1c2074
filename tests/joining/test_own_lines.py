"""`joining/own_lines.py`: which lines a node registers, and when a lot is prepared."""

from ctibridge.cluster import lots
from ctibridge.joining.own_lines import PATIENCE, OwnLines
from ctibridge.sip.events import Hearing, LineChanged, LineGone
from ctibridge.sip.settings import LineAccess, TrunkAccess

ANA, BEN = lots.of_agent("ana"), lots.of_agent("ben")


def line(user: str, *agents: str) -> LineAccess:
    return LineAccess(user, user, "secret", agents)


def own_lines() -> OwnLines:
    return OwnLines({"pbx": TrunkAccess((line("1", "ana"), line("2", "ben"), line("3", "ben", "ana")))})


def users(lines: OwnLines) -> list[str]:
    return [one.user for one in lines.accesses()["pbx"].lines]


def says(user: str, hearing: Hearing = Hearing.REGISTERED) -> LineChanged:
    return LineChanged("pbx", user, hearing, "")


def test_the_lines_of_the_lots_that_are_here_and_no_other() -> None:
    lines = own_lines()
    assert users(lines) == []
    lines.hold(frozenset({ANA}))
    assert users(lines) == ["1", "3"]
    assert len(lines) == 2


def test_a_line_whose_agents_change_goes_with_them() -> None:
    lines = own_lines()
    lines.hold(frozenset({BEN}))
    lines.retune({"pbx": TrunkAccess((line("1", "ben"), line("2", "ana")))})
    assert users(lines) == ["1"]


def test_a_lot_is_prepared_when_the_registrar_has_answered_for_each_line() -> None:
    lines = own_lines()
    lines.prepare({ANA}, 100)
    lines.heard(says("1", Hearing.REGISTERING))
    lines.heard(says("1"))
    assert lines.prepared(101) == frozenset()
    lines.heard(says("3", Hearing.DEAF))
    assert lines.prepared(101) == {ANA}
    assert lines.prepared(101) == frozenset()
    assert lines.deadline is None


def test_a_lot_whose_lines_are_registered_here_already_is_prepared_at_once() -> None:
    lines = own_lines()
    lines.heard(says("2"))
    lines.prepare({BEN}, 100)
    assert lines.prepared(100) == {BEN}
    lines.heard(LineGone("pbx", "2"))
    lines.prepare({BEN}, 101)
    assert lines.prepared(101) == frozenset()


def test_a_registrar_that_does_not_answer_holds_up_no_hand_over() -> None:
    lines = own_lines()
    lines.prepare({ANA, BEN}, 100)
    assert lines.deadline == 100 + PATIENCE
    assert lines.prepared(100 + PATIENCE) == {ANA, BEN}


def test_a_lot_without_a_line_is_prepared() -> None:
    lines = own_lines()
    empty = next(lot for lot in range(lots.LOTS) if lot not in {ANA, BEN})
    lines.prepare({empty}, 100)
    assert lines.prepared(100) == {empty}
