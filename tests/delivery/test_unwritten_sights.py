from dataclasses import replace

from ctibridge.delivery import unwritten_sights
from ctibridge.delivery.kept import Sight
from ctibridge.delivery.ledger import Ledger
from ctibridge.delivery.unwritten import Bounds
from ctibridge.delivery.unwritten_sights import UnwrittenSights
from tests.delivery import kept_examples as ke
from tests.delivery.examples import AT


def sight(number: int = 1, **changes: str) -> Sight:
    return replace(Sight("ana", "acme", "p1", f"c{number}", "pop", AT), **changes)  # type: ignore[arg-type]


def test_each_is_there_once_until_it_is_written() -> None:
    waiting = UnwrittenSights(10)
    waiting.add([sight(1), sight(2), sight(1)])
    batch = waiting.take(1)
    assert batch == (sight(1),)
    assert waiting.take(9) == (sight(1), sight(2))
    waiting.written(batch)
    assert waiting.take(9) == (sight(2),)


def test_the_next_revision_of_a_pop_says_nothing_new() -> None:
    waiting = UnwrittenSights(10)
    waiting.add([sight()])
    waiting.written(waiting.take(9))
    waiting.add([sight()])
    assert len(waiting) == 0
    waiting.add([sight(how="search")])
    assert len(waiting) == 1


def test_what_is_remembered_does_not_grow() -> None:
    waiting = UnwrittenSights(10**6)
    for number in range(3 * unwritten_sights.REMEMBERED):
        waiting.add([sight(number)])
    assert len(waiting._came) <= 2 * unwritten_sights.REMEMBERED


def test_without_room_the_newest_are_left_out_and_counted_once() -> None:
    waiting = UnwrittenSights(2)
    waiting.add(sight(number) for number in range(5))
    assert waiting.take(9) == (sight(0), sight(1))
    assert (waiting.told(), waiting.told()) == (3, 0)
    waiting.written(waiting.take(9))
    waiting.add([sight(4)])  # seen again when there is room: then it is known after all
    assert waiting.take(9) == (sight(4),)


def test_who_leaves_is_never_written_and_kept_again_when_seen_again() -> None:
    waiting = UnwrittenSights(10)
    waiting.add([sight(1), sight(2, account="globex")])
    waiting.drop(lambda one: one.account == "acme")
    assert waiting.take(9) == (sight(2, account="globex"),)
    waiting.add([sight(1)])
    assert len(waiting) == 2


def test_sights_are_written_behind_all_else_and_no_batch_is_empty_for_ever() -> None:
    ledger = Ledger((), Bounds())
    ledger.desk(ke.event(1))
    ledger.keep_event(ledger.desk(ke.event(1)), ke.event(1))
    ledger.keep_fact(("k", "1"), b"x")
    ledger.sights.add(sight(number) for number in range(5))
    due, batches = ledger.due(), []
    while due:
        rows = ledger.take(due, 2, AT)
        batches.append((len(rows.events), len(rows.facts), len(rows.sights)))
        ledger.written(rows)
        assert len(batches) < 9
    assert batches[0][:2] == (1, 1)
    assert max(batch[2] for batch in batches) <= 2
    assert sum(batch[2] for batch in batches) == 5
    assert not ledger.due()


def test_sights_that_left_while_they_were_due_end_the_round() -> None:
    ledger = Ledger((), Bounds())
    ledger.sights.add([sight(1), sight(2)])
    due = ledger.due()
    ledger.sights.drop(lambda _: True)
    assert not ledger.take(due, 9, AT)
    assert not due
