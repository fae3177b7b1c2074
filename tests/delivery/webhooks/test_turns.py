from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery.webhooks.turns import Turns


def turns(*agents: str) -> Turns:
    made = Turns()
    for agent in agents:
        made.news(agent)
    return made


def test_who_has_waited_longest_is_next_and_each_once() -> None:
    one = turns("ana", "ben", "ana")
    assert [one.take(0.0) for _ in range(3)] == ["ana", "ben", None]
    assert one.under_way == 2


def test_what_comes_during_a_turn_makes_another_one_behind_the_others() -> None:
    one = turns("ana", "ben")
    one.take(0.0)
    one.news("ana")
    one.done("ana", more=False)
    assert [one.take(0.0), one.take(0.0)] == ["ben", "ana"]


def test_who_comes_to_his_end_has_no_more_turns() -> None:
    one = turns("ana")
    one.take(0.0)
    one.done("ana", more=False)
    assert one.take(0.0) is None
    assert not one.has_ready


def test_whose_words_were_not_taken_is_first_again() -> None:
    one = turns("ana", "ben")
    one.take(0.0)
    one.first("ana")
    assert one.take(0.0) == "ana"


def test_who_waits_for_a_time_is_not_woken_by_news() -> None:
    one = turns("ana")
    one.take(0.0)
    one.later("ana", 5.0)
    one.news("ana")
    assert (one.take(4.9), one.deadline) == (None, 5.0)
    assert one.take(5.0) == "ana"
    assert one.deadline is None


def end(one: Turns, how: str, agent: str, at: float) -> None:
    match how:
        case "first":
            one.first(agent)
        case "later":
            one.later(agent, at)
        case _:
            one.done(agent, more=how == "more")


ACTS = st.lists(st.tuples(st.sampled_from(["news", "take", "done", "more", "first", "later"]), st.sampled_from("abcd")))


@given(ACTS)
def test_nobody_is_lost_and_nobody_has_two_turns(acts: list[tuple[str, str]]) -> None:
    one, now = Turns(), 0.0
    owed: set[str] = set()
    running: set[str] = set()
    for act, agent in acts:
        now += 1.0
        if act == "news":
            one.news(agent)
            owed.add(agent)
        elif act == "take":
            taken = one.take(now)
            assert taken is None or taken not in running
            if taken is not None:
                running.add(taken)
                owed.discard(taken)
        elif agent in running:
            running.discard(agent)
            owed |= {agent} - ({agent} if act == "done" else set())
            end(one, act, agent, now + 2.0)
    for agent in sorted(running):
        one.done(agent, more=False)
    left = set()
    while (next_one := one.take(now + 10.0)) is not None:
        left.add(next_one)
        one.done(next_one, more=False)
    assert left == owed
