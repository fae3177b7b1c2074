"""What a client sent, or why it cannot be read. Nothing that comes in here can do more than that."""

import json
from dataclasses import dataclass

import msgspec

from ctibridge.delivery import frames

_frame: msgspec.json.Decoder[frames.ClientFrame] = msgspec.json.Decoder(frames.ClientFrame)
_anything = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class Wrong:
    """A JSON object, but no frame that we know, or one with wrong values."""

    message: str


@dataclass(frozen=True, slots=True)
class NoObject:
    """Not even a JSON object."""


def client_frame(raw: str | bytes) -> frames.ClientFrame | Wrong | NoObject:
    try:
        return _frame.decode(raw)
    except msgspec.ValidationError as error:
        # The decoder stops at the first wrong value; what stands behind it may not be JSON at all.
        return Wrong(_readable(str(error))) if _is_object(raw) else NoObject()
    except (msgspec.DecodeError, UnicodeError):
        # A browser writes half of an emoji that was cut as `\ud83d`: JSON, if no text.
        return Wrong("text: half a character") if _is_loosely_an_object(raw) else NoObject()
    except RecursionError:
        return Wrong("nested too deeply") if _opens_object(raw) else NoObject()


def _is_object(raw: str | bytes) -> bool:
    try:
        return isinstance(_anything.decode(raw), dict)
    except RecursionError:
        return _opens_object(raw)
    except (msgspec.DecodeError, UnicodeError):
        return False


def _is_loosely_an_object(raw: str | bytes) -> bool:
    try:
        return isinstance(json.loads(raw), dict)
    except (ValueError, RecursionError):
        return False


def _opens_object(raw: str | bytes) -> bool:
    """What is nested too deeply to be read shows what it is with its first character."""
    if isinstance(raw, str):
        return raw.lstrip(" \t\r\n").startswith("{")
    return raw.lstrip(b" \t\r\n").startswith(b"{")


def _readable(error: str) -> str:
    """msgspec's words with the field in front; the value itself is not repeated, as it may be personal."""
    what, _, where = error.partition(" - at `$")
    where = where.rstrip("`").lstrip(".")
    if where == "type":
        return "type: no frame has this type"
    return f"{where}: {what}" if where else what
