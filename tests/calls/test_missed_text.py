"""What outlives the process, and what a restart makes of the calls of before."""

import json

import pytest

from ctibridge.calls import missed
from ctibridge.calls.missed import KEPT, MissedCallers, Refused, Why
from ctibridge.calls.missed_text import Unreadable, read, read_all, write
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.moment import Moment
from ctibridge.domain.work import Work, WorkState
from tests.calls.legs import at
from tests.calls.missing import ACME, CALLER, Desks, over, ringing, told


def kept(desks: Desks) -> dict[str, bytes]:
    """What the store holds, had it been told everything."""
    texts = ((call, desks.missed.text(call)) for call in desks.missed.changed())
    return {call: text for call, text in texts if text is not None}


def later(clock: float) -> Moment:
    """In the next process, whose clock began anew."""
    return Moment(at(clock).at, clock - 5_000)


def everything() -> Desks:
    """A call with all that a text can hold."""
    desks = Desks()
    desks.miss("c1", 0.123456, "ana", "ben")
    desks.missed.take("c1", "ben", at(12))
    desks.ring("c1", 30, "ana", "cem", round_=2)
    desks.answer("c1", 33, "cem")
    desks.end("c1", 34, "ana", outcome=Outcome.ANSWERED_ELSEWHERE, by="cem")
    return desks


# -- one text ----------------------------------------------------------------------------------------------------------


def test_what_is_read_is_what_was_written() -> None:
    text = kept(everything())["c1"]
    one = read(text)
    assert write(one) == text
    assert one == everything().missed._calls["c1"]
    assert one.desks["ana"].call.answered_by is not None


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff", b"null", b"[]", b"{}", b"[" * 100_000, b'{"id": "c1"}'],
)
def test_what_is_no_such_text_is_refused_and_not_repeated(text: bytes) -> None:
    with pytest.raises(Unreadable) as fault:
        read(text)
    assert str(fault.value) == "no text of a missed call"
    assert fault.value.__suppress_context__


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 7),
        ("desks", {}),
        ("desks", []),
        ("work", {"by": "ana"}),
        ("spoken", {"by": None, "at": "2026-11-21T18:00"}),
    ],
)
def test_a_text_with_something_wrong_in_it_is_refused(field: str, value: object) -> None:
    body = json.loads(kept(everything())["c1"]) | {field: value}
    with pytest.raises(Unreadable):
        read(json.dumps(body).encode())


def test_one_that_cannot_be_read_costs_itself_alone() -> None:
    desks = Desks()
    desks.miss("c2", 60, "ana")
    desks.miss("c1", 0, "ana")
    calls, unreadable = read_all(kept(desks) | {"c3": b"?"})
    assert ([one.id for one in calls], unreadable) == (["c1", "c2"], ["c3"])


# -- what is kept ------------------------------------------------------------------------------------------------------


def test_a_call_is_kept_from_its_first_ring_until_all_desks_know_that_it_was_answered() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    assert list(kept(desks)) == ["c1"]
    assert desks.missed.changed() == ()
    desks.answer("c1", 3, "ana")
    desks.end("c1", 4, "ben", outcome=Outcome.ANSWERED_ELSEWHERE, by="ana")
    assert list(kept(desks)) == ["c1"]
    desks.end("c1", 60, "ana", outcome=Outcome.ANSWERED_HERE)
    assert [(call, desks.missed.text(call)) for call in desks.missed.changed()] == [("c1", None)]


def test_who_still_rang_when_a_colleague_had_answered_and_the_process_was_killed_has_missed_nobody() -> None:
    """Its text was gone with the answer, so the desk kept a call that ended as unknown among its missed ones."""
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    desks.answer("c1", 3, "ana")
    one = restarted(kept(desks), 100)
    assert told(one.restarted(later(100))) == {"ben": Work("ana", WorkState.SETTLED, at(3).at, "c1")}


def test_each_change_of_a_missed_call_is_kept() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    before = kept(desks)
    desks.missed.take("c1", "ana", at(20))
    taken = kept(desks)
    desks.missed.take("c1", "ana", at(21))
    assert kept(desks) == {}
    desks.ring("c2", 60, "ben")
    kept(desks)
    desks.answer("c2", 61, "ben")
    settled = kept(desks)
    assert [sorted(texts) for texts in (before, taken, settled)] == [["c1"], ["c1"], ["c1", "c2"]]
    assert len({before["c1"], taken["c1"], settled["c1"]}) == 3


# -- after a restart ---------------------------------------------------------------------------------------------------


def restarted(texts: dict[str, bytes], clock: float) -> MissedCallers:
    one = MissedCallers()
    assert one.restore(texts, later(clock)) == []
    return one


def test_who_was_missed_before_waits_on_and_who_calls_him_back_is_known() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.missed.take("c1", "ana", at(20))
    one = restarted(kept(desks), 100)
    assert one.restarted(later(100)) == []
    assert one.account("c1") == ACME
    assert one.take("c1", "ben", later(101)) == Refused(Why.TAKEN, "ana", at(20).at)
    settled = Work("ben", WorkState.SETTLED, at(102).at)
    assert told(one.done("c1", "ben", later(102))) == {"ana": settled, "ben": settled}


def test_a_call_after_the_restart_settles_one_of_before() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    texts = kept(desks)
    desks.missed = restarted(texts, 100)
    desks.ring("c2", 110, "ben")
    assert told(desks.answer("c2", 112, "ben")) == {"ana": Work("ben", WorkState.SETTLED, at(112).at, "c2")}


def test_what_rang_when_the_process_was_killed_is_missed() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", "ben")
    one = restarted(kept(desks), 100)
    one.restarted(later(100))
    facts = one.take("c1", "ana", later(101))
    assert isinstance(facts, list)
    ended = over(ringing(), 100, Outcome.UNKNOWN)
    assert [(fact.agent, fact.call) for fact in facts] == [("ana", ended), ("ben", ended)]


def test_a_desk_that_stored_the_end_of_a_call_knows_it_better_than_a_text_that_was_not_written() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    one = restarted(kept(desks), 100)
    one.ended(over(ringing(), 5, Outcome.ANSWERED_ELSEWHERE), "ana", later(100))
    assert one.restarted(later(100)) == []
    assert one.take("c1", "ana", later(101)) == Refused(Why.ANSWERED, None, at(5).at)


def test_who_missed_an_earlier_round_hears_behind_the_restart_that_it_was_answered() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c1", 30, "ana", "ben", round_=2)
    desks.answer("c1", 33, "ben")
    one = restarted(kept(desks), 100)
    assert told(one.restarted(later(100))) == {"ana": Work("ben", WorkState.SETTLED, at(33).at, "c1")}
    assert one.take("c1", "ben", later(101)) == Refused(Why.ANSWERED, "ben", at(33).at)


def test_what_was_kept_is_forgotten_a_day_after_its_end_and_at_once_if_that_is_past() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.miss("c2", 600, "ana", caller=None)
    texts, day = kept(desks), KEPT.total_seconds()
    one = restarted(texts, day + 20)
    assert (one.text("c1"), one.changed()) == (None, ("c1",))
    assert one.deadline == later(610 + day).clock
    one.wake(later(610 + day))
    assert len(one) == 0


def test_what_cannot_be_read_is_named_and_no_longer_kept() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    one = MissedCallers()
    assert one.restore(kept(desks) | {"c2": b"?"}, later(100)) == ["c2"]
    assert [(call, one.text(call)) for call in one.changed()] == [("c2", None)]
    assert len(one) == 1


def test_more_texts_than_may_wait_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    desks = Desks()
    for n in (3, 1, 2):
        desks.miss(f"c{n}", n * 60, "ana", caller=f"{CALLER}{n}")
    texts = kept(desks)
    monkeypatch.setattr(missed, "MOST_CALLS", 2)
    one = restarted(texts, 600)
    assert [call for call in ("c1", "c2", "c3") if one.text(call)] == ["c2", "c3"]


def test_what_was_settled_before_the_restart_is_forgotten_first_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    desks = Desks()
    for n in (1, 2):
        desks.miss(f"c{n}", n * 60, "ana", caller=f"{CALLER}{n}")
    desks.missed.done("c2", "ana", at(200))
    monkeypatch.setattr(missed, "MOST_CALLS", 2)
    desks.missed = restarted(kept(desks), 600)
    desks.ring("c3", 610, "ana")
    assert [call for call in ("c1", "c2", "c3") if desks.missed.text(call)] == ["c1", "c3"]


def test_a_call_of_which_only_the_ring_is_known_is_read_back_as_that() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana", caller=None, account=None)
    one = read(kept(desks)["c1"])
    assert one.desks["ana"].call == Call("c1", "pbx", "6001", CallState.RINGING, at(0).at)
    assert (one.caller, one.account, one.work, one.spoken) == (None, None, None, None)
