"""All that the room can say. Who drives it drains these and does them, in order.

A session is one connection of a desk; its number is given by the driver and never used twice.
"""

from dataclasses import dataclass

from ctibridge.delivery.close_code import CloseCode
from ctibridge.domain.desk_command import DeskCommand
from ctibridge.domain.private import Private


@dataclass(frozen=True, slots=True)
class Check:
    """Is this token good, and whose? Answered by `Desks.admit` or `Desks.refuse`."""

    session: int
    token: Private


@dataclass(frozen=True, slots=True)
class Greet:
    """`welcome` and what is replayed behind it: the first frames of a session, beside the limit of its backlog."""

    session: int
    frames: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """One JSON text frame. The same bytes go to every session of a desk."""

    session: int
    frame: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """A websocket ping: a dead peer is found out by nothing but something to send."""

    session: int


@dataclass(frozen=True, slots=True)
class Close:
    """The session is gone; what it still had to hear it hears after `resume`."""

    session: int
    code: CloseCode
    reason: str


@dataclass(frozen=True, slots=True)
class Command:
    """What a desk asks of the rest of the product."""

    command: DeskCommand


Output = Check | Greet | Send | Ping | Close | Command
