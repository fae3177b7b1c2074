"""All that this room says to others. Values are frozen; what is personal stays out of their `repr`."""

from dataclasses import dataclass, field
from enum import StrEnum


class Withheld(StrEnum):
    """Why the signalling gives no number that may be shown."""

    NO = "no"
    RESTRICTED = "restricted"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls, as the INVITE says it. user: the user part, unescaped once; both texts are None when withheld.

    source: the header that was read. diverted_by: user part of the topmost Diversion, None when withheld or absent.
    """

    user: str | None = field(repr=False)
    display_name: str | None = field(repr=False)
    withheld: Withheld
    source: str
    diverted_by: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RingStarted:
    """An INVITE reached the line. leg: our name for this branch; dialog: Call-ID and From-tag, equal on the forks of
    one call; key: the value of a header named in `call_key_from`; called: user parts in the configured order, best
    first."""

    trunk: str
    line: str
    leg: str
    dialog: tuple[str, str] = field(repr=False)
    key: str | None = field(repr=False)
    identity: Identity
    called: tuple[str, ...] = field(repr=False)


class RingEnd(StrEnum):
    """How a ringing ended, as far as this leg can know."""

    COMPLETED_ELSEWHERE = "completed_elsewhere"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNSEEN = "unseen"
    """We answered 480 at once (`ring = "decline"`) and cannot know how it went on."""


@dataclass(frozen=True, slots=True)
class RingEnded:
    leg: str
    how: RingEnd


class Hearing(StrEnum):
    """Does the line's ringing reach us?"""

    REGISTERING = "registering"
    REGISTERED = "registered"
    ALONE = "alone"
    DEAF = "deaf"


@dataclass(frozen=True, slots=True)
class LineChanged:
    """why: one line for the administrator, without anything personal."""

    trunk: str
    line: str
    hearing: Hearing
    why: str


Event = RingStarted | RingEnded | LineChanged


@dataclass(frozen=True, slots=True)
class Datagram:
    """Bytes that the driver sends; the destination is an address and a port."""

    data: bytes = field(repr=False)
    to: tuple[str, int]


Output = Event | Datagram
