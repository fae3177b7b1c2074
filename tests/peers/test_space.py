"""The cable between two networks: pulled, plugged in, and with another address at its end."""

import errno
import socket
import struct
import subprocess
import sys

import pytest

from tests.peers.space import Space

pytestmark = pytest.mark.peer("ip")
ADDRESSES = 0x10 | 0x100  # RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR: rtnetlink(7)
SENDS = """
import socket, sys
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
try:
    sender.connect((sys.argv[1], 9))
    sender.send(b"x")
    print(sender.getsockname()[0])
except OSError as error:
    print(error.errno)
"""


def sends(space: Space) -> str:
    command = [*space.command, sys.executable, "-c", SENDS, space.ours]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()


def test_a_cable(space: Space) -> None:
    first = space.inside
    assert sends(space) == first
    space.pull()
    assert sends(space) == str(errno.ENETUNREACH)
    space.plug()
    space.readdress()
    assert sends(space) == space.inside != first


def test_nothing_of_it_stays(space: Space) -> None:
    space.close()
    assert (
        space.name not in subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True, timeout=10).stdout
    )


def test_the_machines_own_addresses_stay_as_they_are() -> None:
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.bind((0, ADDRESSES))
        kernel.setblocking(False)
        with Space() as space:
            cable = socket.if_nametoindex(f"{space._cable}a")
            assert sends(space) == space.inside
        assert cable not in told(kernel)


def told(kernel: socket.socket) -> list[int]:
    """The interfaces whose addresses were said to change: `nlmsghdr`, then `ifaddrmsg` with the index at 4."""
    found = []
    try:
        while True:
            found.append(struct.unpack_from("=I", kernel.recv(65536), 16 + 4)[0])
    except BlockingIOError:
        return found
