from ctibridge.delivery.unwritten import Batch, Bounds, Unwritten
from tests.delivery.kept_examples import event, kept, pop

BOUNDS = Bounds(20, 10_000)


def sequences(one: Unwritten, agent: str = "ana") -> list[int]:
    return [each.sequence for each in one.events(agent, "e1", 0, 10**6)]


def filled(*events: tuple[str, int]) -> Unwritten:
    one = Unwritten(BOUNDS)
    for agent, sequence in events:
        one.add_event(event(sequence, agent))
    return one


def take(one: Unwritten, *desks: str) -> Batch:
    """All, or what waits of these desks."""
    return one.take(desks or tuple(one.desks), tuple(one.facts))


def test_it_is_seen_until_it_is_said_to_be_written() -> None:
    one = filled(("ana", 1), ("ben", 1), ("ana", 2))
    batch = take(one, "ana")
    assert [(each.agent, each.sequence) for each in batch.events] == [("ana", 1), ("ana", 2)]
    one.add_event(event(3))
    assert sequences(one) == [1, 2, 3]
    one.written(batch)
    assert sequences(one) == [3]
    assert take(one, "ben").events == (event(1, "ben"),)


def test_a_batch_that_failed_is_taken_again() -> None:
    one = filled(("ana", 1), ("ana", 2))
    assert take(one) == take(one)


def test_what_was_dropped_while_it_was_written_is_not_dropped_twice() -> None:
    one = filled(*(("ana", n) for n in range(1, 21)))
    batch = take(one)
    one.add_event(event(21))
    assert one.is_full
    lost = one.make_room()
    assert lost["ana"].sequence == 2
    one.written(batch)
    assert sequences(one) == [21]


def test_the_oldest_of_all_desks_go_first() -> None:
    one = filled(*(("ana", n) for n in range(2, 20)), ("ben", 1), ("ben", 40), ("ben", 41))
    assert {agent: last.sequence for agent, last in one.make_room().items()} == {"ana": 2, "ben": 1}


def test_an_event_and_the_call_that_came_with_it_go_together() -> None:
    """In batches of a kind each, a ring was stored and its call was not: killed then, it rang for ever."""
    one = filled(("ana", 1), ("ana", 2), ("ben", 1))
    one.add_call(kept())
    one.add_fact(("sat", "6001"), b"ana")
    assert (one.weight("ana"), one.weight("ben"), one.weight("cleo")) == (3, 1, 0)
    batch = one.take(("ana",), ())
    assert (len(batch.events), batch.calls, batch.facts) == (2, (kept(),), ())
    one.written(batch)
    assert list(one.desks) == ["ben"]
    assert one.take((), (("sat", "6001"), ("sat", "gone"))).facts == ((("sat", "6001"), b"ana"),)


def test_only_the_newest_of_a_call_is_written_with_the_newest_pop() -> None:
    one = Unwritten(BOUNDS)
    one.add_call(kept(pop=pop()))
    one.add_call(kept(revision=3))
    assert take(one).calls == (kept(revision=3, pop=pop()),)
    assert one.items == 1


def test_what_came_while_its_forerunner_was_written_stays() -> None:
    one = Unwritten(BOUNDS)
    one.add_call(kept())
    one.add_fact(("sat", "6001"), b"ana")
    batch = take(one)
    one.add_call(kept(revision=3))
    one.add_fact(("sat", "6001"), None)
    one.written(batch)
    assert take(one).calls == (kept(revision=3),)
    assert take(one).facts == ((("sat", "6001"), None),)
    one.written(take(one))
    assert not one
    assert one.size == 0


def test_calls_go_when_no_event_is_left_and_facts_last() -> None:
    one = Unwritten(Bounds(2, 10_000))
    for number in (1, 2):
        one.add_call(kept(number))
    one.add_fact(("sat", "6001"), b"ana")
    assert one.make_room() == {}
    assert [each.call.id for each in one.calls("ana").values()] == []
    assert take(one).facts


def test_large_data_counts() -> None:
    one = Unwritten(BOUNDS)
    for sequence in range(1, 4):
        one.add_event(event(sequence, data=b"x" * 4_000))
    assert one.is_full
    assert one.make_room()["ana"].sequence == 1
    assert not one.is_full


def test_what_is_changed_is_weighed_anew() -> None:
    one = filled(("ana", 1))
    one.add_call(kept(pop=pop()))
    one.change(lambda each: event(each.sequence, data=b"{}"), lambda _: kept())
    assert one.size == 2
    one.written(take(one))
    assert one.size == 0


def test_a_desk_that_is_forgotten_while_it_is_written_takes_nothing_with_it() -> None:
    one = filled(("ana", 1), ("ana", 2), ("ben", 1))
    one.add_call(kept(1, pop=pop(1)))
    batch = take(one)
    one.add_event(event(3))
    one.forget("ana")
    assert (one.items, sequences(one), one.calls("ana")) == (1, [], {})
    one.add_event(event(1))
    one.written(batch)
    assert (sequences(one), sequences(one, "ben")) == ([1], [])
    one.forget("nobody")
    assert one.items == 1
    assert not one.is_half_full
