from ctibridge.delivery.backlog import LIMIT, LINGER, STALLED, TOO_SLOW, Backlog, End, Look
from ctibridge.delivery.close_code import CloseCode


def test_in_order() -> None:
    backlog = Backlog()
    assert [backlog.put(frame, 0.0) for frame in (b"1", b"2")] == [True, True]
    assert [backlog.take(), backlog.take(), backlog.take()] == [b"1", b"2", None]


def test_a_thousand_may_wait_and_no_more() -> None:
    backlog = Backlog()
    assert all(backlog.put(b"x", 0.0) for _ in range(LIMIT))
    assert not backlog.put(b"x", 1.0)
    assert (len(backlog), backlog.ended) == (0, True)
    assert backlog.put(b"x", 1.0), "it is over; saying so once is enough"
    assert [backlog.take(), backlog.take()] == [TOO_SLOW, None]


def test_a_greeting_of_any_length_does_not_count() -> None:
    backlog = Backlog()
    backlog.greet(tuple(b"%d" % number for number in range(LIMIT + 1)))
    assert all(backlog.put(b"x", 0.0) for _ in range(LIMIT))
    assert not backlog.put(b"x", 0.0)


def test_a_greeting_stands_in_front_of_what_came_before_it() -> None:
    """What happens while a desk's tail is read is later than all of it."""
    backlog = Backlog()
    backlog.put(b"41", 0.0)
    backlog.greet((b"welcome", b"39", b"40"))
    backlog.put(b"42", 0.0)
    assert [backlog.take() for _ in range(6)] == [b"welcome", b"39", b"40", b"41", b"42", None]


def test_what_waits_for_its_greeting_is_bounded() -> None:
    backlog = Backlog()
    assert all(backlog.put(b"x", 0.0) for _ in range(LIMIT))
    backlog.greet((b"welcome",) * (LIMIT + 1))
    assert len(backlog) == 2 * LIMIT + 1
    assert not backlog.put(b"x", 0.0)


def test_who_has_come_to_his_end_is_not_greeted() -> None:
    backlog = Backlog()
    backlog.end(TOO_SLOW, 0.0)
    backlog.greet((b"welcome",))
    assert [backlog.take(), backlog.take()] == [TOO_SLOW, None]


def test_what_was_taken_of_a_greeting_makes_no_room() -> None:
    backlog = Backlog()
    backlog.greet((b"1", b"2"))
    assert backlog.take() == b"1"
    assert all(backlog.put(b"x", 0.0) for _ in range(LIMIT))
    assert not backlog.put(b"x", 0.0)


def test_who_takes_nothing_for_30_seconds_is_too_slow_and_is_cut_30_seconds_later() -> None:
    backlog = Backlog()
    backlog.blocked(100, 10.0)
    assert backlog.deadline == 10.0 + STALLED
    assert backlog.look(100, 39.9) is Look.FINE
    assert backlog.look(100, 40.0) is Look.ENDED
    assert backlog.deadline == 40.0 + LINGER
    assert backlog.look(100, 69.9) is Look.FINE
    assert backlog.take() == TOO_SLOW
    assert backlog.look(0, 70.0) is Look.CUT


def test_who_takes_little_is_slow_and_not_stalled() -> None:
    backlog = Backlog()
    backlog.blocked(100, 0.0)
    assert backlog.look(99, 30.0) is Look.FINE
    assert backlog.look(98, 60.0) is Look.FINE
    assert backlog.look(98, 90.0) is Look.ENDED


def test_who_has_taken_all_is_waited_for_no_longer() -> None:
    backlog = Backlog()
    backlog.blocked(100, 0.0)
    backlog.freed()
    assert backlog.deadline is None
    assert backlog.look(0, 1000.0) is Look.FINE


def test_an_end_forgets_what_waits_and_comes_once() -> None:
    backlog = Backlog()
    backlog.put(b"x", 0.0)
    end = End(CloseCode.TOKEN_REFUSED, "revoked")
    backlog.end(end, 1.0)
    backlog.end(TOO_SLOW, 2.0)
    backlog.blocked(5, 3.0)
    backlog.freed()
    assert backlog.deadline == 1.0 + LINGER
    assert [backlog.take(), backlog.take()] == [end, None]
