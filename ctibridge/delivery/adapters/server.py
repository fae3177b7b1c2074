"""uvicorn inside our own loop, bounded where it is not.

Comes in: a socket bound by us. Goes out: an ASGI server that leaves signals and logging alone, drops half-sent
requests, and hands each websocket over as a `DeskSocket`, which writes without waiting and says when it cannot.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.http11 import Request

from ctibridge.delivery.settings import WebSettings, listen_address

MAX_FRAME = 65536
MAX_REQUEST = 32 * 1024
REQUEST_WITHIN = 10.0
KEEP_ALIVE = 30
SEND_BUFFER = 64 * 1024
BACKLOG = 4096  # a whole floor of desks may come back at once
# The kernel counts a closed window as unacknowledged: it must be more patient than `backlog` with its 30 s and 30 s.
USER_TIMEOUT_MS = 75_000


def bind(settings: WebSettings) -> socket.socket:
    """The listening socket; connections wait in it until `serve`. Raises OSError where the address is not to be had."""
    address = listen_address(settings.listen)
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, where = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Accepted connections inherit these: a reader that sleeps costs 64 KiB, and the kernel finds out a dead one.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
        listening.setblocking(False)
        listening.bind(where)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


class Server(uvicorn.Server):
    """SIGTERM and SIGINT are the application's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(app: Callable[..., object]) -> Server:
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        # At INFO it logs the query, which holds numbers.
        logging.getLogger(name).setLevel(logging.WARNING)
    return Server(
        uvicorn.Config(
            cast("uvicorn._types.ASGIApplication", app),
            http=BoundedHttp,
            ws=DeskSocket,
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=1,
            ws_max_size=MAX_FRAME,
            # Its own ping closes with 1011 before 4008 could go out; the sessions ping.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            backlog=BACKLOG,
        )
    )


def is_welcome(scope: Mapping[str, Any], origins: Container[str]) -> bool:
    """May this open a desk? Programs send no Origin. A browser sends the page's, and cannot be made to send another."""
    found = [value for name, value in scope["headers"] if name == b"origin"]
    return not found or (len(found) == 1 and found[0].decode("latin-1") in origins)


class BoundedHttp(HttpToolsProtocol):
    """A request is whole within 10 s and 32 KiB, or its connection ends: nothing we serve takes a body."""

    _patience: asyncio.TimerHandle | None = None
    _received = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._be_patient()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MAX_REQUEST:
            self.transport.abort()
            return
        self._be_patient()
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._received = 0
        self._in_head = True
        self._be_patient()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """What stands behind the body is no header (RFC 9110 6.5.1): a proxy that replaces those may pass it on."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._received = 0
        self._have_it()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._have_it()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_it()
        super().connection_lost(exc)

    def _be_patient(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(REQUEST_WITHIN, self.transport.abort)

    def _have_it(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class DeskSocket(WebSocketsSansIOProtocol):
    """blocked: the kernel has not taken all that was written. The two callbacks are set by whoever owns the socket."""

    blocked = False
    on_writable: Callable[[], None] | None = None
    on_blocked: Callable[[], None] | None = None
    on_pong: Callable[[], None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        # Nothing is kept in user space but the one frame that did not fit: what waits is counted, see `backlog`.
        self.transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.handshake_initiated:
            # The HTTP side hands over whole requests; the library does not answer one beyond its limits.
            self.transport.abort()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            cast("dict[str, object]", self.scope["state"])["socket"] = self

    def pause_writing(self) -> None:
        super().pause_writing()
        self.blocked = True
        if self.on_blocked is not None:
            self.on_blocked()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.blocked = False
        if self.on_writable is not None:
            self.on_writable()

    def handle_pong(self, event: Frame) -> None:
        if self.on_pong is not None:
            self.on_pong()

    @property
    def held(self) -> int:
        """Bytes that the kernel has not taken."""
        return self.transport.get_write_buffer_size()

    def push(self, frame: bytes) -> None:
        """Writes a text frame at once; after the end of the connection it does nothing."""
        if not self.close_sent and not self.disconnected:
            with contextlib.suppress(InvalidState):
                self.conn.send_text(frame)
                self.transport.write(b"".join(self.conn.data_to_send()))

    def ping(self) -> None:
        if not self.close_sent and not self.disconnected:
            with contextlib.suppress(InvalidState):
                self.conn.send_ping(b"")
                self.transport.write(b"".join(self.conn.data_to_send()))

    def cut(self) -> None:
        """The end without a word: the peer sees 1006."""
        self.transport.abort()
