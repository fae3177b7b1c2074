"""A network of its own for one program, joined to ours by one cable that can be pulled (ip-netns(8), veth(4)).

Comes in: `ip`, and the right to use it (root). Goes out: a command that starts a program in there, two addresses of
that program, one of which changes as DHCP would change it, and our own at the cable; more cables, each with an address
of its own in there. Nothing leaves the machine:
198.18/15 is for tests (RFC 2544), and there is no route out of the namespace. The machine gets no address by it, only
routes: where one comes or goes, Chromium fails every request that waits for a connection (ERR_NETWORK_CHANGED), also
those of a page that another test opens.
"""

from __future__ import annotations

import ipaddress
import random
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.peers.ports import host_port
from tests.peers.process import PeerError, require_program

_TRIES = 20


class Space:
    """Use as a context manager. Raises PeerError where none can be made. ours: our end; inside: the program's address,
    which changes; steady: one that stays. net: the first three numbers of all of them."""

    def __init__(self) -> None:
        for _ in range(_TRIES):
            number = random.randrange(256)
            self.name, self._cable = f"cti-{number}", f"cti{number}"
            if self._ip("netns", "add", self.name):
                break
        else:
            raise PeerError("no network namespace can be made here")
        self._strands = 0
        net = self.net = f"198.18.{number}"
        self.ours, self.inside, self._next, self.steady = f"{net}.1", f"{net}.2", f"{net}.3", f"{net}.10"
        try:
            self._join(f"{net}.9")
        except PeerError:
            self.close()
            raise

    @property
    def command(self) -> list[str]:
        """In front of a program's own; it keeps its process id."""
        return ["ip", "netns", "exec", self.name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """The cable goes with its end in there."""
        self._ip("netns", "del", self.name)

    def pull(self) -> None:
        """The program's end is down: who sends there hears that there is no such network; what stands, stalls."""
        self.within("link", "set", f"{self._cable}b", "down")

    def plug(self) -> None:
        self.within("link", "set", f"{self._cable}b", "up")

    def readdress(self) -> None:
        """The program's address is another one, from one moment to the next."""
        self.within("addr", "del", f"{self.inside}/29", "dev", f"{self._cable}b")
        self.inside, self._next = self._next, self.inside
        self.within("addr", "add", f"{self.inside}/29", "dev", f"{self._cable}b")

    def strand(self, port: int) -> Strand:
        """One more cable. port: of what is reached by it. Raises PeerError."""
        self._strands += 1
        return Strand(self, f"{self._cable}{'cdefgh'[self._strands - 1]}", port, 16 * self._strands)

    def _join(self, ours: str) -> None:
        self.lay(self._cable, ((self.ours, self.inside), (ours, self.steady)))

    def lay(self, cable: str, pairs: Sequence[tuple[str, str]]) -> None:
        """pairs: our address at the cable, and the program's. Raises PeerError."""
        a, b = f"{cable}a", f"{cable}b"
        self._must("link", "add", a, "type", "veth", "peer", "name", b, "netns", self.name)
        self._must("link", "set", a, "addrgenmode", "none")
        for _, address in pairs:
            self.within("addr", "add", f"{address}/29", "dev", b)
        self._must("link", "set", a, "up")
        for address, there in pairs:
            self._must("route", "add", "local", address, "dev", a, "table", "local")
            self._must("route", "add", str(ipaddress.ip_network(f"{there}/29", strict=False)), "dev", a, "src", address)
        self.within("link", "set", b, "up")
        self.within("link", "set", "lo", "up")

    def within(self, *words: str) -> None:
        """`ip` in there. Raises PeerError."""
        self._must("-n", self.name, *words)

    def _must(self, *words: str) -> None:
        if not self._ip(*words):
            raise PeerError(f"ip {' '.join(words)} failed")

    def _ip(self, *words: str) -> bool:
        done = subprocess.run([require_program("ip"), *words], capture_output=True, check=False, timeout=10)
        return done.returncode == 0


class Strand:
    """A way to a program in there that can be cut as a `Cable`, but for one thing: what is sent vanishes, and nobody is
    told."""

    def __init__(self, space: Space, cable: str, port: int, first: int) -> None:
        self._space, self._end = space, f"{cable}b"
        self.address = f"{space.net}.{first + 2}", port
        space.lay(cable, ((f"{space.net}.{first + 1}", self.address[0]),))

    def __str__(self) -> str:
        return host_port(*self.address)

    def cut(self) -> None:
        self._space.within("link", "set", self._end, "down")

    stall = cut

    async def mend(self) -> None:
        self._space.within("link", "set", self._end, "up")
