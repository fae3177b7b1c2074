"""A Debian that is booted for a test: systemd as its first process, a network of its own, and no trace of it behind.

Comes in: an untouched root (`debian`), which is only read: what the machine writes lies above it, in the test's
folder. Goes out: a `Machine` in which commands run as root and into which files are copied. It ends by its process id,
and its mounts, its network and its control group with it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.process import POLL, PeerError, Process, require_program
from tests.peers.space import Space
from tests.systemd.debian import debian

_PATIENCE = 60.0  # seconds; it boots in less than one where nothing else runs
_CONTROL = Path("/sys/fs/cgroup")
_PROPAGATED = Path("/run/systemd/nspawn/propagate")
UNBOOTED = "no Debian can be booted here"
"""What the reason of each skipped test begins with: the summary of a run says it."""
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


class MachineError(RuntimeError):
    """A command in there failed, or took too long; the text has what it printed."""


class Machine:
    """`with Machine(tmp_path / "box") as box: box.run("systemctl status")`.

    name: of its network and its control group. address: the machine's, for whom is at our end of the cable; `ours`:
    that end, where the test's PBX listens. boot: seconds from nothing to a system that is running. upon: the `above`
    of a machine that was closed; this one begins as that one ended, and leaves it as it is. Raises PeerError where none
    can be booted, with the reason.
    """

    def __init__(self, folder: Path, upon: Path | None = None) -> None:
        reason = why_not()
        if reason is not None:
            raise PeerError(reason)
        self.boot = 0.0
        self._folder = folder
        self._below = [debian()] if upon is None else [upon, debian()]
        self._space = Space()
        self.name = self._space.name
        self.address, self.ours = self._space.steady, self._space.ours
        self._group = Group(self.name)
        self.process: Process | None = None
        self._leader = 0

    @property
    def above(self) -> Path:
        """What it wrote."""
        return self._folder / "above"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Boots; after `stop` again, upon what it had written."""
        began = time.monotonic()
        for name in ("above", "work", "root"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self.process = Process(["sh", "-c", self._script()], log=self._folder / "console.log", cwd=self._folder)
        self.process.start()
        self._until(self._has_leader, "the machine's first process", alive=True)
        self._until(self._is_up, "systemd has started everything", alive=True)
        self.boot = time.monotonic() - began

    def stop(self) -> None:
        """The plug is pulled. What it had written stays, as the kernel that it wrote to lives on."""
        if self.process is None:
            return
        if self._leader:
            # With its first process, all processes of a pid namespace end.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._leader, 9)
            self._leader = 0
            with contextlib.suppress(PeerError):
                self._until(lambda: self.process is None or not self.process.running, "the machine is off")
        self.process.kill()
        self.process = None

    def close(self) -> None:
        """Off, and its network and control group gone; its files go with the test's folder."""
        self.stop()
        self._space.close()
        self._group.close()
        with contextlib.suppress(OSError):
            (_PROPAGATED / self.name).rmdir()  # systemd-nspawn leaves it

    def run(self, command: str, *, entered: bytes = b"", timeout: float = 60.0) -> str:
        """What this line of sh, run as root in there, prints. Raises MachineError where it fails."""
        code, said = self.attempt(command, entered=entered, timeout=timeout)
        if code != 0:
            raise MachineError(f"`{command}` ended with {code}:\n{said}")
        return said

    def attempt(self, command: str, *, entered: bytes = b"", timeout: float = 60.0) -> tuple[int, str]:
        """The exit code, and what was printed: standard output, behind it standard error where it failed."""
        try:
            done = subprocess.run(
                [*self.inside, "sh", "-c", command], input=entered, capture_output=True, check=False, timeout=timeout
            )
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"`{command}` did not end within {timeout:g} s: {error.output!r}") from None
        said = done.stdout if done.returncode == 0 else done.stdout + done.stderr
        return done.returncode, said.decode(errors="replace")

    @property
    def inside(self) -> list[str]:
        """In front of a program's own command line, to run it in there with an environment that has nothing of ours."""
        variables = [f"{name}={value}" for name, value in _ENVIRONMENT.items()]
        enter = ["nsenter", "--target", str(self._leader), "--mount", "--uts", "--ipc", "--net", "--pid"]
        return [*enter, "env", "--ignore-environment", *variables]

    def copy(self, path: Path, inside: str) -> None:
        """A file, to the file INSIDE; a folder's content, into the folder INSIDE. Modes are kept, the owner is root."""
        if path.is_dir():
            packed = subprocess.run(["tar", "-C", path, "-c", "."], capture_output=True, check=True).stdout
            self.run(f"mkdir -p '{inside}' && tar -C '{inside}' -x --no-same-owner", entered=packed)
            return
        self.write(inside, path.read_bytes(), path.stat().st_mode & 0o777)

    def write(self, inside: str, content: bytes | str, mode: int = 0o644) -> None:
        """A file in there; its folder is made."""
        content = content.encode() if isinstance(content, str) else content
        made = f"mkdir -p \"$(dirname '{inside}')\" && install -m {mode:o} /dev/stdin '{inside}'"
        self.run(made, entered=content)

    def read(self, inside: str) -> bytes:
        return subprocess.run([*self.inside, "cat", inside], capture_output=True, check=True, timeout=60).stdout

    def _script(self) -> str:
        """A mount namespace of its own, so that no mount is left where this ends, however it ends."""
        below = ":".join(map(str, self._below))
        layers = f"lowerdir={below},upperdir={self.above},workdir={self._folder}/work"
        boot = (
            f"systemd-nspawn --quiet --directory=root --boot --machine={self.name} --register=no --keep-unit "
            f"--network-namespace-path=/run/netns/{self.name} --resolv-conf=off --timezone=off "
            "--link-journal=no --console=pipe"
        )
        mounted = f"mount -t overlay overlay -o {layers} root && exec {boot}"
        return f"{self._group.enter} exec unshare --mount --propagation private sh -c '{mounted}'"

    def _has_leader(self) -> bool:
        """The child of systemd-nspawn that is number 1 in a pid namespace of its own."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text(encoding="ascii").split():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{child}/status").read_text(encoding="utf-8")
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:")).split()
                if numbers[-1] == "1":
                    self._leader = int(child)
        return self._leader != 0

    def _is_up(self) -> bool:
        code, said = self.attempt("systemctl is-system-running")
        return code == 0 or said.startswith("degraded")

    def _until(self, condition: Callable[[], bool], what: str, *, alive: bool = False) -> None:
        """alive: no longer than systemd-nspawn lives."""
        assert self.process is not None
        deadline = time.monotonic() + _PATIENCE
        while not condition():
            if alive and not self.process.running:
                raise self.process.error(f"ended before: {what}")
            if time.monotonic() > deadline:
                raise self.process.error(f"not within {_PATIENCE:g} s: {what}")
            time.sleep(POLL)


class Group:
    """A control group for one machine: systemd-nspawn puts `payload` and `supervisor` into the one that it is in, and
    two machines could not share that."""

    def __init__(self, name: str) -> None:
        hierarchies = [_CONTROL / "systemd", _CONTROL / "unified"] if (_CONTROL / "systemd").exists() else [_CONTROL]
        self._folders = [folder / name for folder in hierarchies if folder.exists()]
        for folder in self._folders:
            folder.mkdir(exist_ok=True)

    @property
    def enter(self) -> str:
        """Shell: this process, and what it becomes."""
        return "".join(f"echo $$ > {folder}/cgroup.procs && " for folder in self._folders)

    def close(self) -> None:
        """From the leaves up; the processes are gone."""
        for top in self._folders:
            for folder in sorted(top.rglob("*/"), key=lambda path: -len(path.parts)):
                if folder.is_dir():
                    with contextlib.suppress(OSError):
                        folder.rmdir()
            with contextlib.suppress(OSError):
                top.rmdir()


def why_not() -> str | None:
    """Why no machine can be booted here, in words for a person; None where one can."""
    if os.geteuid() != 0:
        return "booting a machine needs root"
    for program in ("systemd-nspawn", "ip", "nsenter", "unshare"):
        try:
            require_program(program)
        except PeerError as error:
            return str(error)
    if not os.access(_CONTROL, os.W_OK):
        return f"{_CONTROL} cannot be written: systemd in there would have no control groups"
    return None
