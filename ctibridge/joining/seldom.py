"""Something that is asked for again and again is done at once, and then once in a while: where each node answers each
gap of each other one, an overloaded stream would be filled by that alone."""

import asyncio
from collections.abc import Callable


class Seldom:
    """act: never fails. every: seconds between two times."""

    def __init__(self, act: Callable[[], None], every: float) -> None:
        self._act = act
        self._every = every
        self._timer: asyncio.TimerHandle | None = None
        self._again = False

    def __call__(self) -> None:
        """Now, or when the time since it was done last is over: once, however often it is asked for until then."""
        if self._timer is not None:
            self._again = True
            return
        self._timer = asyncio.get_running_loop().call_later(self._every, self._may_again)
        self._act()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _may_again(self) -> None:
        self._timer = None
        if self._again:
            self._again = False
            self()
