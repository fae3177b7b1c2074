"""How much memory and disk the daemon takes for a directory: `python -m bench.size [--people N …]`.

Comes in: nothing. Goes out: a row for each number of people: the daemon's own memory (PSS) some seconds after it is
ready, and its state directory. It has no trunk; what lines take says `python -m bench.idle`.
"""

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETTLED = 5.0
"""Seconds after ready: until then the index is made and read."""
_CONFIG = '[node]\nstate_dir = "state"\n[web]\nlisten = "127.0.0.1:{port}"\n'
_PORT = 18137


def measure(people: int) -> str:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        config, directory = folder / "ctibridge.toml", folder / "people"
        config.write_text(_CONFIG.format(port=_PORT), encoding="utf-8")
        run("-m", "bench.people", "--people", str(people), "--accounts", "50", "--seed", "1", str(directory))
        run("-m", "ctibridge", "import", str(directory), "--config", str(config))
        memory = resident(config)
        disk = sum(file.stat().st_size for file in (folder / "state").iterdir() if file.name != "reserve")
        return f"{people:>10,} people {memory / 2**20:8.1f} MiB of memory {disk / 2**20:8.1f} MiB on disk"


def resident(config: Path) -> int:
    """Bytes of the daemon's memory."""
    command = [sys.executable, "-m", "ctibridge", "run", "--config", str(config)]
    daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)  # noqa: S603 - our own
    try:
        while not ready():
            time.sleep(0.1)
        time.sleep(SETTLED)
        said = Path(f"/proc/{daemon.pid}/smaps_rollup").read_text(encoding="ascii")
        return int(re.findall(r"^Pss: +(\d+)", said, re.MULTILINE)[0]) * 1024
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=60)


def ready() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{_PORT}/readyz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def run(*words: str) -> None:
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.size")
    parser.add_argument("--people", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    asked = parser.parse_args(words)
    for people in asked.people:
        print(measure(people), flush=True)


if __name__ == "__main__":
    main()
