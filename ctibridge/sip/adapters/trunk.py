"""A trunk as it runs: finds its registrar, drives the machine on its socket, signs off when told to."""

import asyncio
import socket
import time
from collections.abc import Callable

import structlog

from ctibridge.sip.adapters.resolve import Reach, reach_of
from ctibridge.sip.adapters.udp import WANTED_BUFFER, UdpDriver, bind, fresh, granted_buffer, local_host_towards
from ctibridge.sip.events import Event, Hearing, LineChanged
from ctibridge.sip.settings import LineAccess, TrunkSettings
from ctibridge.sip.trunk import Trunk
from ctibridge.sip.via import Address

RESOLVE_AGAIN = 300.0
"""Seconds after which the registrar's name is asked for again; its last good addresses count until then."""
RESOLVE_RETRY = 10.0
SIGN_OFF = 2.0
"""Seconds that the registrar has for the answer to our un-REGISTER: three sendings on UDP."""

log = structlog.get_logger()


class TrunkService:
    """`bind`, then `run` in a task; `stop` signs off. on_fact is called in the loop for each fact of the machine."""

    def __init__(
        self, settings: TrunkSettings, lines: tuple[LineAccess, ...], on_fact: Callable[[Event], None]
    ) -> None:
        self.settings = settings
        self._lines = lines
        self._on_fact = on_fact
        self._socket: socket.socket | None = None
        self._driver: UdpDriver[Event] | None = None
        self._trunk: Trunk | None = None

    def bind(self) -> None:
        """Takes the address to listen at. Raises OSError."""
        address = self.settings.our_side
        self._socket = bind((address.host, address.port or 0))
        granted = granted_buffer(self._socket)
        if granted < WANTED_BUFFER:
            log.warning("udp_buffer_small", trunk=self.settings.name, granted=granted, wanted=WANTED_BUFFER,
                        mend="raise net.core.rmem_max")  # fmt: skip

    @property
    def address(self) -> Address:
        """Where we listen; after `bind`."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        return host, port

    async def run(self) -> None:
        """Keeps the registrar's addresses fresh until it is cancelled."""
        while True:
            pause = RESOLVE_AGAIN
            try:
                await self._reach(await reach_of(self.settings))
            except (OSError, UnicodeError):  # UnicodeError: the resolver's word for a name that no IDNA encodes
                pause = RESOLVE_RETRY
                self._unreachable()
            await asyncio.sleep(pause)

    async def stop(self) -> None:
        """Un-registers, waits at most SIGN_OFF seconds for the registrar, closes the socket."""
        if self._trunk is not None and self._driver is not None:
            self._trunk.stop(time.monotonic())
            self._driver.pump()
            give_up = time.monotonic() + SIGN_OFF
            while self._trunk.in_flight and time.monotonic() < give_up:  # noqa: ASYNC110 - the machine has no waiters
                await asyncio.sleep(0.02)
        self.close()

    def close(self) -> None:
        if self._driver is not None:
            self._driver.close()
        elif self._socket is not None:
            self._socket.close()

    async def _reach(self, reach: Reach) -> None:
        if self._trunk is not None:
            self._trunk.reach(reach.targets, reach.trusted)
            return
        local = (local_host_towards(reach.targets[0], self.address), self.address[1])
        trunk = Trunk(self.settings, self._lines, local, fresh())
        trunk.reach(reach.targets, reach.trusted)
        assert self._socket is not None
        _discard_waiting(self._socket)
        self._driver = await UdpDriver.open(self._socket, trunk, self._on_fact)
        self._trunk = trunk
        trunk.start(time.monotonic())
        self._driver.pump()

    def _unreachable(self) -> None:
        log.warning("registrar_unresolved", trunk=self.settings.name)
        if self._trunk is None:
            for line in self._lines:
                why = "the registrar's name cannot be resolved"
                self._on_fact(LineChanged(self.settings.name, line.user, Hearing.DEAF, why))


def _discard_waiting(sock: socket.socket) -> None:
    """What arrived before we knew whom to trust is too old to pop."""
    for _ in range(100_000):
        try:
            sock.recv(1)
        except OSError:
            return
