"""A program of the agent's that writes down how it was started."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.peers import process

_END = "\x1e"


class Recorder:
    """A script of that name in `folder`. then: what the script does besides, in sh."""

    def __init__(self, folder: Path, name: str, then: str = "") -> None:
        self.program = folder / name
        self._said = folder / f"{name}.said"
        self._said.touch()
        self.program.write_text(
            f"#!/bin/sh\n{{ printf '%s\\0' \"$@\"; printf '{_END}\\0'; }} >> '{self._said}'\n{then}\n", encoding="utf-8"
        )
        self.program.chmod(0o755)

    @property
    def starts(self) -> list[list[str]]:
        """The words of each start, in order."""
        text = os.fsdecode(self._said.read_bytes())
        return [start.split("\0")[:-1] for start in text.split(f"{_END}\0")[:-1]]


def port_of(address: str) -> int:
    return urlsplit(address).port or 0


async def asked_for(address: str, host: str = "127.0.0.1") -> bytes:
    """What a browser would be answered there. host: how it gets to 127.0.0.1."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(host, port_of(address))
    writer.write(f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def page_of(address: str) -> str:
    """Where that address leads, for whoever comes first."""
    head = (await asked_for(address)).decode()
    return head.partition("\r\nLocation: ")[2].partition("\r\n")[0]


def command_lines() -> str:
    """Of all processes of this machine, as each of its users may read them."""
    found = list[str]()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ends
            found.append(line.read_text(encoding="utf-8", errors="replace"))
    return "\n".join(found)


async def until(holds: Callable[[], object]) -> None:
    """Raises PeerTimeout after ten seconds."""
    await process.until(lambda: bool(holds()), "what the agent's programs were to do")
