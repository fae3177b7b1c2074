"""A stranger that floods: INVITEs at a steady rate from an address of its own, sent by a process of its own.

Comes in: a UDP port and a rate. Goes out: what was sent and what came back. Run as a program it is the flooder itself,
which needs nothing but Python; it stops by itself, and its targets are on loopback only.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_MOST = 60.0  # seconds: nobody floods for longer
_STEP = 0.001
_LINGER = 0.3  # seconds in which late answers still count

_INVITE = """\
INVITE sip:{called}@{target} SIP/2.0\r
Via: SIP/2.0/UDP {source};branch=z9hG4bKflood%d;rport\r
From: "Stranger" <sip:+4989123456@{source}>;tag=%d\r
To: <sip:{called}@{target}>\r
Call-ID: flood-%d@{source}\r
CSeq: 1 INVITE\r
Contact: <sip:stranger@{source}>\r
Max-Forwards: 70\r
User-Agent: flood\r
Content-Type: application/sdp\r
Content-Length: {length}\r
\r
{body}"""
_BODY = """\
v=0\r
o=flood 1 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=audio 9 RTP/AVP 8\r
a=rtpmap:8 PCMA/8000\r
"""


@dataclass(frozen=True, slots=True)
class Flooded:
    """How it went. `answers` are responses by status; 0 is anything else that came back."""

    sent: int
    seconds: float
    answers: dict[int, int]


class Flood:
    """One flood, which has begun when start() returns. Ends after its time; kill() ends it earlier."""

    def __init__(
        self, log: Path, source: tuple[str, int], target: tuple[str, int], *, rate: int, seconds: float, called: str
    ) -> None:
        # Only who floods needs these; the flooder's own process starts faster without them.
        from tests.peers.process import Process  # noqa: PLC0415

        self.source = source
        self.seconds = seconds
        asked = [*source, *target, rate, min(seconds, _MOST), called]
        self.process = Process([sys.executable, "-I", __file__, *map(str, asked)], log=log)

    async def start(self) -> None:
        self.process.start()
        await self.process.ready(lambda: "began" in self.process.output(), "it sends")

    async def done(self, timeout: float = 30.0) -> Flooded:
        """The figures, when its time is over."""
        code = await self.process.wait(self.seconds + timeout)
        if code != 0:
            raise self.process.error(f"exit code {code}")
        figures = json.loads(self.process.output().splitlines()[-1])
        answers = {int(status): count for status, count in figures["answers"].items()}
        return Flooded(figures["sent"], figures["seconds"], answers)

    def kill(self) -> None:
        self.process.kill()


def _flood(source: tuple[str, int], target: tuple[str, int], rate: int, seconds: float, called: str) -> str:
    if not (target[0].startswith("127.") or target[0] == "::1"):
        raise SystemExit("only loopback is flooded")
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    answers: Counter[int] = Counter()
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        sender.bind(source)
        message = _message(source, target, called)
        began = time.monotonic()
        sent = 0
        while (passed := time.monotonic() - began) < seconds:
            due = min(int(passed * rate), int(seconds * rate))
            sent += _send(sender, target, message, sent, due)
            _hear(sender, answers)
            time.sleep(_STEP)
        took = time.monotonic() - began
        while time.monotonic() - began < took + _LINGER:
            _hear(sender, answers)
            time.sleep(_STEP)
    return json.dumps({"sent": sent, "seconds": round(took, 3), "answers": answers})


def _message(source: tuple[str, int], target: tuple[str, int], called: str) -> Callable[[int], bytes]:
    """Of the n-th call: another transaction, another dialog each time."""
    here, there = (f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in (source, target))
    text = _INVITE.format(called=called, target=there, source=here, length=len(_BODY), body=_BODY).encode()
    return lambda number: text % (number, number, number)


def _send(sender: socket.socket, to: tuple[str, int], message: Callable[[int], bytes], first: int, due: int) -> int:
    """How many of them the kernel took: on loopback it may wait for the receiver."""
    for number in range(first, due):
        try:
            sender.sendto(message(number), to)
        except BlockingIOError:
            return number - first
        except ConnectionRefusedError:
            continue  # ICMP for an earlier one: nobody listens
    return max(0, due - first)


def _hear(sender: socket.socket, answers: Counter[int]) -> None:
    while True:
        try:
            data = sender.recv(65_535)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            continue
        status = data[8:11]
        answers[int(status) if data.startswith(b"SIP/2.0 ") and status.isdigit() else 0] += 1


if __name__ == "__main__":
    source_host, source_port, host, port, rate, seconds, called = sys.argv[1:]
    sys.stdout.write("began\n")
    sys.stdout.flush()
    figures = _flood((source_host, int(source_port)), (host, int(port)), int(rate), float(seconds), called)
    sys.stdout.write(f"{figures}\n")
