"""What a node keeps on its disk to be known again: the secret that all nodes share, and which process ran last here."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ctibridge.installation import StartError

KEY = "cluster.key"
"""The secret of all nodes: their contacts are marked by it, and their calls named."""
INCARNATION = "cluster.incarnation"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Passport:
    """incarnation: fresh with each process; replaces: of the process before it, which is dead: we have its lock."""

    key: bytes = field(repr=False)
    incarnation: str
    replaces: str


def known_key(state_dir: Path) -> bytes | None:
    """None where this node has never been in a cluster. Raises StartError."""
    path = state_dir / KEY
    try:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StartError(f"{path}: {error}; make it readable for the service, or remove it") from None


def last(state_dir: Path) -> str | None:
    """The incarnation of the process that began here last; None where there was none, or it cannot be read."""
    try:
        return (state_dir / INCARNATION).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def fresh_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def show(state_dir: Path, key: bytes) -> Passport:
    """At each start, with the lock of the state directory held. Raises StartError."""
    path = state_dir / INCARNATION
    fresh = secrets.token_hex(8)
    try:
        replaces = path.read_text(encoding="ascii").strip() if path.exists() else ""
        _write(state_dir / KEY, key.hex())
        _write(path, fresh)
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path}: {error}; make it writable for the service") from None
    return Passport(key, fresh, replaces)


def _write(path: Path, text: str) -> None:
    """All of it or nothing, and durable: a number may not be given twice."""
    made = path.with_suffix(".new")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    made.replace(path)
