"""The file of `--output`, which has names and times of people in it."""

import os
from pathlib import Path
from typing import TextIO

from ctibridge.cli.problem import Problem


def new_file(path: Path) -> TextIO:
    """For its owner alone. Never one that is there: what it holds would be lost, and a link would lead elsewhere.
    Raises Problem (2 where it is there)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Problem(f"--output {path} is there already; name a new file", code=2) from None
    except OSError as error:
        raise Problem(f"--output {path}: {error.strerror}; name a file in a folder that you may write to") from None
    return os.fdopen(descriptor, "w", encoding="utf-8", newline="")
