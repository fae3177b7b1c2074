"""One line at its registrar: what is asked, how often, and when again."""

import pytest

from ctibridge.sip import digest
from ctibridge.sip.digest import Credentials
from ctibridge.sip.message import HeaderList, Headers, Request, Response
from ctibridge.sip.registration import (
    LONGEST_PAUSE,
    LONGEST_REFUSED_PAUSE,
    LONGEST_RETRY_AFTER,
    Account,
    Due,
    Failed,
    Lapsed,
    Left,
    Registered,
    Registration,
    Say,
    Send,
    State,
)
from tests.sip.scripts import counted

CONTACT = "sip:token@192.0.2.1:5066"
ACCOUNT = Account("6001", "sip:6001@pbx", "sip:pbx", CONTACT, Credentials("6001", "secret"), 120)
PHONE = ("contact", "<sip:6001@192.0.2.50>;expires=3600")


def new() -> Registration:
    return Registration(ACCOUNT, counted())


def sent(said: list[Say]) -> Request:
    (only,) = said
    assert isinstance(only, Send)
    return only.request


def why(said: list[Say]) -> str:
    (only,) = said
    assert isinstance(only, Failed)
    return only.why


def answer(status: int, *lines: tuple[str, str]) -> Response:
    return Response(status, "", Headers(lines))


def ok(expires: int = 120, *others: tuple[str, str]) -> Response:
    return answer(200, ("contact", f"<{CONTACT}>;expires={expires}"), *others)


def challenge(nonce: str, status: int = 401, more: str = ', qop="auth"') -> Response:
    name = "www-authenticate" if status == 401 else "proxy-authenticate"
    return answer(status, (name, f'Digest realm="pbx", nonce="{nonce}"{more}'))


def authorization(request: Request, name: str = "authorization") -> digest.Answer:
    return digest.read_answer(request.headers.need(name))


def test_what_a_register_looks_like() -> None:
    asked = sent(new().start(0.0))
    assert (asked.method, asked.uri) == ("REGISTER", "sip:pbx")
    assert asked.headers.need("contact") == f"<{CONTACT}>;expires=120"
    assert asked.headers.need("expires") == "120"
    assert asked.headers.need("from") == "<sip:6001@pbx>;tag=t2"
    assert asked.headers.first("authorization") is None


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


def test_a_wrong_password_is_tried_twice_and_then_left_alone_for_a_minute() -> None:
    line = new()
    line.start(0.0)
    said = [line.receive(challenge(nonce), 0.1)[0] for nonce in ("n1", "n2", "n3")]
    assert [type(word) for word in said] == [Send, Send, Failed]
    assert said[-1] == Failed("registrar refuses the password", refused=True)
    assert line.deadline == 60.1


def test_the_same_nonce_again_is_a_wrong_password_at_once() -> None:
    line = new()
    line.start(0.0)
    line.receive(challenge("n1"), 0.1)
    assert why(line.receive(challenge("n1"), 0.2)) == "registrar refuses the password"


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
    assert sent(line.start(61.0)).headers.first("authorization") is None


@pytest.mark.parametrize("line", ["Basic realm=x", 'Digest realm="a", nonce="b", algorithm=MD5-sess', ""])
def test_a_challenge_that_we_cannot_answer(line: str) -> None:
    machine = new()
    machine.start(0.0)
    said = machine.receive(answer(401, ("www-authenticate", line)), 0.1)
    assert why(said) == "registrar asks for no digest that we know"


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


def test_a_registrar_that_always_wants_a_little_longer_is_asked_twice() -> None:
    line = new()
    line.start(0.0)
    assert isinstance(line.receive(answer(423, ("min-expires", "121")), 0.1)[0], Send)
    assert isinstance(line.receive(answer(423, ("min-expires", "122")), 0.2)[0], Failed)


@pytest.mark.parametrize(("granted", "refresh"), [(120, 90.0), (60, 45.0), (3600, 2700.0)])
def test_the_refresh_comes_ahead_of_what_was_granted(granted: int, refresh: float) -> None:
    line = new()
    line.start(0.0)
    assert line.receive(ok(granted, PHONE), 0.0) == [Registered(granted, 1)]
    assert line.deadline == refresh
    assert line.wake(refresh) == [Due()]
    assert line.deadline == granted


def test_a_registration_that_nobody_renews_lapses_once() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.wake(90.0)
    line.start(90.0)
    held = line.holds
    assert line.wake(120.0) == [Lapsed()]
    assert (held, line.holds) == (True, False)
    assert line.wake(121.0) == []


def test_a_failed_refresh_keeps_what_was_granted_until_it_lapses() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.start(90.0)
    line.receive(answer(503), 90.1)
    assert line.holds
    assert line.deadline == 92.1


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
    assert pauses[1] in (4.0, 120.0)
    assert pauses == sorted(pauses)
    assert pauses[-1] == longest


def test_success_makes_the_pauses_short_again() -> None:
    line = new()
    for now in (0.0, 10.0):
        line.start(now)
        line.silent(now)
    line.start(20.0)
    line.receive(ok(), 20.0)
    line.start(110.0)
    line.silent(110.0)
    assert line.deadline == 112.0


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


def test_leaving_takes_our_contact_and_only_ours() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    asked = sent(line.leave(1.0))
    assert asked.headers.need("contact") == f"<{CONTACT}>;expires=0"
    assert line.receive(answer(200, PHONE), 1.1) == [Left()]
    assert (line.state, line.deadline, line.holds) == (State.IDLE, None, False)


def test_an_un_register_that_is_challenged_keeps_expires_0() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    line.leave(1.0)
    again = sent(line.receive(challenge("n1"), 1.1))
    assert again.headers.need("expires") == "0"
    assert again.headers.need("contact") == f"<{CONTACT}>;expires=0"
    assert digest.proves(authorization(again), ACCOUNT.credentials, "REGISTER")


@pytest.mark.parametrize("response", [answer(403), answer(500), answer(423, ("min-expires", "60")), None])
def test_leaving_ends_whatever_the_registrar_says(response: Response | None) -> None:
    line = new()
    line.leave(0.0)
    assert (line.receive(response, 0.1) if response else line.silent(0.1)) == [Left()]
    assert line.deadline is None


def test_who_left_can_come_back_for_the_usual_time() -> None:
    line = new()
    line.leave(0.0)
    line.silent(0.1)
    assert sent(line.start(600.0)).headers.need("expires") == "120"


def test_a_response_that_nobody_waits_for_is_dropped() -> None:
    line = new()
    assert line.receive(ok(), 0.0) == []
    line.start(0.0)
    line.receive(ok(), 0.1)
    assert line.receive(answer(403), 0.2) == []
    assert line.newest(1)
    assert not line.newest(2)


def test_a_register_never_goes_out_without_a_contact() -> None:
    line = new()
    steps: list[list[Say]] = [
        line.start(0.0),
        line.receive(challenge("n1"), 0.1),
        line.receive(ok(), 0.2),
        line.start(90.0),
        line.leave(91.0),
    ]
    requests: list[HeaderList] = [
        each.request.headers.lines for said in steps for each in said if isinstance(each, Send)
    ]
    assert len(requests) == 4
    assert all(dict(lines)["contact"].startswith(f"<{CONTACT}>") for lines in requests)


def test_print_shows_neither_password_nor_contact() -> None:
    assert "secret" not in repr(ACCOUNT)
    assert "token" not in repr(ACCOUNT)
