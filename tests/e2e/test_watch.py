"""`ctibridge watch` at a running daemon: a terminal that is left open over a restart, and a pipe that is closed."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.daemon import ROOT
from tests.e2e.house import ACME, ELODIE, FLEURON, REGULA, House, MakeHouse
from tests.peers.plugin import MakeTmux
from tests.peers.process import until
from tests.peers.sipp import Invite
from tests.peers.tmux import Tmux

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp", "tmux")]

WATCH = [sys.executable, "-m", "ctibridge", "watch"]


@dataclass
class Pipe:
    """`ctibridge watch --json`, and who reads it until he has enough."""

    program: subprocess.Popen[bytes]
    reader: int
    read: bytes = b""

    @property
    def events(self) -> list[dict[str, Any]]:
        with contextlib.suppress(BlockingIOError):
            self.read += os.read(self.reader, 1 << 20)
        return [json.loads(line) for line in self.read.splitlines(keepends=True) if line.endswith(b"\n")]

    def close(self) -> None:
        os.close(self.reader)


@pytest.fixture
def token(tmp_path: Path) -> Path:
    return tmp_path / "home/.config/ctibridge/token"


@pytest.fixture
def pipes() -> Iterator[list[Pipe]]:
    made: list[Pipe] = []
    yield made
    for pipe in made:
        pipe.program.kill()
        pipe.program.wait()
        if pipe.program.stderr is not None:
            pipe.program.stderr.close()


def signed_in(service: House, token: Path) -> dict[str, str]:
    """The environment of an agent who has written the token where it belongs."""
    token.parent.mkdir(parents=True)
    token.touch(mode=0o600)
    token.write_text(service.daemon.token("ana") + "\n")
    return {"HOME": str(token.parents[2]), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def piped(config: Path, environment: dict[str, str]) -> Pipe:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    program = subprocess.Popen(
        [*WATCH, "--config", str(config), "--json"], cwd=ROOT, env=environment, stdout=writer, stderr=subprocess.PIPE
    )
    os.close(writer)
    assert program.stderr is not None
    assert program.stderr.readline().startswith(b"ctibridge: connected as Ana"), "signed in"
    return Pipe(program, reader)


async def test_calls_come_to_a_terminal_and_a_pipe_over_a_restart(
    house: MakeHouse, tmux: MakeTmux, token: Path, pipes: list[Pipe]
) -> None:
    service = await house("6001")
    environment = signed_in(service, token)
    config = service.daemon.config
    pipe = piped(config, environment)
    pipes.append(pipe)
    terminal = await tmux([*WATCH, "--config", str(config)], environment, size=(100, 30), cwd=ROOT)
    await terminal.shows("Ana", "6001 heard", "● connected", "No call rings. Listening on 6001.")

    await rings(service, terminal)
    seen = await answered(service, terminal)
    await until(lambda: pipe.events[: len(seen)] == seen, "the events as this desk has them", 10)

    await service.daemon.stop()
    await terminal.shows("○ not connected", "Not connected: calls do not appear here.")
    await service.daemon.restart()
    await terminal.shows("● connected", "6001 heard", timeout=30)
    # What was on the screen is still there, once, and the next call comes to both.
    assert terminal.screen.count(ELODIE) == 1
    service.sipp.start(Invite(ACME, number=REGULA))
    await terminal.shows("● ringing", "Regula Frei")
    await until(
        lambda: len([one for one in pipe.events if one["type"] == "call.ringing"]) == 3, "the pop in the pipe", 10
    )
    assert [int(one["sequence"]) for one in pipe.events] == list(range(1, len(pipe.events) + 1)), "each event once"

    pipe.close()
    service.sipp.start(Invite(FLEURON, number=ELODIE))
    await until(lambda: pipe.program.poll() is not None, "the end of who writes for nobody", 10)
    said = pipe.program.communicate()[1].decode()
    assert pipe.program.returncode == 0
    assert all(line.startswith(("ctibridge: not connected", "ctibridge: connected")) for line in said.splitlines()), (
        said
    )
    terminal.press("q")
    assert await terminal.ended() == 0


async def rings(service: House, terminal: Tmux) -> None:
    """One call large, a second beside it, which moves nothing."""
    service.sipp.start(Invite(ACME, number=REGULA))
    await terminal.shows(
        "● ringing", "ACME IT Service Desk", "“Gr", "Deutsch (Schweiz)", "Number belongs to", "Regula Frei"
    )
    assert "line 6001" in terminal.screen
    assert terminal.says("pane_title").startswith("● ACME IT Service Desk"), "the company, and nobody's name"
    assert "\x1b[" in terminal.coloured
    before = terminal.screen.splitlines()[3:8]
    second = service.sipp.start(Invite(FLEURON, number=ELODIE))
    await terminal.shows("also rings", ELODIE)
    assert terminal.screen.splitlines()[3:8] == before
    second.end()
    await terminal.shows("Earlier", "caller hung up")


async def answered(service: House, terminal: Tmux) -> list[dict[str, Any]]:
    """The phone takes it. Returns what the desk of the test has heard by then."""
    await service.phones["6001"].answer()
    await terminal.shows("answered on another device", "Regula Frei")
    await service.ana.settled()
    return service.ana.events
