"""Work in other processes: in order, and whatever happens nobody stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing.reading import Job
from ctibridge.lookup.adapters.importing.references import References
from ctibridge.lookup.adapters.importing.workers import WorkerDied, Workers, cores

JOB = Job((), References({"acme": "DE"}))

# A program that begins an endless import and says who works for it.
_ORPHANS = """
import asyncio, sys
from tests.lookup.adapters.importing import test_workers as t
async def main():
    with t.Workers(t.JOB, 1) as workers:
        async for _, pid in workers.each(t.who, t.numbers(10**9)):
            print(pid, flush=True)
            await asyncio.sleep(3600)
if __name__ == "__main__":
    asyncio.run(main())
"""


async def numbers(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


def doubled(job: Job, number: int) -> tuple[int, str | None]:
    return 2 * number, job.references.countries["acme"]


def who(_job: Job, _number: int) -> int:
    return os.getpid()


def die(_job: Job, number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fail(_job: Job, _number: int) -> int:
    raise ValueError("people.csv:7: not UTF-8")


def interrupted(_job: Job, _number: int) -> bool:
    os.kill(os.getpid(), signal.SIGINT)
    return True


@pytest.mark.parametrize("processes", [0, 2])
async def test_in_order_and_with_the_job(processes: int) -> None:
    with Workers(JOB, processes) as workers:
        found = [made async for made in workers.each(doubled, numbers(20))]
    assert found == [(number, (2 * number, "DE")) for number in range(20)]


async def test_in_other_processes() -> None:
    with Workers(JOB, 1) as workers:
        pids = {pid async for _, pid in workers.each(who, numbers(3))}
    assert pids
    assert os.getpid() not in pids


async def test_a_process_that_is_ended_from_outside_is_one_clear_fault() -> None:
    with Workers(JOB, 1) as workers, pytest.raises(WorkerDied):
        async for _ in workers.each(die, numbers(10)):
            pass


@pytest.mark.parametrize("processes", [0, 1])
async def test_what_work_raises_comes_through(processes: int) -> None:
    with Workers(JOB, processes) as workers, pytest.raises(ValueError, match="not UTF-8"):
        async for _ in workers.each(fail, numbers(3)):
            pass


async def test_control_c_is_heard_by_who_started_them() -> None:
    with Workers(JOB, 1) as workers:
        assert [made async for _, made in workers.each(interrupted, numbers(2))] == [True, True]


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_they_end_with_who_started_them(tmp_path: Path, ending: signal.Signals) -> None:
    program = tmp_path / "orphans.py"
    program.write_text(_ORPHANS)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[4])}
    with subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(ending)
    assert process.returncode != 0
    until = time.monotonic() + 20
    while _is_there(pid):
        assert time.monotonic() < until, "the worker outlives its parent"
        time.sleep(0.01)


def test_the_cores_that_we_may_use() -> None:
    assert cores() >= 1


def _is_there(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
