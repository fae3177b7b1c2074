"""Whatever comes, fails and is lost: what a desk was promised is in memory or in the file, and nothing else is."""

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.ledger import Ledger, Rows
from ctibridge.delivery.standing import DeskRow
from ctibridge.delivery.unwritten import Bounds
from tests.delivery.examples import AT
from tests.delivery.kept_examples import event, kept, pop

AGENTS = ("ana", "ben", "cleo")
BOUNDS = Bounds(12, 10_000)


def ledger(bounds: Bounds = BOUNDS) -> Ledger:
    return Ledger((), bounds)


def keep(one: Ledger, *events: KeptEvent) -> None:
    for each in events:
        one.keep_event(one.desk(each), each)


def take(one: Ledger) -> Rows:
    """All in one batch."""
    return one.take(one.due(), 999, AT)


def test_a_new_desk_gets_the_next_number() -> None:
    one = Ledger([DeskRow(4, "ana", "e1", 7, 1, 7)], BOUNDS)
    keep(one, event(8), event(1, "ben"))
    assert [row.no for row in sorted(take(one).desks, key=lambda row: row.no)] == [4, 5]


def test_nothing_waits_for_an_ack_of_what_is_not_written_yet() -> None:
    """The writer would turn in a circle."""
    one = ledger()
    keep(one, event(1))
    one.written(take(one))
    one.keep_ack("ana", 1)
    one.keep_ack("nobody", 1)
    assert one.written(take(one)) == {}
    one.keep_ack("ana", 5)
    assert not take(one)
    keep(one, event(2))
    assert take(one).desks[0].acked == 2


def test_a_call_of_a_desk_that_never_was_is_passed_over() -> None:
    one = ledger()
    one.keep_call(kept(pop=pop()))
    assert take(one).calls == ()
    one.written(take(one))
    assert not one.unwritten


def test_a_desk_without_an_event_gets_its_row_when_somebody_signs_in() -> None:
    """Its welcome named an epoch that was another one after the next stop, however clean."""
    one = ledger()
    one.keep_heard("ana", "e1", 0)
    row = DeskRow(0, "ana", "e1", 0, 1, 0, anew=True)
    assert one.take(one.due(), 9, AT).desks == (row,)
    assert take(one).desks == (row,), "as the batch failed"
    one.written(take(one))
    assert not one.due()
    one.keep_heard("ana", "e2", 0)
    assert [(row.no, row.epoch, row.anew) for row in take(one).desks] == [(0, "e2", True)]


def test_what_comes_meanwhile_is_not_due() -> None:
    """The writer never came to an end while something came with each batch: whoever had to wait for it did for ever."""
    one = ledger()
    keep(one, event(1), event(1, "ben"))
    due = one.due()
    while due:
        rows = one.take(due, 1, AT)
        keep(one, event(1, f"new-{len(one.standings)}"))
        one.written(rows)
    assert sorted(one.due().desks) == ["new-2", "new-3"]
    assert one.due(["ben", "new-2"]).desks.count("new-2") == 1
    assert not one.due(["ben"])


def test_a_file_that_could_not_be_used_until_now_gives_each_desk_its_number() -> None:
    """Nobody knew who stood in it: ana was counted as ben stands there, and would have read what is his."""
    one = ledger()
    keep(one, event(1, "ana", "e7"), event(1, "cleo", "e8"))
    fresh = iter(("e9",))
    found = one.adopt([DeskRow(0, "ben", "e1", 5, 1, 5), DeskRow(3, "ana", "e2", 9, 1, 9)], lambda: next(fresh))
    assert found == (DeskRow(0, "ben", "e9", 0, 1, 0), DeskRow(3, "ana", "e7", 0, 1, 0))
    rows = take(one)
    assert {row.agent: (row.no, row.epoch, row.sequence) for row in rows.desks} == {
        "ana": (3, "e7", 1),
        "cleo": (4, "e8", 1),
    }
    assert sorted(no for no, _ in rows.events) == [3, 4]


def test_facts_pass_through() -> None:
    one = ledger()
    one.keep_fact(("sat", "6001"), b"ana")
    assert take(one).facts == ((("sat", "6001"), b"ana"),)


class Told(RuleBasedStateMachine):
    """The file is a dictionary here: `stored` its events, `rows` its desks."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = ledger()
        self.said: dict[str, list[KeptEvent]] = {agent: [] for agent in AGENTS}
        self.stored: dict[tuple[int, int], KeptEvent] = {}
        self.rows: dict[str, DeskRow] = {}
        self.under_way: Rows | None = None
        self.floors = dict.fromkeys(AGENTS, 1)

    @rule(agent=st.sampled_from(AGENTS), more=st.integers(1, 6))
    def keeps(self, agent: str, more: int) -> None:
        for _ in range(more):
            said = self.said[agent]
            said.append(event(len(said) + 1, agent))
            keep(self.ledger, said[-1])
        self.floors.update(self.ledger.lost())

    @rule(agent=st.sampled_from(AGENTS), back=st.integers(0, 5))
    def acks(self, agent: str, back: int) -> None:
        self.ledger.keep_ack(agent, len(self.said[agent]) - back)

    @rule(most=st.integers(1, 5))
    def takes(self, most: int) -> None:
        self.under_way = self.ledger.take(self.ledger.due(), most, AT + timedelta(seconds=1))

    @precondition(lambda self: self.under_way)
    @rule()
    def commits(self) -> None:
        assert self.under_way is not None
        for row in self.under_way.desks:
            self.rows[row.agent] = row
            self.stored = {key: one for key, one in self.stored.items() if key[0] != row.no or key[1] >= row.floor}
        self.stored.update({(no, one.sequence): one for no, one in self.under_way.events})
        told: Mapping[str, int] = self.ledger.written(self.under_way)
        self.under_way = None
        assert all(self.rows[agent].sequence == sequence for agent, sequence in told.items())

    @rule()
    def fails(self) -> None:
        self.under_way = None

    @rule()
    def loses_its_file(self) -> None:
        self.stored, self.rows, self.under_way = {}, {}, None
        self.ledger.begin_anew()
        self.floors.update(self.ledger.lost())

    @invariant()
    def every_tail_is_gapless_from_its_floor_on(self) -> None:
        for agent, standing in self.ledger.standings.items():
            said = self.said[agent]
            held = self.ledger.unwritten.events(agent, "e1", standing.floor - 1, len(said))
            first = held[0].sequence if held else len(said) + 1
            tail = [self.stored[standing.no, sequence] for sequence in range(standing.floor, first)] + held
            assert tail == said[standing.floor - 1 :]

    @invariant()
    def a_desk_that_lost_something_was_told_so(self) -> None:
        assert all(self.floors[agent] == standing.floor for agent, standing in self.ledger.standings.items())

    @invariant()
    def an_ack_in_the_file_is_of_an_event_in_the_file(self) -> None:
        assert all(row.acked <= row.sequence <= len(self.said[row.agent]) for row in self.rows.values())

    @invariant()
    def memory_is_bounded(self) -> None:
        assert self.ledger.unwritten.items <= BOUNDS.items

    def teardown(self) -> None:
        for _ in range(100):
            self.takes(5)
            if not self.under_way:
                break
            self.commits()
        assert not self.ledger.unwritten
        for agent, row in self.rows.items():
            assert row.sequence == len(self.said[agent])
            assert {key[1] for key in self.stored if key[0] == row.no} >= set(range(row.floor, row.sequence + 1))


Told.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
TestTold = Told.TestCase
