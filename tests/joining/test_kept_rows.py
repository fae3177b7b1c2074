"""`joining/kept_rows.py`: a desk's calls as a hash has them, and back."""

from datetime import timedelta

import msgspec
import pytest

from ctibridge.delivery import other_calendar
from ctibridge.delivery.kept import KeptCall
from ctibridge.joining import kept_rows
from tests.delivery import examples as ex
from tests.delivery.kept_examples import at, kept, pop

FIRST, SECOND = kept(1, pop=pop(1)), kept(2, of=ex.ended(ex.call(2, at(2))))


def hash_of(*calls: KeptCall, ahead: float | None = None) -> list[bytes]:
    words = [word for one in calls for word in kept_rows.written(one, ahead)]
    return [word.encode() if isinstance(word, str) else word for word in words]


def test_it_comes_back_as_it_went_oldest_first() -> None:
    assert kept_rows.read("ana", hash_of(SECOND, FIRST), None) == (FIRST, SECOND)
    assert kept_rows.read("ana", hash_of(SECOND, FIRST, ahead=12.5), 13.0) == (FIRST, SECOND)
    assert kept_rows.names("a") == ("a", "a/pop")


def test_what_a_node_an_hour_behind_wrote_is_read_by_our_calendar() -> None:
    hour = timedelta(hours=1)
    (found,) = kept_rows.read("ana", hash_of(SECOND, ahead=-1800.0), 1800.0)
    assert found == other_calendar.call(SECOND, hour)


@pytest.mark.parametrize("row", [b"", b"x", msgspec.msgpack.encode([None, b"{}", 1e300])])
def test_what_cannot_be_read_is_left_out(row: bytes) -> None:
    fields = [b"01JDX999", row, *hash_of(FIRST)]
    assert kept_rows.read("ana", fields, 0.0) == (FIRST,)


def test_a_time_that_no_calendar_has_costs_itself_alone() -> None:
    ahead = -2.0e9 * 1.5
    assert kept_rows.read("ana", hash_of(FIRST, ahead=ahead), 3.0e11) == ()


def test_a_row_from_before_calendars_were_told_of_and_one_of_a_later_version() -> None:
    call, row, *rest = hash_of(FIRST)
    fields = msgspec.msgpack.decode(row)
    for other in (fields[:2], [*fields, "of a later version"]):
        assert kept_rows.read("ana", [call, msgspec.msgpack.encode(other), *rest], 1e6) == (FIRST,)
