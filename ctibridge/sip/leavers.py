"""Lines that were taken out of the configuration, until the registrar knows of them no more.

In: machines that hold something there, and what the uplink says (`Asker`). Out: requests through the uplink, and the
word that a line has left. One leaves at a time: whoever takes lines out has often deleted them at the PBX before, and
each refusal counts for fail2ban. What cannot be taken away runs out by itself.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ctibridge.sip import registration, subscriber
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Response
from ctibridge.sip.uplink import Uplink

_REFUSALS = frozenset({401, 403, 407})


class Machine(Protocol):
    """A registration or a subscription."""

    @property
    def holds(self) -> bool: ...

    @property
    def asks(self) -> bool: ...

    @property
    def leaves(self) -> bool: ...

    def newest(self, number: int, /) -> bool: ...

    def wake(self, now: float) -> Sequence[object]: ...

    def leave(self, now: float) -> Sequence[object]: ...

    def receive(self, response: Response, now: float) -> Sequence[object]: ...

    def silent(self, now: float) -> Sequence[object]: ...


class Leavers:
    """left: told of each line that is gone for good."""

    def __init__(self, uplink: Uplink, left: Callable[[str], None]) -> None:
        self._uplink = uplink
        self._left = left
        self._machines: dict[str, Machine] = {}
        self._queue: dict[str, None] = {}
        self._next: str | None = None
        """Whose turn we wait for, or who leaves just now."""

    def __contains__(self, line: str) -> bool:
        return line in self._machines

    def take(self, line: str, machine: Machine) -> None:
        """Only one that `holds` or `asks`; what is on its way comes to us."""
        self._machines[line] = machine
        if not machine.asks:
            self._queue[line] = None

    def go(self) -> None:
        """The next one waits for its turn."""
        if self._next is None and self._queue:
            self._next = next(iter(self._queue))
            del self._queue[self._next]
            self._uplink.wait(self, self._next)

    def stop(self) -> None:
        """We sign off: all at once, and nobody a second time behind another one."""
        self._queue.clear()
        for line in self._machines:
            self._uplink.wait(self, line)

    # -- what the uplink says ------------------------------------------------------------------------------------------

    def turn(self, line: str, now: float) -> None:
        machine = self._machines[line]
        machine.wake(now)
        if machine.holds or machine.asks:
            self._carry(line, machine.leave(now), now)
        else:
            self._drop(line)  # it has run out meanwhile

    def answered(self, line: str, cseq: int, response: Response, now: float) -> None:
        machine = self._machines.get(line)
        if machine is None or not machine.newest(cseq):
            return
        if not machine.leaves:
            self._came_in_yet(line, machine, response, now)
            return
        said = machine.receive(response, now)
        if response.status in _REFUSALS and not any(isinstance(word, _Send) for word in said):
            self._uplink.failed(self, line, now, password=True)
        self._carry(line, said, now)

    def silent(self, line: str, cseq: int, now: float) -> None:
        machine = self._machines.get(line)
        if machine is None or not machine.newest(cseq):
            return
        if machine.leaves:
            self._carry(line, machine.silent(now), now)
        else:
            self._settle(line, machine)

    # ------------------------------------------------------------------------------------------------------------------

    def _came_in_yet(self, line: str, machine: Machine, response: Response, now: float) -> None:
        """It had asked when it was taken out. A challenge is not answered any more."""
        if response.status < 300:
            with suppress(RemoteFault):
                machine.receive(response, now)
        self._settle(line, machine)

    def _settle(self, line: str, machine: Machine) -> None:
        if machine.holds:
            self._queue[line] = None
            self.go()
        else:
            self._drop(line)

    def _carry(self, line: str, said: Sequence[object], now: float) -> None:
        for word in said:
            match word:
                case registration.Send(request) | subscriber.Send(request):
                    self._uplink.ask(self, line, request, now)
                case registration.Left() | subscriber.Left():
                    self._drop(line)

    def _drop(self, line: str) -> None:
        del self._machines[line]
        self._uplink.forget(self, line)
        if self._next == line:
            self._next = None
        self._left(line)
        self.go()


_Send = registration.Send | subscriber.Send
