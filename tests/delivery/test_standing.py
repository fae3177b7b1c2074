from ctibridge.delivery.kept import KEPT_EVENTS
from ctibridge.delivery.standing import SLACK, DeskRow, Standing, may_go_on
from tests.delivery.kept_examples import event


def standing(sequence: int = 0, floor: int = 1, acked: int = 0) -> Standing:
    return Standing(DeskRow(3, "ana", "e1", sequence, floor, acked))


def write(one: Standing, stored: int | None = None) -> DeskRow:
    row = one.row(stored)
    assert row is not None
    one.written(row)
    return row


def test_what_stands_in_the_file_is_not_written_again() -> None:
    one = standing(41, 1, 40)
    assert one.row() is None
    one.follow(event(42))
    assert one.row() is None, "not before the event is"
    assert write(one, 42).sequence == 42
    assert one.row() is None


def test_an_ack_counts_when_its_event_is_written() -> None:
    one = standing(41)
    one.follow(event(42))
    one.seen = 42
    assert write(one).acked == 41
    assert write(one, 42).acked == 42


def test_an_ack_of_what_never_was_counts_up_to_what_is_there() -> None:
    one = standing(41)
    one.seen = 10**9
    assert write(one).acked == 41


def test_the_floor_follows_in_strides() -> None:
    one = standing(KEPT_EVENTS + SLACK - 1)
    assert write(one, KEPT_EVENTS + SLACK).floor == 1
    row = write(one, KEPT_EVENTS + SLACK + 1)
    assert (row.floor, row.trims) == (SLACK + 2, True)
    row = write(one, KEPT_EVENTS + SLACK + 2)
    assert (row.floor, row.trims) == (SLACK + 2, False)


def test_another_epoch_begins_anew() -> None:
    one = standing(41, 1, 41)
    one.follow(event(1, epoch="e2"))
    row = write(one, 1)
    assert (row.epoch, row.sequence, row.floor, row.acked, row.anew) == ("e2", 1, 1, 0, True)
    assert one.row() is None


def test_an_epoch_that_ended_while_it_was_written_ends() -> None:
    one = standing(41)
    row = one.row(42)
    one.follow(event(1, epoch="e2"))
    assert row is not None
    one.written(row)
    assert (one.epoch, one.stored, one.floor) == ("e2", 0, 1)


def test_a_gap_is_never_hidden() -> None:
    one = standing(41)
    one.follow(event(44))
    assert write(one, 44).floor == 44


def test_what_was_lost_is_below_the_floor() -> None:
    one = standing(41)
    for sequence in (42, 43):
        one.follow(event(sequence))
    assert one.lost(event(42))
    assert not one.lost(event(99, epoch="of before"))
    assert one.floor == 43


def test_the_number_of_a_lost_event_is_not_given_again() -> None:
    """All that was left was written, the stop was clean, and the next event took the number of the lost one."""
    one = standing(41)
    one.follow(event(42))
    one.lost(event(42))
    row = write(one)
    assert (row.sequence, row.floor) == (42, 43)
    assert one.row() is None


def test_behind_a_new_file_stands_what_is_not_written_yet() -> None:
    one = standing(41)
    one.follow(event(42))
    one.forgotten()
    row = write(one)
    assert (row.sequence, row.floor) == (41, 42)
    assert write(one, 42).floor == 42


def test_what_is_too_old_is_below_the_floor() -> None:
    one = standing(41)
    one.aged(30)
    assert one.floor == 30
    assert one.row() is None, "it stands there already"


def test_only_who_was_told_nothing_unstored_goes_on() -> None:
    row = DeskRow(1, "ana", "e1", 41, 1, 0)
    assert may_go_on(row, [99, 41])
    assert may_go_on(row, [99, 0])
    assert not may_go_on(row, [0, 42])
    assert not may_go_on(row, [0]), "there was no slot for it"
    assert not may_go_on(row, None)


def test_what_comes_from_elsewhere_replaces_what_stands_here() -> None:
    one = standing(90, 40, 90)
    one.replace("e2", 12, 20)
    one.follow(event(12, epoch="e2"))
    assert one.is_anew
    assert write(one, 12) == DeskRow(3, "ana", "e2", 12, 12, 12, anew=True, replaces=True)
    one.follow(event(13, epoch="e2"))
    assert write(one, 13) == DeskRow(3, "ana", "e2", 13, 12, 13), "once"
