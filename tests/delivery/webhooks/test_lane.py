from ctibridge.delivery.kept import Stand
from ctibridge.delivery.webhooks.cursor import Cursor, Position, Told
from ctibridge.delivery.webhooks.lane import AT_ONCE, MOST_TRIES, Gap, Lane


def lane(sequence: int = 10) -> Lane:
    return Lane("ana", Cursor("e1", sequence))


def test_it_reads_on_behind_its_cursor_a_few_at_a_time() -> None:
    assert lane().wants(Stand("e1", 1, 13)) == (10, 13)
    assert lane().wants(Stand("e1", 1, 500)) == (10, 10 + AT_ONCE)
    assert lane().wants(Stand("e1", 1, 500), 1) == (10, 11)
    assert lane().wants(Stand("e1", 1, 10)) == (10, 10)


def test_an_event_is_passed_once_and_counted_if_it_was_sent() -> None:
    one = lane()
    one.passed(11)
    one.passed(12, "c1", Told(1, "m"), sent=True)
    assert one.cursor == Cursor("e1", 12, 1, {"c1": Told(1, "m")})
    assert one.gap is None


def test_what_fell_out_of_the_store_is_one_loss_however_often_it_is_looked_at() -> None:
    one = lane()
    one.follow(Stand("e1", 501, 1500))
    one.follow(Stand("e1", 901, 1900))
    assert one.gap == Gap(Position("e1", 10), Position("e1", 901), "dropped", 890)
    assert one.cursor.sequence == 900


def test_nothing_is_lost_where_the_next_event_is_there() -> None:
    one = lane()
    one.follow(Stand("e1", 11, 20))
    assert one.gap is None


def test_a_desk_that_began_anew_is_a_loss_of_nobody_knows_how_many() -> None:
    one = lane()
    one.follow(Stand("e2", 1, 3))
    assert one.gap == Gap(Position("e1", 10), Position("e2", 1), "restarted", None)
    assert one.wants(Stand("e2", 1, 3)) == (0, 3)


def test_losses_one_behind_the_other_are_one_loss() -> None:
    one = lane()
    one.lose(11, "too_old")
    one.lose(12, "too_old")
    one.follow(Stand("e1", 16, 20))
    assert one.gap == Gap(Position("e1", 10), Position("e1", 16), "too_old", 5)
    one.stated()
    assert one.gap is None


def test_an_event_is_refused_often_enough_after_five_times() -> None:
    one = lane()
    assert [one.refused() for _ in range(MOST_TRIES)] == [False, False, False, False, True]
    one.lose(11, "refused")
    assert not one.refused(), "the next event has its own tries"


def test_it_is_behind_while_something_is_stored_that_it_has_not_passed() -> None:
    assert lane().is_behind(Stand("e1", 1, 11))
    assert not lane().is_behind(Stand("e1", 1, 10))
    assert lane().is_behind(Stand("e2", 1, 0))
