"""Is the store's file still the one that was opened, and did it not vanish between two runs?

A file that is removed or put in another's place is not missed by those who have it open: they go on reading what is
gone, while commands fill the new one.
"""

from pathlib import Path

from ctibridge.lookup.adapters.schema import StoreFault


class Presence:
    """path: a store that is there. Raises OSError where it is not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._inode = _inode(path)

    @property
    def why_not(self) -> str | None:
        """One line with the mend; None: all is well."""
        try:
            found = _inode(self.path)
        except FileNotFoundError:
            return f"{self.path} was removed; restore it from a backup and restart ctibridge"
        except OSError as error:
            return f"{self.path}: {error.strerror}; make it readable for the service's user"
        return None if found == self._inode else f"{self.path} was replaced; restart ctibridge"


def refuse_lost(path: Path, beside: Path) -> None:
    """beside: what is written once desks have had calls. Where it is there, the store was: an empty one in its place
    knows no token, and every desk would be told to throw its own away. Raises StoreFault."""
    if _is_empty(path) and not _is_empty(beside):
        raise StoreFault(
            f"{path}: it is gone or empty, and {beside.name} beside it is not; "
            f"restore it from a backup, or move {beside.name} away to begin with an empty directory"
        )


def _inode(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _is_empty(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True
