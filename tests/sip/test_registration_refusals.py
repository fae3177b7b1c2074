"""One line that is challenged or refused: how often it answers, and how long it stays away."""

import pytest

from ctibridge.sip import digest
from ctibridge.sip.bindings import LONGEST_RETRY_AFTER
from ctibridge.sip.digest import Credentials
from ctibridge.sip.faults import LONGEST_PAUSE, LONGEST_REFUSED_PAUSE, REFUSED_PAUSE
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.message import Response
from ctibridge.sip.registration import (
    Due,
    Failed,
    Left,
    Registered,
    Registration,
    Send,
)  # fmt: skip
from tests.sip.registering import (
    ACCOUNT,
    ELSEWHERE,
    PHONE,
    answer,
    authorization,
    challenge,
    new,
    ok,
    sent,
    why,
)  # fmt: skip


@pytest.mark.parametrize(("status", "name"), [(401, "authorization"), (407, "proxy-authorization")])
@pytest.mark.parametrize("more", [', qop="auth"', "", ", algorithm=SHA-256"])
def test_a_challenge_is_answered_in_the_same_call_with_the_next_cseq(status: int, name: str, more: str) -> None:
    line = new()
    first = sent(line.start(0.0))
    second = sent(line.receive(challenge("n1", status, more), 0.1))
    assert digest.proves(authorization(second, name), ACCOUNT.credentials, "REGISTER")
    assert (first.headers.need("cseq"), second.headers.need("cseq")) == ("1 REGISTER", "2 REGISTER")
    assert first.headers.need("call-id") == second.headers.need("call-id")
    assert line.receive(ok(), 0.2) == [Registered(120, 0)]


def test_a_proxy_and_a_registrar_that_both_ask_get_both_answers_in_one_request() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("p1", 407), 0.1)
    both = sent(line.receive(challenge("r1", 401), 0.2))
    assert authorization(both, "proxy-authorization").nonce == "p1"
    assert authorization(both, "authorization").nonce == "r1"
    assert line.receive(ok(), 0.3) == [Registered(120, 0)]


def test_the_nonce_serves_the_refresh_too_and_its_count_rises() -> None:
    line = new()
    line.start(0.0)
    assert authorization(sent(line.receive(challenge("n1"), 0.1))).nc == 1
    line.receive(ok(), 0.2)
    assert authorization(sent(line.start(90.0))).nc == 2


def test_a_stale_nonce_is_replaced_and_counted_anew() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    line.receive(ok(), 0.2)
    line.start(90.0)
    again = authorization(sent(line.receive(challenge("n2", more=', stale=true, qop="auth"'), 90.1)))
    assert (again.nonce, again.nc) == ("n2", 1)
    assert line.receive(ok(), 90.2) == [Registered(120, 0)]


def test_a_wrong_password_is_tried_once_and_then_left_alone_for_ten_minutes() -> None:
    line = new()
    line.start(0.0)
    said = [line.receive(challenge(nonce), 0.1)[0] for nonce in ("n1", "n2")]
    assert said[-1] == Failed('registrar refuses the password (realm "pbx")', refused=True, password=True)
    assert line.deadline == 600.1


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_jitter_takes_nothing_from_the_ten_minutes_and_adds_nothing_to_the_hour(fraction: float) -> None:
    line = Registration(ACCOUNT, Fresh(lambda: "t", lambda: fraction))
    now, pauses = 0.0, []
    for _ in range(6):
        line.start(now)
        line.receive(answer(403), now)
        pauses.append((line.deadline or 0.0) - now)
        now = line.deadline or 0.0
    assert pauses[0] == REFUSED_PAUSE * (1 + fraction / 4)
    assert pauses[-1] == LONGEST_REFUSED_PAUSE


def test_nobody_can_make_a_refused_line_ask_sooner() -> None:
    line = new()
    line.start(0.0)
    line.receive(answer(403), 0.1)
    assert (line.start(1.0), line.move(ELSEWHERE, 2.0), line.start(600.0)) == ([], [], [])
    assert line.wake(600.1) == [Due()]
    assert sent(line.start(600.1)).headers.need("contact") == f"<{ELSEWHERE}>;expires=120"


def test_a_refused_line_that_leaves_and_comes_back_still_waits() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    line.receive(challenge("n2"), 0.1)
    assert line.leave(1.0) == [Left()]
    assert (line.start(2.0), line.deadline) == ([], 600.1)


def test_a_challenge_that_may_answer_our_retransmission_is_answered_once_more() -> None:
    """A registrar takes each nonce once, the 200 to the first copy was lost: the second copy is challenged."""
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    assert isinstance(line.receive(challenge("n2"), 0.7)[0], Send)
    assert why(line.receive(challenge("n3"), 1.4)) == 'registrar refuses the password (realm "pbx")'


def test_403_to_an_answer_is_a_wrong_password_and_without_one_it_is_none() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    proven = line.receive(answer(403), 0.2)
    blank = new()
    blank.start(0.0)
    assert proven == [Failed("registrar says 403", refused=True, password=True)]
    assert blank.receive(answer(403), 0.1) == [Failed("registrar says 403", refused=True, password=False)]


def test_the_same_nonce_again_is_a_wrong_password_at_once() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    assert why(line.receive(challenge("n1"), 0.2)) == 'registrar refuses the password (realm "pbx")'


def test_a_registrar_that_calls_every_nonce_stale_is_bounded_too() -> None:
    line = new()
    line.start(0.0)
    answers = 0
    while isinstance(line.receive(challenge("n1", more=", stale=true"), 0.1)[0], Send):
        answers += 1
    assert answers == 2


def test_after_a_refusal_the_next_try_begins_without_an_answer() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    line.receive(challenge("n1"), 0.2)
    assert sent(line.start(601.0)).headers.first("authorization") is None


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", "asks for no digest that we know"),
        ('Digest realm="a", nonce="b", algorithm=AKAv1-MD5', "asks for no digest that we know"),
        ("Basic realm=x", "asks for Basic alone, which would give the password away"),
        ('Digest realm="a", nonce="b", qop="auth-int"', "asks for qop auth-int alone, which we do not answer"),
        ('Digest realm="a", nonce="b"', "asks for a digest weaker than SHA-256 (digest_minimum)"),
    ],
)
def test_a_challenge_that_we_do_not_answer_is_a_refusal_that_says_why(asked: str, told: str) -> None:
    machine = new(credentials=Credentials("6001", "secret", "SHA-256"))
    machine.start(0.0)
    said = machine.receive(answer(401, ("www-authenticate", asked)), 0.1)
    assert said == [Failed(f"registrar {told}", refused=True)]
    assert machine.deadline == 600.1


def test_a_realm_that_changed_is_no_loop_and_a_realm_that_always_changes_is_left_alone() -> None:
    line = new()
    line.start(0.0)
    said = [
        line.receive(answer(401, ("www-authenticate", f'Digest realm="r{turn}", nonce="n{turn}"')), 0.1)[0]
        for turn in range(3)
    ]
    assert [type(word) for word in said] == [Send, Send, Failed]
    assert isinstance(said[1], Send)
    assert len(said[1].request.headers.each_line("authorization")) == 1


def test_423_after_the_password_was_accepted_may_bring_a_new_nonce() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    line.receive(answer(423, ("min-expires", "300")), 0.2)
    again = sent(line.receive(challenge("n2"), 0.3))
    assert (again.headers.need("expires"), authorization(again).nonce) == ("300", "n2")


@pytest.mark.parametrize("status", [301, 302, 305, 380])
def test_a_redirection_is_not_followed_and_says_what_to_do(status: int) -> None:
    line = new()
    line.start(0.0)
    (failed,) = line.receive(answer(status, ("contact", "<sip:192.0.2.66>")), 0.1)
    assert failed == Failed(f"registrar says {status}, and a redirection is not followed: name the right registrar")
    assert sent(line.start(3.0)).uri == "sip:pbx"


@pytest.mark.parametrize("status", [400, 408, 420, 480, 500, 503, 504, 600])
def test_what_may_pass_is_asked_again_soon(status: int) -> None:
    line = new()
    line.start(0.0)
    assert line.receive(answer(status), 0.0) == [Failed(f"registrar says {status}")]
    assert line.deadline == 2.0


def test_423_asks_for_longer_once_and_the_refresh_remembers() -> None:
    line = new()
    line.start(0.0)
    longer = sent(line.receive(answer(423, ("min-expires", "300")), 0.1))
    assert longer.headers.need("expires") == "300"
    assert longer.headers.need("contact").endswith(";expires=300")
    line.receive(ok(300), 0.2)
    assert sent(line.start(200.0)).headers.need("expires") == "300"


@pytest.mark.parametrize("least", ["", "60", "120", "soon", "99999999"])
def test_423_without_a_longer_time_is_a_refusal(least: str) -> None:
    line = new()
    line.start(0.0)
    assert line.receive(answer(423, ("min-expires", least)), 0.1)[0] == Failed(
        "registrar says 423 without a longer Min-Expires", refused=True
    )


def test_a_200_without_our_contact_is_a_fault_whose_pauses_grow() -> None:
    line = new()
    now, pauses = 0.0, []
    for _ in range(4):
        line.start(now)
        assert why(line.receive(answer(200, PHONE), now)) == "registrar's 200 does not list our contact"
        pauses.append((line.deadline or 0) - now)
        now = line.deadline or 0
    assert pauses == [2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(
    ("response", "longest"),
    [(None, LONGEST_PAUSE), (answer(503), LONGEST_PAUSE), (answer(403), LONGEST_REFUSED_PAUSE)],
    ids=["silence", "503", "403"],
)
def test_it_tries_for_ever_with_pauses_that_double_to_a_limit(response: Response | None, longest: float) -> None:
    line = new()
    now, pauses = 0.0, []
    for _ in range(100):
        line.start(now)
        assert isinstance((line.receive(response, now) if response else line.silent(now))[0], Failed)
        assert line.deadline is not None
        pauses.append(line.deadline - now)
        now = line.deadline
        assert line.wake(now) == [Due()]
    assert pauses[:2] in ([2.0, 4.0], [REFUSED_PAUSE, 1200.0])
    assert pauses == sorted(pauses)
    assert pauses[-1] == longest


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("30", 30.0),
        ("30;duration=5", 30.0),
        ("30 (lunch)", 30.0),
        ("99999", LONGEST_RETRY_AFTER),
        ("x", 2.0),
        ("1", 2.0),
    ],
)
def test_retry_after_is_respected_within_reason(text: str, pause: float) -> None:
    line = new()
    line.start(0.0)
    line.receive(answer(503, ("retry-after", text)), 0.0)
    assert line.deadline == pause


def test_two_proxies_and_a_registrar_get_all_three_answers() -> None:
    line = new()
    line.start(0.0)
    for nonce, realm in (("p1", "one"), ("p2", "two")):
        line.receive(answer(407, ("proxy-authenticate", f'Digest realm="{realm}", nonce="{nonce}"')), 0.1)
    asked = sent(line.receive(challenge("r1"), 0.2))
    realms = [digest.read_answer(value).realm for value in asked.headers.each_line("proxy-authorization")]
    assert (realms, authorization(asked).realm) == (["one", "two"], "pbx")


def test_a_registrar_that_always_wants_a_little_longer_is_asked_twice() -> None:
    line = new()
    line.start(0.0)
    assert isinstance(line.receive(answer(423, ("min-expires", "121")), 0.1)[0], Send)
    assert isinstance(line.receive(answer(423, ("min-expires", "122")), 0.2)[0], Failed)
