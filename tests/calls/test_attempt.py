"""What each desk is told of a call."""

from ctibridge.calls.attempt import MOST_BETWEEN, Attempt
from ctibridge.calls.facts import Answered, Continues, Ended
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import AnsweredBy, CallState, Outcome
from ctibridge.domain.hand_over import HandOverKind
from tests.calls.legs import at, rang, signalled

STATE = View.DIALOG_INFO


def attempt() -> Attempt:
    return Attempt("c1", "pbx", Views(watched=True), signalled("+4989123456", ""), STATE, 0.0)


def ring(call: Attempt, line: str, agent: str) -> None:
    opened = call.open(line, 0.0)
    opened.rang(line, STATE, frozenset({agent}))
    call.join(agent, opened, at(0.0))


def test_each_change_is_told_once() -> None:
    call = attempt()
    ring(call, "6001", "ana")
    assert call.verdicts(at(1.0)) == []
    call.lines["6001"].answered("6001", at(2.0))
    (answered,) = call.verdicts(at(2.0))
    assert isinstance(answered, Answered)
    assert call.verdicts(at(2.1)) == []
    call.lines["6001"].ended("6001", Outcome.ANSWERED_HERE, at(60.0))
    (ended,) = call.verdicts(at(60.0))
    assert isinstance(ended, Ended)
    assert call.verdicts(at(60.1)) == []
    assert (ended.call.state, ended.call.outcome, ended.call.answered_at) == (
        CallState.ENDED, Outcome.ANSWERED_HERE, at(2.0).at,
    )  # fmt: skip


def test_a_cancel_without_a_reason_is_no_missed_call_where_another_line_has_it() -> None:
    call = attempt()
    ring(call, "6001", "ana")
    ring(call, "6002", "ben")
    call.lines["6002"].answered("6002", at(2.0))
    call.taker = call.lines["6002"]
    call.lines["6001"].ended("6001", Outcome.ABANDONED, at(2.1))
    ended = next(fact for fact in call.verdicts(at(2.1)) if isinstance(fact, Ended))
    assert (ended.agent, ended.call.outcome, ended.call.answered_by) == (
        "ana", Outcome.ANSWERED_ELSEWHERE, AnsweredBy("6002", "ben"),
    )  # fmt: skip


def test_the_contact_teaches_once_and_only_what_is_new() -> None:
    call = attempt()
    leg = rang("i", who=signalled("+4989123456", "+4930123456"))
    assert call.learn(leg)
    assert (call.signalled, call.known_by) == (leg.signalled, View.CONTACT)
    assert not call.learn(rang("j", who=signalled("+49111")))
    same = attempt()
    assert not same.learn(rang("i", who=same.signalled))


def test_a_desk_is_told_an_invites_own_words_and_else_the_best_there_is() -> None:
    call = attempt()
    invite = rang("i", who=signalled("+4989123456", "+4930777"))
    assert call.told(invite) == invite.signalled
    call.learn(invite)
    assert call.told(rang("s")) == signalled()


def test_the_first_of_a_chain_is_its_own_first() -> None:
    call = attempt()
    assert (call.first_id, call.first_signalled) == ("c1", call.signalled)


def test_of_a_long_chain_the_newest_calls_are_remembered() -> None:
    call = attempt()
    assert call.behind_first == ()
    between = tuple(f"b{number}" for number in range(MOST_BETWEEN))
    call.continues = Continues(HandOverKind.BLIND, "6001", "c0", call.signalled, between)
    assert call.behind_first == (*between[1:], "c1")
    assert call.continues.chain == ("c0", *between)
