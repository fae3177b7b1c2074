"""Who was erased and must not come back by an import, without a word of who that was.

A mark is a hash of account and id with a key that the store made for itself: whoever has both can ask for somebody whom
he names, as an import does, and nobody can read a list.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field


def mark(key: bytes, account: str, person: str) -> bytes:
    """Of one person. key: of the store."""
    return hmac.digest(key, f"{account}\0{person}".encode(), "sha256")[:16]


@dataclass(frozen=True, slots=True)
class KeptOut:
    """marks: by account."""

    key: bytes = field(default=b"", repr=False)
    marks: Mapping[str, frozenset[bytes]] = field(default_factory=dict, repr=False)

    def has(self, account: str, person: str) -> bool:
        marks = self.marks.get(account)
        return marks is not None and mark(self.key, account, person) in marks
