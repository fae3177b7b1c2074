"""Our id of a call: 26 unguessable letters, never the SIP Call-ID.

On one node a ULID, sortable by time. Several nodes that hear one call have to name it alike without asking each other,
and share no clock: there it is made of what all of them hear.
"""

from collections.abc import Iterable
from hashlib import blake2b

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [one + other for one in _CROCKFORD for other in _CROCKFORD]
RANDOM_BYTES = 10
_BYTES = 16


def call_id(milliseconds: int, randomness: bytes) -> str:
    """26 characters of Crockford's base 32: 48 bits of Unix time, then the 10 random bytes."""
    return _text((milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(randomness[:RANDOM_BYTES], "big"))


def keyed_call_id(key: bytes, words: Iterable[str]) -> str:
    """The same form, made of these words. key: 1 to 64 bytes that nobody else has, or who knows the words could guess
    it."""
    hashed = blake2b(key=key, digest_size=_BYTES)
    for word in words:
        text = word.encode("utf-8", "surrogatepass")
        hashed.update(len(text).to_bytes(4, "big") + text)
    return _text(int.from_bytes(hashed.digest(), "big"))


def _text(number: int) -> str:
    """Two letters at a time: each node makes one for each call of all."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
