"""What a connection has still to hear, bounded: in order, nothing merged, nothing skipped.

Comes in: frames, an end, how much the transport still holds, the clock (monotonic seconds). Goes out: the next frame or
the end when the transport can take one; whether the connection has to be closed as too slow, or cut.

The limits are the contract's (*Slow*): 1,000 events that the transport has not taken, or nothing taken for 30 s, end
the connection with 4008, queued behind what the transport holds; a peer that has not come to it in 30 s is cut.
"""

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from ctibridge.delivery.close_code import CloseCode

LIMIT = 1000
STALLED = 30.0
LINGER = 30.0


@dataclass(frozen=True, slots=True)
class End:
    """How the websocket closes."""

    code: CloseCode
    reason: str


TOO_SLOW = End(CloseCode.TOO_SLOW, "too slow; resume")


class Look(Enum):
    """What `look` found."""

    FINE = auto()
    ENDED = auto()  # just now, as too slow: the session is over
    CUT = auto()


class Backlog:
    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._beside = 0  # how many of the waiting frames do not count: the greeting, which stands in front
        self._end: End | None = None
        self._end_taken = False
        self._since: float | None = None
        self._held = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def ended(self) -> bool:
        return self._end is not None

    def greet(self, frames: tuple[bytes, ...]) -> None:
        """In front of what waits. The greeting may be longer than the limit (1,000 events to replay) and is not held
        against the client."""
        if self._end is None:
            self._frames.extendleft(reversed(frames))
            self._beside += len(frames)

    def put(self, frame: bytes, clock: float) -> bool:
        """False: this one was too much, the connection ends as too slow and what waited is forgotten."""
        if self._end is not None:
            return True
        if len(self._frames) - self._beside >= LIMIT:
            self.end(TOO_SLOW, clock)
            return False
        self._frames.append(frame)
        return True

    def end(self, end: End, clock: float) -> None:
        """Close as soon as the transport can take it. What waits here is not sent: `resume` brings it."""
        if self._end is None:
            self._frames.clear()
            self._beside = 0
            self._end = end
            self._since = clock

    def take(self) -> bytes | End | None:
        """The next to write; call it only while the transport holds nothing back."""
        if self._frames:
            self._beside = max(0, self._beside - 1)
            return self._frames.popleft()
        if self._end is not None and not self._end_taken:
            self._end_taken = True
            return self._end
        return None

    def blocked(self, held: int, clock: float) -> None:
        """The transport holds back `held` bytes from now on."""
        if self._end is None:
            self._since, self._held = clock, held

    def freed(self) -> None:
        """The transport holds nothing back any more."""
        if self._end is None:
            self._since = None

    @property
    def deadline(self) -> float | None:
        """When `look` wants to be called."""
        if self._since is None:
            return None
        return self._since + (STALLED if self._end is None else LINGER)

    def look(self, held: int, clock: float) -> Look:
        """held: bytes that the transport still holds back. A peer that takes little is slow, not stalled."""
        deadline = self.deadline
        if deadline is None or clock < deadline:
            return Look.FINE
        if self._end is not None:
            return Look.CUT
        if held < self._held:
            self._since, self._held = clock, held
            return Look.FINE
        self.end(TOO_SLOW, clock)
        return Look.ENDED
