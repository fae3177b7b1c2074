"""Loopback addresses and ports that no other test holds, in this run or in another one beside it.

Comes in: nothing. Goes out: addresses of 127.0.0.0/8 and free port numbers on them.

Asking the kernel for a free port and then closing it leaves a gap in which somebody else may take it. Here every
test owns whole addresses instead: an address is claimed by keeping a UDP socket bound to it, so the kernel itself
arbitrates between parallel runs and drops the claim when a run dies. Ports lie below the kernel's ephemeral range,
so that a socket bound to the wildcard address cannot be given one of them between our look and the peer's bind.
"""

from __future__ import annotations

import errno
import os
import random
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Self

IPV6_LOOPBACK = "::1"

# No service listens there, and it is outside both our ports and the usual ephemeral range.
_CLAIM_PORT = 64999
# Browsers open no page at 10080, the last of the ports that they refuse.
_FIRST_PORT, _LAST_PORT = 10_081, 29_999
_TRIES = 500


class NoFreePort(RuntimeError):
    """Every address or port that was tried is taken."""


class Loopback:
    """The addresses and ports of one test; closing it gives them back."""

    def __init__(self) -> None:
        self._claims: list[socket.socket] = []
        self._given: set[tuple[str, int]] = set()
        # Not for secrecy: parallel runs should not walk the same path and collide at each step.
        self._random = random.Random(os.urandom(8))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release every claim; peers on these addresses must be stopped by now."""
        for claim in self._claims:
            claim.close()
        self._claims.clear()
        self._given.clear()

    def address(self) -> str:
        """A fresh 127.x.y.z that is nobody else's until this object is closed."""
        for _ in range(_TRIES):
            # 127.0 stays with resolvers and daemons, 127.255 stands for the ports of ::1 (see `_claim_v6`).
            parts = [self._random.randint(low, high) for low, high in ((1, 254), (0, 255), (1, 254))]
            address = "127." + ".".join(map(str, parts))
            if self._claim(address):
                return address
        raise NoFreePort("no free loopback address")

    def port(self, *addresses: str, above: Sequence[int] = ()) -> int:
        """A port that is free for UDP and TCP on each of these addresses (which this object must own, or ::1).

        above: distances of further ports that a peer takes by itself, and that nobody else gets either."""
        if not addresses:
            raise ValueError("name the addresses on which the port is needed")
        for _ in range(_TRIES):
            first = self._random.randint(_FIRST_PORT, _LAST_PORT)
            if all(self._take(addresses, first + distance) for distance in (*above, 0)):
                return first
        raise NoFreePort(f"no free port on {', '.join(addresses)}")

    def _take(self, addresses: Sequence[str], port: int) -> bool:
        """Of several ports that are wanted together the first ones stay taken where a later one is not free."""
        if any((address, port) in self._given for address in addresses):
            return False
        if not all(is_free(address, port) for address in addresses) or not self._claim_v6(addresses, port):
            return False
        self._given.update((address, port) for address in addresses)
        return True

    def _claim_v6(self, addresses: Sequence[str], port: int) -> bool:
        """::1 is one address for everybody: its ports are claimed one by one, each by an IPv4 address."""
        if IPV6_LOOPBACK not in addresses:
            return True
        return self._claim(f"127.255.{port >> 8}.{port & 0xFF}")

    def _claim(self, address: str) -> bool:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((address, _CLAIM_PORT))
        except OSError as error:
            claim.close()
            if error.errno == errno.EADDRINUSE:
                return False
            raise
        self._claims.append(claim)
        return True


def is_free(address: str, port: int) -> bool:
    """Whether UDP and TCP could be bound there now; a port that a wildcard socket holds is not free."""
    family = family_of(address)
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, kind) as probe:
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
                if error.errno == errno.EADDRNOTAVAIL:
                    raise NoFreePort(f"this machine has no {address}") from error
                raise
    return True


def family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def host_port(address: str, port: int) -> str:
    """As in a URI or on a command line: IPv6 in brackets."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
