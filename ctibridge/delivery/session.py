"""One connection of a desk, from its first message to its end.

Comes in: what the client sent, the verdict on its token, the clock (monotonic seconds). Goes out: outputs, and those
frames that only the desk can answer. Nothing of the client is trusted before the verdict.
"""

from enum import Enum, auto

from ctibridge.delivery import decode, encode_control, frames
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.outputs import Check, Close, Output, Ping, Send
from ctibridge.delivery.wire_control import ErrorCode
from ctibridge.domain.private import Private

AUTH_WITHIN = 5.0
VERDICT_WITHIN = 10.0
PING_EVERY = 20.0
PING_PHASES = 1000
SILENCE = 60.0
WRONG_FRAMES = 3
BACK_FROM = 10
BACK_OVER = 20


def back_in(number: int) -> int:
    """Seconds after which this connection may try again: not all of them at the same time."""
    return BACK_FROM + number % BACK_OVER


def first_ping(number: int) -> float:
    """Seconds until this connection is pinged first: ten thousand that came in one moment are not pinged in one."""
    return PING_EVERY * (number % PING_PHASES + 1) / PING_PHASES


class State(Enum):
    SILENT = auto()  # has to send `auth`
    CHECKED = auto()  # the token is being looked up
    LIVE = auto()
    GONE = auto()


class Session:
    """number: the driver's name for the connection. agent, token: whose it is, once it is live; lasts: for how many
    seconds from then on, None for ever. relayed: its screen is at another node."""

    def __init__(self, number: int, clock: float, outputs: list[Output], *, relayed: bool = False) -> None:
        self.number = number
        self.relayed = relayed
        self.state = State.SILENT
        self.resume: frames.Resume | None = None
        self.agent = ""
        self.token = ""
        self.lasts: int | None = None
        self.can_ring = False
        self.noted: float | None = None  # the agenda's: the deadline it has noted
        self._outputs = outputs
        self._wrong = 0
        self._heard = clock
        self._expires: float | None = None
        self._wake = clock + AUTH_WITHIN

    @property
    def deadline(self) -> float | None:
        """When `tick` wants to be called."""
        if self.state is State.GONE:
            return None
        return self._wake if self._expires is None else min(self._wake, self._expires)

    def receive(self, raw: str | bytes, clock: float) -> frames.DeskFrame | None:
        """Returns what the desk has to answer; everything else is answered here."""
        self._heard = clock
        if self.state is State.SILENT:
            self._first(decode.client_frame(raw), clock)
        elif self.state is State.LIVE:
            return self._next(decode.client_frame(raw))
        return None

    def heard(self, clock: float) -> None:
        """A pong came."""
        self._heard = clock

    def admit(self, agent: str, token: str, expires: float | None, clock: float) -> None:
        """The token is good. expires: when it no longer is."""
        self.state = State.LIVE
        self.agent, self.token, self._expires = agent, token, expires
        self.lasts = None if expires is None else int(expires - clock)
        self._wake = clock + first_ping(self.number)

    def close(self, code: CloseCode, reason: str) -> None:
        if self.state is not State.GONE:
            self.state = State.GONE
            self._outputs.append(Close(self.number, code, reason))

    def wrong(self, code: ErrorCode, message: str) -> None:
        """An `error` for the first two, the end for the third."""
        self._wrong += 1
        if self._wrong >= WRONG_FRAMES:
            self.close(CloseCode.BAD_MESSAGE, "too many wrong frames")
        else:
            self._outputs.append(Send(self.number, encode_control.error(code, message)))

    def tick(self, clock: float) -> None:
        if self.state is State.SILENT:
            self.close(CloseCode.NO_AUTH, f"no auth within {AUTH_WITHIN:.0f} s")
        elif self.state is State.CHECKED:
            self.close(CloseCode.TRY_LATER, f"the token could not be looked up; retry in {back_in(self.number)} s")
        elif self._expires is not None and clock >= self._expires:
            self.close(CloseCode.TOKEN_REFUSED, "the token has expired")
        elif clock >= self._heard + SILENCE:
            self.close(CloseCode.TOO_SLOW, f"nothing heard for {SILENCE:.0f} s")
        else:
            self._wake = min(clock + PING_EVERY, self._heard + SILENCE)
            self._outputs.append(Ping(self.number))

    def _first(self, frame: frames.ClientFrame | decode.Wrong | decode.NoObject, clock: float) -> None:
        if not isinstance(frame, frames.Auth):
            self.close(CloseCode.BAD_MESSAGE, "the first message is auth")
            return
        self.state = State.CHECKED
        self.resume, self.can_ring = frame.resume, frame.rings
        self._wake = clock + VERDICT_WITHIN
        self._outputs.append(Check(self.number, Private(frame.token)))

    def _next(self, frame: frames.ClientFrame | decode.Wrong | decode.NoObject) -> frames.DeskFrame | None:
        match frame:
            case decode.NoObject():
                self.close(CloseCode.BAD_MESSAGE, "not a JSON object")
            case decode.Wrong(message):
                self.wrong("bad_message", message)
            case frames.Auth():
                self.wrong("bad_message", "this connection is already signed in")
            case _:
                return frame
        return None
