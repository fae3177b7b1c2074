"""All trunks of the configuration as they run."""

import asyncio
import errno
import socket
from collections.abc import Callable, Mapping, Sequence

from ctibridge.installation import StartError
from ctibridge.sip.adapters.tls import CaFault
from ctibridge.sip.adapters.trunk import TrunkService
from ctibridge.sip.events import Event
from ctibridge.sip.settings import TrunkAccess, TrunkSettings


class Trunks:
    """`bind`, then `run` in a task; `stop` signs off. on_fact hears what the lines say, in the loop. instance: names
    this installation (RFC 5626 4.1)."""

    def __init__(self, on_fact: Callable[[Event], None], instance: str) -> None:
        self._on_fact = on_fact
        self._instance = instance
        self._services: dict[str, TrunkService] = {}

    def __len__(self) -> int:
        return len(self._services)

    def bind(self, settings: Sequence[TrunkSettings], accesses: Mapping[str, TrunkAccess]) -> None:
        """Raises StartError; what is bound by then is closed by `close`."""
        for each in settings:
            self._services[each.name] = self._bound(each, accesses[each.name])

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for service in self._services.values():
                tasks.create_task(service.run())

    def broken(self) -> str | None:
        """Why nothing can be heard of one of them for good; None where all have their sockets."""
        return next((why for each in self._services.values() if (why := each.broken()) is not None), None)

    async def stop(self) -> None:
        await asyncio.gather(*(service.stop() for service in self._services.values()))

    def close(self) -> None:
        for service in self._services.values():
            service.close()

    def _bound(self, settings: TrunkSettings, access: TrunkAccess) -> TrunkService:
        service = TrunkService(settings, access, self._on_fact, self._instance)
        try:
            service.bind()
        except CaFault as fault:
            raise StartError(f"trunk {settings.name}: {fault}") from None
        except OSError as error:
            raise StartError(not_ours(f"trunk {settings.name} listen", settings.listen, error)) from None
        return service


def not_ours(key: str, address: str, error: OSError) -> str:
    """Why we cannot listen there, and the mend. key: where the configuration says it."""
    if error.errno == errno.EADDRINUSE:
        return f"{key}: {address} is in use by another program; stop it or choose another port"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{key}: {address} is no address of this machine; choose one of its own"
    return f"{key}: {address}: {error.strerror}"
