"""The daemon of a test: configured, filled and started as an administrator does it, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from ctibridge.cli import main
from tests import leaks
from tests.peers.ports import Loopback, host_port
from tests.peers.process import Process, until
from tests.peers.space import Space

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "config" / "sample"
CONTEXT = {"services", "configuration_items", "standard_requests", "knowledge_articles", "requests"}
PLAIN = [file for file in sorted(SAMPLE.glob("*.csv")) if file.stem not in CONTEXT]
_imported: dict[str, bytes] = {}
"""The state directory as the import of these leaves it, which is made once: the same again is the same."""
PATIENT = '[resolution]\npatience = "500ms"'
"""A machine that stands still for a moment makes no further event; how late is late is judged in tests/lookup."""
PASSWORD = "long-and-invented"  # no space: baresip takes accounts as text


@dataclass(frozen=True, slots=True)
class TrunkOf:
    """One trunk of the test. lines: the agents of each line; more: further keys of [[trunk]] as TOML; observer: account
    and password of who watches all lines, which then have no password of their own where nobody registers."""

    registrar: str
    lines: Mapping[str, Sequence[str]]
    passwords: Mapping[str, str] = field(default_factory=dict)
    listen: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    name: str = "pbx"
    observer: tuple[str, str] | None = None


class Daemon:
    """`ctibridge` with a folder of its own. `start`, then `stop` (SIGTERM) or `kill`. environment: what the next
    process has besides the test's own. program: where its package lies, perhaps of another version than this one.
    space: the network that it lives in, where all ports are its own. name: the node's."""

    def __init__(
        self, folder: Path, loopback: Loopback, *trunks: TrunkOf, space: Space | None = None, name: str = "test"
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.name = name
        self.config = folder / "ctibridge.toml"
        self.environment: Mapping[str, str] = {}
        self.program = ROOT
        self._within = space.command if space else []
        self.host = space.steady if space else loopback.address()
        self.port = 8080 if space else loopback.port(self.host)
        self.sip_host = "0.0.0.0" if space else loopback.address()  # noqa: S104 - of a network that ends with the test
        self.sip_port = 5066 if space else loopback.port(self.sip_host)
        self.configure(*trunks)
        self.process = self._process()

    @property
    def web(self) -> str:
        return host_port(self.host, self.port)

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every line that it has written so far; each is one JSON object."""
        return [json.loads(line) for line in self.process.output().splitlines() if line]

    def command(self, *words: str) -> str:
        """Runs another command with this configuration; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "ctibridge", *words, "--config", str(self.config)],
            cwd=self.program, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fill(self, *directory: Path) -> None:
        """Imports the sample directory without what stands behind a caller, so that a call is one event; or another."""
        state = self.folder / "state"
        if directory or state.exists():
            self.command("import", *map(str, directory or PLAIN))
            return
        if not _imported:
            self.command("import", *map(str, PLAIN))
            _imported.update({path.name: path.read_bytes() for path in state.iterdir()})
            return
        state.mkdir(mode=0o700)
        for name, content in _imported.items():
            (state / name).touch(mode=0o600)
            (state / name).write_bytes(content)

    def typed(self, *words: str) -> str:
        """As `command`, by the command's own code in this process: what it costs otherwise is a Python's start."""
        said, complained = StringIO(), StringIO()
        words = *words, "--config", str(self.config)
        # A thread, as this one may have a loop that runs, and the command has one of its own.
        with redirect_stdout(said), redirect_stderr(complained), ThreadPoolExecutor(1) as beside:
            code = beside.submit(main, list(words)).result()
        assert code == 0, complained.getvalue()
        return said.getvalue()

    def token(self, agent: str, *words: str) -> str:
        lines = self.typed("token", "issue", "--agent", agent, *words).splitlines()
        assert len(lines) == 1, "the token stands alone on one line"
        return lines[0]

    async def start(self) -> None:
        self.process.start()
        await self.process.ready(self._is_ready, "/readyz says 200")

    def configure(self, *trunks: TrunkOf, more: str = "") -> None:
        """Writes the configuration; `reload` or a restart takes it. more: as TOML, behind everything."""
        self.config.write_text(self._toml(trunks) + more, encoding="utf-8")

    async def reload(self, event: str = "reloaded") -> dict[str, Any]:
        """SIGHUP, and the line that the daemon writes of it."""
        before = len(self.log)
        os.kill(self.process.pid, signal.SIGHUP)

        def said() -> dict[str, Any] | None:
            return next((line for line in self.log[before:] if line["event"] == event), None)

        await until(lambda: said() is not None, event, 10)
        return said() or {}

    async def stop(self) -> None:
        """As systemd does it."""
        os.kill(self.process.pid, signal.SIGTERM)
        assert await self.process.wait() == 0, self.process.output()
        self.close()

    async def restart(self) -> None:
        self.process = self._process()
        await self.start()

    def launch(self) -> None:
        """A new process, which nobody waits for."""
        self.process = self._process()
        self.process.start()

    def close(self) -> None:
        """Whatever happened: it is gone, and nothing personal stands in its log."""
        self.process.kill()
        leaks.scan(self.process.output() if self.process.log.exists() else "", "the daemon's log")

    def _process(self) -> Process:
        number = len(list(self.folder.glob("daemon*.log"))) + 1
        command = [*self._within, sys.executable, "-m", "ctibridge", "run", "--config", str(self.config)]
        return Process(
            command, log=self.folder / f"daemon{number}.log", cwd=self.program, env=os.environ | self.environment
        )

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.web}/readyz", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _toml(self, trunks: Sequence[TrunkOf]) -> str:
        parts = [f'[node]\nname = "{self.name}"\nstate_dir = "state"', f'[web]\nlisten = "{self.web}"', PATIENT]
        return "\n".join(parts + [self._trunk(trunk) for trunk in trunks]) + "\n"

    def _trunk(self, trunk: TrunkOf) -> str:
        listen = trunk.listen or host_port(self.sip_host, self.sip_port)
        keys = {"name": trunk.name, "registrar": trunk.registrar, "listen": listen, "country": "DE", **trunk.more}
        lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        if trunk.observer is not None:
            username, password = trunk.observer
            kept = self._secret(f"{trunk.name}-observer", password)
            lines += ["[trunk.observer]", f'username = "{username}"', kept]
        for user, agents in trunk.lines.items():
            lines += ["[[trunk.line]]", f'user = "{user}"', f"agents = {json.dumps(list(agents))}"]
            if trunk.observer is None or "contact" in trunk.more.get("observe", ["contact"]):
                lines.append(self._secret(f"{trunk.name}-{user}", trunk.passwords.get(user, PASSWORD)))
        return "\n".join(["[[trunk]]", *lines])

    def _secret(self, name: str, password: str) -> str:
        """The key that names it."""
        secret = self.folder / f"secret-{name}"
        secret.write_text(password, encoding="utf-8")
        secret.chmod(0o600)
        return f'password = {{ file = "{secret.name}" }}'


def free_udp_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
