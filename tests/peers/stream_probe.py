"""The probe over TCP or TLS: its contact is its end of the connection on which it registered, so the PBX can reach it
by that connection alone.

Comes in: a stream of a PBX that the test runs itself. Goes out: as from the probe over UDP.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.peers.ports import IPV6_LOOPBACK, Loopback, host_port
from tests.peers.probe import Probe

_LENGTH = re.compile(rb"\r\nContent-Length:\s*(\d+)", re.IGNORECASE)


class StreamProbe(Probe):
    """One contact on one connection to `pbx` (host:port). With a CA file it is TLS, verified for `name` (default: the
    address). Use as an async context manager; ssl.SSLCertVerificationError where the PBX shows a wrong certificate."""

    def __init__(self, loopback: Loopback, pbx: str, ca_file: Path | None = None, name: str | None = None) -> None:
        super().__init__(loopback)
        self.transport = "TCP" if ca_file is None else "TLS"
        self.pongs = 0
        self.closed = asyncio.Event()  # by the PBX
        host, _, port = pbx.rpartition(":")
        self._pbx = (host.strip("[]"), int(port))
        if ":" in self._pbx[0]:
            self.address = IPV6_LOOPBACK
        self._name = name
        self._ca_file = ca_file
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        host, port = self._pbx
        trust = None if self._ca_file is None else ssl.create_default_context(cafile=str(self._ca_file))
        name = None if trust is None else self._name or host
        # Its own address as source: behind one address for all, the PBX could not tell connections apart.
        reader, self._writer = await asyncio.open_connection(
            host, port, ssl=trust, server_hostname=name, local_addr=(self.address, 0)
        )
        self.port = int(self._writer.get_extra_info("sockname")[1])
        self._listener = asyncio.create_task(self._listen(reader))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    def contact(self, user: str) -> str:
        return f"sip:{user}@{host_port(self.address, self.port)};transport={self.transport.lower()}"

    async def ping(self) -> None:
        """CRLF CRLF, as RFC 5626 3.5.1 keeps a connection alive; the answer is counted in `pongs`."""
        if self._writer is not None:
            self._writer.write(b"\r\n\r\n")
            await self._writer.drain()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n")
                if head == b"\r\n":
                    self.pongs += 1
                    continue
                head += await reader.readuntil(b"\r\n\r\n")
                found = _LENGTH.search(head)
                body = await reader.readexactly(int(found[1]) if found else 0)
                self.datagram_received(head + body, self._pbx)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()

    def _send(self, data: bytes, to: tuple[str, int]) -> None:
        if self._writer is not None and not self.closed.is_set():
            self._writer.write(data)
