"""The connection to the hop in use: since when it stands, and how soon one that broke is opened again."""

RECONNECT = 0.5
"""Seconds until a connection that broke is opened again; doubles for one that does not last, up to LONGEST_PAUSE."""
LONGEST_PAUSE = 60.0
STEADY = 60.0
"""Seconds after which a connection counts as one that lasted."""


class Standing:
    """Times are monotonic seconds."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._pause = RECONNECT

    @property
    def is_so(self) -> bool:
        """A connection stands."""
        return self._since is not None

    def begin(self, now: float) -> None:
        self._since = now

    def elsewhere(self) -> None:
        """Another hop is used from now on, and no connection stands there yet."""
        self._since = None

    def broken(self, now: float) -> float | None:
        """Seconds until it is opened again; None where it never stood."""
        since, self._since = self._since, None
        if since is None:
            return None
        self._pause = RECONNECT if now - since > STEADY else min(2 * self._pause, LONGEST_PAUSE)
        return self._pause
