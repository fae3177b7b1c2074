"""One program of the system as a peer: start it, wait until it serves, keep what it says, end it by its id.

Comes in: a command line and a log path in the test's folder. Goes out: a running process, or a PeerError that shows
the end of the log. The program is trusted; how fast it is on a busy machine is not: everything waits for a condition
with a deadline, nothing sleeps for a fixed time.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

# Which Debian package brings the program: named in the error where it is missing.
PACKAGES = {
    "kamailio": "kamailio",
    "kamailio/tls.so": "kamailio-tls-modules",
    "kamailio/presence.so": "kamailio-presence-modules",
    "openssl": "openssl",
    "ip": "iproute2",
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "svmap": "sipvicious",
    "svwar": "sipvicious",
    "baresip": "baresip-core",
    "sipp": "sip-tester",
    "gcc": "gcc and libc6-dev",
    "redis-server": "redis-server",
    "nginx": "nginx",
    "chromium": "chromium",
    "tmux": "tmux",
    "dbus-daemon": "dbus-daemon",
    "axe-core": "npm (and then tools/npm.sh)",
    "asyncapi-specs": "npm (and then tools/npm.sh)",
}
_NODE_MODULES = Path(__file__).parents[2] / "requirements/page/node_modules"
FROM_NPM = {  # files and no programs
    "axe-core": _NODE_MODULES / "axe-core/axe.min.js",
    "asyncapi-specs": _NODE_MODULES / "@asyncapi/specs/schemas/3.0.0.json",
}
POLL = 0.01  # seconds between two looks at a condition; short, since a peer is up in about 30 ms
_KILL_TIMEOUT = 10.0
TAIL = 4_000  # characters of the log that an error shows
# The kernel sends SIGTERM when the test run is killed and cannot clean up, so nothing is left behind. setpriv execs the
# program, so the id stays; Popen's preexec_fn would do the same, but not beside other threads.
_WRAPPER = ["setpriv", "--pdeathsig", "TERM", "--"]


class PeerError(RuntimeError):
    """A peer is missing, died, or did not do in time what was awaited."""


def find_program(name: str) -> str | None:
    """Its path; also where only root's PATH looks, as Kamailio lies in /usr/sbin. `kamailio/x.so` is a module of it."""
    if name.startswith("kamailio/"):
        found = Path("/usr/lib").glob(f"*/kamailio/modules/{name.partition('/')[2]}")
        return next(map(str, found), None)
    if name in FROM_NPM:
        return str(FROM_NPM[name]) if FROM_NPM[name].exists() else None
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    return shutil.which(name, path=path)


def require_program(name: str) -> str:
    path = find_program(name)
    if path is None:
        raise PeerError(f"{name} is not installed (Debian package {PACKAGES.get(name, name)})")
    return path


class PeerTimeout(PeerError):
    """What was awaited did not happen before the deadline."""


async def until(
    condition: Callable[[], bool | Awaitable[bool]], what: str, timeout: float = 10.0, poll: float = POLL
) -> None:
    """Return as soon as the condition holds; PeerTimeout after the deadline."""
    deadline = time.monotonic() + timeout
    while True:
        held = condition()
        if not isinstance(held, bool):
            held = await held
        if held:
            return
        if time.monotonic() >= deadline:
            raise PeerTimeout(f"not within {timeout:g} s: {what}")
        await asyncio.sleep(poll)


class Process:
    """A child in a session of its own, so that its helpers can be ended with it, by the group's id."""

    def __init__(
        self, command: Sequence[str], *, log: Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.name = Path(command[0]).name
        self.log = log
        wrapper = _WRAPPER if find_program(_WRAPPER[0]) else []
        self._command = [*wrapper, require_program(command[0]), *command[1:]]
        self._cwd = cwd
        self._env = env  # the whole environment; None: the test's own
        self._child: subprocess.Popen[bytes] | None = None
        self._killed = False

    @property
    def pid(self) -> int:
        if self._child is None:
            raise PeerError(f"{self.name} was not started")
        return self._child.pid

    @property
    def returncode(self) -> int | None:
        """None while it runs."""
        return None if self._child is None else self._child.poll()

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Popen and not asyncio's subprocess: it belongs to no event loop, so any fixture may end it."""
        if self.running:
            raise PeerError(f"{self.name} runs already")
        self._killed = False
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._cwd,
                env=self._env,
                start_new_session=True,
            )

    async def ready(self, condition: Callable[[], bool | Awaitable[bool]], what: str, timeout: float = 10.0) -> None:
        """Wait for the condition, but no longer than the program lives."""

        async def held_or_dead() -> bool:
            held = condition()
            if not isinstance(held, bool):
                held = await held
            if not held and not self.running:
                raise self.error(f"ended with {self.returncode} before {what}")
            return held

        try:
            await until(held_or_dead, what, timeout)
        except PeerTimeout as error:
            raise self.error(str(error)) from error

    async def wait(self, timeout: float = 10.0) -> int:
        """The exit code, once it has ended by itself."""
        try:
            await until(lambda: not self.running, f"{self.name} ends", timeout)
        except PeerTimeout as error:
            raise self.error(str(error)) from error
        code = self.returncode
        if code is None:
            raise PeerError(f"{self.name} was not started")
        return code

    def send(self, number: signal.Signals) -> None:
        """A signal for the program alone."""
        os.kill(self.pid, number)

    async def stop(self, grace: float = 3.0) -> None:
        """SIGTERM, after the grace SIGKILL for its whole group; nothing if it has ended."""
        if self.running and grace > 0:
            self.send(signal.SIGTERM)
            with contextlib.suppress(PeerTimeout):
                await until(lambda: not self.running, f"{self.name} ends", grace)
        self.kill()

    def kill(self) -> None:
        """SIGKILL for the group: the helpers of a killed Kamailio would live on and keep its port."""
        if self._child is None or self._killed:
            return
        self._killed = True  # once: later the id may be another group's
        members = _open_members(self._child.pid)
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            os.killpg(self._child.pid, signal.SIGKILL)
        # Until the last helper is gone it holds the ports, and the next one to start could not have them.
        for member in members:
            select.select([member], [], [], _KILL_TIMEOUT)
            os.close(member)
        self._child.wait(timeout=_KILL_TIMEOUT)

    def output(self) -> str:
        try:
            return self.log.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def error(self, what: str) -> PeerError:
        # baresip draws a line a second over and over.
        tail = re.sub(r"\n\s*\n+", "\n", self.output())[-TAIL:]
        return PeerError(f"{self.name}: {what}\n--- end of {self.log.name} ---\n{tail}")


def _open_members(group: int) -> list[int]:
    """Descriptors of all processes of the group; each becomes readable when its process has ended."""
    members = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):  # ended while we looked
            # After the name in parentheses: state, parent, group.
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[2]) == group:
                members.append(os.pidfd_open(int(entry.name)))
    return members
