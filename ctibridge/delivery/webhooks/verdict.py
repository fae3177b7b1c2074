"""What a receiver's answer means (RFC 9110; Standard Webhooks, "Deliverability and reliability")."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

_SECONDS = re.compile("[0-9]{1,9}")
_LATER = frozenset({401, 403, 404, 405, 407, 408, 409, 421, 425, 426, 429})
"""Of 4xx, those that say nothing of the event: a receiver that is being set up, or moved, loses none."""


class Outcome(Enum):
    TAKEN = "taken"
    GONE = "gone"
    REFUSED = "refused"
    """This event; the next one may be taken."""
    LATER = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """why: a status or a word for the log. retry_after: seconds that the receiver asks for."""

    outcome: Outcome
    why: str
    retry_after: float | None = None


def failed(why: str) -> Verdict:
    """There was no answer."""
    return Verdict(Outcome.LATER, why)


def of_answer(status: int, retry_after: str | None, at: datetime, refusals: frozenset[int] = frozenset()) -> Verdict:
    """retry_after: the header. at: now, aware. refusals: more statuses by which this form's receivers refuse what one
    request says. A redirect is not followed: what is signed for one address is not for
    another."""
    why = f"HTTP {status}"
    if 200 <= status < 300:
        return Verdict(Outcome.TAKEN, why)
    if status == 410:
        return Verdict(Outcome.GONE, why)
    if status in refusals or (400 <= status < 500 and status not in _LATER):
        return Verdict(Outcome.REFUSED, why)
    asked = _seconds(retry_after, at) if status in (429, 503) and retry_after is not None else None
    return Verdict(Outcome.LATER, why, asked)


def _seconds(text: str, at: datetime) -> float | None:
    """Delay or date (RFC 9110 10.2.3); None where it is neither."""
    if _SECONDS.fullmatch(text.strip()):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError, IndexError):  # a remote text, in a parser for mails
        return None
    date = date.replace(tzinfo=UTC) if date.tzinfo is None else date
    return max((date - at).total_seconds(), 0.0)
