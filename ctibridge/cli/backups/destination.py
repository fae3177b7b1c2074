"""Where a backup comes to stand: written without a name, or beside it, and there under its name when it is whole."""

import errno
import os
import secrets
from pathlib import Path
from typing import IO

from ctibridge.cli.problem import Problem

_OWNER_ONLY = 0o600
_NO_NAMELESS = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)
"""What open(2) says of O_TMPFILE where the file system or the kernel has none (NFS, CIFS)."""


class Destination:
    """`file` is written, then `publish`; `discard` otherwise. With the rights of whoever made it: a folder may be
    root's alone."""

    def __init__(self, path: Path, *, replaces: bool) -> None:
        """replaces: what stands there may go. Raises Problem, OSError."""
        self.path = path
        self._replaces = replaces
        self._beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise Problem(f"{path} is no file that a backup may replace; name another one", code=2)
        if path.exists() and not replaces:
            raise Problem(f"{path} is there already; name another file, or replace it: --force", code=2)
        try:
            self._named, descriptor = _open(self._beside)
        except OSError as error:
            raise Problem(f"{path}: {error.strerror}; name a file in a folder that you may write", code=2) from None
        self.file: IO[bytes] = os.fdopen(descriptor, "r+b")

    def publish(self) -> None:
        """Durable and whole, or not there. Raises Problem, OSError."""
        self.file.flush()
        os.fsync(self.file.fileno())
        if not self._named:
            _name(self.file.fileno(), self._beside)
            self._named = True
        if self._replaces:
            self._beside.replace(self.path)
        else:
            self._take_name()
        self._named = False
        _sync(self.path.parent)
        self.file.close()

    def discard(self) -> None:
        """Nothing of it stays."""
        self.file.close()
        if self._named:
            self._beside.unlink(missing_ok=True)

    def _take_name(self) -> None:
        """Of two that began together, the second must not take the place of the first."""
        try:
            os.link(self._beside, self.path)
        except FileExistsError:
            raise Problem(f"{self.path} was made meanwhile; name another file") from None
        self._beside.unlink()


def _open(path: Path) -> tuple[bool, int]:
    """Has it got a name, and its descriptor. What is killed leaves nothing of a file without one. Raises OSError."""
    flags = os.O_RDWR | os.O_CLOEXEC
    try:
        return False, os.open(path.parent, flags | os.O_TMPFILE, _OWNER_ONLY)
    except OSError as error:
        if error.errno not in _NO_NAMELESS:
            raise
    return True, os.open(path, flags | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)


def _name(descriptor: int, path: Path) -> None:
    """open(2), O_TMPFILE. Raises OSError."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # Given a folder, Python calls linkat(2), which follows the link; link(2) does not.
        os.link(f"/proc/self/fd/{descriptor}", path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
