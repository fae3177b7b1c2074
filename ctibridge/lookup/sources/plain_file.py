"""A file on disk, read in blocks, and the same from the first to the last one.

It may be read several times (what is its encoding? then: what is in it?), through one descriptor: who opened it may
lose the right to open it again. Pipes and devices are refused, as they block and can be read once only.
"""

import os
import stat
from collections.abc import Generator
from pathlib import Path

BLOCK = 1 << 18
"""Bytes read at once: rows made of more leave the processor's caches before they are used."""


class Unreadable(Exception):
    """The file cannot be read to its end; nothing of it is used. One line that names file, line and mend."""


class PlainFile:
    """Opened at once; closed by `close`, at the latest when nobody has it any more."""

    def __init__(self, path: Path) -> None:
        """Raises Unreadable for what is missing, closed to us, or no file."""
        self.path = path
        self._descriptor = -1
        try:
            # Some devices act when they are opened; a pipe without writer would wait, so O_NONBLOCK if it came to be.
            _check_kind(path, path.stat())
            self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            status = os.fstat(self._descriptor)
            _check_kind(path, status)
        except PermissionError as error:
            raise Unreadable(f"{path}: {error.strerror}; let the user who imports read it") from None
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}") from None
        self._status = _identity(status)
        self.size = status.st_size

    def blocks(self) -> Generator[bytes, None, None]:
        """From the beginning. Raises Unreadable, also where the file is no longer what it was when it was opened."""
        at = 0
        self._check()
        while block := self._read(at):
            yield block
            at += len(block)
        self._check()

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()

    def _read(self, at: int) -> bytes:
        try:
            return os.pread(self._descriptor, BLOCK, at)
        except OSError as error:
            raise Unreadable(f"{self.path}: {error.strerror}") from None

    def _check(self) -> None:
        """Another size or time: somebody wrote into it. Another file under its name: somebody replaced it."""
        now = [_identity(os.fstat(self._descriptor))]
        try:
            now.append(_identity(self.path.stat()))
        except PermissionError:
            pass  # root may have opened it, and is root no more
        except OSError:
            now.append(())
        if any(status != self._status for status in now):
            raise Unreadable(f"{self.path}: changed while it was read; import it again")


def _check_kind(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise Unreadable(f"{path}: a folder, no file; name the files, or the folder that holds them")
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"{path}: a pipe or device, no file; write what it holds to a file first")


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns
