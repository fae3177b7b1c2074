"""One line at its registrar: what is asked, what is granted, and when again."""

import pytest

from ctibridge.sip import digest
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import HeaderList, Response
from ctibridge.sip.registration import (
    PATIENCE,
    Due,
    Failed,
    Lapsed,
    Left,
    Registered,
    Say,
    Send,
    State,
)  # fmt: skip
from tests.sip.registering import ACCOUNT, CONTACT, PHONE, answer, authorization, challenge, new, ok, sent


def test_what_a_register_looks_like() -> None:
    asked = sent(new().start(0.0))
    assert (asked.method, asked.uri) == ("REGISTER", "sip:pbx")
    assert asked.headers.need("contact") == f"<{CONTACT}>;expires=120"
    assert asked.headers.need("expires") == "120"
    assert asked.headers.need("from") == "<sip:6001@pbx>;tag=t2"
    assert asked.headers.first("authorization") is None


@pytest.mark.parametrize("granted", [0, 1, 2])
def test_a_grant_that_nobody_could_keep_up_is_a_fault(granted: int) -> None:
    line = new()
    line.start(0.0)
    assert isinstance(line.receive(ok(granted), 0.0)[0], Failed)
    assert (line.deadline, line.holds) == (2.0, False)


def test_a_grant_that_cannot_be_meant_counts_as_what_was_asked() -> None:
    line = new()
    line.start(0.0)
    assert line.receive(ok(2**32 - 1), 0.0) == [Registered(120, 0)]


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


def test_an_answer_after_we_gave_up_is_dropped() -> None:
    line = new()
    line.start(0.0)
    line.silent(32.0)
    assert line.receive(ok(), 33.0) == []
    assert (line.state, line.deadline, line.holds) == (State.WAITING, 34.0, False)


def test_a_request_that_nobody_gives_up_is_given_up_here() -> None:
    line = new()
    line.start(0.0)
    assert line.deadline == PATIENCE
    assert line.wake(PATIENCE) == [Failed("registrar does not answer")]
    line.start(100.0)
    line.receive(ok(), 100.0)
    line.leave(110.0)
    assert line.wake(110.0 + PATIENCE) == [Left()]
    assert line.deadline is None


def test_a_provisional_answer_changes_nothing() -> None:
    line = new()
    line.start(0.0)
    assert line.receive(answer(100), 0.1) == []
    assert line.receive(ok(), 0.2) == [Registered(120, 0)]


def test_a_200_with_more_contacts_than_we_read_is_the_caller_s_to_judge() -> None:
    line = new()
    line.start(0.0)
    with pytest.raises(RemoteFault):
        line.receive(ok(120, *[PHONE] * 200), 0.1)
    assert line.silent(0.2) == [Failed("registrar does not answer")]
