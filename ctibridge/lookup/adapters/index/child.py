"""The process that makes the number index: started, waited for, stopped. Everything here blocks but `stop`."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

_MODULE = "ctibridge.lookup.adapters.index.build"
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Made:
    """fault: why not, in words without names and numbers; None: it is made."""

    fault: str | None = None


class _Said(msgspec.Struct):
    fault: str | None = None


class IndexChild:
    """One process at a time."""

    def __init__(self, store: Path) -> None:
        self._command = [sys.executable, "-m", _MODULE, str(store)]
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> Made:
        """Blocks until the index is made, or until somebody stops it."""
        try:
            # Its standard error may show a traceback, and that a value.
            process = subprocess.Popen(  # noqa: S603 - our own module
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            return Made(f"it could not be started: {error.strerror}")
        with process:
            self._process = process
            if self._stopped:
                process.kill()
            assert process.stdout is not None
            said = process.stdout.read(_LONGEST)
            status = process.wait()
        self._process = None
        return Made() if status == 0 else Made(_fault(said, status))

    def stop(self) -> None:
        """For good. What it has begun is no index, and taken by the next."""
        self._stopped = True
        process = self._process
        if process is not None:
            process.kill()


def _fault(said: bytes, status: int) -> str:
    try:
        fault = msgspec.json.decode(said, type=_Said).fault
    except msgspec.MsgspecError:
        fault = None
    return fault or f"its process ended with {status}"
