"""Who subscribes to a line's dialogs, and all that its subscription says."""

from dataclasses import dataclass, field

from ctibridge.sip.dialog_info import DialogInfo
from ctibridge.sip.digest import Credentials
from ctibridge.sip.message import Request


@dataclass(frozen=True, slots=True)
class Subscriber:
    """aor: `sip:6001@pbx`, whose dialogs we want; watcher: URI of who asks, the line itself or an observer account;
    contact: our first URI, to which the NOTIFYs come; expires: seconds."""

    line: str
    aor: str
    watcher: str
    contact: str = field(repr=False)
    credentials: Credentials
    expires: int


@dataclass(frozen=True, slots=True)
class Send:
    """A request whose Via the transaction layer puts on top. It may have a Route, and another target than the AOR."""

    request: Request


@dataclass(frozen=True, slots=True)
class Due:
    """It is time to ask (again): `start` when there is room for one more request."""


@dataclass(frozen=True, slots=True)
class Active:
    """The line's dialogs are told to us for `seconds`, unless we ask again before."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Pending:
    """The PBX has the subscription and tells nothing yet: somebody has to allow it (RFC 6665 4.1.3)."""


@dataclass(frozen=True, slots=True)
class Document:
    """anew: the first of a new subscription, whose versions begin where they like."""

    info: DialogInfo
    anew: bool


@dataclass(frozen=True, slots=True)
class Failed:
    """This try failed; the next comes by itself. An earlier subscription may still hold (see Lapsed). refused: it is
    this line, or who asks, that the PBX does not want; password: because of the password, as far as we can tell."""

    why: str
    refused: bool = False
    password: bool = False


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The line's dialogs are no longer told to us."""


@dataclass(frozen=True, slots=True)
class Left:
    """Un-subscribed, as far as the PBX told."""


Say = Send | Due | Active | Pending | Document | Failed | Lapsed | Left
