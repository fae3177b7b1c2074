"""One line's subscription: what is asked, how often, and when again. NOTIFYs stand in test_subscription_notify."""

import pytest

from ctibridge.sip import cseq, digest
from ctibridge.sip.bindings import LONGEST_RETRY_AFTER
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.subscriber import Active, Document, Due, Failed, Lapsed, Left, Send
from ctibridge.sip.subscription import Subscription
from tests.sip.documents import AOR, notify
from tests.sip.scripts import counted
from tests.sip.subscribing import RINGING, WHO, active, answer, challenge, failed, kinds, new, ok, sent

SILENCE = "PBX takes the subscription and sends no NOTIFY"


# -- subscribing -------------------------------------------------------------------------------------------------------


def test_the_200_and_the_first_notify_make_a_subscription() -> None:
    line = new()
    assert sent(line.start(0.0)).uri == AOR
    assert line.receive(ok(), 0.1) == []
    assert not line.holds
    status, said = line.notify(notify(1, body=RINGING), 0.2)
    assert (status, kinds(said)) == (200, [Active, Document])
    assert said[0] == Active(300)
    assert isinstance(said[1], Document)
    assert said[1].anew
    assert line.holds


def test_a_notify_before_the_200_makes_it_just_so() -> None:
    line = new()
    line.start(0.0)
    status, said = line.notify(notify(1, "active;expires=299", RINGING), 0.1)
    assert (status, said[0], kinds(said)) == (200, Active(299), [Active, Document])
    assert line.receive(ok(), 0.2) == [Active(300)]
    assert line.deadline == 0.2 + 225


@pytest.mark.parametrize(("status", "name"), [(401, "authorization"), (407, "proxy-authorization")])
def test_a_challenge_is_answered_in_the_same_call_with_the_next_cseq(status: int, name: str) -> None:
    line = new()
    first = sent(line.start(0.0))
    second = sent(line.receive(challenge("n1", status), 0.1))
    assert digest.proves(digest.read_answer(second.headers.need(name)), WHO.credentials, "SUBSCRIBE")
    assert (first.headers.need("cseq"), second.headers.need("cseq")) == ("1 SUBSCRIBE", "2 SUBSCRIBE")
    assert first.headers.need("call-id") == second.headers.need("call-id")
    assert line.newest(2)
    assert not line.newest(1)


def test_a_refresh_goes_within_the_dialog_and_its_proof_names_the_target() -> None:
    line = active()
    assert line.wake(225.0) == [Due()]
    asked = sent(line.start(225.0))
    assert (asked.uri, asked.headers.need("to")) == ("sip:192.0.2.9:5060", f"<{AOR}>;tag=p1")
    proof = digest.read_answer(sent(line.receive(challenge("n2"), 225.1)).headers.need("authorization"))
    assert proof.uri == "sip:192.0.2.9:5060"
    assert line.receive(ok(), 225.2) == [Active(300)]


@pytest.mark.parametrize(("granted", "refresh"), [(300, 225.0), (60, 45.0), (3600, 225.0), (None, 225.0)])
def test_the_refresh_comes_ahead_of_what_was_granted_and_more_than_asked_is_not_believed(
    granted: int | None, refresh: float
) -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(granted), 0.0)
    line.notify(notify(1, "active"), 0.0)
    assert line.deadline == refresh


def test_lines_that_start_together_drift_apart() -> None:
    deadlines = set()
    for fraction in (0.0, 0.5, 1.0):
        line = Subscription(WHO, Fresh(counted().token, lambda fraction=fraction: fraction))  # type: ignore[misc]
        line.start(0.0)
        line.notify(notify(1), 0.0)
        line.receive(ok(), 0.0)
        deadlines.add(line.deadline)
    assert deadlines == {225.0, 196.875, 168.75}


@pytest.mark.parametrize("granted", [0, 2])
def test_a_200_that_grants_next_to_nothing_is_a_fault(granted: int) -> None:
    line = new()
    line.start(0.0)
    assert line.receive(ok(granted), 0.0) == [Failed("PBX grants less than 3 seconds")]
    held = active()
    held.start(225.0)
    assert kinds(held.receive(ok(granted), 225.0)) == [Failed, Lapsed]
    assert sent(held.start(300.0)).headers.need("to") == f"<{AOR}>"


def test_423_asks_for_longer_once_and_the_refresh_remembers() -> None:
    line = new()
    line.start(0.0)
    assert sent(line.receive(answer(423, ("min-expires", "600")), 0.1)).headers.need("expires") == "600"
    assert failed(line.receive(answer(423, ("min-expires", "900")), 0.2)).refused
    assert sent(line.start(100.0)).headers.need("expires") == "600"


@pytest.mark.parametrize("least", ["", "60", "300", "soon", "99999999"])
def test_423_without_a_longer_time_is_a_refusal(least: str) -> None:
    line = new()
    line.start(0.0)
    assert failed(line.receive(answer(423, ("min-expires", least)), 0.1)).refused


# -- what fails --------------------------------------------------------------------------------------------------------


def test_a_200_without_any_notify_is_no_subscription() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.1)
    assert line.deadline == 32.1
    assert line.wake(32.1) == [Failed(SILENCE)]
    assert line.wake(34.1) == [Due()]
    assert sent(line.start(34.1)).headers.need("call-id") == "t5"


def test_a_refresh_without_any_notify_is_none_either_and_the_old_one_is_heard_meanwhile() -> None:
    line = active()
    line.start(225.0)
    assert line.receive(ok(), 225.0) == [Active(300)]
    assert line.wake(257.0) == [Failed(SILENCE)]
    assert line.notify(notify(2, body=RINGING), 258.0)[0] == 200
    assert sent(line.start(259.0)).headers.need("call-id") == "t5"
    assert line.notify(notify(3, body=RINGING), 259.1) == (481, [])


def test_a_wrong_password_is_left_alone_for_ten_minutes_whoever_asks_before() -> None:
    line = Subscription(WHO, Fresh(counted().token, lambda: 1.0))
    line.start(0.0)
    assert isinstance(line.receive(challenge("n1"), 0.0)[0], Send)
    assert line.receive(challenge("n2"), 0.0) == [
        Failed('PBX refuses the password (realm "pbx")', refused=True, password=True)
    ]
    assert line.deadline == 750.0
    assert line.start(20.0) == []
    assert line.deadline == 750.0
    assert line.wake(750.0) == [Due()]
    assert sent(line.start(750.0)).headers.first("authorization") is None


def test_a_challenge_to_what_was_sent_again_is_worth_a_second_answer() -> None:
    line = new()
    line.start(0.0)
    said = [line.receive(challenge(nonce), now)[0] for nonce, now in (("n1", 0.1), ("n2", 0.7), ("n3", 1.3))]
    assert kinds(said) == [Send, Send, Failed]


def test_a_pbx_that_calls_every_nonce_stale_is_bounded_too() -> None:
    line = new()
    line.start(0.0)
    answers = 0
    while isinstance(line.receive(challenge("n1", more=", stale=true"), 0.0)[0], Send):
        answers += 1
    assert answers == 2


def test_the_nonce_serves_the_refresh_too() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.0)
    line.receive(ok(), 0.0)
    line.notify(notify(1), 0.0)
    proof = digest.read_answer(sent(line.start(225.0)).headers.need("authorization"))
    assert (proof.nonce, proof.nc, proof.uri) == ("n1", 2, "sip:192.0.2.9:5060")


def test_403_to_a_password_is_a_wrong_one_too() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.0)
    assert line.receive(answer(403), 0.0) == [Failed("PBX says 403", refused=True, password=True)]
    assert line.deadline == 600.0


def test_with_a_password_that_was_just_refused_nobody_un_subscribes() -> None:
    line = active()
    line.start(225.0)
    line.receive(challenge("n1"), 225.0)
    assert failed(line.receive(challenge("n1"), 225.0)).password
    assert line.holds
    assert line.leave(226.0) == [Left()]


def test_a_challenge_that_we_cannot_answer_is_a_refusal_and_not_the_passwords_fault() -> None:
    line = new()
    line.start(0.0)
    found = failed(line.receive(answer(401, ("www-authenticate", "Basic realm=x")), 0.0))
    assert (found.refused, found.password) == (True, False)


def test_who_was_told_to_come_back_later_waits_whoever_asks_before() -> None:
    line = new()
    line.start(0.0)
    line.receive(answer(503, ("retry-after", "30")), 0.0)
    assert line.start(1.0) == []
    assert line.deadline == 30.0
    assert kinds(line.start(30.0)) == [Send]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (403, "PBX says 403"),
        (404, "PBX says 404"),
        (405, "PBX offers no dialog state: 405"),
        (489, "PBX offers no dialog state: 489"),
        (501, "PBX offers no dialog state: 501"),
    ],
)
def test_a_refusal_is_tried_again_slowly_and_for_ever(status: int, why: str) -> None:
    line, now, pauses = new(), 0.0, []
    for _ in range(20):
        line.start(now)
        assert line.receive(answer(status), now) == [Failed(why, refused=True)]
        assert line.deadline is not None
        pauses.append(line.deadline - now)
        now = line.deadline
        assert line.wake(now) == [Due()]
    assert pauses[:5] == [60.0, 120.0, 240.0, 480.0, 600.0]
    assert pauses[-1] == 600.0


@pytest.mark.parametrize("status", [480, 500, 503, 302, None])
def test_a_fault_that_may_pass_is_tried_again_with_pauses_that_double(status: int | None) -> None:
    line, now, pauses = new(), 0.0, []
    for _ in range(8):
        line.start(now)
        assert not failed(line.receive(answer(status), now) if status else line.silent(now)).refused
        assert line.deadline is not None
        pauses.append(line.deadline - now)
        now = line.deadline
    assert pauses == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]


@pytest.mark.parametrize(
    ("text", "pause"), [("30;duration=5", 30.0), ("30 (lunch)", 30.0), ("99999", LONGEST_RETRY_AFTER), ("x", 2.0)]
)
def test_retry_after_is_respected_within_reason(text: str, pause: float) -> None:
    line = new()
    line.start(0.0)
    line.receive(answer(503, ("retry-after", text)), 0.0)
    assert line.deadline == pause


def test_481_to_a_refresh_begins_anew_at_once_and_only_once() -> None:
    line = active()
    old = line.call_id
    line.start(225.0)
    again = sent(line.receive(answer(481), 225.1))
    assert (again.uri, again.headers.need("to")) == (AOR, f"<{AOR}>")
    assert again.headers.need("call-id") == line.call_id != old
    assert cseq.parse(again.headers.need("cseq")).number == 3
    assert line.receive(answer(481), 225.2) == [Failed("PBX says 481"), Lapsed()]


def test_a_subscription_that_was_renewed_in_time_never_lapsed() -> None:
    line = active()
    line.start(225.0)
    line.receive(answer(481), 225.0)
    line.receive(ok(), 225.0)
    status, said = line.notify(notify(1, body=RINGING, call=line.call_id, ours="t6"), 225.1)
    assert (status, kinds(said)) == (200, [Active, Document])
    assert isinstance(said[1], Document)
    assert said[1].anew
    assert line.wake(310.0) == []
    assert line.holds


def test_a_refresh_that_fails_for_a_while_goes_on_in_its_dialog_until_it_lapses() -> None:
    line = active()
    line.start(225.0)
    assert line.receive(answer(503), 225.0) == [Failed("PBX says 503")]
    assert sent(line.start(227.0)).headers.need("to") == f"<{AOR}>;tag=p1"
    line.receive(answer(503, ("retry-after", "300")), 227.0)
    assert line.wake(300.0) == [Lapsed()]
    assert not line.holds
    assert line.wake(527.0) == [Due()]
    assert sent(line.start(527.0)).headers.need("to") == f"<{AOR}>"


@pytest.mark.parametrize("status", [404, 489, 604])
def test_an_answer_that_ends_the_subscription_ends_it(status: int) -> None:
    line = active()
    line.start(225.0)
    assert kinds(line.receive(answer(status), 225.0)) == [Failed, Lapsed]
    assert sent(line.start(300.0)).headers.need("to") == f"<{AOR}>"


def test_after_a_refresh_without_answer_the_next_try_is_a_new_subscription() -> None:
    line = active()
    line.start(225.0)
    assert line.silent(257.0) == [Failed("PBX does not answer")]
    assert line.notify(notify(2, body=RINGING), 258.0)[0] == 200
    assert sent(line.start(259.0)).headers.need("call-id") == "t5"
    assert line.silent(291.0) == [Failed("PBX does not answer"), Lapsed()]


def test_success_makes_the_pauses_short_again() -> None:
    line = new()
    for now in (0.0, 10.0):
        line.start(now)
        line.silent(now)
    line.start(20.0)
    line.notify(notify(1, call="t7", ours="t8"), 20.0)
    line.receive(ok(), 20.0)
    line.start(245.0)
    line.receive(answer(500), 245.0)
    assert line.deadline == 247.0
