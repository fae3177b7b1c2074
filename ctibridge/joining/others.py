"""Have the other nodes said how things stand, since this process came? A desk that was at home here before is not told
what became of its calls before they have: else a call that rings on would end, and pop once more.

Comes in: which nodes live, who has said all. Goes out: a wait, once in a process and not for long.
"""

import asyncio
import contextlib
from collections.abc import Callable, Collection

from ctibridge.flow.legs import Who

PATIENCE = 1.0
"""Seconds: who lives answers in hundredths; who stands still must not keep anybody's desk."""


class Others:
    """live: the nodes that live besides this one, as far as it knows."""

    def __init__(self, live: Callable[[], Collection[Who]]) -> None:
        self._live = live
        self._said: set[Who] = set()
        self._news = asyncio.Event()
        self._is_over = False

    def said(self, who: Who) -> None:
        """This node has said all that we asked for."""
        if not self._is_over:
            self._said.add(who)
            self._news.set()

    async def stand(self) -> None:
        """Returns when all have, or the patience for it is over; at once ever after."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not self._is_over and not self._said.issuperset(self._live()):
                    self._news.clear()
                    await self._news.wait()
        self._is_over = True
        self._said.clear()
