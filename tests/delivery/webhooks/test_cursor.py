from ctibridge.delivery.webhooks.cursor import MOST_CALLS, Cursor, Told, key, read, written


def test_it_comes_back_as_it_was() -> None:
    cursor = Cursor("e1", 41, 7, {"c1": Told(2, "abcd")})
    assert read(written(cursor)) == cursor
    assert read(b"") is None
    assert read(b'["e1", "41"]') is None


def test_of_a_desk_the_newest_calls_are_remembered_and_no_more() -> None:
    cursor = Cursor("e1", 0)
    cursor.tell("first", Told(1, "a"))
    for number in range(MOST_CALLS - 1):
        cursor.tell(f"c{number}", Told(1, "a"))
    cursor.tell("first", Told(2, "b"))
    cursor.tell("one more", Told(1, "a"))
    assert len(cursor.calls) == MOST_CALLS
    assert cursor.calls["first"] == Told(2, "b")
    assert "c0" not in cursor.calls


def test_two_cursors_share_no_calls() -> None:
    one, other = Cursor("e1", 0), Cursor("e1", 0)
    one.tell("c1", Told(1, "a"))
    assert other.calls == {}


def test_a_key_is_of_one_receiver_and_one_desk() -> None:
    assert key("xurrent", "ana/b") == "xurrent/ana/b"
