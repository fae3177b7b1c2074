"""A calendar clock that jumps, for one process and its children: libfaketime, told by a file what to add.

CLOCK_MONOTONIC stays the true one, as it does when somebody sets a machine's clock.
"""

from pathlib import Path

from tests.peers.process import require_program

LIBRARY = "libfaketime.so.1"
DAY = 86_400.0


class Daylight:
    """file: where the offset stands."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    @property
    def environment(self) -> dict[str, str]:
        """What the process is given."""
        return {
            "LD_PRELOAD": require_program(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def jump(self, ahead: float) -> None:
        """The clock is so many seconds ahead of the true one; a process notices within a second."""
        made = self._file.with_suffix(".new")
        made.write_text(f"{ahead:+.0f}\n", encoding="ascii")
        made.replace(self._file)  # never half a file
