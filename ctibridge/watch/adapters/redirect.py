"""Leads a browser of this user from a one-time address on loopback to its page; see `watch.once`.

Whoever lists processes sees the one-time address, and may be faster than the browser: so it leads only who is the same
user, as the kernel says of his socket.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import sys
from pathlib import Path

from ctibridge.watch.once import NOTHING, is_asked, leading_to, once

WITHIN = 30.0
"""Seconds for the browser to come, which may have to start first."""

_FOR_A_REQUEST = 5.0
_LARGEST = 1 << 14  # bytes of a request; a browser's have one
_MOST = 8  # connections at once; a browser has two


class Redirect:
    """It listens from the beginning; `serve` it, else `close` it. Raises OSError where no port is free."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._token = secrets.token_urlsafe()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._authority = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._done = asyncio.Event()

    @property
    def address(self) -> str:
        return once(self._authority, self._token)

    def close(self) -> None:
        self._socket.close()

    async def serve(self) -> bool:
        """Until somebody was led there, once, or nobody came in time: False."""
        server = await asyncio.start_server(self._client, sock=self._socket, limit=_LARGEST)
        try:
            async with asyncio.timeout(WITHIN):
                await self._done.wait()
        except TimeoutError:
            return False
        finally:
            server.close()
            for writer in self._clients.values():
                writer.transport.abort()
            await asyncio.gather(*self._clients, return_exceptions=True)
        return True

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is None or len(self._clients) >= _MOST:
            writer.close()
            return
        self._clients[task] = writer
        try:
            async with asyncio.timeout(_FOR_A_REQUEST):
                with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                    await self._answer((await reader.readuntil(b"\r\n\r\n"))[:-4], writer)
        except TimeoutError:
            pass
        finally:
            del self._clients[task]
            writer.close()

    async def _answer(self, head: bytes, writer: asyncio.StreamWriter) -> None:
        leads = not self._done.is_set() and is_asked(head, self._authority, self._token) and _is_own(writer)
        if leads:
            self._done.set()
        writer.write(leading_to(self._page) if leads else NOTHING)


def _is_own(client: asyncio.StreamWriter) -> bool:
    """Is the other end, on this machine, a socket of this user? As `/proc/net/tcp` says it (`proc_net_tcp` in the
    kernel's documentation); a socket of IPv6 that speaks IPv4 stands in the other file."""
    there, here = (_hex(*client.get_extra_info(name)[:2]) for name in ("peername", "sockname"))
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/self/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(there) and fields[2].endswith(here):
                    return int(fields[7]) == os.getuid()
    return False


def _hex(host: str, port: int) -> str:
    return f"{int.from_bytes(socket.inet_aton(host), sys.byteorder):08X}:{port:04X}"
