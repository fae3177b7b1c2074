"""Something that may happen once in so many seconds."""


class Seldom:
    """pause: seconds. Times are monotonic."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._last = float("-inf")

    def may(self, now: float) -> bool:
        """Then it happens, and not again before the pause is over."""
        if now - self._last < self._pause:
            return False
        self._last = now
        return True

    def forget(self) -> None:
        """As if it had never happened."""
        self._last = float("-inf")
