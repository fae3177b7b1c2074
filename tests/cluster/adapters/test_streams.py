"""How far a stream was read, what is missing of it, and in which order several are heard."""

import pytest
from redis.exceptions import ResponseError

from ctibridge.cluster.adapters.faults import Refused
from ctibridge.cluster.adapters.streams import (
    BEGIN,
    NOTHING,
    Id,
    Read,
    Stream,
    in_order,
    lives,
    looked,
    milliseconds,
    stream,
)


@pytest.mark.parametrize(
    ("read", "there", "goes_on"),
    [
        (Read(BEGIN, 0), Stream(BEGIN, BEGIN, 0, 0), Read(BEGIN, 0)),
        (Read(Id(5, 0), 5), Stream(Id(5, 0), Id(3, 0), 3, 5), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), Id(3, 0), 6, 9), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), Id(6, 0), 4, 9), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), Id(7, 0), 3, 9), Read(Id(5, 0), 6)),
        (Read(Id(5, 0), 5), Stream(Id(9, 0), BEGIN, 0, 9), Read(Id(5, 0), 9)),
        (Read(Id(5, 0), 5), Stream(Id(5, 0), BEGIN, 0, 5), Read(Id(5, 0), 5)),
        (Read(Id(5, 0), 5), Stream(Id(4, 9), Id(4, 0), 1, 1), Read(BEGIN, 0)),
        (Read(Id(5, 0), 5), Stream(BEGIN, BEGIN, 0, 0), Read(BEGIN, 0)),
    ],
)
def test_what_a_look_tells(read: Read, there: Stream, goes_on: Read) -> None:
    """All there · all read, some trimmed · more to read · trimmed up to where we are · past us by one · emptied by
    trimming · the same, all read · a primary that was behind · gone."""
    assert looked(read, there) == goes_on


def test_a_stream_that_may_not_be_looked_at() -> None:
    assert stream(ResponseError("ERR no such key")) == NOTHING
    with pytest.raises(Refused, match="may not use XINFO"):
        stream(ResponseError("NOPERM"))


def test_a_redis_that_counts_no_entries_is_too_old() -> None:
    with pytest.raises(Refused, match="install Redis 7"):
        stream([b"length", 1, b"last-generated-id", b"1-1"])


def test_who_was_there_first_is_read_from_his_end_and_who_came_later_from_his_beginning() -> None:
    there = Stream(Id(9, 0), Id(3, 0), 4, 10)
    assert there.end == Read(Id(9, 0), 10)
    assert looked(there.end, there) == there.end
    assert there.begin == Read(BEGIN, 6)
    assert looked(there.begin, there) == there.begin


def test_whose_lease_it_is() -> None:
    leases = [
        b"n1",
        b'["life1", 7, 1000, 3000, "{}"]',
        b"n2",
        b'["life2"]',
        b"newer",
        b"{}",
        b"odd",
        b"[]",
        b"\xff",
        b"[1]",
    ]
    assert lives(leases) == {"n1": "life1", "n2": "life2"}
    assert lives([]) == {}


def came(**streams: str) -> list[object]:
    """Of each stream the milliseconds at which its entries came."""
    return [[name.encode(), [[f"{at}-0".encode(), []] for at in times.split()]] for name, times in streams.items()]


@pytest.mark.parametrize(
    ("reply", "order"),
    [
        ([], ""),
        (came(all="1 2", inbox="1"), "all1 all2 inbox1"),
        (came(n1="5 6", all="1", inbox="2"), "n15 n16 all1 inbox2"),
        (came(n1="5 6", n2="4 5 7", all="1 9"), "n24 n15 n25 n16 n27 all1 all9"),
    ],
)
def test_what_was_told_is_heard_first_and_in_the_order_in_which_it_came(reply: list[object], order: str) -> None:
    assert heard(reply, most=64) == order


@pytest.mark.parametrize(
    ("reply", "order"),
    [
        (came(n1="1 2 3", n2="2 4", all="3", inbox="9"), "n11 n12 n22 n13 inbox9"),
        (came(n1="4 5 6", n2="7 8 9", all="1 5 6 7"), "n14 n15 n16 all1 all5"),
        (came(n1="1 2 3", n2="1 2 9"), "n11 n21 n12 n22 n13"),
        (came(all="1 2 3", inbox="1 2 3"), "all1 all2 all3 inbox1 inbox2 inbox3"),
    ],
)
def test_nothing_is_heard_before_what_may_not_have_come_yet(reply: list[object], order: str) -> None:
    """Of a stream with as many entries as one reply holds there may be more."""
    assert heard(reply, most=3) == order


def heard(reply: list[object], most: int) -> str:
    return " ".join(f"{row.name}{row.id.milliseconds}" for row in in_order(reply, {"n1", "n2"}, "all", most))


def test_the_time_of_redis() -> None:
    assert milliseconds([b"1795442819", b"147999"]) == 1795442819147
