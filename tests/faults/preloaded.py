"""A library of ours in C that is loaded into a program of a test before all others, and hears from the test by a file
that both have mapped."""

import mmap
import subprocess
from pathlib import Path

from tests.peers.process import require_program


def compiled(source: Path, folder: Path) -> Path:
    """The library, in that folder, for LD_PRELOAD."""
    library = folder / f"{source.stem}.so"
    done = subprocess.run(
        [require_program("gcc"), "-shared", "-fPIC", "-O1", "-o", str(library), str(source)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return library


def mapped(file: Path, size: int) -> mmap.mmap:
    """A new one of that many bytes, all of them 0."""
    file.write_bytes(bytes(size))
    with file.open("r+b") as opened:
        return mmap.mmap(opened.fileno(), size)
