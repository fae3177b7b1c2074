"""`python -m bench.check`: what `ctibridge check` costs beside a running daemon, on a directory of many people.

The daemon is asked for `/healthz` all the time, over one connection: how long the longest answers take says how long
its loop stands still. Without a check, and while one follows the other.
"""

import argparse
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import people
from bench.directory_import import configure, take

HOST, PORT = "127.0.0.1", 18_139
PAUSE = 0.002


@dataclass(frozen=True, slots=True)
class Answers:
    """Milliseconds of asks, and seconds of each check beside them."""

    asked: int
    p50: float
    p99: float
    longest: float
    checks: tuple[float, ...] = ()


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.check", description=__doc__)
    parser.add_argument("--people", type=int, default=200_000, metavar="N", help="default 200,000")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each of the two (default 15)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ctibridge-bench-") as folder:
        config = _filled(Path(folder), args.people)
        store = config.with_name("state") / "ctibridge.db"
        print(f"{args.people:,} people, {store.stat().st_size / 2**20:.0f} MiB", flush=True)
        daemon = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "ctibridge", "run", "--config", str(config)], stderr=subprocess.DEVNULL
        )
        try:
            _wait_until_ready(daemon)
            print(f"without: {_ask_for(args.seconds)}", flush=True)
            print(f"with:    {_ask_beside_checks(config, args.seconds)}", flush=True)
        finally:
            daemon.terminate()
            daemon.wait()
    return 0


def _filled(folder: Path, count: int) -> Path:
    config = configure(folder)
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[web]\nlisten = "{HOST}:{PORT}"\n')
    people.main(["--people", str(count), str(folder / "files")])
    done, most = threading.Event(), [0]

    def watch() -> None:
        while not done.wait(0.05):
            most[0] = max(most[0], _on_disk(config.with_name("state")))

    watching = threading.Thread(target=watch)
    watching.start()
    take(config, folder / "files")
    done.set()
    watching.join()
    print(f"the import took at most {most[0] / 2**20:.0f} MiB in the state directory", flush=True)
    return config


def _on_disk(folder: Path) -> int:
    """Bytes of its files."""
    found = 0
    for file in folder.rglob("*"):
        with suppress(OSError):
            found += file.stat().st_size
    return found


def _wait_until_ready(daemon: subprocess.Popen[bytes]) -> None:
    while daemon.poll() is None:
        try:
            connection = http.client.HTTPConnection(HOST, PORT)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the daemon does not start")


def _ask_for(seconds: float, stop: threading.Event | None = None) -> Answers:
    connection, took = http.client.HTTPConnection(HOST, PORT), []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or (stop is not None and not stop.is_set()):
        begin = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        took.append((time.perf_counter() - begin) * 1000)
        time.sleep(PAUSE)
    took.sort()
    return Answers(len(took), took[len(took) // 2], took[len(took) * 99 // 100], took[-1])


def _ask_beside_checks(config: Path, seconds: float) -> Answers:
    stop, checks = threading.Event(), []

    def check() -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            checks.append(_check(config))
        stop.set()

    checking = threading.Thread(target=check)
    checking.start()
    found = _ask_for(0, stop)
    checking.join()
    return Answers(found.asked, found.p50, found.p99, found.longest, tuple(checks))


def _check(config: Path) -> float:
    begin = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "ctibridge", "check", "--json", "--whole", "--config", str(config)],
        capture_output=True,
        check=False,
    )
    took = time.perf_counter() - begin
    broken = [row["text"] for row in json.loads(done.stdout) if row["kind"] == "mend"]
    if broken:
        raise SystemExit(f"the store is not well: {broken}")
    return took


if __name__ == "__main__":
    sys.exit(main())
