"""What is known of a line, as text and back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ctibridge.domain import line_evidence
from ctibridge.domain.line import LineState
from ctibridge.domain.line_evidence import LineEvidence

AT = datetime(2026, 11, 22, 8, 30, 0, 250_000, tzinfo=UTC)
BARE = LineEvidence("pbx", "6001", LineState.DEAF, "registrar says 403", AT)
FULL = LineEvidence("pbx", "sales/é", LineState.REGISTERED, "registered", AT, AT, AT, AT, AT, 2)


@pytest.mark.parametrize("one", [BARE, FULL, replace(BARE, others=0)])
def test_what_is_written_is_read(one: LineEvidence) -> None:
    assert line_evidence.read(line_evidence.write(one)) == one


@pytest.mark.parametrize("change", [b"{", b"[]", b"\xff", b"null", b"[" * 100_000, b'{"trunk": "pbx"}'])
def test_what_is_no_such_text_is_nothing(change: bytes) -> None:
    assert line_evidence.read(change) is None


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"deaf"', b'"asleep"'),
        (b'"pbx"', b"7"),
        (b'"others": null', b'"others": "two"'),
        (b'"since": "2026-11-22T08:30:00.250000+00:00"', b'"since": "2026-11-22T08:30:00"'),
        (b'"last_rang": null', b'"last_rang": 7'),
    ],
)
def test_a_value_of_another_program_is_no_evidence(was: bytes, becomes: bytes) -> None:
    text = line_evidence.write(BARE)
    assert was in text
    assert line_evidence.read(text.replace(was, becomes)) is None


def test_moments() -> None:
    assert line_evidence.read_moment(line_evidence.write_moment(AT)) == AT
    assert line_evidence.read_moment(b"2026-11-22T08:30:00") is None
    assert line_evidence.read_moment(b"\xff") is None
    assert line_evidence.key("pbx", "6001") == "pbx/6001"
