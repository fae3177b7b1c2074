"""A caller who attacks by his name: `watch` in a terminal, in the filter of its unit, on a desktop, with a browser that
writes down how it was started. Nothing of him is more than text, and none of it stands in a process list."""

import os
import re
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from ctibridge.sip import limits
from tests.e2e.conftest import MakeDaemon
from tests.e2e.daemon import PASSWORD, ROOT, TrunkOf
from tests.e2e.house import ACME
from tests.peers.desktop import Desktop
from tests.peers.plugin import MakeKamailio, MakeSipp, MakeTmux
from tests.peers.process import until
from tests.peers.sipp import Invite
from tests.peers.tmux import Tmux
from tests.test_user_unit_file import UNIT
from tests.watch.recorder import Recorder, command_lines, page_of

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "sipp", "tmux", "dbus-daemon")]

SEQUENCE = re.compile(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;?]*[A-Za-z]|\x1b.")
OF_OURS = re.compile(
    rb"\x1b\[[0-9;]*[mHJK]|\x1b\[\?(?:7|25|1049)[hl]|\x1b\[2[23];0t"
    rb"|\x1b\]0;(?:ctibridge[ a-z:]*|\xe2\x97\x8f ACME[^\x07]*)\x07"
    rb"|\x1b\]8;(?:id=\d+)?;(?:https://desk\.acme\.example/sd\?telephone=%2B4989123450\d)?\x1b\\"
)
"""Colours, places, what is too long, the cursor, the other screen, the window's title put aside and back; a title that
names the company; a link to the tool's page."""

CALLERS = {
    "]0;owned": "\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1b[H\x1b[?1000h\x07\x9b31mX",
    "$(touch owned)": "$(touch owned);`touch owned`|touch owned&'\"\\074b\\076",
    "javascript:owned": "javascript:owned //--\u202eierF\u200b\u2066",
    "[link=https://owned": "[link=https://owned.example]<b>x</b>[/link][bold red on blue]&lt;",
    "AAAAAAAAAA": "A" * 8_000,
    "क\u0903\u0903\u0903": "क" + "\u0903" * 58,  # rich counts one column, tmux 59
}
"""What of each name is to be seen, and the name. (Of 10 kB, which this Kamailio does not pass on: test_limits.py.)"""
NUMBER = "4989123450"
LONG = f'"{"B" * limits.LINE}" <sip:owned@pbx.example>'
"""In a line that is not read at all, as it is not indispensable."""


async def test_a_callers_name_is_text_and_nothing_else(
    kamailio: MakeKamailio, daemon: MakeDaemon, sipp: MakeSipp, tmux: MakeTmux, desktop: Desktop, tmp_path: Path
) -> None:
    pbx = await kamailio(users={"6001": PASSWORD}, numbers={ACME: ["6001"]})
    trunk = TrunkOf(pbx.registrar, {"6001": ["ana"]}, more={"domain": pbx.address, "alone": "stay"})
    running = await daemon(trunk)
    running.configure(trunk, more='\n[privacy]\nnotification = "full"\n')
    await running.reload()
    agent = Agent(tmp_path / "ana", desktop)
    terminal = await tmux(agent.watch(running.web), agent.environment(running.token("ana")), cwd=ROOT)
    terminal.ask("pipe-pane", f"exec cat >> {agent.printed}")
    await terminal.shows("6001 heard")
    caller = sipp(pbx)
    for number, (seen, name) in enumerate(CALLERS.items()):
        calls = caller.start(Invite(ACME, number=f"+{NUMBER}{number}", display=name, asserted=[LONG]))
        await terminal.shows("● connected", seen)
        await until(partial(agent.has_seen, number + 1), "its notification")
        await agent.looks()
        assert NUMBER not in command_lines()
        calls.end()
        await calls.done()
    await desktop.until()
    terminal.press("q")
    assert await terminal.ended() == 0
    agent.is_unharmed(terminal)


class Agent:
    """His home, his desktop, his browser, and what they saw."""

    def __init__(self, home: Path, desktop: Desktop) -> None:
        self.home = home
        self.programs = home / "programs"
        self.programs.mkdir(parents=True)
        self.printed = home / "printed"
        self.browser = Recorder(self.programs, "browser")
        self.pages: list[str] = []
        self.desktop = desktop

    def watch(self, web: str) -> list[str]:
        inside = [sys.executable, "-m", "tests.e2e.sandbox", str(UNIT)]
        return [*inside, sys.executable, "-m", "ctibridge", "watch", "--url", f"http://{web}", "--open", "--notify"]

    def environment(self, token: str) -> Mapping[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "CTIBRIDGE_TOKEN": token,
            "BROWSER": str(self.browser.program),
            **self.desktop.bus.environment,
        }

    async def looks(self) -> None:
        """As his browser does, which is started with addresses that say nothing."""
        for (address,) in self.browser.starts[len(self.pages) :]:
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{43}", address)
            self.pages.append(await page_of(address))

    def has_seen(self, notifications: int) -> bool:
        return len(self.desktop.notified) == notifications

    def is_unharmed(self, terminal: Tmux) -> None:
        printed = self.printed.read_bytes()
        assert {sequence for sequence in SEQUENCE.findall(printed) if not OF_OURS.fullmatch(sequence)} == set()
        assert not re.search(r"[\x80-\x9f\u202a-\u202e\u2066-\u2069\u200b]", printed.decode())
        assert terminal.ask("list-buffers") == "", "nothing was put into the clipboard"
        assert [terminal.says(name) for name in ("mouse_any_flag", "window_bell_flag", "alternate_on")] == [
            "0",
            "0",
            "0",
        ]
        assert not list(self.home.rglob("owned")) + list(ROOT.glob("owned"))
        assert self.pages
        for page in self.pages:
            assert re.fullmatch(rf"https://desk\.acme\.example/sd\?telephone=%2B{NUMBER}\d", page)
        assert len(self.desktop.notified) == len(CALLERS)
        for note in self.desktop.notified:
            assert re.fullmatch(rf"\w+ · \+{NUMBER}\d", note.body), "a stranger's number is shown, and not his name"
