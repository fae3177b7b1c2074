"""Our id of a call: a ULID, sortable by time and unguessable, never the SIP Call-ID."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES = 10


def call_id(milliseconds: int, randomness: bytes) -> str:
    """26 characters of Crockford's base 32: 48 bits of Unix time, then the 10 random bytes."""
    number = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(randomness[:RANDOM_BYTES], "big")
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
