"""The file that keeps the last test calls: written whole, in place of the last one, beside other test calls."""

import fcntl
import os
from pathlib import Path

from ctibridge.domain import last_call
from ctibridge.domain.last_call import LastCall


def load(state_dir: Path) -> tuple[LastCall, ...]:
    """Nothing where there was no test call yet; what cannot be read says as little."""
    try:
        with (state_dir / last_call.FILE).open("rb") as file:
            return last_call.read(file.read(last_call.LONGEST))
    except OSError:
        return ()


def keep(state_dir: Path, newest: LastCall) -> None:
    """Raises OSError."""
    folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # the timer's call may end in the same moment as one by hand
        made = state_dir / f"{last_call.FILE}.new"
        made.unlink(missing_ok=True)
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(last_call.write(last_call.kept(load(state_dir), newest)))
        made.replace(state_dir / last_call.FILE)
    finally:
        os.close(folder)
