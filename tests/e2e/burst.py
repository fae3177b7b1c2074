"""A PBX that comes back from a restart with a queue full of callers: many INVITEs at one contact within a second.

Comes in: our contact and how many. Goes out: how it went. As a real client it repeats what is not answered (RFC 3261
17.1.1.2). Run as a program, in a process of its own, it needs nothing but Python; its targets are on loopback only.
"""

from __future__ import annotations

import heapq
import json
import select
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_T1 = 0.5
_TRIES = 7
_STEP = 0.001

_INVITE = """\
INVITE sip:{user}@{target} SIP/2.0\r
Via: SIP/2.0/UDP {source};branch=z9hG4bKburst%d;rport\r
From: <sip:+49301%07d@{source}>;tag=%d\r
To: <sip:{called}@{source}>\r
Call-ID: burst-%d@{source}\r
CSeq: 1 INVITE\r
Contact: <sip:pbx@{source}>\r
Max-Forwards: 70\r
Content-Length: 0\r
\r
"""


@dataclass(frozen=True, slots=True)
class Burst:
    """sent: different calls; repeated: datagrams besides; answered: calls that heard anything; seconds: until the last
    of them did."""

    sent: int
    repeated: int
    answered: int
    seconds: float


def command(source: tuple[str, int], contact: str, called: str, count: int) -> list[str]:
    """contact: `sip:user@host:port`, IPv4."""
    user, _, there = contact.removeprefix("sip:").partition("@")
    host, _, port = there.partition(";")[0].partition(":")
    return [sys.executable, "-I", str(Path(__file__)), *map(str, source), host, port, user, called, str(count)]


def read(output: str) -> Burst:
    """What the program printed."""
    return Burst(**json.loads(output.splitlines()[-1]))


def _burst(source: tuple[str, int], target: tuple[str, int], user: str, called: str, count: int) -> Burst:
    if not target[0].startswith("127."):
        raise SystemExit("only loopback is called")
    here, there = (f"{host}:{port}" for host, port in (source, target))
    text = _INVITE.format(user=user, source=here, target=there, called=called).encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.bind(source)
        began = time.monotonic()
        # When, which attempt, which call: first all within one second, then what is repeated.
        due = [(began + number / count, 0, number) for number in range(count)]
        waiting = set(range(count))
        repeated, last = 0, began
        while waiting and due:
            now = time.monotonic()
            while due and due[0][0] <= now:
                _, attempt, number = heapq.heappop(due)
                if number not in waiting:
                    continue
                repeated += attempt > 0
                sock.sendto(text % (number, number, number, number), target)
                if attempt < _TRIES:
                    heapq.heappush(due, (time.monotonic() + _T1 * 2**attempt, attempt + 1, number))
                if attempt == 0 and number % 16 == 0:
                    break  # the answers want to be read, too
            for number in _heard(sock):
                if number in waiting:
                    waiting.discard(number)
                    last = time.monotonic()
        return Burst(count, repeated, count - len(waiting), round(last - began, 3))


def _heard(sock: socket.socket) -> list[int]:
    """The calls of all responses that wait."""
    found: list[int] = []
    select.select([sock], [], [], _STEP)
    while True:
        try:
            data = sock.recv(65_535)
        except BlockingIOError:
            return found
        except ConnectionRefusedError:
            continue
        found.append(int(data.partition(b"Call-ID: burst-")[2].partition(b"@")[0]))


if __name__ == "__main__":
    source_host, source_port, host, port, user, called, count = sys.argv[1:]
    done = _burst((source_host, int(source_port)), (host, int(port)), user, called, int(count))
    sys.stdout.write(
        json.dumps({"sent": done.sent, "repeated": done.repeated, "answered": done.answered, "seconds": done.seconds})
    )
