"""`desks.sent`: for each desk, the newest event that may have been sent. It survives `kill -9`, not a reboot.

One number of 64 bits per desk in a mapped file: a mark is one store into the page cache, which the kernel keeps when
the process is killed. The blocks are taken from the disk beforehand, as a mapped page that finds no room is a SIGBUS. A
reboot may lose marks: who reads them asks which boot they are of. They are of one run, and each run begins a new file.
"""

import mmap
import os
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Self

FILE = "desks.sent"
SLOTS = 65_536
"""512 KiB of disk; of memory only what is used."""

_MAGIC = b"ctisent1"
_HEAD = 4096
_OVERFLOWED = 1  # the header's second word: some desk had no slot
_WORD_AT = 16
_LONGEST_WORD = 1024
_OWNER_ONLY = 0o600
_DOUBTED = 1 << 63


class SentMarks:
    def __init__(self, mapped: mmap.mmap) -> None:
        self._mapped = mapped
        # Aligned and of the machine's own size: one store, so that no kill leaves half of a number.
        self._words = memoryview(mapped).cast("Q")
        self._first = _HEAD // 8

    @classmethod
    def begin(cls, folder: Path, run: str, slots: int = SLOTS) -> Self:
        """A new file in place of that of the last run. run: names this one. Raises OSError."""
        path, made = folder / FILE, folder / f"{FILE}.new"
        made.unlink(missing_ok=True)
        size = _HEAD + 8 * slots
        descriptor = os.open(made, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
        try:
            os.posix_fallocate(descriptor, 0, size)
            os.pwrite(descriptor, _MAGIC, 0)
            os.pwrite(descriptor, run.encode()[:_LONGEST_WORD].ljust(_LONGEST_WORD, b"\0"), _WORD_AT)
            mapped = mmap.mmap(descriptor, size)
            made.rename(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise
        finally:
            os.close(descriptor)
        return cls(mapped)

    @staticmethod
    def read(folder: Path, run: str) -> Sequence[int] | None:
        """By slot, as that run left them; None where they cannot be read, are another run's, or not all were marked."""
        try:
            content = (folder / FILE).read_bytes()
        except OSError:
            return None
        word = content[_WORD_AT : _WORD_AT + _LONGEST_WORD].rstrip(b"\0")
        if not content.startswith(_MAGIC) or word != run.encode() or len(content) % 8 or len(content) < _HEAD:
            return None
        words = array("Q", content)
        return None if words[_OVERFLOWED] else words[_HEAD // 8 :]

    def set(self, slot: int, sequence: int) -> None:
        """Never lower than it was. More desks than slots: this run's marks are worth nothing from then on."""
        at = self._first + slot
        try:
            self._words[at] = max(self._words[at], sequence)
        except IndexError:
            self._words[_OVERFLOWED] = 1

    def doubt(self, slot: int) -> None:
        """Until `vouch` no start may go on with what stands in the file of this desk."""
        self.set(slot, _DOUBTED)

    def vouch(self, slot: int, sequence: int) -> None:
        """What stands in the file is this life of the desk, of which no more than that may have been sent."""
        if self._first + slot < len(self._words):
            self._words[self._first + slot] = sequence

    def close(self) -> None:
        self._words.release()
        self._mapped.close()
