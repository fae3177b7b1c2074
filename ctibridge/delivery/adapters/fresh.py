"""Chance: what must not be guessed, and what must never come twice."""

import secrets

from ctibridge.delivery.tokens import SECRET_BYTES


def epoch() -> str:
    """Names one life of a desk; 50 bits, as an event id may never name two events."""
    return secrets.token_hex(7)


def connection() -> int:
    """The first of a node's connections; those of two lives never meet."""
    return secrets.randbits(62)


def token_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def token_id() -> str:
    """Public; short enough to be typed into `token revoke`."""
    return secrets.token_hex(5)
