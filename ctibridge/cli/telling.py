"""Progress of what copies much: a line on a terminal, nothing where nobody looks on."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ctibridge.cli.progress_bar import ProgressBar
from ctibridge.lookup.progress import Progress

_MIB = 1 << 20


@contextmanager
def telling() -> Iterator[Callable[[str, int, int], None]]:
    """What is told there, step, bytes done and bytes in all, is shown until the end of it."""
    if not sys.stderr.isatty():
        yield _nobody
        return
    bar = ProgressBar()
    try:
        yield lambda step, done, total: _say(bar.show(Progress(step, done // _MIB, total // _MIB, 0), time.monotonic()))
    finally:
        _say(bar.clear())


def _say(text: str) -> None:
    if text:
        print(text, end="", file=sys.stderr, flush=True)


def _nobody(_step: str, _done: int, _total: int) -> None: ...
