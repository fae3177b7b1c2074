"""All that this room says to others. Values are frozen; what is personal stays out of their `repr`."""

from dataclasses import dataclass, field
from enum import StrEnum

from ctibridge.sip.hop import Hop


class Withheld(StrEnum):
    """Why the signalling gives no number that may be shown."""

    NO = "no"
    RESTRICTED = "restricted"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who calls, as the INVITE says it. user: the user part, unescaped once. display_name: to be shown, of the header
    that was read, else of From. Both are None when withheld.

    source: the header that was read. diverted_by: user part of the topmost Diversion, else of who forwarded last by
    History-Info; None when withheld or absent. attestation: `A`, `B`, `C`, `passed`, `failed`, `none`, `not-checked`.
    marked: the name in From, also of a withheld caller and where another header named him: a PBX writes the customer
    before it (`ACME: Anonymous`), for which alone it may be read.
    """

    user: str | None = field(repr=False)
    display_name: str | None = field(repr=False)
    withheld: Withheld
    source: str
    diverted_by: str | None = field(default=None, repr=False)
    attestation: str = "not-checked"
    marked: str | None = field(default=None, repr=False)


class View(StrEnum):
    """How we came to see it: a contact was forked to, or the line's dialog state was subscribed to (RFC 4235)."""

    CONTACT = "contact"
    DIALOG_INFO = "dialog-info"


@dataclass(frozen=True, slots=True)
class HandOver:
    """What the signalling says of the call that this one continues. referred_by: user part of Referred-By (RFC 3892).
    replaces: Call-ID, to-tag and from-tag of the dialog that this one replaces (RFC 3891)."""

    referred_by: str | None = field(default=None, repr=False)
    replaces: tuple[str, str, str] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Remark:
    """What the PBX knows besides, from a header that the trunk's configuration names. means: the configured word."""

    means: str
    value: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class RingStarted:
    """The line rings. leg: our name for this branch, unique over both views; dialog: Call-ID and From-tag, equal on the
    forks of one call, an empty From-tag where only the Call-ID is known, both empty where neither is; key: the value of
    a header named in `call_key_from`; called: user parts in the configured order, best first. at: when the INVITE was
    read from its socket (monotonic seconds), None where no INVITE told it."""

    trunk: str
    line: str
    leg: str
    dialog: tuple[str, str] = field(repr=False)
    key: str | None = field(repr=False)
    identity: Identity
    called: tuple[str, ...] = field(repr=False)
    view: View = View.CONTACT
    hand_over: HandOver = HandOver()
    remarks: tuple[Remark, ...] = ()
    at: float | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """The line's own phone took it: dialog-info says `confirmed`. leg: of that view."""

    leg: str


@dataclass(frozen=True, slots=True)
class PickedUp:
    """The line has a call that did not ring there: it took another line's ringing (dialog-info: a confirmed dialog that
    replaces another, or that the line itself began). leg: of that view; `RingEnded` follows when it is over."""

    trunk: str
    line: str
    leg: str
    dialog: tuple[str, str] = field(repr=False)
    identity: Identity
    hand_over: HandOver


class RingEnd(StrEnum):
    """How a ringing ended, as far as this leg can know."""

    COMPLETED_ELSEWHERE = "completed_elsewhere"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNSEEN = "unseen"
    """We answered 480 at once (`ring = "decline"`), or lost sight of it, and cannot know how it went on."""
    DECLINED = "declined"
    """The line's phone refused (dialog-info: event `rejected`)."""
    FAILED = "failed"
    """The call broke (dialog-info: event `error`)."""
    HUNG_UP = "hung_up"
    """It was answered at this line, and is over."""


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
    """why: one line for the administrator, without anything personal. others: contacts of the line that are not ours,
    as the registrar has just listed them; None: it has not."""

    trunk: str
    line: str
    hearing: Hearing
    why: str
    others: int | None = None


@dataclass(frozen=True, slots=True)
class LineGone:
    """It is no longer a line of this trunk. What rings there goes on and ends by itself."""

    trunk: str
    line: str


Event = RingStarted | Answered | PickedUp | RingEnded | LineChanged | LineGone


@dataclass(frozen=True, slots=True)
class Datagram:
    """Bytes that the driver sends: one message, over whatever transport the hop names."""

    data: bytes = field(repr=False)
    to: Hop


Output = Event | Datagram
