"""The PBX of the tests: Kamailio as registrar and forking proxy on loopback addresses of its own.

Comes in: who may register, what is rung for which number, and how the registrar behaves. Goes out: a PBX that serves
within about 50 ms, and what it knows of its contacts, asked through JSON-RPC on a UDP port.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.peers.authority import Authority, Certificate
from tests.peers.kamailio_config import TABLE_NAMES, TABLES, PbxSettings, Places, Queue, configuration
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

    def __init__(
        self, directory: Path, loopback: Loopback, settings: PbxSettings, authority: Authority | None = None
    ) -> None:
        self.settings = settings
        self.address = loopback.address()
        self.port = loopback.port(self.address)
        self.port_v6 = loopback.port(IPV6_LOOPBACK) if settings.ipv6 else None
        # The same port number on both addresses.
        both = [self.address, IPV6_LOOPBACK] if settings.ipv6 else [self.address]
        self.port_tcp = loopback.port(*both) if settings.tcp else None
        self.port_tls = loopback.port(*both) if settings.tls else None
        self._rpc_port = loopback.port(self.address)
        self._sink_port = loopback.port(self.address)
        self._sink: socket.socket | None = None
        self._ids = iter(range(1, 1 << 31))
        directory.mkdir(parents=True, exist_ok=True)
        config = directory / "kamailio.cfg"
        config.write_text(configuration(settings, self._places(directory, authority)), encoding="utf-8")
        # 32 MB shared and 4 MB private memory: the defaults only cost time on start.
        private = "32" if len(settings.users) > 300 else "8" if settings.presence else "4"
        memory = ["-m", "64" if settings.tls else "32", "-M", private]
        command = ["kamailio", "-f", str(config), "-DD", "-E", *memory, "-Y", str(directory)]
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
    def host_tcp(self) -> str:
        """host:port of TCP on IPv4."""
        return host_port(self.address, self._served(self.port_tcp, "TCP"))

    @property
    def host_tls(self) -> str:
        return host_port(self.address, self._served(self.port_tls, "TLS"))

    @property
    def registrar(self) -> str:
        """As a trunk's `registrar` is written."""
        return f"sip:{self.host}"

    @property
    def registrar_v6(self) -> str:
        return f"sip:{self.host_v6}"

    @property
    def registrar_tcp(self) -> str:
        return f"sip:{self.host_tcp};transport=tcp"

    @property
    def registrar_tls(self) -> str:
        """By address, which the certificate names as well as `localhost` and the realm; [::1] has the same port."""
        return f"sip:{self.host_tls};transport=tls"

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

    async def refuse(self, status: int | None, retry_after: int | None = None) -> None:
        """Every REGISTER gets this final answer from now on, perhaps with Retry-After (seconds); None: no longer."""
        for key, value in (("status", status), ("retry_after", retry_after)):
            if value is None:
                await self.rpc("htable.delete", "refuse", key)
            else:
                _checked(await self.rpc("htable.seti", "refuse", key, value))

    async def algorithm_of(self, user: str) -> str | None:
        """The digest algorithm with which this line (or, for subscriptions, this account) was last let in."""
        answer = await self.rpc("htable.get", "algorithm", user)
        return None if "error" in answer else str(answer["result"]["item"]["value"])

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

    def _served(self, port: int | None, transport: str) -> int:
        if port is None:
            raise PeerError(f"this PBX was not asked to serve {transport}")
        return port

    def _places(self, directory: Path, authority: Authority | None) -> Places:
        return Places(
            listen=[f"{transport}:{host_port(address, port)}" for transport, address, port in self._listeners()],
            sip=self.host,
            rpc=host_port(self.address, self._rpc_port),
            sink=host_port(self.address, self._sink_port),
            tables=_tables(directory) if self.settings.presence else directory,
            certificate=self._certificate(authority) if self.settings.tls else None,
        )

    def _listeners(self) -> list[tuple[str, str, int]]:
        found = [("udp", self.address, self.port), ("udp", IPV6_LOOPBACK, self.port_v6)]
        for address in (self.address, IPV6_LOOPBACK) if self.settings.ipv6 else (self.address,):
            found += [("tcp", address, self.port_tcp), ("tls", address, self.port_tls)]
        return [(transport, address, port) for transport, address, port in found if port is not None]

    def _certificate(self, authority: Authority | None) -> Certificate:
        if authority is None:
            raise PeerError("TLS needs an authority")
        names = (self.address, IPV6_LOOPBACK, "localhost", self.settings.realm, *self.settings.names)
        return authority.of_kind(self.settings.certificate, *names)

    async def _serves(self) -> bool:
        try:
            return "result" in await asyncio.wait_for(self._ask("core.uptime", ()), 0.2)
        except (OSError, TimeoutError):
            return False  # nobody listens yet


def _tables(directory: Path) -> Path:
    """Empty ones of this PBX's own: the module would write the shared ones when it stops."""
    tables = directory / "tables"
    tables.mkdir(exist_ok=True)
    for name in TABLE_NAMES:
        shutil.copyfile(TABLES / name, tables / name)
    return tables


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
