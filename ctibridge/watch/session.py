"""What a desk says, up to where it has heard, and when it comes back after its connection has ended.

Comes in: frames of the daemon, how a connection ended, chance. Goes out: what is to be sent, how long to wait, or that
it is over. The daemon is trusted to speak the stream, and nothing worse than a wait follows where it does not.
"""

import re
from dataclasses import dataclass

import msgspec

from ctibridge.domain.private import Private
from ctibridge.watch import heard
from ctibridge.watch.heard import Heard, Pong, Refused, Welcome
from ctibridge.watch.plain import plain

RESTART, TRY_LATER, TOO_SLOW = 1012, 1013, 4008
LONGEST_WAIT = 20.0
LONGEST_ADVICE = 300.0
_OVER = {
    4401: "the token is not valid, or not any more; make one with: ctibridge token issue --agent A",
    4403: "this token opens no desk: it is of another kind, or its agent is disabled or gone",
}
_WHY = {RESTART: "the service restarts", TRY_LATER: "the service is busy", TOO_SLOW: "this desk read too slowly"}
_ADVICE = re.compile(r"retry in ([0-9]{1,6}(?:\.[0-9]{1,3})?) s\b")
_SHORTEST_SHARE = 0.25

PING = b'{"type":"ping"}'


@dataclass(frozen=True, slots=True)
class Again:
    """Come back in so many seconds. why: a few words for a person."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Over:
    """Coming back would not help. why: one line for a person, with the mend."""

    why: str


class Session:
    """One desk over all its connections. token: never printed."""

    def __init__(self, token: Private) -> None:
        self._token = token
        self._epoch: str | None = None
        self._sequence = 0
        self._replayed_to = 0
        self._acknowledged = 0
        self._failures = 0
        self._was_live = False

    def auth(self) -> bytes:
        """The first frame of each connection."""
        frame: dict[str, object] = {"type": "auth", "token": self._token.value}
        if self._epoch is not None:
            frame["resume"] = {"epoch": self._epoch, "sequence": self._sequence}
        return msgspec.json.encode(frame)

    def hear(self, text: str | bytes) -> Heard | Welcome | Pong | Refused | None:
        """What came, where it says something new: an event that was heard before is nothing."""
        frame = heard.read(text)
        if isinstance(frame, Welcome):
            self._welcomed(frame)
        elif isinstance(frame, Heard):
            if frame.sequence <= self._sequence:
                return None
            self._sequence = frame.sequence
        return frame

    def ack(self) -> bytes | None:
        """To be sent once what came last has been shown; of a replay its end alone is acknowledged."""
        if self._sequence <= self._acknowledged or self._sequence < self._replayed_to:
            return None
        self._acknowledged = self._sequence
        return msgspec.json.encode({"type": "ack", "sequence": self._sequence})

    def closed(self, code: int, reason: str, chance: float) -> Again | Over:
        """The connection ended with this code (RFC 6455; 1006: without one). chance: 0 to 1."""
        if code in _OVER:
            return Over(_OVER[code])
        why = _WHY.get(code) or "the connection ended"
        advice = _ADVICE.search(reason)
        if advice is not None:
            self._failures += 1
            return Again(min(max(float(advice[1]), _SHORTEST_SHARE), LONGEST_ADVICE), why)
        return self._later(why, chance)

    def refused(self, why: str, chance: float, *, final: bool = False) -> Again | Over:
        """No connection came about. final: it is this address that is wrong, so a first try needs no second."""
        why = plain(why)
        return Over(why) if final and not self._was_live else self._later(why, chance)

    def _welcomed(self, welcome: Welcome) -> None:
        self._failures = 0
        self._was_live = True
        self._replayed_to = welcome.sequence
        if not welcome.resumed:
            # Another epoch, or too much was missed: what it holds counts, as it is.
            self._epoch = welcome.epoch
            self._sequence = self._acknowledged = welcome.sequence

    def _later(self, why: str, chance: float) -> Again:
        """Twice as long each time, and anywhere within it: a floor full of desks does not come back in one instant."""
        longest = min(LONGEST_WAIT, 2.0 ** min(self._failures, 10))
        self._failures += 1
        return Again((_SHORTEST_SHARE + (1 - _SHORTEST_SHARE) * chance) * longest, why)
