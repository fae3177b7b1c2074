"""What was asked for a call is known for as long as a desk has it, and whose sight has changed is found."""

from dataclasses import replace
from datetime import UTC, datetime

from ctibridge.calls.facts import Rang
from ctibridge.domain.call import Call, CallState
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.context import Context
from ctibridge.domain.person import PersonKey
from ctibridge.flow.open_pops import MOST_CALLS, OpenPops
from ctibridge.lookup.question import Pick
from tests.flow.house import answer

AT = datetime(2026, 11, 21, 18, tzinfo=UTC)
ACME = frozenset({"acme"})


def rang(call: str, *agents: str) -> Rang:
    signalled = Signalled(None, None, Presentation.ALLOWED, "From", None, ())
    return Rang(Call(call, "pbx", "6001", CallState.RINGING, AT), frozenset(agents), signalled)


def pick(person: str) -> Pick:
    return Pick(PersonKey("acme", person), "ana", AT)


def test_a_choice_is_kept_with_its_call_and_forgotten_with_it() -> None:
    pops = OpenPops()
    pops.told(rang("a", "ana"), lambda _: ACME)
    pops.choose("a", pick("p1"))
    pops.choose("a", pick("p2"))
    pops.choose("never heard of", pick("p3"))
    assert pops.chosen("a") == (pick("p2"),)
    assert pops.chosen("never heard of") == ()
    pops.forget("a")
    pops.forget("a")
    assert pops.chosen("a") == ()
    assert pops.fact("a") is None


def test_whom_an_agent_named_for_the_call_before_is_that_calls_caller_and_not_the_colleague_who_hands_it_on() -> None:
    pops = OpenPops()
    for call in ("first", "next"):
        pops.told(rang(call, "ana"), lambda _: ACME)
    pops.choose("first", pick("p1"))
    assert pops.chosen_of_first("next", "first") == (pick("p1"),)
    pops.choose("next", pick("p2"), of_first=True)
    assert pops.chosen_of_first("next", "first") == (pick("p2"),)
    assert pops.chosen("next") == ()
    pops.forget("next")
    assert pops.chosen_of_first("next", "first") == (pick("p1"),)


def test_a_pick_replaces_those_of_its_account_and_of_its_agent_and_no_others() -> None:
    """A colleague's pick of somebody who may not be seen took mine away, and so I knew of him."""
    pops = OpenPops()
    pops.told(rang("a", "ana", "cleo"), lambda _: ACME)
    ana, cleo = pick("p1"), Pick(PersonKey("fleuron", "e1"), "cleo", AT)
    assert pops.choose("a", ana) == {"acme"}
    assert pops.choose("a", cleo) == {"fleuron"}
    assert pops.chosen("a") == (cleo, ana)
    again = replace(ana, person=PersonKey("acme", "p2"), by="ben")
    assert pops.choose("a", again) == {"acme"}
    assert pops.chosen("a") == (again, cleo)
    elsewhere = replace(cleo, person=PersonKey("khalij", "k1"))
    assert pops.choose("a", elsewhere) == {"fleuron", "khalij"}
    assert pops.chosen("a") == (elsewhere, again)
    assert pops.choose("never heard of", ana) == frozenset()


def test_an_agent_who_was_asked_for_again_is_past_it_and_the_others_are_not() -> None:
    """The whole call was taken for asked again: what was late for the other desks never came."""
    pops = OpenPops()
    turns = pops.told(rang("a", "ana", "ben"), lambda _: ACME)
    assert pops.newest("a", turns) == {"ana", "ben"}
    again = pops.told(rang("a", "ana"), lambda _: ACME)
    assert pops.newest("a", turns) == {"ben"}
    assert pops.newest("a", again) == {"ana"}
    pops.forget("a")
    assert pops.newest("a", turns) == frozenset()


def test_a_call_of_before_a_restart_is_outdated_as_every_other() -> None:
    sees = {"ana": ACME}
    pops = OpenPops()
    fact = rang("a", "ana")
    pops.restore(fact, sees.__getitem__)
    assert pops.fact("a") is fact
    assert pops.outdated("a", ("ana",), sees.__getitem__) == frozenset()
    sees["ana"] = frozenset()
    assert pops.outdated("a", ("ana",), sees.__getitem__) == {"ana"}


def test_a_call_is_outdated_for_those_who_see_others_than_when_it_was_asked_for() -> None:
    sees = {"ana": ACME, "ben": ACME}
    pops = OpenPops()
    pops.told(rang("a", "ana", "ben"), sees.__getitem__)
    assert pops.outdated("a", ("ana", "ben"), sees.__getitem__) == frozenset()
    sees["ana"] = frozenset()
    assert pops.outdated("a", ("ana", "ben", "cleo"), sees.__getitem__) == {"ana"}
    pops.told(rang("a", "ana"), sees.__getitem__)
    assert pops.outdated("a", ("ana", "ben"), sees.__getitem__) == frozenset()
    assert pops.outdated("never heard of", ("ana",), sees.__getitem__) == frozenset()


def test_a_context_that_is_read_once_more_is_no_news_until_it_says_something_else() -> None:
    """That it came again told an agent that a colleague had found somebody whom he may not see."""
    pops = OpenPops()
    pops.told(rang("a", "ana"), lambda _: ACME)
    whole = replace(answer(), context=Context(repeat=None, complete=True))
    still_reading = replace(answer(), context=Context(repeat=None, complete=False))
    assert [pops.says_more("a", "ana", one) for one in (still_reading, whole)] == [True, True]
    assert [pops.says_more("a", "ana", one) for one in (still_reading, whole)] == [False, False]
    other = replace(whole, context=Context(failed=("requests",)))
    assert [pops.says_more("a", "ana", one) for one in (still_reading, other)] == [False, True]
    # It rings there once more: what is told then is what counts.
    assert pops.says_more("a", "ana", still_reading, anew=True)
    assert pops.says_more("a", "ana", other)


def test_the_oldest_call_goes_where_there_are_too_many() -> None:
    pops = OpenPops()
    for number in range(MOST_CALLS + 1):
        pops.told(rang(str(number), "ana"), lambda _: ACME)
    assert pops.fact("0") is None
    assert len(pops.calls()) == MOST_CALLS


def test_an_answer_that_comes_when_no_desk_has_the_call_any_more_leaves_nothing_behind() -> None:
    pops = OpenPops()
    pops.told(rang("a", "ana"), lambda _: ACME)
    assert [pops.says_more("a", "ana", answer()) for _ in range(2)] == [True, False]
    pops.forget("a")
    assert [pops.says_more("a", "ana", answer()) for _ in range(2)] == [True, True]
    assert pops._answers == {}
