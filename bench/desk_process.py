"""Processes of the desk bench: a line of JSON in is one thing to do, a line of JSON out is what came of it."""

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.subject import cpu
from ctibridge.clocks import new_event_loop

LONGEST_LINE = 1 << 24
Act = Callable[..., Awaitable[dict[str, Any]]]


class Child:
    """hello: its first line."""

    def __init__(self, process: asyncio.subprocess.Process, hello: dict[str, Any]) -> None:
        self.process = process
        self.hello = hello

    async def ask(self, do: str, **args: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **args}).encode() + b"\n")
        return await _line(self.process)

    def cpu(self) -> float:
        """Seconds of processor time so far, user and system."""
        return cpu(self.process.pid)

    def memory(self) -> int:
        """Bytes that are its own or its share of what it shares (PSS)."""
        text = Path(f"/proc/{self.process.pid}/smaps_rollup").read_text(encoding="ascii")
        return int(text.partition("\nPss:")[2].split()[0]) * 1024

    async def end(self) -> None:
        """SIGTERM, as systemd does it; returns when it has ended."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


@asynccontextmanager
async def running(module: str, *words: object) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *map(str, words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    child = Child(process, {})
    try:
        child.hello = await _line(process)
        yield child
    finally:
        await child.end()


async def _line(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise SystemExit(f"a process of the bench ended with {await process.wait()}; its own words stand above")
    answer: dict[str, Any] = json.loads(line)
    return answer


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


async def obey(acts: Mapping[str, Act]) -> None:
    """Until standard input ends."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while line := await reader.readline():
            asked = json.loads(line)
            say(**await acts[asked.pop("do")](**asked))
    finally:
        transport.close()


def run(main: Callable[[], Awaitable[None]]) -> None:
    """main on the product's loop, with as many open files as the machine allows."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    async def whole() -> None:
        await main()

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(whole())
