"""`python -m bench.idle`: many lines on one trunk: how they register, and what they cost while nobody calls.

The registrar grants 120 s, takes every password, and lists another device on each line.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.pbx import Pbx, listen
from bench.subject import configure, cpu
from ctibridge.clocks import new_event_loop


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.idle", description=__doc__)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=100, help="of idling that are measured (default 100)")
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(measure(args.lines, args.seconds))


async def measure(lines: int, seconds: int) -> int:
    pbx = await listen("127.0.0.1")
    pbx.grants = 120
    with tempfile.TemporaryDirectory(prefix="ctibridge-idle-") as folder:
        config = configure(Path(folder), pbx, 1, lines)
        with (Path(folder) / "log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ctibridge", "run", "--config", str(config), stderr=log
            )
        try:
            return await _watch(pbx, process.pid, lines, seconds)
        finally:
            process.terminate()
            await process.wait()


async def _watch(pbx: Pbx, pid: int, lines: int, seconds: int) -> int:
    give_up = time.perf_counter() + 120
    while len(pbx.contacts) < lines and time.perf_counter() < give_up:  # noqa: ASYNC110 - nothing tells of each line
        await asyncio.sleep(0.1)
    first, at_once = pbx.registers[0], Counter(int(at) for at in pbx.registers)
    print(
        f"{len(pbx.contacts)} of {lines} lines registered, the last {pbx.registers[-1] - first:.1f} s after the first;"
    )
    print(f"at most {max(at_once.values())} REGISTERs in one second")
    await asyncio.sleep(2)
    asked, spent = len(pbx.registers), cpu(pid)
    await asyncio.sleep(seconds)
    share = 100 * (cpu(pid) - spent) / seconds
    print(f"idle for {seconds} s: {share:.2f} % of a core, {len(pbx.registers) - asked} REGISTERs, {_memory(pid)} MiB")
    return 0 if len(pbx.contacts) == lines else 1


def _memory(pid: int) -> int:
    """Resident, MiB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


if __name__ == "__main__":
    sys.exit(main())
