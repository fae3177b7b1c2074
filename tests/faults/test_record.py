from tests.faults import record
from tests.faults.record import Listed, call_of, number_of


def test_a_callers_number_carries_the_tests_own_and_nobody_elses_does() -> None:
    assert [call_of(number_of(call)) for call in (1, 42, 9_999_999)] == [1, 42, 9_999_999]
    others = (None, "", "+493023125100", number_of(1)[:-1], number_of(1) + "0")
    assert [call_of(number) for number in others] == [None] * len(others)


def ringing(sequence: int = 3) -> dict[str, object]:
    return {
        "id": f"e.{sequence}", "sequence": str(sequence), "type": "call.ringing", "subject": "c7",
        "data": {"call": {"id": "c7", "state": "ringing"}, "caller": {"number": number_of(7)}},
    }  # fmt: skip


def test_an_event_is_known_by_all_that_is_in_it() -> None:
    one = record.event("ana", 1, 2.0, ringing())
    assert (one.epoch, one.sequence, one.id) == ("e", 3, "e.3")
    assert (one.type, one.call, one.subject) == ("call.ringing", 7, "c7")
    assert one.content == record.event("ben", 2, 9.0, ringing()).content
    assert one.content != record.event("ana", 1, 2.0, ringing() | {"time": "later"}).content


def test_an_end_names_no_caller_and_says_the_outcome() -> None:
    ended = {"call": {"id": "c7", "state": "ended", "outcome": "abandoned"}}
    one = record.event("ana", 1, 2.0, ringing() | {"type": "call.ended", "data": ended})
    assert (one.call, one.outcome) == (None, "abandoned")


def test_a_snapshot_names_its_callers_by_the_details() -> None:
    data = {
        "epoch": "e", "sequence": 9, "resumed": False,
        "calls": [
            {"call": {"id": "c7", "state": "ended", "outcome": "unknown"}},
            {"call": {"id": "c8", "state": "ringing"}, "caller": {"number": number_of(8)}},
            {"call": {"id": "c9", "state": "ended", "outcome": "unknown"}},
        ],
        "details": [{"call": "c7", "pop": {"caller": {"number": number_of(7)}}}, {"call": "c8", "pop": None}],
    }  # fmt: skip
    greeted = record.welcome("ana", 1, 2.0, data, ("d", 4))
    assert greeted.calls == {
        "c7": Listed(7, "ended", "unknown"),
        "c8": Listed(8, "ringing", None),
        "c9": Listed(None, "ended", "unknown"),
    }
    assert (greeted.epoch, greeted.sequence, greeted.resumed, greeted.asked) == ("e", 9, False, ("d", 4))
