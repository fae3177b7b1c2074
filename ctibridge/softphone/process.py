"""pyVoIP beside us, in a process of its own: it blocks, prints, does not end by itself, and is under GPLv3."""

import asyncio
import contextlib
import importlib.util
import sys
from typing import TypeVar

import msgspec

from ctibridge.softphone.orders import Order, PickedUp, Roster, SignedOn

Said = TypeVar("Said", SignedOn, PickedUp)
SIGN_OFF = 1.5


def is_here() -> bool:
    """Is the extra `softphone` installed?"""
    return importlib.util.find_spec("pyVoIP") is not None


class Softphone:
    """`start`, then `stop`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, roster: Roster) -> "Softphone":
        """The phones of the roster begin to sign on."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "ctibridge.softphone",  # -P: nothing out of the folder where it was typed
            stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for who started it, who says when the phones go
        )  # fmt: skip
        made = cls(process)
        made._write(msgspec.json.encode(roster))
        return made

    @property
    def ended(self) -> bool:
        return self.process.returncode is not None

    def expect(self, order: Order) -> None:
        """Tell this before the call rings."""
        self._write(msgspec.json.encode(order))

    async def signed_on(self) -> SignedOn | None:
        """The next phone that is; None: no more, the process has ended."""
        return await self._said(SignedOn)

    async def picked_up(self) -> PickedUp | None:
        """The next phone that has, once all have signed on, of orders that ask for it; None as above."""
        return await self._said(PickedUp)

    async def stop(self) -> None:
        """The end of its input ends it, signed off; one that hangs is killed."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), SIGN_OFF)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

    async def _said(self, what: type[Said]) -> Said | None:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        return msgspec.json.decode(line, type=what) if line.endswith(b"\n") else None

    def _write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
