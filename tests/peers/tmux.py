"""A terminal that nobody here wrote: tmux, which shows what a program printed and says what it made of it.

Comes in: a program, keys. Goes out: the screen as text, with or without colours, and what tmux knows of it (title,
bells, modes). A server of its own for each, so no other tmux of this machine is touched.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.peers.process import PeerError, PeerTimeout, Process, require_program, until

SIZE = (120, 40)


class Tmux:
    """One window. `await start(command)`, then look at `screen`; its process is `process`, the server."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._kept = tempfile.TemporaryDirectory(prefix="tmux")  # a socket's path has to be short
        self._socket = Path(self._kept.name) / "socket"
        self._code = Path(self._kept.name) / "code"
        # -D stays in the foreground, so that the server ends with us.
        self.process = Process([*self._client(), "-f", "/dev/null", "-D"], log=folder / "tmux.log")

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        size: tuple[int, int] = SIZE,
        cwd: Path | None = None,
    ) -> None:
        """environment: all that the program has, beside what tmux sets (TERM, TMUX)."""
        self.process.start()
        await self.process.ready(self._listens, "tmux listens")
        # A program that ends leaves its last screen; how it ended tmux itself (3.3a) does not always know.
        self.ask("set-option", "-g", "remain-on-exit", "on")
        self.ask("set-option", "-g", "set-clipboard", "on")
        variables = [f"{name}={value}" for name, value in environment.items()]
        line = shlex.join(["env", "-i", *variables, "TERM=tmux-256color", *command])
        script = f"{line}; echo $? > {self._code}.new; mv {self._code}.new {self._code}"
        columns, rows = map(str, size)
        self.ask("new-session", "-d", "-x", columns, "-y", rows, "-c", str(cwd or Path.cwd()), script)

    @property
    def screen(self) -> str:
        return self.ask("capture-pane", "-p")

    @property
    def coloured(self) -> str:
        """With the escape sequences that tmux itself would draw it with."""
        return self.ask("capture-pane", "-p", "-e")

    def says(self, name: str) -> str:
        """One of tmux's own variables: `pane_title`, `pane_current_command`, `window_bell_flag`, `mouse_any_flag`, …"""
        return self.ask("display-message", "-p", f"#{{{name}}}").rstrip("\n")

    def press(self, *keys: str) -> None:
        self.ask("send-keys", *keys)

    async def shows(self, *texts: str, timeout: float = 10.0) -> None:
        """Returns when all of them stand on the screen at once; of a line only what is next to each other."""
        try:
            await until(lambda: all(text in self.screen for text in texts), f"the screen shows {texts}", timeout)
        except PeerTimeout as error:
            raise PeerError(f"{error}\n{self.screen}") from None

    async def ended(self, timeout: float = 10.0) -> int:
        """The program's exit code; 128 and more: of a signal."""
        await until(self._code.exists, "the program ends", timeout)
        return int(self._code.read_text())

    def close(self) -> None:
        self.process.kill()
        self._kept.cleanup()

    def ask(self, *words: str) -> str:
        """One of tmux's commands."""
        done = subprocess.run(
            [require_program("tmux"), *self._client()[1:], *words],
            capture_output=True, text=True, check=False, timeout=10, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        if done.returncode:
            raise PeerError(f"tmux {words[0]}: {done.stderr}")
        return done.stdout

    def _listens(self) -> bool:
        """Its socket has a name a moment before it is open."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self._socket)) == 0

    def _client(self) -> list[str]:
        return ["tmux", "-u", "-S", str(self._socket)]
