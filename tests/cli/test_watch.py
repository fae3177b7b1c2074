"""`ctibridge watch` before it has a desk: addresses, tokens, programs, a service that says no."""

import asyncio
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from ctibridge.cli import main
from ctibridge.watch.adapters.desk import PROTOCOL


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("invented-token\n")
    file.chmod(0o600)
    return file


@pytest.fixture(autouse=True)
def nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "CTIBRIDGE_TOKEN",
        "CREDENTIALS_DIRECTORY",
        "BROWSER",
        "CTIBRIDGE_BROWSER",
        "DBUS_SESSION_BUS_ADDRESS",
        "XDG_RUNTIME_DIR",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def refused(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    """The one line."""
    assert main(["watch", *words]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    return said.err


def test_an_address_that_is_none(capsys: pytest.CaptureFixture[str], token: Path) -> None:
    said = refused(capsys, 2, "--url", "desk.example.net", "--token-file", str(token))
    assert "write it like https://desk.example.net" in said


def test_a_token_in_the_address_is_refused_and_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, 2, "--url", "http://127.0.0.1:1/#token=invented-token")
    assert "--token-file" in said
    assert "invented-token" not in said


def test_no_token(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, 2, "--url", "http://127.0.0.1:1")
    assert f"{tmp_path}/config/ctibridge/token" in said


def test_a_token_that_others_can_read(capsys: pytest.CaptureFixture[str], token: Path) -> None:
    token.chmod(0o644)
    assert "chmod 600" in refused(capsys, 2, "--url", "http://127.0.0.1:1", "--token-file", str(token))


def test_no_configuration_and_no_address(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = refused(capsys, 2, "--config", str(tmp_path / "none.toml"))
    assert "--config FILE" in said
    assert "--url" in said


def test_a_port_that_only_the_daemon_knows(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = tmp_path / "ctibridge.toml"
    config.write_text('[web]\nlisten = "127.0.0.1:0"\n')
    assert "port 0" in refused(capsys, 2, "--config", str(config))


def test_a_browser_and_a_session_that_are_not_there(
    capsys: pytest.CaptureFixture[str], token: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    there = "--url", "http://127.0.0.1:1", "--token-file", str(token)
    assert "BROWSER" in refused(capsys, 1, *there, "--open")
    assert "--notify: this is no desktop session" in refused(capsys, 1, *there, "--notify")
    monkeypatch.setenv("BROWSER", "'firefox")
    assert "BROWSER" in refused(capsys, 2, *there, "--open")


async def test_a_token_that_the_service_refuses_is_one_line_and_exit_code_1(token: Path) -> None:
    async def daemon(socket: ServerConnection) -> None:
        await socket.recv()
        await socket.close(4401, "revoked")

    async with serve(daemon, "127.0.0.1", 0, subprotocols=[PROTOCOL]) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        code, said = await _watch(f"http://127.0.0.1:{port}", token)
    assert code == 1
    assert said.startswith(f"ctibridge: ws://127.0.0.1:{port}/v1/desk: the token is not valid")
    assert said.count("\n") == 1


async def test_it_warns_of_a_way_that_others_can_read_and_ends_by_a_signal(token: Path) -> None:
    watching = await _start("http://0.0.0.0:1", token)  # by its name not loopback, and yet it leads nowhere else
    assert watching.stderr is not None
    first = (await watching.stderr.readline()).decode()
    assert "not encrypted" in first
    assert watching.stdout is not None
    assert b"not connected" in await watching.stdout.readline()
    watching.send_signal(signal.SIGTERM)
    rest = await watching.stderr.read()
    assert (await watching.wait(), rest) == (0, b"")


def test_a_window_that_is_closed_ends_it_without_a_word(token: Path) -> None:
    far, near = pty.openpty()
    command = [sys.executable, "-m", "ctibridge", "watch", "--url", "http://127.0.0.1:1", "--token-file", str(token)]
    # setsid --ctty: it is this terminal that hangs up.
    watching = subprocess.Popen(["setsid", "--ctty", *command], stdin=near, stdout=near, stderr=subprocess.PIPE)
    os.close(near)
    seen = b""
    while b"Not connected" not in seen:
        seen += os.read(far, 1 << 16)
    os.close(far)
    said = watching.communicate(timeout=20)[1]
    assert (watching.returncode, said) == (0, b"")


@pytest.mark.parametrize(
    ("more", "drawn"),
    [({"TERM": "dumb"}, False), ({"TERM": "xterm", "PYTHONIOENCODING": "ascii"}, True), ({"TERM": "xterm"}, True)],
)
def test_a_terminal_of_any_sort_shows_how_it_stands_and_is_left_as_it_was(
    token: Path, more: dict[str, str], drawn: bool
) -> None:
    far, near = pty.openpty()
    before = termios.tcgetattr(near)
    command = [sys.executable, "-m", "ctibridge", "watch", "--url", "http://127.0.0.1:1", "--token-file", str(token)]
    watching = subprocess.Popen(command, stdin=near, stdout=near, stderr=subprocess.PIPE, env=os.environ | more)
    seen = b""
    while b"ot connected: calls" not in seen:
        seen += os.read(far, 1 << 16)
    for _ in range(6):  # seen: the later ones met Python on its way out, and it ended by them
        watching.send_signal(signal.SIGINT)
        time.sleep(0.01)
    said = watching.communicate(timeout=20)[1]
    assert (watching.returncode, said) == (0, b"")
    assert termios.tcgetattr(near) == before
    while drawn and not seen.endswith(b"\x1b[23;0t"):
        seen += os.read(far, 1 << 16)
    ends = [b"\x1b[?25h", b"\x1b[?1049l", b"\x1b[?7h"]
    assert [end in seen for end in ends] == [drawn] * 3
    os.close(near)
    os.close(far)


async def _start(url: str, token: Path, *words: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "ctibridge", "watch", "--url", url, "--token-file", str(token), *words]
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"LC_ALL": "C"},
    )


async def _watch(url: str, token: Path) -> tuple[int | None, str]:
    watching = await _start(url, token)
    _, said = await asyncio.wait_for(watching.communicate(), 20)
    return watching.returncode, said.decode()
