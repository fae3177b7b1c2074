"""What one node says to the others, as it stands in a stream; and which of what is read is new.

Each sender numbers what it says in a stream, from 1. So whoever reads sees what was written twice (a connection broke
before the answer came) and what is missing (dropped by the sender, trimmed, lost with a primary).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

BODY = 1_048_576
"""Bytes of a body at most."""
MOST_SENDERS = 1024
Taken = Literal["new", "again", "gap"]


@dataclass(frozen=True, slots=True)
class Entry:
    """kind: what the body is, for its reader. incarnation: which start of the sender. number: of all it said in this
    stream."""

    kind: str
    sender: str
    incarnation: str
    number: int
    body: bytes = field(repr=False)

    def fields(self) -> tuple[bytes | str | int, ...]:
        """As XADD takes them."""
        return ("k", self.kind, "s", self.sender, "i", self.incarnation, "n", self.number, "b", self.body)


def parse(fields: Sequence[bytes]) -> Entry:
    """Fields that we do not know, of a newer version, are ignored. Raises ValueError for what is no entry."""
    found = dict(zip(fields[::2], fields[1::2], strict=True))
    try:
        number, body = found[b"n"], found[b"b"]
        kind, sender, incarnation = found[b"k"].decode(), found[b"s"].decode(), found[b"i"].decode()
    except KeyError as missing:
        raise ValueError(f"an entry without {missing}") from None
    if not (number.isdigit() and len(number) < 19) or len(body) > BODY:
        raise ValueError("an entry with a number or body that cannot be")
    return Entry(kind, sender, incarnation, int(number), body)


class Order:
    """What was read of each sender so far. One that is seen for the first time begins where it stands."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str, str], int] = {}
        self._known: dict[tuple[str, str], None] = {}

    def take(self, stream: str, entry: Entry) -> Taken:
        """gap: it is new, and something before it is missing."""
        key = (stream, entry.sender, entry.incarnation)
        before = self._read.get(key)
        if before is None:
            before = self._begun(stream, entry)
        if entry.number <= before:
            return "again"
        self._read[key] = entry.number
        return "new" if entry.number == before + 1 else "gap"

    def _begun(self, stream: str, entry: Entry) -> int:
        """What counts as read of it before. The oldest ones, of nodes long gone, are forgotten."""
        _make_room(self._read)
        if (stream, entry.sender) in self._known:
            return 0
        _make_room(self._known)
        self._known[stream, entry.sender] = None
        return entry.number - 1


def _make_room(known: dict[Any, Any]) -> None:
    while len(known) >= MOST_SENDERS:
        del known[next(iter(known))]
