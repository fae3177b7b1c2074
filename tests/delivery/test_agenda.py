from ctibridge.delivery.agenda import Agenda
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.outputs import Output
from ctibridge.delivery.session import AUTH_WITHIN, Session, first_ping


def session(number: int, clock: float) -> Session:
    outputs: list[Output] = []
    return Session(number, clock, outputs)


def test_the_earliest_first_each_once() -> None:
    agenda = Agenda()
    late, early = session(1, 10.0), session(2, 0.0)
    for one in (late, early, early):
        agenda.note(one)
    assert agenda.deadline == AUTH_WITHIN
    assert agenda.due(AUTH_WITHIN - 0.1) == []
    assert agenda.due(100.0) == [early, late]
    assert agenda.deadline is None


def test_who_is_gone_or_moved_is_not_woken() -> None:
    agenda = Agenda()
    gone, moved = session(1, 0.0), session(2, 0.0)
    agenda.note(gone)
    agenda.note(moved)
    gone.close(CloseCode.BAD_MESSAGE, "x")
    moved.admit("ana", "t1", None, 3.0)
    agenda.note(moved)
    assert agenda.due(3.0) == []
    assert agenda.due(3.0 + first_ping(2)) == [moved]
    assert agenda.due(99.0) == []


def test_noting_again_and_again_costs_nothing() -> None:
    agenda = Agenda()
    one = session(1, 0.0)
    for _ in range(1000):
        agenda.note(one)
    assert len(agenda._heap) == 1
