"""The headers by which a receiver knows that a body is ours and not older than it looks (Standard Webhooks 1.0.0,
"Webhook Headers (sender metadata)" and "Signature scheme", symmetric)."""

import hmac
from base64 import b64encode
from hashlib import sha256


def headers(key: bytes, message: str, at: int, body: bytes) -> dict[str, str]:
    """message: the id, the same at each attempt; at: unix seconds of this one."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{signature(key, message, at, body)}",
    }


def signature(key: bytes, message: str, at: int, body: bytes) -> str:
    """Base64."""
    signed = hmac.digest(key, f"{message}.{at}.".encode() + body, sha256)
    return b64encode(signed).decode()


def opaque(key: bytes, *parts: str) -> str:
    """A name for these parts, always the same, that counts nothing. The receiver has the key, too: one part has to be a
    word that it cannot guess, as the epoch is (`fresh.epoch`)."""
    return hmac.digest(key, "\0".join(parts).encode(), sha256).hex()[:32]
