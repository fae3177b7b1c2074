"""Tokens that are about to end. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from ctibridge.cli.checks.wording import MOST_NAMED, counted
from ctibridge.delivery.tokens import Kind, Token
from ctibridge.domain.finding import Finding, note

SOON = timedelta(days=7)
SHIFT = timedelta(days=1)
"""A token for so long or less ends with its shift, and is not missed."""


def findings(tokens: Iterable[Token], at: datetime) -> Iterator[Finding]:
    """at: aware UTC. Of each agent, and of the telephone systems, the token that holds longest counts."""
    last = _longest(tokens)
    due = [one for one in last if one.expires_at is not None and at < one.expires_at <= at + SOON]
    over = [one for one in last if one.expires_at is not None and at - SOON < one.expires_at <= at]
    for one in due[:MOST_NAMED]:
        assert one.expires_at is not None
        yield note("tokens", f"{_whose(one)} ends {_in(one.expires_at - at)}", f"ctibridge token issue {_option(one)}")
    for one in over[:MOST_NAMED]:
        yield note("tokens", f"{_whose(one)} has ended: who used it is out", f"ctibridge token issue {_option(one)}")
    left = max(0, len(due) - MOST_NAMED) + max(0, len(over) - MOST_NAMED)
    if left:
        yield note("tokens", f"{counted(left, 'more token')} like these", "ctibridge token list")
    if not due and not over:
        yield Finding("tokens", f"{counted(len(last), 'token')} beyond a shift, none ends within {SOON.days} days")


def _longest(tokens: Iterable[Token]) -> list[Token]:
    """Soonest end first; never revoked ones."""
    found: dict[tuple[Kind, str | None], Token] = {}
    for one in tokens:
        if one.revoked_at is None and (one.expires_at is None or one.expires_at - one.issued_at > SHIFT):
            key = one.kind, one.agent
            found[key] = max(found.get(key, one), one, key=_end)
    return sorted(found.values(), key=_end)


def _end(token: Token) -> float:
    return float("inf") if token.expires_at is None else token.expires_at.timestamp()


def _whose(token: Token) -> str:
    return f"{token.id} of agent {token.agent}" if token.kind is Kind.DESK else f"{token.id} of kind {token.kind}"


def _option(token: Token) -> str:
    return f"--agent {token.agent}" if token.kind is Kind.DESK else f"--kind {token.kind}"


def _in(left: timedelta) -> str:
    return f"in {counted(left.days, 'day')}" if left.days else "today"
