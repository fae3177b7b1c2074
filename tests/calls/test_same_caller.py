"""A missed caller who is answered in a later call waits no more; another one does."""

from ctibridge.calls.missed import KEPT, Refused, Why
from ctibridge.calls.missed_call import SAME_MOMENT, AtDesk, MissedCall, Spoken
from ctibridge.calls.same_caller import SameCaller
from ctibridge.domain.call import Outcome
from ctibridge.domain.work import Work, WorkState
from tests.calls.legs import at
from tests.calls.missing import ACME, CALLER, Desks, over, ringing, settled, told
from tests.leaks import canary

OTHER = canary("4930888777666")


# -- as the desks hear it ----------------------------------------------------------------------------------------------


def test_all_that_he_was_missed_with_is_settled_as_soon_as_somebody_answers_him() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", "ben")
    desks.miss("c2", 60, "ben")
    desks.missed.take("c1", "ana", at(80))
    desks.ring("c3", 100, "cem")
    facts = desks.answer("c3", 104, "cem")
    work = settled("cem", 104, "c3")
    assert [(fact.call.id, fact.agent, fact.work) for fact in facts] == [
        ("c1", "ana", work),
        ("c1", "ben", work),
        ("c2", "ben", work),
    ]
    assert desks.end("c3", 200, "cem", outcome=Outcome.ANSWERED_HERE) == []
    assert desks.missed.take("c1", "ana", at(201)) == Refused(Why.SETTLED, "cem", at(104).at, "c3")


def test_it_is_settled_also_where_only_the_end_says_that_he_was_answered() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c2", 60, "ben", "cem")
    facts = desks.end("c2", 64, "ben", "cem", outcome=Outcome.ANSWERED_ELSEWHERE)
    assert told(facts) == {"ana": settled(None, 64, "c2")}


def test_nobody_else_is_settled_with_him() -> None:
    desks = Desks()
    desks.miss("other caller", 0, "ana", caller=OTHER)
    desks.miss("other account", 0, "ana", account="globex")
    desks.miss("withheld", 0, "ana", caller=None)
    desks.ring("c1", 60, "ana")
    assert desks.answer("c1", 61, "ana") == []
    desks.ring("c2", 70, "ana", caller=None)
    assert desks.answer("c2", 71, "ana") == []


def test_what_was_settled_by_somebody_stays_his() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.missed.done("c1", "ana", at(20))
    desks.ring("c2", 60, "ben")
    assert desks.answer("c2", 61, "ben") == []
    assert desks.missed.done("c1", "ana", at(70)) == Refused(Why.SETTLED, "ana", at(20).at)


def test_legs_that_a_pbx_makes_calls_of_their_own_are_not_missed_when_one_of_them_is_answered() -> None:
    desks = Desks()
    desks.ring("leg 1", 0, "ana")
    desks.ring("leg 2", 0, "ben")
    assert desks.answer("leg 2", 5, "ben") == []
    assert told(desks.end("leg 1", 5.3, "ana")) == {"ana": settled("ben", 5, "leg 2")}


def test_who_goes_on_waiting_while_his_number_is_spoken_with_is_somebody_else() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    desks.ring("c2", 1, "ben")
    desks.answer("c2", 5, "ben")
    late = 5 + SAME_MOMENT.total_seconds() + 0.1
    assert desks.end("c1", late, "ana") == []
    assert told(desks.missed.take("c1", "ana", at(20))) == {"ana": Work("ana", WorkState.TAKEN, at(20).at)}


def test_who_calls_again_after_he_was_answered_waits_anew() -> None:
    desks = Desks()
    desks.ring("c1", 0, "ana")
    desks.answer("c1", 5, "ana")
    desks.end("c1", 60, "ana", outcome=Outcome.ANSWERED_HERE)
    desks.miss("c2", 100, "ana")
    assert desks.facts == []
    assert isinstance(desks.missed.take("c2", "ana", at(120)), list)


def test_who_the_caller_is_may_be_learned_after_he_was_answered() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana")
    desks.ring("c2", 60, "ben", caller=None, account=None)
    assert desks.answer("c2", 64, "ben") == []
    facts = desks.missed.known("c2", CALLER, ACME)
    assert told(facts) == {"ana": settled("ben", 64, "c2")}
    assert desks.missed.known("c2", CALLER, ACME) == []


def test_who_the_caller_is_may_be_learned_after_he_was_missed() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", caller=None)
    desks.missed.known("c1", CALLER, ACME)
    desks.ring("c2", 60, "ben")
    assert told(desks.answer("c2", 64, "ben")) == {"ana": settled("ben", 64, "c2")}


def test_a_caller_who_turns_out_to_be_another_one_is_not_settled_as_the_first() -> None:
    desks = Desks()
    desks.miss("c1", 0, "ana", caller=OTHER)
    desks.missed.known("c1", CALLER, ACME)
    assert len(desks.missed._callers) == 1
    desks.ring("c2", 60, "ben", caller=OTHER)
    assert desks.answer("c2", 64, "ben") == []


def test_of_a_call_that_never_rang_nothing_can_be_known() -> None:
    desks = Desks()
    assert desks.missed.known("c1", CALLER, ACME) == []
    assert (len(desks.missed), desks.missed.changed()) == (0, ())


# -- what is remembered ------------------------------------------------------------------------------------------------


def call(name: str, spoken_at: float | None = None, caller: str | None = CALLER) -> MissedCall:
    one = MissedCall(name, caller, ACME, {"ana": AtDesk(over(ringing(name), 10), missed=True)})
    one.spoken = None if spoken_at is None else Spoken(name, "ana", at(spoken_at).at)
    return one


def test_the_newest_answer_counts_in_whatever_order_they_are_heard_of() -> None:
    callers = SameCaller()
    callers.join(call("c2", 50))
    callers.join(call("c1", 40))
    assert callers.spoken(call("c3")) == Spoken("c2", "ana", at(50).at)


def test_that_he_was_answered_is_known_until_that_call_is_forgotten() -> None:
    callers = SameCaller()
    missed, answered = call("c1"), call("c2", 50)
    callers.join(missed)
    callers.join(answered)
    callers.leave(missed)
    assert callers.spoken(missed) == answered.spoken
    callers.leave(answered)
    assert callers.spoken(missed) is None


def test_nothing_is_left_of_a_caller_whose_calls_are_forgotten() -> None:
    callers = SameCaller()
    calls = [call("c1"), call("c2", 50), call("c3", caller=None)]
    for one in calls:
        callers.join(one)
    assert [one.id for one in callers.waiting(calls[1])] == ["c1"]
    for one in calls:
        callers.leave(one)
    assert len(callers) == 0
    assert callers.waiting(calls[0]) == ()
    assert callers.spoken(calls[2]) is None


def test_a_day_of_settled_callers_leaves_nothing() -> None:
    desks = Desks()
    for n in range(20):
        desks.miss(f"c{n}", n, "ana", caller=f"{CALLER}{n}")
        desks.missed.done(f"c{n}", "ana", at(n + 11))
    assert len(desks.missed._callers) == 0
    desks.missed.wake(at(100 + KEPT.total_seconds()))
    assert (len(desks.missed), desks.missed._closed) == (0, {})
