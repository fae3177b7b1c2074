"""TCP sockets with the options that SIP wants, and a port that UDP and TCP share."""

import errno
import os
import socket
import struct

from ctibridge.sip.adapters import udp
from ctibridge.sip.hop import Hop
from ctibridge.sip.via import Address

BACKLOG = 64
USER_TIMEOUT = 30_000
"""Milliseconds for which bytes may stay unacknowledged, a peer that takes nothing included (RFC 5482)."""
KEEP_IDLE, KEEP_INTERVAL, KEEP_PROBES = 30, 10, 3
"""Seconds, seconds, count: the kernel's own look at a peer that says nothing."""
_ATTEMPTS = 16
_SEND_BUFFER = 256 * 1024
"""Bytes in the kernel; what a peer does not take beyond them is counted by us."""
_RESET = struct.pack("ii", 1, 0)


def bind_both(address: Address) -> tuple[socket.socket, socket.socket]:
    """UDP and a listening TCP socket at the same address. Port 0: one that is free for both. Raises OSError."""
    for attempt in range(_ATTEMPTS):
        datagrams = udp.bind(address)
        try:
            return datagrams, _listening((address[0], datagrams.getsockname()[1]))
        except OSError as error:
            datagrams.close()
            if error.errno != errno.EADDRINUSE or address[1] != 0 or attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")


def outgoing(hop: Hop, our_host: str) -> socket.socket:
    """Not yet connected. our_host: the address that we listen at, kept unless it stands for all of them. Raises
    OSError."""
    sock = _stream_socket(hop.host)
    try:
        prepare(sock)
        if our_host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
            sock.bind((our_host, 0))
    except OSError:
        sock.close()
        raise
    return sock


def prepare(sock: socket.socket) -> None:
    """The options of a connection. Raises OSError where it is gone already."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEP_IDLE)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEP_INTERVAL)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEP_PROBES)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)


def identity(sock: socket.socket) -> tuple[int, int] | None:
    """Of the open socket itself: another one under the same descriptor has another. None: it is closed."""
    try:
        status = os.fstat(sock.fileno())
    except OSError:
        return None
    return status.st_dev, status.st_ino


def reset(sock: socket.socket) -> None:
    """Closes at once, without a trace of ours in the kernel (no TIME_WAIT)."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    finally:
        sock.close()


def _listening(address: Address) -> socket.socket:
    sock = _stream_socket(address[0])
    try:
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        # A restart must not wait for connections of before to be forgotten.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setblocking(False)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _stream_socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
