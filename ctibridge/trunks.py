"""All trunks of the configuration as they run, and how another configuration takes their place.

A change is prepared before it is made: a port that somebody else holds refuses it, and then nothing has changed. A
trunk that only has other lines goes on; one that becomes another one signs off first, where its port is wanted.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ctibridge import reload
from ctibridge.installation import StartError
from ctibridge.sip.adapters.tls import CaFault
from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.events import Event, LineGone
from ctibridge.sip.settings import TrunkAccess, TrunkSettings

Accesses = Mapping[str, TrunkAccess]
ALL = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of the trunks. ending: those that are gone or become another one; ready: with their ports
    taken; waiting: those whose port one of ours still has; staying: with the lines that they get."""

    ending: tuple[str, ...]
    ready: Mapping[str, TrunkService]
    waiting: tuple[TrunkSettings, ...]
    staying: Mapping[str, TrunkAccess]

    def give_up(self) -> None:
        for service in self.ready.values():
            service.close()


class Trunks:
    """`bind`, then `run` in a task; `stop` signs off. on_fact hears what the lines say, in the loop. instance: names
    this installation (RFC 5626 4.1). nodes: the key of the mark on all our nodes' contacts."""

    def __init__(self, on_fact: Callable[[Event], None], instance: str, nodes: bytes | None = None) -> None:
        self._on_fact = on_fact
        self._instance = instance
        self._nodes = nodes
        self._services: dict[str, TrunkService] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._changing = asyncio.Lock()
        self._stopping = False

    def __len__(self) -> int:
        return len(self._services)

    def __iter__(self) -> Iterator[TrunkService]:
        """Those that run now."""
        return iter(list(self._services.values()))

    def bind(self, settings: Sequence[TrunkSettings], accesses: Accesses) -> None:
        """Raises StartError; what is bound by then is closed by `close`."""
        for each in settings:
            self._services[each.name] = self._bound(each, accesses[each.name])

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            for name in self._services:
                self._keep(name)
            await asyncio.Event().wait()

    def hold(self, accesses: Accesses) -> None:
        """These lines, of the trunks that run, from now on: of several nodes each has some of them."""
        for name, service in self._services.items():
            if name in accesses:
                service.change(accesses[name])

    @property
    def ringing(self) -> int:
        """Legs of calls that ring at our lines."""
        return sum(service.ringing for service in self._services.values())

    def broken(self) -> str | None:
        """Why nothing can be heard of one of them for good; None where all have their sockets."""
        return next((why for each in self._services.values() if (why := each.broken()) is not None), None)

    async def stop(self) -> None:
        self._stopping = True
        async with self._changing:
            await asyncio.gather(*(self._end(name) for name in list(self._services)))

    def close(self) -> None:
        for service in self._services.values():
            service.close()

    def prepare(self, settings: Sequence[TrunkSettings], accesses: Accesses) -> Change:
        """Takes the ports that are free. Raises StartError, and then nothing has changed; else `change` or the
        `give_up` of what is returned has to follow."""
        old = {name: service.settings for name, service in self._services.items()}
        staying = {each.name for each in settings if each.name in old and reload.is_same_trunk(old[each.name], each)}
        ending = tuple(name for name in old if name not in staying)
        ours = [old[name] for name in ending]
        new = [each for each in settings if each.name not in staying]
        waiting = tuple(each for each in new if any(_share_a_port(each, one) for one in ours))
        change = Change(ending, ready := {}, waiting, {name: accesses[name] for name in sorted(staying)})
        try:
            for each in new:
                if each not in waiting:
                    ready[each.name] = self._bound(each, accesses[each.name])
                elif each.listen not in {one.listen for one in ours}:
                    self._bound(each, accesses[each.name], any_port=True).close()
        except StartError:
            change.give_up()
            raise
        return change

    async def change(self, change: Change, accesses: Accesses) -> None:
        """Returns when the new ones run, or when we stop. accesses: of those that wait. Raises StartError where
        somebody else was quicker to take a port that we gave up: then that trunk does not run."""
        async with self._changing:
            if not self._stopping:
                await self._make_room(change, accesses)
            if self._stopping:  # also since then: whoever stops waits for us
                change.give_up()
                return
            for name, service in change.ready.items():
                self._begin(name, service)
            self._take_over(change.waiting, accesses)

    def _take_over(self, waiting: Sequence[TrunkSettings], accesses: Accesses) -> None:
        lost = []
        for settings in waiting:
            try:
                self._begin(settings.name, self._bound(settings, accesses[settings.name]))
            except StartError as error:
                lost.append(str(error))  # the others have their ports
        if lost:
            raise StartError("; ".join(lost))

    async def _make_room(self, change: Change, accesses: Accesses) -> None:
        for name, access in change.staying.items():
            self._services[name].change(access)
        before = {name: self._services[name].lines for name in change.ending}
        try:
            await asyncio.gather(*(self._end(name) for name in change.ending))
        except BaseException:
            change.give_up()
            raise
        for name, lines in before.items():
            self._tell_gone(name, lines - _lines(accesses.get(name)))

    def _tell_gone(self, name: str, lines: frozenset[str]) -> None:
        for line in sorted(lines):
            self._on_fact(LineGone(name, line))

    async def _end(self, name: str) -> None:
        keeper = self._keepers.pop(name, None)
        if keeper is not None:
            # Waited for: one that was just beginning would open a socket, or speak of a closed one, behind the stop.
            keeper.cancel()
            await asyncio.wait({keeper})
        await self._services.pop(name).stop()

    def _begin(self, name: str, service: TrunkService) -> None:
        self._services[name] = service
        self._keep(name)

    def _keep(self, name: str) -> None:
        assert self._tasks is not None
        self._keepers[name] = self._tasks.create_task(self._services[name].run())

    def _bound(self, settings: TrunkSettings, access: TrunkAccess, *, any_port: bool = False) -> TrunkService:
        """any_port: to see whether everything but the port, which one of ours still has, is there."""
        listen = f"{settings.listen.rpartition(':')[0]}:0" if any_port else settings.listen
        placed = msgspec.structs.replace(settings, listen=listen)
        service = TrunkService(placed, access, self._on_fact, self._instance, self._nodes)
        try:
            service.bind()
        except CaFault as fault:
            raise StartError(f"trunk {settings.name}: {fault}") from None
        except OSError as error:
            raise StartError(not_ours(f"trunk {settings.name} listen", settings.listen, error)) from None
        return service


def _lines(access: TrunkAccess | None) -> frozenset[str]:
    return frozenset() if access is None else frozenset(line.user for line in access.lines)


def _share_a_port(one: TrunkSettings, other: TrunkSettings) -> bool:
    """Can they not listen at the same time? Who listens at all addresses of a family has the port at each of them."""
    (host, port), (its, its_port) = (one.our_side.host, one.our_side.port), (other.our_side.host, other.our_side.port)
    same_family = (":" in host) == (":" in its)
    return bool(port) and port == its_port and (host == its or (same_family and not ALL.isdisjoint((host, its))))


def not_ours(key: str, address: str, error: OSError) -> str:
    """Why we cannot listen there, and the mend. key: where the configuration says it."""
    if error.errno == errno.EADDRINUSE:
        return f"{key}: {address} is in use by another program; stop it or choose another port"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{key}: {address} is no address of this machine; choose one of its own"
    return f"{key}: {address}: {error.strerror}"
