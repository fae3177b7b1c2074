"""The cable between two networks: pulled, plugged in, and with another address at its end."""

import errno
import subprocess
import sys

import pytest

from tests.peers.space import Space

pytestmark = pytest.mark.peer("ip")
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
