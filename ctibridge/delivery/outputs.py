"""All that the room can say. Who drives it drains these and does them, in order.

A session is one connection of a desk; its number is given by the driver and never used twice.
"""

from collections.abc import Container
from dataclasses import dataclass

from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.kept import KeptCall, KeptEvent, Outbox, Sight
from ctibridge.domain.desk_command import DeskCommand
from ctibridge.domain.private import Private


@dataclass(frozen=True, slots=True)
class Check:
    """Is this token good, and whose? Answered by `Desks.admit` or `Desks.refuse`."""

    session: int
    token: Private


@dataclass(frozen=True, slots=True)
class CatchUp:
    """This session is signed in and hears what happens from `until` on; what it missed is read, answered by
    `Desks.greet`. after: it has all up to there; None: it starts from the snapshot, which is `calls` as they were at
    `until`. epoch: of both."""

    session: int
    agent: str
    epoch: str
    after: int | None
    until: int
    calls: tuple[KeptCall, ...]


@dataclass(frozen=True, slots=True)
class KeepEvent:
    """Comes before the event is sent to anybody."""

    event: KeptEvent


@dataclass(frozen=True, slots=True)
class KeepCall:
    call: KeptCall


@dataclass(frozen=True, slots=True)
class KeepAck:
    """The desk has all events up to this one."""

    agent: str
    sequence: int


@dataclass(frozen=True, slots=True)
class KeepHeard:
    """Somebody is about to be told all up to this event. Comes before the `CatchUp`."""

    agent: str
    epoch: str
    sequence: int


@dataclass(frozen=True, slots=True)
class KeepSights:
    """Somebody was told of these people."""

    sights: tuple[Sight, ...]


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


Keep = KeepEvent | KeepCall | KeepAck | KeepHeard | KeepSights
ForSession = Check | CatchUp | Greet | Send | Ping | Close
Output = ForSession | Keep | Command


def far_first(outputs: list[Output], far: Container[int]) -> tuple[list[Output], list[Output]]:
    """What goes out before the rest: all up to the first row of frames that screens elsewhere hear, too, and theirs of
    that row, as their way is longer. far: their sessions. Each session hears all in its order, and nothing is sent
    before it is kept."""
    first = next((at for at, one in enumerate(outputs) if _is_sent(one, far)), None)
    if first is None:
        return outputs, []
    begin = end = first
    while begin and isinstance(outputs[begin - 1], Send):
        begin -= 1
    while end < len(outputs) and isinstance(outputs[end], Send):
        end += 1
    row = outputs[begin:end]
    theirs = [one for one in row if _is_sent(one, far)]
    ours = [one for one in row if not _is_sent(one, far)]
    return [*outputs[:begin], *theirs], [*ours, *outputs[end:]]


def _is_sent(output: Output, sessions: Container[int]) -> bool:
    return isinstance(output, Send) and output.session in sessions


def keep(outbox: Outbox, output: Keep) -> None:
    """What all who drive the room do with these."""
    match output:
        case KeepEvent(event):
            outbox.keep_event(event)
        case KeepCall(call):
            outbox.keep_call(call)
        case KeepAck(agent, sequence):
            outbox.keep_ack(agent, sequence)
        case KeepHeard(agent, epoch, sequence):
            outbox.keep_heard(agent, epoch, sequence)
        case KeepSights(sights):
            outbox.keep_sights(sights)
