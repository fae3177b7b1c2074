"""A call that we make: what is dialled, and all that it can say. What is personal stays out of `repr`."""

from dataclasses import dataclass, field
from enum import StrEnum

from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Datagram
from ctibridge.sip.message import HeaderList

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
"""The Reason of a CANCEL for those whose colleague was faster (RFC 3326)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is dialled. caller and called: From and To without tags. contact: our URI. headers: more lines, perhaps a
    Route. Calls with equal call_id and from_tag are branches of one call."""

    uri: str = field(repr=False)
    caller: str = field(repr=False)
    called: str = field(repr=False)
    contact: str = field(repr=False)
    call_id: str = field(repr=False)
    from_tag: str
    headers: HeaderList = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """It rings (180), or something like it."""

    status: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody took it. body: the answer's session description."""

    body: bytes = field(repr=False)


class CallEnd(StrEnum):
    REFUSED = "refused"
    CANCELLED = "cancelled"
    SILENT = "silent"
    """Nobody answered the INVITE at all."""
    HUNG_UP_HERE = "hung_up_here"
    HUNG_UP_THERE = "hung_up_there"


@dataclass(frozen=True, slots=True)
class Ended:
    """Said once for each call. status: of the final response, where one ended it."""

    how: CallEnd
    status: int | None = None


Say = Datagram | Progress | Answered | Ended
