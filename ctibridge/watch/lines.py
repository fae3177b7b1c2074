"""What happens as lines of text, for who has no screen: a pipe, a log."""

from ctibridge.watch import whose, words
from ctibridge.watch.board import Link, Row, State
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.plain import plain


def of_row(row: Row, agent: str) -> str:
    """`ringing · ACME IT Service Desk · Deutsch (Schweiz) · number belongs to Regula Frei`."""
    standing = words.standing(row.call, agent)
    parts = [
        standing,
        words.work(row.work, agent),
        words.company(row.call, row.pop),
        words.tongue(row.pop),
        whose.phrase(row.pop),
    ]
    return " · ".join(filter(None, parts))


def of_change(before: Row | None, after: Row | None, agent: str) -> str | None:
    """None where nothing is new that is said here."""
    if after is None:
        return None
    said = of_row(after, agent)
    return None if before is not None and of_row(before, agent) == said else said


def of_welcome(welcome: Welcome) -> str:
    lines = ", ".join(f"{plain(one.line, words.NAME)} {plain(one.state, words.NAME)}" for one in welcome.lines[:20])
    return f"connected as {plain(welcome.name or welcome.agent, words.NAME)}; lines: {lines or 'none'}"


def of_link(link: Link, now: float) -> str | None:
    """Of a lost connection; that one is made is said by the welcome."""
    if link.state is not State.LOST:
        return None
    wait = max(0, round((link.again_at or now) - now))
    return f"not connected: calls do not appear here; trying again in {wait} s ({plain(link.why, words.NAME)})"


def of_notice(event: Heard) -> str | None:
    return plain(event.data.text) if event.data.text else None
