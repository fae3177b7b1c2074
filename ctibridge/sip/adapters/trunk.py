"""A trunk as it runs: finds its registrar, drives the machine on its sockets, signs off when told to."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable

import structlog

from ctibridge.sip.adapters import tls
from ctibridge.sip.adapters.dns import DnsNames
from ctibridge.sip.adapters.drops import dropped
from ctibridge.sip.adapters.resolve import Reach, family_of, reach_of
from ctibridge.sip.adapters.sockets import bind_both, identity
from ctibridge.sip.adapters.streams import Streams
from ctibridge.sip.adapters.tally import Complaints, Tally
from ctibridge.sip.adapters.udp import WANTED_BUFFER, UdpDriver, fresh, granted_buffer, local_host_towards
from ctibridge.sip.events import Event, Hearing, LineChanged, LineGone
from ctibridge.sip.hop import Hop
from ctibridge.sip.settings import TrunkAccess, TrunkSettings, registrar_address
from ctibridge.sip.trunk import Trunk
from ctibridge.sip.via import Address

RESOLVE_RETRY = 10.0
"""Seconds until a name that nobody knew is asked for again; its last good addresses count until then."""
SIGN_OFF = 2.0
"""Seconds that the registrar has for the answer to our un-REGISTER: three sendings on UDP."""
WRITE_OUT = 1.0
"""Seconds for what connections have not yet written when we stop."""
COUNT_EVERY = 10.0
"""Seconds between two looks at what was dropped and who was sent away."""

log = structlog.get_logger()


class TrunkService:
    """`bind`, then `run` in a task; `stop` signs off. on_fact is called in the loop for each fact of the machine.
    instance: names this installation (RFC 5626 4.1); nodes: the key of the mark on the contacts of all our nodes."""

    def __init__(
        self,
        settings: TrunkSettings,
        access: TrunkAccess,
        on_fact: Callable[[Event], None],
        instance: str | None = None,
        nodes: bytes | None = None,
    ) -> None:
        self.settings = settings
        self._access = access
        self._on_fact = on_fact
        self._instance = instance
        self._nodes = nodes
        self._fresh = fresh()
        self._socket: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._context: ssl.SSLContext | None = None
        self._driver: UdpDriver[Event] | None = None
        self._streams: Streams | None = None
        self._trunk: Trunk | None = None
        self._complaints = Complaints()
        self._identities: dict[str, tuple[int, int] | None] = {}
        self._closed = False

    def bind(self) -> None:
        """Takes the address to listen at, UDP and TCP. Raises OSError; its subclass CaFault where TLS cannot work."""
        if self.settings.ca_file is not None or self._wants_tls:
            self._tls()
        address = self.settings.our_side
        self._socket, self._listener = bind_both((address.host, address.port or 0))
        self._identities = self._identities_now()
        granted = granted_buffer(self._socket)
        if granted < WANTED_BUFFER:
            log.warning("udp_buffer_small", trunk=self.settings.name, granted=granted, wanted=WANTED_BUFFER,
                        mend="raise net.core.rmem_max as config/sysctl.d/60-ctibridge.conf does")  # fmt: skip

    @property
    def address(self) -> Address:
        """Where we listen; after `bind`."""
        assert self._socket is not None
        host, port = self._socket.getsockname()[:2]
        return host, port

    @property
    def lines(self) -> frozenset[str]:
        """The users of those that it has now."""
        return frozenset(line.user for line in self._access.lines)

    @property
    def is_open(self) -> bool:
        """The address is ours; a loop gives a socket back a turn after it was told to."""
        return any(sock is not None and sock.fileno() >= 0 for sock in (self._socket, self._listener))

    @property
    def dropped(self) -> int:
        """Datagrams that the kernel had no room for, since `bind`."""
        return dropped(self._socket) if self._socket is not None and self._socket.fileno() >= 0 else 0

    @property
    def strangers(self) -> int:
        """Messages and connections from addresses that are not the trunk's."""
        return self._trunk.strangers if self._trunk is not None else 0

    def broken(self) -> str | None:
        """Which of its sockets was closed under it, as nothing is heard there any more; None while both stand, and
        after `close`."""
        if self._closed:
            return None
        now = self._identities_now()
        if self._driver is not None and self._driver.is_lost:
            now["UDP"] = None
        gone = [name for name, identity in self._identities.items() if now[name] != identity]
        return f"trunk {self.settings.name}: the {gone[0]} socket is closed, and not by us" if gone else None

    @property
    def transactions(self) -> int:
        """Those that are not over: of calls at our lines, and our own."""
        return self._trunk.transactions if self._trunk is not None else 0

    @property
    def ringing(self) -> int:
        """INVITEs that are not over for us."""
        return self._trunk.ringing if self._trunk is not None else 0

    async def run(self, known: Reach | None = None) -> None:
        """Keeps the registrar's addresses fresh, and counts, until it is cancelled. known: what its names were found to
        be just now; None: they are asked for."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_reach(known))
            tasks.create_task(self._keep_counting())

    def change(self, access: TrunkAccess) -> None:
        """Other lines or passwords, from now on: see `Trunk.change`. Before the registrar's name was resolved they are
        those that register then. The next connection reads `ca_file` again, which may have been renewed."""
        before, self._access, self._context = self.lines, access, None
        if self._trunk is not None and self._driver is not None:
            self._trunk.change(access, time.monotonic())
            self._driver.pump()
            return
        for line in sorted(before - self.lines):
            self._on_fact(LineGone(self.settings.name, line))

    async def stop(self) -> None:
        """Un-registers, waits at most SIGN_OFF seconds for the registrar, closes the sockets."""
        if self._trunk is not None and self._driver is not None:
            self._trunk.stop(time.monotonic())
            self._driver.pump()
            give_up = time.monotonic() + SIGN_OFF
            while self._trunk.in_flight and time.monotonic() < give_up:  # noqa: ASYNC110 - the machine has no waiters
                await asyncio.sleep(0.02)
        if self._streams is not None:
            await self._streams.finish(WRITE_OUT)
        self.close()

    def close(self) -> None:
        self._closed = True
        if self._streams is not None:
            self._streams.close()
        elif self._listener is not None:
            self._listener.close()
        if self._driver is not None:
            self._driver.close()
        elif self._socket is not None:
            self._socket.close()

    def _identities_now(self) -> dict[str, tuple[int, int] | None]:
        assert self._socket is not None
        assert self._listener is not None
        return {"UDP": identity(self._socket), "TCP": identity(self._listener)}

    # -- where the registrar is ----------------------------------------------------------------------------------------

    async def _keep_reach(self, known: Reach | None) -> None:
        names = DnsNames(family_of(self.settings))
        while True:
            pause = RESOLVE_RETRY
            try:
                reach = known or await reach_of(self.settings, names, self._fresh.fraction)
                known = None
                await self._reach(reach)
                pause = reach.again
            except OSError:
                self._unreachable()
            except Exception:
                # A look-up that fails in a way that nobody foresaw costs itself alone: the last good addresses count.
                log.error("look_up_failed", trunk=self.settings.name, exc_info=True)
            await asyncio.sleep(pause)

    async def _reach(self, reach: Reach) -> None:
        if self._trunk is None:
            await self._begin(reach)
        elif reach.doubtful:
            if self._complaints.worth("registrar", "doubtful", time.monotonic()):
                log.warning("registrar_doubtful", trunk=self.settings.name, mend="the name server did not answer")
        elif self._driver is not None:
            self._trunk.reach(reach.targets, reach.trusted, time.monotonic())
            self._driver.pump()

    async def _begin(self, reach: Reach) -> None:
        local = (local_host_towards(reach.targets[0].address, self.address), self.address[1])
        access = self._access
        trunk = Trunk(self.settings, access, local, self._fresh, self._instance, self._nodes)
        trunk.reach(reach.targets, reach.trusted)
        assert self._socket is not None
        assert self._listener is not None
        _discard_waiting(self._socket)
        driver: UdpDriver[Event] = await UdpDriver.open(self._socket, trunk, self._on_fact)
        our_host = self.settings.our_side.host
        self._streams = Streams(trunk, driver.pump, self._complain, self._tls, self._fresh, our_host)
        self._streams.listen(self._listener)
        driver.over_stream = self._streams.send
        self._trunk, self._driver = trunk, driver
        trunk.start(time.monotonic())
        if self._access is not access:  # changed while the driver opened
            trunk.change(self._access, time.monotonic())
        driver.pump()

    def _unreachable(self) -> None:
        if self._complaints.worth("registrar", "unresolved", time.monotonic()):
            log.warning("registrar_unresolved", trunk=self.settings.name)
        if self._trunk is None:
            for line in self._access.lines:
                why = "the registrar's name cannot be resolved"
                self._on_fact(LineChanged(self.settings.name, line.user, Hearing.DEAF, why))

    # -- TLS -----------------------------------------------------------------------------------------------------------

    @property
    def _wants_tls(self) -> bool:
        written = (self.settings.registrar, self.settings.outbound_proxy)
        return any(registrar_address(text).transport == "tls" for text in written if text is not None)

    def _tls(self) -> ssl.SSLContext:
        """Raises CaFault. Kept until the next change: reading the system's authorities takes milliseconds."""
        if self._context is None:
            self._context = tls.client_context(self.settings.ca_file)
        return self._context

    # -- what is said of it --------------------------------------------------------------------------------------------

    def _complain(self, hop: Hop, why: str) -> None:
        if self._complaints.worth(hop.host, why, time.monotonic()):
            log.warning("connection_failed", trunk=self.settings.name, transport=hop.transport.value, why=why)

    async def _keep_counting(self) -> None:
        lost, strangers = Tally(), Tally()
        while True:
            await asyncio.sleep(COUNT_EVERY)
            now = time.monotonic()
            if count := lost.grown(self.dropped, now):
                log.warning("udp_dropped", trunk=self.settings.name, count=count,
                            mend="raise net.core.rmem_max as config/sysctl.d/60-ctibridge.conf does")  # fmt: skip
            if count := strangers.grown(self.strangers, now):
                log.info("strangers", trunk=self.settings.name, count=count)


def _discard_waiting(sock: socket.socket) -> None:
    """What arrived before we knew whom to trust is too old to pop."""
    for _ in range(100_000):
        try:
            sock.recv(1)
        except OSError:
            return
