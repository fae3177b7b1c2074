"""Which known call a leg belongs to."""

from ctibridge.calls.attempt import Attempt
from ctibridge.calls.facts import LegPicked, LegRang
from ctibridge.calls.register import Register
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import Outcome
from tests.calls.legs import at, rang, signalled

ANA, BEN = frozenset({"ana"}), frozenset({"ben"})


def known(register: Register, leg: LegRang, agents: frozenset[str] = ANA) -> Attempt:
    attempt = Attempt(f"c{leg.leg}", leg.trunk, Views(watched=True), leg.signalled, leg.view, 0.0)
    opened = attempt.open(leg.line, 0.0)
    opened.rang(leg.leg, leg.view, agents)
    register.trail.note(attempt, opened)
    register.remember(attempt, leg, agents)
    return attempt


def state(leg: str, line: str, caller: str = "+4989123456", call_id: str = "") -> LegRang:
    return LegRang(leg, "pbx", line, (call_id, ""), None, signalled(caller, line), View.DIALOG_INFO)


def test_the_other_view_of_this_line_comes_before_a_likely_pair() -> None:
    register = Register()
    here = known(register, rang("1", "6001", who=signalled("+4989123456", "6001")))
    known(register, rang("2", "6002", who=signalled("+4989123456", "6002")))
    assert register.find(state("3", "6001"), ANA, 0.1) is here


def test_what_is_forgotten_is_found_by_no_key() -> None:
    register = Register()
    leg = rang("1", dialog=("k", "tag"), key="linked")
    register.forget(known(register, leg))
    assert list(register.attempts()) == []
    assert register.kin(known(register, state("2", "6009"))) == []


def test_kin_have_no_call_id_and_one_moment() -> None:
    register = Register()
    one, two = known(register, state("1", "6001")), known(register, state("2", "6002"), BEN)
    named = known(register, state("3", "6003", call_id="k"), BEN)
    late = known(register, state("4", "6004"), BEN)
    late.rang_clock = 2.1
    assert (register.kin(one), register.kin(two), register.kin(named)) == ([two], [one], [])


def test_a_dialog_is_found_after_its_call_is_forgotten() -> None:
    register = Register()
    attempt = known(register, rang("1", dialog=("k", "tag")))
    register.forget(attempt)
    picked = LegPicked("p", "pbx", "6002", "", None, "k")
    assert register.picked(picked, 1.0) is attempt
    assert register.picked(LegPicked("p", "other", "6002", "", None, "k"), 1.0) is None


def test_a_line_does_not_pick_up_the_call_that_it_makes() -> None:
    register = Register()
    known(register, rang("1", "6001", dialog=("k", "tag"), who=signalled("6002", "6001")))
    assert register.picked(LegPicked("p", "pbx", "6002", "k", None, None), 1.0) is None


def test_a_fork_that_was_lost_belongs_to_its_call_also_when_somebody_has_answered_it() -> None:
    """Sent again half a second later, it rang as a call of its own, under another name (found by losing packets)."""
    register = Register()
    attempt = known(register, rang("1", dialog=("k", "tag")))
    attempt.lines["6001"].give_up(Outcome.ANSWERED_ELSEWHERE, at(0.4))
    register.forget(attempt)
    late = rang("2", "6002", dialog=("k", "tag"))
    assert register.find(late, BEN, 0.5) is attempt
    assert register.find(late, BEN, 32.1) is None, "nobody sends it again so late"
    assert register.find(rang("2", "6001", dialog=("k", "tag")), ANA, 0.5) is None, "there it has rung"
    assert register.find(rang("2", "6002", dialog=("k", "other")), BEN, 0.5) is None
    assert register.find(rang("2", "6002", dialog=("other", "tag")), BEN, 0.5) is None
