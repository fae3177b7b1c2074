"""Waiting for what several sources may bring: each tells that there is news, who waits looks whether it is his."""

import asyncio
from collections.abc import Callable


class News:
    """For one who waits."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self, _: object = None) -> None:
        self._event.set()

    async def until(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Whether it held within that time."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._event.clear()
                    await self._event.wait()
        except TimeoutError:
            return holds()
        return True
