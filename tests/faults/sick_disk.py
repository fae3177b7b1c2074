"""A disk that fails when a test says so, for a real daemon, from outside: `sick_disk.c`, preloaded.

What is counted and what fails is exact: the same write of the same file each time, whatever the machine is doing. A
small file system that is really full would fail at whatever comes when it is full.
"""

import errno
import struct
from pathlib import Path

from tests.faults.preloaded import compiled, mapped

SOURCE = Path(__file__).with_name("sick_disk.c")
FULL, BROKEN, READ_ONLY = errno.ENOSPC, errno.EIO, errno.EROFS
_FIRST, _LAST, _SEEN, _FAILED, _ROOM, _ERROR, _PART, _SPARE = 0, 8, 16, 24, 32, 40, 48, 88
_SIZE = 128
_LONGEST = 40
_FOR_EVER = (1 << 64) - 1


class SickDisk:
    """One for each daemon: start it with `environment`. Healthy until `fail`."""

    def __init__(self, folder: Path) -> None:
        self._library = compiled(SOURCE, folder)
        self._order = folder / "sick_disk.order"
        self._mapped = mapped(self._order, _SIZE)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "SICK_DISK": str(self._order)}

    @property
    def seen(self) -> int:
        """Writes since the last `fail`."""
        return self._get(_SEEN)

    @property
    def failed(self) -> int:
        return self._get(_FAILED)

    def fail(
        self,
        error: int,
        part: str = "/state/",
        first: int = 1,
        many: int | None = None,
        spare: tuple[str, int] = ("", 0),
    ) -> None:
        """From the `first` write from now on to a file with `part` in its path; `many` of them, None: until `heal`.
        spare: part of a file's path, whose removal makes room for so many writes."""
        self.heal()
        for at, value in ((_SEEN, 0), (_FAILED, 0), (_ERROR, error), (_ROOM, spare[1])):
            self._set(at, value)
        for at, text in ((_PART, part), (_SPARE, spare[0])):
            self._mapped[at : at + _LONGEST] = text.encode().ljust(_LONGEST, b"\0")
        self._set(_LAST, _FOR_EVER if many is None else first + many - 1)
        self._set(_FIRST, first)

    def heal(self) -> None:
        self._set(_FIRST, 0)

    def _get(self, at: int) -> int:
        value: int = struct.unpack_from("=Q", self._mapped, at)[0]
        return value

    def _set(self, at: int, value: int) -> None:
        struct.pack_into("=Q", self._mapped, at, value)
