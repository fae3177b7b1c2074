from ctibridge.watch.ringing import Ringing
from tests.watch.said import answered, data, ended, event, ring, updated, welcome


def test_a_call_rings_until_it_is_answered_or_over() -> None:
    ringing = Ringing()
    for said in (ring(1, "a"), ring(2, "b"), ring(3, "c"), answered(4, "a"), ended(5, "b")):
        ringing.hear(said)
    assert list(ringing.calls) == ["c"]


def test_its_newest_pop_counts_and_its_place_stays() -> None:
    ringing = Ringing()
    for said in (ring(1, "a", url=None), ring(2, "b"), updated(3, "a", url="https://new.example/")):
        ringing.hear(said)
    assert list(ringing.calls) == ["a", "b"]
    assert ringing.calls["a"].links[0].url == "https://new.example/"


def test_what_comes_after_its_end_does_not_make_it_ring() -> None:
    ringing = Ringing()
    for said in (ring(1, "a"), ended(2, "a"), updated(3, "a", state="ended")):
        ringing.hear(said)
    assert not ringing.calls


def test_what_is_no_pop_changes_no_pop() -> None:
    ringing = Ringing()
    note = event(2, "call.worked", {"call": {"id": "a", "state": "ringing"}, "note": "x"})
    for said in (ring(1, "a"), note, event(3, "notice", {"kind": "line", "text": "deaf"})):
        ringing.hear(said)
    assert ringing.calls["a"].links


def test_a_replayed_call_that_is_over_never_rings() -> None:
    ringing = Ringing()
    ringing.welcome(welcome(4, (data("b"), data("old", state="ended"))))
    for said in (ring(1, "a"), ring(2, "old"), ring(3, "b"), ended(4, "a")):
        ringing.hear(said)
        assert list(ringing.calls) == ["b"]
    ringing.hear(ring(5, "c"))
    assert list(ringing.calls) == ["b", "c"]


def test_where_its_newest_event_is_no_pop_the_details_or_the_replay_bring_it() -> None:
    note = {"call": {"id": "a", "state": "ringing"}}
    ringing = Ringing()
    ringing.welcome(welcome(9, (note,), details=[{"call": "a", "pop": data("a")}]))
    assert ringing.calls["a"].links
    resumed = Ringing()
    resumed.welcome(welcome(9, (note,), resumed=True))
    assert not resumed.calls
    resumed.hear(ring(8, "a"))
    assert resumed.calls["a"].links


def test_what_stopped_while_nobody_listened_rings_no_more() -> None:
    ringing = Ringing()
    ringing.hear(ring(1, "a"))
    ringing.hear(ring(2, "b"))
    ringing.welcome(welcome(3, ({"call": {"id": "b", "state": "ringing"}},), resumed=True))
    assert list(ringing.calls) == ["b"], "its pop is the one from before"


def test_a_flood_of_calls_is_bounded() -> None:
    ringing = Ringing()
    for number in range(100):
        ringing.hear(ring(number + 1, str(number)))
    assert list(ringing.calls) == [str(number) for number in range(68, 100)]
