"""The PBX of the tests: Kamailio as registrar and forking proxy on loopback addresses of its own.

Comes in: who may register, what is rung for which number, and how the registrar behaves. Goes out: a PBX that serves
within about 50 ms, and what it knows of its contacts, asked through JSON-RPC on a UDP port.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.peers.kamailio_config import PbxSettings, Queue, Sockets, configuration
from tests.peers.ports import IPV6_LOOPBACK, Loopback, host_port
from tests.peers.process import PeerError, Process

__all__ = ["Contact", "Kamailio", "PbxSettings", "Queue"]

_RPC_TIMEOUT = 1.0
_RPC_TRIES = 5


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of a line as the PBX sees it."""

    uri: str
    expires: int  # seconds left
    user_agent: str
    received: str | None  # where it is really called, if it registered through something


class Kamailio:
    """Use as an async context manager, or start() and stop()."""

    def __init__(self, directory: Path, loopback: Loopback, settings: PbxSettings) -> None:
        self.settings = settings
        self.address = loopback.address()
        self.port = loopback.port(self.address)
        self.port_v6 = loopback.port(IPV6_LOOPBACK) if settings.ipv6 else None
        self._rpc_port = loopback.port(self.address)
        self._sink_port = loopback.port(self.address)
        self._sink: socket.socket | None = None
        self._ids = iter(range(1, 1 << 31))
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "kamailio.cfg"
        config.write_text(configuration(settings, self._sockets()), encoding="utf-8")
        # 32 MB shared and 4 MB private memory: the defaults only cost time on start.
        command = ["kamailio", "-f", str(config), "-DD", "-E", "-m", "32", "-M", "4", "-Y", str(directory)]
        self.process = Process(command, log=directory / "kamailio.log", cwd=directory)

    @property
    def host(self) -> str:
        """host:port on IPv4."""
        return host_port(self.address, self.port)

    @property
    def host_v6(self) -> str:
        if self.port_v6 is None:
            raise PeerError("this PBX was not asked to serve IPv6")
        return host_port(IPV6_LOOPBACK, self.port_v6)

    @property
    def registrar(self) -> str:
        """As a trunk's `registrar` is written."""
        return f"sip:{self.host}"

    @property
    def registrar_v6(self) -> str:
        return f"sip:{self.host_v6}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def start(self) -> None:
        if self._sink is None:
            # Where waiting callers of a queue are sent: nobody ever reads from it.
            self._sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sink.bind((self.address, self._sink_port))
        self.process.start()
        await self.process.ready(self._serves, "it answers RPC")

    def kill(self) -> None:
        """At once, as in a power cut. It keeps no state, so this is also how it is stopped: SIGTERM takes 1.3 s."""
        self.process.kill()

    async def restart(self) -> None:
        """All contacts are lost, as by a PBX that keeps them in memory."""
        self.kill()
        await self.start()

    def close(self) -> None:
        self.kill()
        if self._sink is not None:
            self._sink.close()
            self._sink = None

    # --- what it knows and can be told ---

    async def contacts(self, user: str) -> list[Contact]:
        """Live contacts of a line, in no particular order."""
        answer = await self.rpc("ul.lookup", "location", user)
        if "error" in answer:
            return []  # no such address-of-record: nobody is registered
        found = (_contact(entry["Contact"]) for entry in answer["result"]["Contacts"])
        return [contact for contact in found if contact is not None]

    async def wait_contacts(self, user: str, count: int, timeout: float = 10.0) -> list[Contact]:
        """Its contacts, as soon as there are exactly that many."""
        found: list[Contact] = []

        async def as_many() -> bool:
            found[:] = await self.contacts(user)
            return len(found) == count

        await self.process.ready(as_many, f"line {user} has {count} contacts", timeout)
        return found

    async def add_contact(self, user: str, uri: str, expires: int = 3600) -> None:
        """A further device on a line without starting one: it rings wherever the URI points."""
        _checked(await self.rpc("ul.add", "location", user, uri, expires, 1.0, ".", 0, 0, 8191))

    async def remove_contacts(self, user: str) -> None:
        """The PBX forgets a line."""
        await self.rpc("ul.rm", "location", user)

    async def set_password(self, user: str, password: str) -> None:
        username = self.settings.usernames.get(user, user)
        _checked(await self.rpc("htable.sets", "password", username, password))

    async def options(self, uri: str, timeout: float = 10.0) -> int:
        """The status with which this contact answers OPTIONS (a PBX "qualifies" its lines so)."""
        headers = f"From: <sip:pbx@{self.host}>\r\nTo: <{uri}>\r\n"
        asked = self._ask("tm.t_uac_wait_block", ("OPTIONS", uri, ".", ".", headers))
        try:
            return int(_checked(await asyncio.wait_for(asked, timeout))["result"]["code"])
        except TimeoutError:
            raise self.process.error(f"{uri} does not answer OPTIONS") from None

    async def rpc(self, method: str, *params: str | float, timeout: float = _RPC_TIMEOUT) -> dict[str, Any]:
        """One JSON-RPC answer, as it is. Asked again when a datagram was lost on the busy machine."""
        for _ in range(_RPC_TRIES):
            try:
                return await asyncio.wait_for(self._ask(method, params), timeout)
            except TimeoutError:
                continue
        raise self.process.error(f"no answer to RPC {method}")

    async def _ask(self, method: str, params: Sequence[str | float]) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.setblocking(False)
            asker.bind((self.address, 0))
            asker.connect((self.address, self._rpc_port))
            question = {"jsonrpc": "2.0", "method": method, "params": params, "id": next(self._ids)}
            await loop.sock_sendall(asker, json.dumps(question).encode())
            answer: dict[str, Any] = json.loads(await loop.sock_recv(asker, 65_535))
            return answer

    def _sockets(self) -> Sockets:
        return Sockets(
            sip=[self.host] if self.port_v6 is None else [self.host, self.host_v6],
            rpc=host_port(self.address, self._rpc_port),
            sink=host_port(self.address, self._sink_port),
        )

    async def _serves(self) -> bool:
        try:
            return "result" in await asyncio.wait_for(self._ask("core.uptime", ()), 0.2)
        except (OSError, TimeoutError):
            return False  # nobody listens yet


def _contact(entry: Mapping[str, Any]) -> Contact | None:
    """None for one that has run out and only waits for the timer."""
    if not isinstance(entry["Expires"], int) or entry["Expires"] <= 0:
        return None
    received = str(entry["Received"])
    return Contact(
        uri=str(entry["Address"]),
        expires=entry["Expires"],
        user_agent=str(entry["User-Agent"]),
        received=None if received in ("", "[not set]") else received,
    )


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise PeerError(f"RPC: {answer['error']}")
    return answer
