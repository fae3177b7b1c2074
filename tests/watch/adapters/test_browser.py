import asyncio
import os
from pathlib import Path

import pytest

from ctibridge.watch.adapters import redirect
from ctibridge.watch.adapters.browser import Browser, browser_command
from ctibridge.watch.adapters.program import NoProgram
from tests.watch.recorder import Recorder, command_lines, page_of, until
from tests.watch.said import ended, ring, welcome

ODD = "https://tool.example/sd?a=%24(touch%20x)&b='`id`;$HOME"
WHOLE = "https://tool.example/sd?a=%24%28touch%20x%29&b=%27%60id%60;%24HOME"


async def test_a_ringing_call_starts_the_program_with_its_page_as_one_word(tmp_path: Path) -> None:
    recorder, said = Recorder(tmp_path, "browser"), list[str]()
    async with Browser((str(recorder.program), "--new-tab"), said.append) as browser:
        browser.welcome(welcome())
        browser.hear(ring(1, "a", url=ODD), 0.0)
        await until(lambda: recorder.starts)
        await until(lambda: not browser._running)
        ((option, address),) = recorder.starts
        assert option == "--new-tab"
        assert await page_of(address) == WHOLE
    assert said == []


async def test_the_next_page_waits_for_its_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctibridge.watch.opening.APART", 0.05)
    recorder = Recorder(tmp_path, "browser")
    async with Browser((str(recorder.program),), pytest.fail) as browser:
        for number, call in enumerate("abc"):
            browser.hear(ring(number + 1, call, url=f"https://tool.example/{call}"), 0.0)
        assert browser._timer is not None
        await until(lambda: len(recorder.starts) == 2)
        await until(lambda: not browser._running)
        pages = [await page_of(address) for (address,) in recorder.starts]
    assert pages == ["https://tool.example/a", "https://tool.example/c"]


async def test_one_that_is_over_before_has_no_timer_any_more(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, "browser")
    async with Browser((str(recorder.program),), pytest.fail) as browser:
        for said in (ring(1, "a"), ring(2, "b"), ended(3, "b")):
            browser.hear(said, 0.0)
        assert browser._timer is None
        await until(lambda: not browser._running)


async def test_it_hears_nothing_reads_nothing_and_knows_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CTIBRIDGE_TOKEN", "very-secret")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    seen = tmp_path / "seen"
    recorder = Recorder(
        tmp_path,
        "browser",
        f"cd /proc/$$; fds=$(readlink fd/0 fd/1 fd/2); {{ echo \"$fds\"; cut -d' ' -f6 stat; echo $$; env; }} > {seen}",
    )
    async with Browser((str(recorder.program),), pytest.fail) as browser:
        browser.hear(ring(1, "a"), 0.0)
        await until(lambda: recorder.starts)
        await until(lambda: not browser._running)
    *streams, session, pid = seen.read_text().splitlines()[:5]
    assert streams == ["/dev/null"] * 3
    assert session == pid, "a session of its own"
    assert "CTIBRIDGE_TOKEN" not in seen.read_text()
    assert "CREDENTIALS_DIRECTORY" not in seen.read_text()


async def test_it_outlives_watch(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    recorder = Recorder(tmp_path, "browser", f"read line < {gate}; echo $line > {tmp_path}/after")
    async with Browser((str(recorder.program),), pytest.fail) as browser:
        browser.hear(ring(1, "a"), 0.0)
        await until(lambda: recorder.starts)
        (pid,) = [started.pid for started in browser._running.values()]
    gate.write_text("still here\n")
    await until((tmp_path / "after").exists)
    assert os.waitpid(pid, 0) == (pid, 0)  # noqa: ASYNC222 - it has just ended


async def test_a_browser_that_does_not_come_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redirect, "WITHIN", 0.01)
    recorder, said = Recorder(tmp_path, "browser"), list[str]()
    async with Browser((str(recorder.program),), said.append) as browser:
        browser.hear(ring(1, "a"), 0.0)
        await until(lambda: said)
    assert said == ["--open: no browser came for its page in 30 s; it has to run here, as this user"]


@pytest.mark.peer("chromium")
async def test_a_real_browser_shows_the_page_and_no_command_line_has_its_address(tmp_path: Path) -> None:
    asked, lines = list[bytes](), list[str]()

    async def tool(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        lines.append(command_lines())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
        writer.close()

    command = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}", "--dump-dom")
    async with await asyncio.start_server(tool, "127.0.0.1", 0) as server, Browser(command, pytest.fail) as browser:
        port = server.sockets[0].getsockname()[1]
        browser.hear(ring(1, "a", url=f"http://127.0.0.1:{port}/sd?telephone=%2B4930998877"), 0.0)
        await until(lambda: asked)
        await until(lambda: not browser._running)
    assert asked[0].startswith(b"GET /sd?telephone=%2B4930998877 HTTP/1.1\r\n")
    assert b"referer" not in asked[0].lower()
    assert "--dump-dom" in lines[0]
    assert "30998877" not in lines[0]


async def test_a_program_that_fails_is_said_without_the_address(tmp_path: Path) -> None:
    recorder, said = Recorder(tmp_path, "browser", "exit 3"), list[str]()
    async with Browser((str(recorder.program),), said.append) as browser:
        browser.hear(ring(1, "a"), 0.0)
        await until(lambda: said)
    assert said == [f"--open: {recorder.program} failed with status 3"]


async def test_a_program_that_is_gone_is_said(tmp_path: Path) -> None:
    said = list[str]()
    async with Browser((str(tmp_path / "gone"),), said.append) as browser:
        browser.hear(ring(1, "a"), 0.0)
    assert said == [f"--open: {tmp_path / 'gone'}: No such file or directory"]


def test_the_first_program_that_is_installed_is_taken(tmp_path: Path) -> None:
    Recorder(tmp_path, "second")
    environment = {"PATH": str(tmp_path), "BROWSER": "first %s:second --tab"}
    assert browser_command(environment) == ("second", "--tab")
    with pytest.raises(NoProgram, match="name one in BROWSER, or install xdg-utils"):
        browser_command({"PATH": str(tmp_path)})
    with pytest.raises(NoProgram, match="--open: no browser was found"):
        browser_command({"PATH": str(tmp_path), "CTIBRIDGE_BROWSER": "first", "BROWSER": "second"})
