"""What stands in a stream, and what of it is new."""

import pytest

from ctibridge.cluster.entry import BODY, MOST_SENDERS, Entry, Order, parse


def entry(number: int, sender: str = "a", incarnation: str = "1") -> Entry:
    return Entry("fact", sender, incarnation, number, b"body")


def as_read(*fields: object) -> list[bytes]:
    return [field if isinstance(field, bytes) else str(field).encode() for field in fields]


def test_it_comes_back_as_it_was_written() -> None:
    assert parse(as_read(*entry(7).fields())) == entry(7)


def test_what_a_newer_version_adds_is_ignored() -> None:
    assert parse(as_read("new", 1, *entry(7).fields(), "z", 2)) == entry(7)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["k", "fact"],
        ["k", "fact", "s"],
        ["k", "fact", "s", "a", "i", "1", "n", "-1", "b", ""],
        ["k", "fact", "s", "a", "i", "1", "n", "²", "b", ""],
        ["k", "fact", "s", "a", "i", "1", "n", "1" * 30, "b", ""],
        ["k", b"\xff", "s", "a", "i", "1", "n", "1", "b", ""],
        ["k", "fact", "s", "a", "i", "1", "n", "1", "b", b"x" * (BODY + 1)],
    ],
)
def test_what_is_none_is_refused(fields: list[object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, several things are wrong there
        parse(as_read(*fields))


def test_its_body_prints_nowhere() -> None:
    assert "body" not in repr(entry(1))


def test_in_order_twice_and_with_a_hole() -> None:
    order = Order()
    numbers = (5, 6, 5, 6, 7, 9, 8, 9, 10)
    assert [order.take("all", entry(number)) for number in numbers] == [
        "new", "new", "again", "again", "new", "gap", "again", "again", "new",
    ]  # fmt: skip


def test_each_stream_and_each_start_of_a_sender_counts_by_itself() -> None:
    order = Order()
    assert order.take("all", entry(5)) == "new"
    assert order.take("in", entry(5)) == "new"
    assert order.take("all", entry(5, sender="b")) == "new"
    assert order.take("all", entry(1, incarnation="2")) == "new"
    assert order.take("all", entry(6)) == "new"
    assert order.take("all", entry(2, incarnation="3")) == "gap"  # what it said first is missing


def test_a_row_that_was_written_twice_is_read_once() -> None:
    """Both in order, mixed in any way."""
    order = Order()
    row = [1, 1, 2, 3, 2, 4, 3, 4, 5]
    assert [n for n in row if order.take("all", entry(n)) == "new"] == [1, 2, 3, 4, 5]


def test_senders_long_gone_are_forgotten() -> None:
    order = Order()
    for number in range(3 * MOST_SENDERS):
        order.take("all", entry(1, sender=str(number)))
    assert len(order._read) == len(order._known) == MOST_SENDERS
