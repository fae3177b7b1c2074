"""CSeq (RFC 3261 20.16)."""

from dataclasses import dataclass

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import whole_number

LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class CSeq:
    number: int
    method: str

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def parse(text: str) -> CSeq:
    """Raises RemoteFault."""
    parts = text.split()
    number = whole_number(parts[0], LARGEST) if len(parts) == 2 else None
    if number is None:
        raise RemoteFault("CSeq cannot be read")
    return CSeq(number, parts[1])
