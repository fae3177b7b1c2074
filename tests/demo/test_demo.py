"""`ctibridge demo` as a person starts it: what a desk receives, who answers, and that nothing is left behind."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest

from ctibridge.demo import demo
from ctibridge.demo.demo import DemoError, Show
from ctibridge.demo.exchange import Exchange
from ctibridge.demo.phones import Phones
from ctibridge.demo.story import FOR_PEOPLE, FOR_PROGRAMS, LINES
from ctibridge.watch.adapters.desk import DeskOver, Said
from ctibridge.watch.board import Link, State
from ctibridge.watch.session import Session
from tests import leaks
from tests.softphone.softphones import needs_softphone

CALLS = 8
PATIENCE = 90.0
"""Seconds that a demo of so many calls may take on a busy machine."""

Event = dict[str, Any]


def start(folder: Path, *arguments: str, without_softphone: bool = False) -> "subprocess.Popen[str]":
    """TMPDIR is the test's own, to see what is left there."""
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(folder)}
    if without_softphone:
        blocked = folder.parent / "blocked"
        blocked.mkdir(exist_ok=True)
        (blocked / "pyVoIP.py").write_text("raise ImportError")
        environment["PYTHONPATH"] = str(blocked)
    return subprocess.Popen(
        [sys.executable, "-m", "ctibridge", "demo", *arguments], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


class Ran:
    """A demo that has ended."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        out, self.err = process.communicate(timeout=PATIENCE)
        leaks.scan(self.err, "the demo's standard error")
        self.code = process.returncode
        self.left = list(folder.iterdir())
        self.events: list[Event] = [json.loads(line) for line in out.splitlines()]

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["type"] == kind]

    def outcome(self, call: str) -> str:
        return next(str(e["data"]["call"]["outcome"]) for e in self.of("call.ended") if e["subject"] == call)

    def statuses(self) -> dict[str, set[str]]:
        """The outcomes of the calls of each status."""
        found: dict[str, set[str]] = {}
        for event in self.of("call.ringing"):
            status = str(event["data"]["resolution"]["status"])
            found.setdefault(status, set()).add(self.outcome(event["subject"]))
        return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ran]]:
    """Two demos at once, with pyVoIP (where it is) and without."""
    folder = tmp_path_factory.mktemp("demo")
    processes = {
        kind: start(folder / kind, "--calls", str(CALLS), "--json", without_softphone=kind == "without")
        for kind in ("with", "without")
    }
    yield {kind: Ran(process, folder / kind) for kind, process in processes.items()}
    for process in processes.values():
        process.kill()


both = pytest.mark.parametrize("kind", ["with", "without"])


@pytest.mark.e2e
@both
def test_it_ends_by_itself_and_leaves_nothing(ran: dict[str, Ran], kind: str) -> None:
    assert (ran[kind].code, ran[kind].left) == (0, [])
    assert "http://127.0.0.1:" in ran[kind].err
    assert "/#token=ctb_" in ran[kind].err


@pytest.mark.e2e
@both
def test_it_says_how_to_watch_beside_it(ran: dict[str, Ran], kind: str) -> None:
    page = re.search(r"http://(\S+)/#token=(\S+)", ran[kind].err)
    watch = re.search(r"CTIBRIDGE_TOKEN=(\S+) (.+) watch --url (\S+)", ran[kind].err)
    assert page is not None
    assert watch is not None
    assert watch.group(1, 2, 3) == (page[2], f"{sys.executable} -m ctibridge", f"http://{page[1]}")


@pytest.mark.e2e
@both
def test_each_call_rings_and_ends(ran: dict[str, Ran], kind: str) -> None:
    ringing, ended = ran[kind].of("call.ringing"), ran[kind].of("call.ended")
    assert [event["subject"] for event in ringing] == [event["subject"] for event in ended]
    assert len(ended) == CALLS
    sequences = [int(event["sequence"]) for event in ran[kind].events]
    assert sequences == list(range(1, len(sequences) + 1))


@pytest.mark.e2e
@both
def test_it_shows_what_the_product_is_about(ran: dict[str, Ran], kind: str) -> None:
    found = ran[kind].statuses()
    assert found["withheld"] == {"abandoned"}
    assert found["ambiguous"] == {"abandoned"}
    assert found["identified"] == {"answered_elsewhere", "abandoned"}
    assert {"shared", "unknown"} <= set(found)
    pops = [event["data"] for event in ran[kind].of("call.ringing")]
    assert {pop["called"]["account"]["id"] for pop in pops} == {"acme", "fleuron", "khalij"}
    assert len({pop["language"]["tag"] for pop in pops}) >= 5
    assert {pop["called"]["granted"] for pop in pops} == {True, False}


@pytest.mark.e2e
@both
def test_a_withheld_number_is_nowhere(ran: dict[str, Ran], kind: str) -> None:
    (pop,) = [e["data"] for e in ran[kind].of("call.ringing") if e["data"]["resolution"]["status"] == "withheld"]
    assert "23125101" not in json.dumps(pop)
    assert pop["caller"]["number"] is None


@pytest.mark.e2e
@needs_softphone
def test_pyvoip_answered_where_it_is(ran: dict[str, Ran]) -> None:
    assert "answers is pyVoIP" in ran["with"].err
    assert "answers is our own" in ran["without"].err


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_all_that_it_started(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "tmp"
    process = start(folder)
    assert process.stdout is not None
    assert "#token=" in process.stdout.readline()
    assert " watch --url " in process.stdout.readline()
    assert "answers is" in process.stdout.readline()
    assert "dismiss" in process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert "connected as" in process.stdout.readline()
    assert "ringing" in process.stdout.readline()
    before = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - before < 6.0  # 0.6 s on a quiet machine
    assert (process.returncode, err) == (0, "")
    assert out.count("ringing") == 0
    assert list(folder.iterdir()) == []
    assert [child for child in children if Path(f"/proc/{child}").exists()] == []


@pytest.mark.e2e
def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    process = start(tmp_path / "tmp", "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(PATIENCE) == 0
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


# -- the parts ---------------------------------------------------------------------------------------------------------


async def test_the_store_holds_the_sample_and_a_token(tmp_path: Path) -> None:
    token = await demo.fill_store(tmp_path / "ctibridge.db")
    assert token.startswith("ctb_")


async def test_a_sample_that_is_refused_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "accounts.csv").write_text("id,name,country\n,nobody,DE\n")
    monkeypatch.setattr(demo, "sample_directory", lambda: tmp_path)
    with pytest.raises(DemoError, match="refused"):
        await demo.fill_store(tmp_path / "ctibridge.db")


async def test_a_desk_that_the_daemon_takes_no_more_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(url: str, session: Session) -> AsyncGenerator[Said | Link]:
        yield Link(State.CONNECTING)
        raise DeskOver("the token is not valid")

    async def play(show: Show, exchange: Exchange, phones: Phones) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(demo, "listen", refused)
    monkeypatch.setattr(demo, "_play", play)
    with pytest.raises(DemoError, match="the desk: the token is not valid"):
        await demo._perform(Show(), "ws://127.0.0.1:1", "x", None, None)  # type: ignore[arg-type]


async def test_the_daemon_is_told_what_an_administrator_would_tell(tmp_path: Path) -> None:
    passwords = dict.fromkeys(LINES, "secret")
    async with Exchange.open(passwords) as exchange:
        settings = demo.settings(tmp_path, exchange)
    (trunk,) = settings.trunk
    assert trunk.registrar == f"sip:127.0.0.1:{exchange.address[1]}"
    assert trunk.alone == "leave"
    assert [(line.user, line.agents) for line in demo.access(passwords).lines] == [
        (line, (agent,)) for line, agent in LINES.items()
    ]


def test_programs_get_short_calls_and_the_address_beside(capsys: pytest.CaptureFixture[str]) -> None:
    assert (Show().pace, Show(json=True).pace) == (FOR_PEOPLE, FOR_PROGRAMS)
    Show().address("here")
    Show(json=True).address("beside")
    assert capsys.readouterr() == ("here\n", "beside\n")


class Broken:
    async def run(self, _: asyncio.Event) -> None:
        raise RuntimeError


class Sound:
    stopped = False

    async def run(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self.stopped = True


async def test_a_daemon_that_breaks_ends_the_demo() -> None:
    with pytest.raises(DemoError, match="broke"):
        async with demo._serving(Broken()):  # type: ignore[arg-type]
            await asyncio.sleep(10)


async def test_a_demo_that_is_cancelled_drains_the_daemon() -> None:
    app = Sound()

    async def inside() -> None:
        async with demo._serving(app):  # type: ignore[arg-type]
            await asyncio.sleep(10)

    task = asyncio.create_task(inside())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert app.stopped
