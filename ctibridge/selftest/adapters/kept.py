"""The file that keeps the last test calls: written whole, in place of the last one, beside other test calls."""

import fcntl
import os
from pathlib import Path

from ctibridge.domain import trial
from ctibridge.domain.trial import Trial


def load(state_dir: Path) -> tuple[Trial, ...]:
    """Nothing where there was no test call yet; what cannot be read says as little."""
    try:
        with (state_dir / trial.FILE).open("rb") as file:
            return trial.read(file.read(trial.LONGEST))
    except OSError:
        return ()


def keep(state_dir: Path, newest: Trial) -> None:
    """Raises OSError."""
    folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # the timer's call may end in the same moment as one by hand
        made = state_dir / f"{trial.FILE}.new"
        made.unlink(missing_ok=True)
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(trial.write(trial.kept(load(state_dir), newest)))
        made.replace(state_dir / trial.FILE)
    finally:
        os.close(folder)
