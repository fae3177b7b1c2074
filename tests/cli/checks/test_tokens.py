"""Tokens that end soon, by table."""

from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.cli.checks.tokens import findings
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain import finding

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOOD, NOTE = finding.Kind.GOOD, finding.Kind.NOTE
NONE = "0 tokens beyond a shift, none ends within 7 days"
ONE = "1 token beyond a shift, none ends within 7 days"


def token(left: float | None, agent: str | None = "ana", *, lasts: float = 365, revoked: bool = False) -> Token:
    """left, lasts: days."""
    expires_at = None if left is None else AT + timedelta(days=left)
    issued_at = (expires_at or AT) - timedelta(days=lasts)
    kind = Kind.IVR if agent is None else Kind.DESK
    return Token("t1", kind, agent, issued_at, expires_at, AT if revoked else None)


@pytest.mark.parametrize(
    ("tokens", "kind", "text"),
    [
        ([], GOOD, NONE),
        ([token(300), token(None, "ben")], GOOD, "2 tokens beyond a shift, none ends within 7 days"),
        ([token(3)], NOTE, "t1 of agent ana ends in 3 days"),
        ([token(0.5)], NOTE, "t1 of agent ana ends today"),
        ([token(7.1)], GOOD, ONE),
        ([token(3, None)], NOTE, "t1 of kind ivr ends in 3 days"),
        ([token(-3)], NOTE, "t1 of agent ana has ended: who used it is out"),
        ([token(-8)], GOOD, ONE),
        ([token(3), token(200)], GOOD, ONE),
        ([token(3), token(None)], GOOD, ONE),
        ([token(0.3, lasts=0.5), token(-0.3, "ben", lasts=0.5)], GOOD, NONE),
        ([token(3, revoked=True)], GOOD, NONE),
    ],
)  # fmt: skip
def test_what_ends(tokens: list[Token], kind: finding.Kind, text: str) -> None:
    (found,) = findings(tokens, AT)
    assert (found.kind, found.text) == (kind, text)


def test_the_mend_is_the_command() -> None:
    assert [one.mend for one in findings([token(3), token(3, None)], AT)] == [
        "ctibridge token issue --agent ana", "ctibridge token issue --kind ivr",
    ]  # fmt: skip


def test_a_thousand_of_them_are_some_rows() -> None:
    found = list(findings([token(3, f"agent{at}") for at in range(1000)], AT))
    assert len(found) == 9
    assert found[-1].text == "992 more tokens like these"
