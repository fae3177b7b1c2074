import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.private import Private
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.session import LONGEST_ADVICE, LONGEST_WAIT, Again, Over, Session


def session() -> Session:
    return Session(Private("secret-token"))


def welcome(epoch: str = "e", sequence: int = 0, *, resumed: bool = False) -> str:
    return json.dumps({"type": "welcome", "data": {"epoch": epoch, "sequence": sequence, "resumed": resumed}})


def event(sequence: int) -> str:
    frame = {"specversion": "1.0", "id": f"e.{sequence}", "type": "notice", "sequence": str(sequence), "data": {}}
    return json.dumps(frame)


def auth(of: Session) -> object:
    return json.loads(of.auth())


def acked(of: Session) -> int | None:
    frame = of.ack()
    return None if frame is None else json.loads(frame)["sequence"]


def test_it_signs_in_and_resumes_behind_what_it_has_heard() -> None:
    desk = session()
    assert auth(desk) == {"type": "auth", "token": "secret-token"}
    assert isinstance(desk.hear(welcome("e", 4)), Welcome)
    desk.hear(event(5))
    assert auth(desk) == {"type": "auth", "token": "secret-token", "resume": {"epoch": "e", "sequence": 5}}


def test_what_was_missed_follows_and_is_acknowledged_at_its_end() -> None:
    desk = session()
    desk.hear(welcome("e", 1))
    desk.hear(welcome("e", 4, resumed=True))
    seen = []
    for number in (2, 3, 4, 5):
        assert isinstance(desk.hear(event(number)), Heard)
        seen.append(acked(desk))
    assert seen == [None, None, 4, 5]
    assert acked(desk) is None, "once"


def test_an_event_that_was_heard_before_is_nothing() -> None:
    desk = session()
    desk.hear(welcome("e", 4))
    assert desk.hear(event(4)) is None
    assert isinstance(desk.hear(event(5)), Heard)
    assert desk.hear(event(5)) is None


def test_another_epoch_begins_anew_also_with_smaller_numbers() -> None:
    desk = session()
    desk.hear(welcome("e", 40))
    desk.hear(welcome("f", 2))
    assert isinstance(desk.hear(event(3)), Heard)
    assert acked(desk) == 3
    assert auth(desk) == {"type": "auth", "token": "secret-token", "resume": {"epoch": "f", "sequence": 3}}


@pytest.mark.parametrize("code", [4401, 4403])
def test_a_refused_token_is_the_end(code: int) -> None:
    end = session().closed(code, "the token has expired", 0.5)
    assert isinstance(end, Over)
    assert "token" in end.why


def test_the_service_says_when_to_come_back() -> None:
    assert session().closed(1012, "restart; retry in 12 s", 0.9) == Again(12.0, "the service restarts")
    later = session().closed(1013, "no room; retry in 999999 s", 0.9)
    assert later == Again(LONGEST_ADVICE, "the service is busy")


@pytest.mark.parametrize(("code", "reason"), [(4008, "slow"), (1012, "restart; retry in 0 s"), (1000, "")])
def test_a_desk_that_is_ended_whenever_it_is_welcome_still_waits(code: int, reason: str) -> None:
    desk = session()
    for _ in range(5):
        desk.hear(welcome())
        end = desk.closed(code, reason, 0.0)
        assert isinstance(end, Again)
        assert end.seconds >= 0.25


def test_each_failure_waits_longer_until_it_is_welcome_again() -> None:
    desk = session()
    waits = [desk.refused("connection refused", 1.0) for _ in range(8)]
    assert [wait.seconds for wait in waits if isinstance(wait, Again)] == [1, 2, 4, 8, 16, 20, 20, 20]
    desk.hear(welcome())
    assert desk.closed(1006, "", 1.0) == Again(1.0, "the connection ended")


def test_a_wrong_address_is_the_end_only_where_it_never_was_right() -> None:
    desk = session()
    assert desk.refused("HTTP 404", 0.5, final=True) == Over("HTTP 404")
    desk.hear(welcome())
    assert isinstance(desk.refused("HTTP 404", 0.5, final=True), Again)


def test_what_a_server_says_is_shown_plain() -> None:
    told = session().refused("HTTP 502 \x1b]0;owned\x07", 0.5)
    assert "\x1b" not in told.why


@given(st.integers(1000, 4999), st.text(), st.floats(0, 1), st.integers(0, 5000))
def test_whatever_a_close_says_the_wait_is_bounded(code: int, reason: str, chance: float, before: int) -> None:
    desk = session()
    for _ in range(before % 20):
        desk.closed(1006, "", chance)
    end = desk.closed(code, reason, chance)
    if isinstance(end, Again):
        assert 0 <= end.seconds <= max(LONGEST_WAIT, LONGEST_ADVICE)


def test_the_token_does_not_print() -> None:
    desk = session()
    assert "secret-token" not in repr(desk)
    assert "secret-token" not in str(vars(desk))
