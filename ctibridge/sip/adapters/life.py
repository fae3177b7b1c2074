"""How long a connection may live, and when it is pinged: time comes in, what is due comes out."""

from enum import Enum

HALF = 30.0
"""Seconds for one message from its first byte to its last, however its bytes drip."""
IDLE = 900.0
"""Seconds without a message or keep-alive on a connection that the peer opened; one that lives pings us far sooner."""
PONG = 10.0
"""Seconds for the answer to a ping (RFC 5626 4.4.1), from a peer that has answered one on this connection."""
LINGER = 5.0
"""Seconds in which a connection that we close takes what we still say."""


class Due(Enum):
    PING = "ping"
    HALF = "a message was begun and not ended"
    IDLE = "nothing came for 15 minutes"
    SILENT = "no answer to a keep-alive"
    LINGERED = "closed, but nobody read the rest"


class Life:
    """Of one connection. ping_every: seconds, None where the peer pings."""

    def __init__(self, now: float, ping_every: float | None) -> None:
        self._ping_every = ping_every
        self._ping_at = None if ping_every is None else now + ping_every
        self._pong_by: float | None = None
        self._ponged = False
        self._heard = now
        self._half_since: float | None = None
        self._closed: float | None = None

    def fed(self, now: float, *, whole: bool, half: bool) -> None:
        """Bytes came. whole: some message or keep-alive is complete by them; half: another has begun."""
        if whole:
            self._heard, self._half_since = now, None
        if half and self._half_since is None:
            self._half_since = now

    def ponged(self) -> None:
        self._ponged, self._pong_by = True, None

    def closing(self, now: float) -> None:
        """We have said that it ends."""
        self._closed = now

    def due(self, now: float) -> Due | None:
        """A ping counts as sent when it is due; all others end the connection."""
        if self._closed is not None:
            return Due.LINGERED if now >= self._closed + LINGER else None
        if self._half_since is not None and now >= self._half_since + HALF:
            return Due.HALF
        if self._ping_at is None or self._ping_every is None:
            return Due.IDLE if now >= self._heard + IDLE else None
        if self._pong_by is not None and now >= self._pong_by:
            return Due.SILENT
        if now < self._ping_at:
            return None
        self._ping_at = now + self._ping_every
        if self._ponged and self._pong_by is None:
            self._pong_by = now + PONG
        return Due.PING
