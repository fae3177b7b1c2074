"""By what the nodes of one cluster know each other's contacts: a mark behind the token, which nobody else can make.

Two nodes on one line are no two devices: each would take the other for the agent's phone, and stay where there is none
(contract: *Never harm a line*).
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from hmac import compare_digest

LENGTH = 16
"""Hexadecimal digits, 64 bits: who guesses has one try for each REGISTER, and gains that we leave a line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Of one line. key: 1 to 64 bytes that all nodes have and nobody else; aor: the line's address-of-record."""

    key: bytes = field(repr=False)
    aor: str

    def on(self, token: str) -> str:
        """The token with the mark behind it."""
        return token + self._of(token)

    def is_on(self, user: str | None) -> bool:
        """Is this the user part of a contact that one of our nodes has on this line?"""
        token, mark = (user or "")[:-LENGTH], (user or "")[-LENGTH:]
        return bool(token) and compare_digest(mark.encode(), self._of(token).encode())

    def _of(self, token: str) -> str:
        return blake2b(f"{self.aor} {token}".encode(), key=self.key, digest_size=LENGTH // 2).hexdigest()
