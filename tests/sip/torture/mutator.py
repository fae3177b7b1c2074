"""Messages that nobody wrote: torture vectors, captures and earlier findings, flipped, spliced and stretched.

The same seed gives the same messages, on every machine.
"""

import random
import re
from collections.abc import Sequence
from pathlib import Path

from ctibridge.sip import limits
from tests.sip.scripts import CONTACT, request
from tests.sip.torture import notation

SEEDS = notation.FOLDER / "seeds"
CAPTURES = Path(__file__).parents[2] / "captures"
_LENGTH = re.compile(rb"\r\n(?:Content-Length|l)\s*:[^\r\n]*", re.IGNORECASE)
_TARGET = re.compile(rb"^([!-~]+) [^\r\n]* SIP/2\.0")
_ODD = (
    b"", b"\0", b"\r", b"\n", b"\r\n", b"\r\n ", b"\r\n\r\n", b" ", b"\t", b'"', b"\\", b'\\"', b"<", b">", b";",
    b",", b":", b"=", b"@", b"%", b"%00", b"[", b"]", b"?", b"(", b"\xff", b"\xc3\xa4", b"\xe2\x84\xaa", b"-1", b"0",
    b"4294967296", b"99999999999999999999", b";tag=", b";branch=z9hG4bK", b";rport", b";received=", b"SIP/2.0/",
    b"sip:", b"tel:", b"\r\nTo: x", b"\r\nVia: x", b"\r\nl: 1", b"anonymous", b"Privacy: id",
    b"Reason: SIP;cause=200", b"Require: x",
)  # fmt: skip


def corpus() -> list[bytes]:
    """What mutations begin with."""
    torture = [notation.read(rfc, name) for rfc in ("rfc4475", "rfc5118") for name in notation.names(rfc)]
    captured = [path.read_bytes() for path in sorted(CAPTURES.rglob("*-rx-*.sip"))]
    ours = [bytes(request(method)) for method in ("INVITE", "CANCEL", "ACK", "OPTIONS", "NOTIFY", "BYE")]
    return [*torture, *captured, *ours, *findings().values()]


def findings() -> dict[str, bytes]:
    """What was found, by what went wrong."""
    return {path.stem: path.read_bytes() for path in sorted(SEEDS.glob("*.bin"))}


class Mutator:
    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._corpus = corpus()
        self._ways = (
            self._flip, self._flip, self._cut_in, self._cut_in, self._cut_in, self._splice, self._double,
            self._truncate, self._swap_lines, self._take_line, self._stretch,
        )  # fmt: skip

    def message(self) -> bytes:
        """One message, never larger than a datagram."""
        dice = self._dice
        data = dice.choice(self._corpus)
        for _ in range(dice.choice((0, 1, 1, 1, 2, 3, 5, 8))):
            data = dice.choice(self._ways)(data)
        if dice.random() < 0.5:
            data = _TARGET.sub(rb"\1 " + CONTACT.encode() + b" SIP/2.0", data, count=1)
        if dice.random() < 0.7:
            data = self._with_length(data)
        return data[: limits.MESSAGE + 1]

    def vary(self, lines: Sequence[bytes]) -> bytes:
        """One of these lines, changed here and there."""
        data = self._dice.choice(lines)
        for _ in range(self._dice.randrange(5)):
            data = self._dice.choice((self._flip, self._cut_in, self._double, self._truncate))(data)
        return data

    def pieces(self, data: bytes) -> list[bytes]:
        """The same bytes as a connection might bring them."""
        cuts = sorted(self._dice.randrange(len(data) + 1) for _ in range(self._dice.randrange(6)))
        return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]

    def _place(self, data: bytes) -> int:
        return self._dice.randrange(len(data) + 1)

    def _flip(self, data: bytes) -> bytes:
        if not data:
            return data
        place = self._dice.randrange(len(data))
        return data[:place] + bytes([data[place] ^ (1 << self._dice.randrange(8))]) + data[place + 1 :]

    def _cut_in(self, data: bytes) -> bytes:
        place = self._place(data)
        return data[:place] + self._dice.choice(_ODD) + data[place + self._dice.choice((0, 0, 1, 2, 9)) :]

    def _splice(self, data: bytes) -> bytes:
        other = self._dice.choice(self._corpus)
        return data[: self._place(data)] + other[self._place(other) :]

    def _double(self, data: bytes) -> bytes:
        start, end = sorted((self._place(data), self._place(data)))
        return data[:end] + data[start:]

    def _truncate(self, data: bytes) -> bytes:
        return data[: self._place(data)]

    def _swap_lines(self, data: bytes) -> bytes:
        head, end, body = data.partition(b"\r\n\r\n")
        start, *lines = head.split(b"\r\n")
        self._dice.shuffle(lines)
        return b"\r\n".join([start, *lines]) + end + body

    def _take_line(self, data: bytes) -> bytes:
        """A line of another message joins, or takes the place of one."""
        lines = data.split(b"\r\n")
        others = self._dice.choice(self._corpus).split(b"\r\n")
        place = self._dice.randrange(len(lines))
        lines[place : place + self._dice.randrange(2)] = [self._dice.choice(others)]
        return b"\r\n".join(lines)

    def _stretch(self, data: bytes) -> bytes:
        place = self._place(data)
        filler = self._dice.choice(_ODD) or b"x"
        return data[:place] + filler * self._dice.choice((10, 200, 1_500, 9_000)) + data[place:]

    def _with_length(self, data: bytes) -> bytes:
        """A length that fits, so that more than the framing is tried."""
        head, end, body = data.partition(b"\r\n\r\n")
        return _LENGTH.sub(b"", head) + b"\r\nContent-Length: %d" % len(body) + end + body if end else data
