"""One shell for one page, in which its commands run one after the other as they are typed: folder, variables stay."""

import asyncio
import contextlib
import os
import shlex
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.process import POLL

PATIENCE = 30.0
"""Seconds for a command that ends by itself."""
ENOUGH, STEADY = 3.0, 0.5
"""Seconds after which one that goes on is believed: where it says nothing, and after its first word."""


class Session:
    """Use as an async context manager. pasted: what lies on the standard input of each command."""

    def __init__(self, folder: Path, kept: Path, pasted: Path) -> None:
        self._folder, self._kept, self._pasted = folder, kept, pasted
        self._number = 0

    async def __aenter__(self) -> Self:
        self._shell = await asyncio.create_subprocess_exec(
            "bash", "--norc",
            cwd=self._folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # where bash would tell of the jobs that were ended
        )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._shell.kill()
        await self._shell.communicate()

    async def run(self, command: str) -> tuple[int, str]:
        """Exit code, and what it said on both outputs. Raises TimeoutError for one that does not end."""
        script, said = self._script(command)
        code = int(await asyncio.wait_for(self._told(f"{script} > {said} 2>&1; printf '%d\\n' $?"), PATIENCE))
        return code, said.read_text(encoding="utf-8", errors="replace")

    async def begin(self, command: str) -> tuple[int | None, str]:
        """The same of one that goes on: it is ended once it has said something. None: it went on until then."""
        script, said = self._script(command)
        # A session of its own: it is ended with all that it started.
        process = int(await self._told(f"setsid bash -c {shlex.quote(script)} > {said} 2>&1 & echo $!"))
        went_on = await _goes_on(process, said)
        if went_on:
            os.killpg(process, signal.SIGTERM)
        code = int(await asyncio.wait_for(self._told(f"wait {process}; echo $?"), PATIENCE))
        return None if went_on else code, said.read_text(encoding="utf-8", errors="replace")

    def _script(self, command: str) -> tuple[str, Path]:
        self._number += 1
        script = self._kept / f"{self._number}.sh"
        script.write_text(command + "\n", encoding="utf-8")
        said = script.with_suffix(".said")
        said.touch()
        return f"source {shlex.quote(str(script))} < {self._pasted}", said

    async def _told(self, line: str) -> bytes:
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(line.encode() + b"\n")
        await self._shell.stdin.drain()
        return await self._shell.stdout.readline()


async def _goes_on(process: int, said: Path) -> bool:
    """Whether it still lives when that time is over."""
    until = time.monotonic() + ENOUGH
    spoke = False
    while time.monotonic() < until:
        if not lives(process):
            return False
        if not spoke and said.stat().st_size:
            spoke, until = True, time.monotonic() + STEADY
        await asyncio.sleep(POLL)
    return True


def lives(process: int) -> bool:
    """A shell's child that has ended stays a zombie until the shell waits for it."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
