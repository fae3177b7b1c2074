"""What of that which desks were told is one person's own, and nobody else's.

Comes in: the data of an event or a pop that speaks of him. Goes out: the same for him: of those who were listed he
alone is left, and what was said of the caller where it was he.
"""

from typing import Any

import msgspec

from ctibridge.delivery.erased import Level

_OF_CALLER = ("caller", "language", "context", "links", "trust", "note", "by", "state", "standard_requests")
"""Of whoever called: his, where nobody else was listed."""
_decoder = msgspec.json.Decoder(dict[str, Any])


def data(before: bytes, account: str, person: str, level: Level) -> dict[str, Any]:
    """level: how much it speaks of him. Raises msgspec.DecodeError."""
    whole = _decoder.decode(before)
    told: dict[str, Any] = {key: whole[key] for key in ("call", "called") if key in whole}
    if level is Level.HIS:
        told |= {key: whole[key] for key in _OF_CALLER if key in whole}
    resolution = whole.get("resolution")
    if isinstance(resolution, dict):
        listed = resolution.get("candidates") or []
        his = [
            one for one in listed if one.get("person", {}).get("account") == account and one["person"]["id"] == person
        ]
        told["resolution"] = {"status": resolution.get("status"), "candidates": his, "others": len(listed) - len(his)}
    return told


def fact(body: bytes) -> Any:
    """What another room keeps of his call; without the call before it, which was another's. Raises
    msgspec.DecodeError."""
    whole: Any = msgspec.json.decode(body)
    return {key: one for key, one in whole.items() if key != "continues"} if isinstance(whole, dict) else whole
