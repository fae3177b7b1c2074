"""Imports as a user runs them, with what they take: seconds, memory of the process and its children, bytes on disk."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.directory_figures import Figure

AIM = (300.0, 10_000_000)
"""Seconds for so many people."""
AIM_ON_DISK = 400.0
_LOOK_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Ran:
    """seconds by the clock; cpu seconds of it and its children; peak: MiB of memory of its own (anonymous, shared with
    no file) of the whole tree, as looked at every 50 ms."""

    code: int
    seconds: float
    cpu: float
    peak: float
    said: str


def run(command: Sequence[str], said: Path) -> Ran:
    """Runs a program to its end. said: where its output goes."""
    before, begin = os.times(), time.perf_counter()
    with said.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(_own_memory, _tree(process.pid))))
        time.sleep(_LOOK_EVERY)
    seconds, after = time.perf_counter() - begin, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Ran(process.returncode, seconds, cpu, peak / 1024, said.read_text(encoding="utf-8", errors="replace"))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text(encoding="ascii").split())
        except OSError:
            continue  # ended meanwhile
    return found


def _own_memory(pid: int) -> int:
    """KiB."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(status.partition("RssAnon:")[2].split()[0]) if "RssAnon:" in status else 0


def configure(folder: Path) -> Path:
    """A configuration with `state` beside it; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "ctibridge.toml"
    config.write_text('[node]\nname = "bench"\nstate_dir = "state"\n', encoding="utf-8")
    (folder / "state").mkdir(mode=0o700, exist_ok=True)
    return config


def take(config: Path, *paths: Path) -> Ran:
    """Raises SystemExit where it fails."""
    command = [sys.executable, "-m", "ctibridge", "import", "--config", str(config), *map(str, paths)]
    ran = run(command, config.with_name("import.log"))
    if ran.code != 0:
        raise SystemExit(f"ctibridge import ended with {ran.code}: {ran.said[-400:]}")
    return ran


def measure(config: Path, folder: Path, people: int, numbers: int, *, floor: bool) -> list[Figure]:
    """Imports a generated folder into an empty state_dir."""
    ran = take(config, folder)
    state = config.parent / "state"
    on_disk = size(state)
    flat = _floor(config.parent, folder) if floor else _Flat()
    flat_size = None if flat.size is None else flat.size / people
    aim = AIM[0] * people / AIM[1]
    return [
        Figure("import", ran.seconds, "s", aim, flat.seconds, f"aim: {AIM[0]:.0f} s for 10 million"),
        Figure("import, processor time", ran.cpu, "s", None, flat.cpu, f"{ran.cpu / ran.seconds:.1f} cores"),
        Figure("import, peak memory of all its processes", ran.peak, "MiB", None, flat.peak),
        Figure("on disk, a person", on_disk / people, "B", AIM_ON_DISK, flat_size, _files(state)),
        Figure("number fields, a person", numbers / people, ""),
    ]


@dataclass(frozen=True, slots=True)
class _Flat:
    """The floor, as far as it was run. size: bytes."""

    seconds: float | None = None
    cpu: float | None = None
    peak: float | None = None
    size: int | None = None


def _floor(work: Path, folder: Path) -> _Flat:
    file = work / "flat.db"
    file.unlink(missing_ok=True)
    ran = run([sys.executable, "-m", "bench.directory_floor", str(folder), str(file)], work / "floor.log")
    if ran.code != 0:
        raise SystemExit(f"the floor ended with {ran.code}: {ran.said[-400:]}")
    flat_size = file.stat().st_size
    file.unlink()
    return _Flat(ran.seconds, ran.cpu, ran.peak, flat_size)


def size(folder: Path) -> int:
    """Bytes of all files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _files(folder: Path) -> str:
    sizes = {path.name: path.stat().st_size / 1e6 for path in sorted(folder.rglob("*")) if path.is_file()}
    return ", ".join(f"{name} {megabytes:,.1f} MB" for name, megabytes in sizes.items() if megabytes >= 0.1)


def changed(folder: Path, target: Path, people: int) -> Path:
    """people.csv with so many people of the first large account or accounts, each with another job than before."""
    target.mkdir(parents=True, exist_ok=True)
    path = target / "people.csv"
    with (
        (folder / "people.csv").open(encoding="utf-8", newline="") as source,
        path.open("w", encoding="utf-8", newline="") as out,
    ):
        rows, writer = csv.reader(source), csv.writer(out, lineterminator="\n")
        header = next(rows)
        writer.writerow(header)
        title, phones = header.index("job_title"), header.index("phones")
        for _, row in zip(range(people), rows, strict=False):
            row[title] = f"{row[title]} (acting)".strip()
            row[phones] = f"{row[phones]};home:+4930{20_000_000 + hash_of(row[1]) % 9_000_000}".strip(";")
            writer.writerow(row)
    return path


def hash_of(text: str) -> int:
    """The same in each run, unlike `hash`."""
    return int.from_bytes(text.encode()[-6:], "big")
