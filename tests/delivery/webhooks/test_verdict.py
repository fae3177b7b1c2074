from datetime import UTC, datetime

import pytest

from ctibridge.delivery.webhooks.verdict import Outcome, failed, of_answer

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *[(status, Outcome.TAKEN) for status in (200, 201, 202, 204, 299)],
        (410, Outcome.GONE),
        *[(status, Outcome.REFUSED) for status in (400, 406, 411, 413, 415, 422, 451)],
        *[(status, Outcome.LATER) for status in (401, 403, 404, 408, 409, 425, 429)],
        *[(status, Outcome.LATER) for status in (301, 302, 303, 307, 308, 304, 500, 502, 503, 504, 599, 100, 600)],
    ],
)
def test_what_an_answer_means(status: int, outcome: Outcome) -> None:
    assert of_answer(status, None, AT).outcome is outcome


def test_a_form_may_have_refusals_of_its_own() -> None:
    assert of_answer(500, None, AT, frozenset({500})).outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1_0", None),
        ("²", None),
        ("1" * 400, None),
        ("Sun, 99 Nov 99999999999 12:01:30 GMT", None),
        ("", None),
    ],
)
def test_a_receiver_may_ask_for_time(text: str, seconds: float | None) -> None:
    assert of_answer(503, text, AT).retry_after == seconds
    assert of_answer(429, text, AT).retry_after == seconds
    assert of_answer(500, text, AT).retry_after is None


def test_no_answer_is_tried_again() -> None:
    assert failed("ClientOSError").outcome is Outcome.LATER
