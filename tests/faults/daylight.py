"""A calendar clock that jumps, for one process and its children, from outside: `daylight.c`, preloaded.

CLOCK_MONOTONIC stays the true one, as it does when somebody sets a machine's clock.
"""

import struct
from pathlib import Path
from typing import Self

from tests.faults.preloaded import compiled, mapped

SOURCE = Path(__file__).with_name("daylight.c")
DAY = 86_400
_SIZE = 8


class Daylight:
    """One for each daemon: start it with `environment`."""

    def __init__(self, folder: Path) -> None:
        self._library = compiled(SOURCE, folder)
        self._order = folder / "daylight.order"
        self._mapped = mapped(self._order, _SIZE)

    @classmethod
    def set(cls, folder: Path, ahead: int) -> Self:
        """One that is so many seconds ahead from the start."""
        daylight = cls(folder)
        daylight.jump(ahead)
        return daylight

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "DAYLIGHT": str(self._order)}

    def jump(self, ahead: int) -> None:
        """From now on the clock is so many seconds ahead of the true one."""
        struct.pack_into("=q", self._mapped, 0, ahead)
