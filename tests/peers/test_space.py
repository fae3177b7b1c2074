"""The cable between two networks: pulled, plugged in, and with another address at its end."""

import errno
import socket
import struct
import subprocess
import sys

import pytest

from tests.peers.process import until
from tests.peers.space import Space, Strand

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


def reaches(strand: Strand) -> bool:
    """Somebody in there says that nobody listens; False: nobody says anything."""
    with socket.socket() as asking:
        asking.settimeout(0.2)
        try:
            asking.connect(strand.address)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    raise AssertionError("nobody listens there")


async def test_of_two_strands_one_is_cut_and_what_is_sent_there_vanishes(space: Space) -> None:
    one, other = space.strand(9), space.strand(9)
    assert reaches(one)
    assert reaches(other)
    one.cut()
    assert not reaches(one)
    assert reaches(other)
    await one.mend()
    await until(lambda: reaches(one), "it is mended")


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
            cables = {socket.if_nametoindex(f"{space._cable}a")}
            assert sends(space) == space.inside
            space.strand(9).cut()
            cables.add(socket.if_nametoindex(f"{space._cable}ca"))
        assert not cables & set(told(kernel))


def told(kernel: socket.socket) -> list[int]:
    """The interfaces whose addresses were said to change: `nlmsghdr`, then `ifaddrmsg` with the index at 4."""
    found = []
    try:
        while True:
            found.append(struct.unpack_from("=I", kernel.recv(65536), 16 + 4)[0])
    except BlockingIOError:
        return found
