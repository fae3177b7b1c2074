"""Why a subscription is not there, whose fault that is, and how long it waits."""

import pytest

from ctibridge.sip.bindings import LONGEST_RETRY_AFTER
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.message import Headers, Response
from ctibridge.sip.subscription_state import parse
from ctibridge.sip.verdict import Pauses, Verdict, of_end, of_response, revives
from tests.sip.scripts import counted


def response(status: int, retry_after: str = "") -> Response:
    return Response(status, "", Headers((("retry-after", retry_after),) if retry_after else ()))


@pytest.mark.parametrize(
    ("status", "refused", "fatal"),
    [
        (403, True, False), (404, True, True), (489, True, True), (405, True, True), (481, False, True),
        (408, False, False), (500, False, False), (503, False, False), (302, False, False), (604, True, True),
    ],
)  # fmt: skip
def test_what_a_response_means(status: int, refused: bool, fatal: bool) -> None:
    found = of_response(response(status), proving=False)
    assert (found.refused, found.fatal, found.password) == (refused, fatal, False)
    assert str(status) in found.why


def test_403_speaks_of_the_password_only_where_there_was_one() -> None:
    assert of_response(response(403), proving=True).password
    assert not of_response(response(404), proving=True).password


def test_retry_after_is_a_least_time_within_reason() -> None:
    assert of_response(response(503, "30;duration=9"), proving=False).least == 30
    assert of_response(response(503, "999999"), proving=False).least == LONGEST_RETRY_AFTER
    assert of_end(parse("terminated;reason=giveup;retry-after=999999")).least == LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("text", "why", "refused"),
    [
        ("terminated;reason=rejected", "PBX ended the subscription: rejected", True),
        ("terminated;reason=Giveup", "PBX ended the subscription: giveup", False),
        ("terminated", "PBX ended the subscription: no reason that we know", False),
        ("terminated;reason=sip:maria@pbx", "PBX ended the subscription: no reason that we know", False),
    ],
)
def test_what_an_end_means(text: str, why: str, refused: bool) -> None:
    assert of_end(parse(text)) == Verdict(why, refused, fatal=True)


PASSING, REFUSED = Verdict("x"), Verdict("x", refused=True)


def test_pauses_double_to_a_limit_each_kind_for_itself() -> None:
    pauses = Pauses(counted())
    assert [pauses.after(PASSING) for _ in range(20)][:7] == [2, 4, 8, 16, 32, 60, 60]
    assert [pauses.after(REFUSED) for _ in range(20)][:6] == [60, 120, 240, 480, 600, 600]
    pauses.forget()
    assert [pauses.after(PASSING), pauses.after(REFUSED)] == [2, 60]


def test_jitter_makes_a_pause_shorter_and_a_least_time_longer() -> None:
    for fraction in (0.0, 0.5, 1.0):
        pauses = Pauses(Fresh(counted().token, iter([fraction] * 9).__next__))
        assert 1.5 <= pauses.after(PASSING) <= 2
        assert 60 <= pauses.after(REFUSED) <= 75
        assert 600 <= pauses.after(Verdict("x", refused=True, password=True)) <= 750
        assert pauses.after(Verdict("x", least=100)) == 100


@pytest.mark.parametrize(
    ("text", "anew"),
    [("terminated;reason=deactivated", True), ("terminated", True), ("terminated;reason=rejected", False)],
)
def test_an_end_for_the_pbxs_own_reasons_is_no_reason_to_wait(text: str, anew: bool) -> None:
    assert revives(parse(text)) is anew
