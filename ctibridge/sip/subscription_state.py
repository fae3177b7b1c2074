"""Subscription-State (RFC 6665 8.2.3): how long a subscription lasts, or why it is over."""

from dataclasses import dataclass
from enum import StrEnum

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import parameters, whole_number

LONGEST = 2**31 - 1


class Substate(StrEnum):
    """PENDING also stands for words that we do not know: nothing may be concluded from them (4.1.3)."""

    ACTIVE = "active"
    PENDING = "pending"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """reason: lower-case, empty where not given. expires, retry_after: seconds."""

    substate: Substate
    reason: str = ""
    expires: int | None = None
    retry_after: int | None = None


def parse(text: str) -> SubscriptionState:
    """Raises RemoteFault."""
    word, semicolon, tail = text.partition(";")
    word = word.strip().lower()
    if not word:
        raise RemoteFault("Subscription-State cannot be read")
    found = parameters(semicolon + tail)
    return SubscriptionState(
        Substate(word) if word in list(Substate) else Substate.PENDING,
        (found.get("reason") or "").lower(),
        whole_number(found.get("expires") or "", LONGEST),
        whole_number(found.get("retry-after") or "", LONGEST),
    )
