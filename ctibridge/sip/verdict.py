"""What it means that a subscription failed or was ended: why, whose fault, and when it is worth another try.

In: a response to SUBSCRIBE, or the state that a NOTIFY brought. Out: a `Verdict`, and from `Pauses` the seconds to wait
(RFC 6665 4.1.2.2, 4.1.3).
"""

from dataclasses import dataclass

from ctibridge.sip import bindings
from ctibridge.sip.bindings import LONGEST_RETRY_AFTER
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.message import Response
from ctibridge.sip.subscription_state import SubscriptionState

FIRST_PAUSE = 2.0
"""Seconds before the second try after a fault that may pass; doubles up to LONGEST_PAUSE."""
LONGEST_PAUSE = 60.0
REFUSED_PAUSE = 60.0
"""Seconds after a refusal (403, 404, 489, rejected) at least; doubles up to LONGEST_REFUSED_PAUSE."""
LONGEST_REFUSED_PAUSE = 600.0
PASSWORD_PAUSE = 600.0
"""Seconds after a wrong password, at least: one observer account may ask for forty lines, and fail2ban counts all."""

_NO_SUCH_PACKAGE = frozenset({405, 489, 501})
_REFUSALS = frozenset({403, 404, 410, 603, 604, 606}) | _NO_SUCH_PACKAGE
_FATAL = frozenset({404, 405, 410, 416, *range(480, 486), 489, 501, 604})
"""Answers to a refresh that end the subscription; after others it goes on until its time is over (4.1.2.2)."""
_REJECTS = frozenset({"rejected", "noresource", "invariant"})
_REVIVES = frozenset({"", "deactivated", "timeout"})
_REASONS = frozenset({"deactivated", "timeout", "probation", "giveup"}) | _REJECTS


@dataclass(frozen=True, slots=True)
class Verdict:
    """refused: it is this line, or who asks, that the PBX does not want; password: because of the password. fatal: the
    subscription is no more. least: seconds until the next try, whatever the pause."""

    why: str
    refused: bool = False
    password: bool = False
    fatal: bool = False
    least: float = 0.0


def of_response(response: Response, *, proving: bool) -> Verdict:
    """proving: the request had a password. Some say 403 to a wrong one instead of a second 401."""
    status = response.status
    why = f"PBX offers no dialog state: {status}" if status in _NO_SUCH_PACKAGE else f"PBX says {status}"
    password, least = status == 403 and proving, bindings.retry_after(response)
    return Verdict(why, status in _REFUSALS, password, fatal=status in _FATAL, least=least)


def revives(told: SubscriptionState) -> bool:
    """Nothing speaks against asking again at once (4.1.3)."""
    return told.reason in _REVIVES


def of_end(told: SubscriptionState) -> Verdict:
    """The reason is the PBX's text: only those that we know are repeated."""
    reason = told.reason if told.reason in _REASONS else "no reason that we know"
    least = min(told.retry_after or 0, LONGEST_RETRY_AFTER)
    return Verdict(f"PBX ended the subscription: {reason}", reason in _REJECTS, fatal=True, least=least)


class Pauses:
    """How often it failed in a row, each kind for itself: what the network did says nothing about a refusal."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh = fresh
        self._passing = 0
        self._refused = 0

    def after(self, verdict: Verdict) -> float:
        """Seconds. Jitter takes from a pause between tries, and adds to one after a refusal, which is a least time."""
        if not verdict.refused:
            self._passing = min(self._passing + 1, 10)
            pause = min(FIRST_PAUSE * 2.0 ** (self._passing - 1), LONGEST_PAUSE)
            return max(self._fresh.around(pause), verdict.least)
        self._refused = min(self._refused + 1, 10)
        pause = min(REFUSED_PAUSE * 2.0 ** (self._refused - 1), LONGEST_REFUSED_PAUSE)
        pause = PASSWORD_PAUSE if verdict.password else pause
        return max(2 * pause - self._fresh.around(pause), verdict.least)

    def forget(self) -> None:
        """It works again."""
        self._passing = self._refused = 0
