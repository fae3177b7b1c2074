"""One heap for thousands of machines."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip.agenda import SPARE, Agenda


@dataclass(eq=False)
class Sleeper:
    deadline: float | None


def test_the_earliest_is_woken_first_and_once() -> None:
    agenda: Agenda[Sleeper] = Agenda()
    late, early = Sleeper(5.0), Sleeper(2.0)
    for machine in (late, early, early):
        agenda.note(machine)
    assert agenda.deadline == 2.0
    assert agenda.due(1.9) == []
    assert agenda.due(9.0) == [early, late]
    assert agenda.due(9.0) == []
    assert agenda.deadline is None


def test_a_machine_that_was_put_off_is_not_woken_at_its_old_time() -> None:
    agenda: Agenda[Sleeper] = Agenda()
    machine = Sleeper(1.0)
    agenda.note(machine)
    machine.deadline = 3.0
    agenda.note(machine)
    assert agenda.due(2.0) == []
    assert agenda.deadline == 3.0


def test_a_machine_that_went_away_without_a_word_is_not_woken() -> None:
    agenda: Agenda[Sleeper] = Agenda()
    machine = Sleeper(1.0)
    agenda.note(machine)
    machine.deadline = None
    assert agenda.deadline is None
    assert agenda.due(2.0) == []


def test_putting_off_for_ever_does_not_grow_the_heap() -> None:
    agenda: Agenda[Sleeper] = Agenda()
    machines = [Sleeper(0.0) for _ in range(10)]
    for turn in range(10_000):
        machines[turn % 10].deadline = 1e6 + turn
        agenda.note(machines[turn % 10])
    assert len(agenda._heap) <= 2 * len(machines) + SPARE + 1
    assert len(agenda.due(2e6)) == len(machines)


def test_a_machine_that_is_over_is_forgotten() -> None:
    agenda: Agenda[Sleeper] = Agenda()
    for _ in range(1_000):
        machine = Sleeper(1e6)
        agenda.note(machine)
        machine.deadline = None
        agenda.note(machine)
    assert not agenda._noted
    assert len(agenda._heap) <= SPARE + 1


@given(st.lists(st.tuples(st.integers(0, 4), st.none() | st.integers(0, 20))))
def test_it_knows_what_a_plain_list_would_know(changes: list[tuple[int, int | None]]) -> None:
    agenda: Agenda[Sleeper] = Agenda()
    machines = [Sleeper(None) for _ in range(5)]
    for which, deadline in changes:
        machines[which].deadline = deadline
        agenda.note(machines[which])
        assert agenda.deadline == min((m.deadline for m in machines if m.deadline is not None), default=None)
    due = agenda.due(10)
    assert set(due) == {m for m in machines if m.deadline is not None and m.deadline <= 10}
    assert [m.deadline for m in due] == sorted(m.deadline for m in due if m.deadline is not None)


def test_who_is_forgotten_is_not_woken() -> None:
    agenda: Agenda[Sleeper] = Agenda()
    one, other = Sleeper(1.0), Sleeper(2.0)
    agenda.note(one)
    agenda.note(other)
    agenda.forget(one)
    agenda.forget(one)
    assert (agenda.deadline, agenda.due(3.0)) == (2.0, [other])
