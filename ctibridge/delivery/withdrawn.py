"""What stays of what a desk was told when the people of an account leave the store for good.

Of a pop: the call, its revision, and the numbers that called and were called as the network said them, so that it can
be asked for again. Of work: who did what, without the note. Of all else: the call. What is left speaks of nobody who
left.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import msgspec

from ctibridge.delivery.kept import KeptCall, KeptEvent, KeptPop

_WHOLE = ("call", "by", "state", "answered_in")
_PARTS = {
    "caller": ("number", "raw", "extension", "presentation", "source", "attestation"),
    "called": ("number",),
    "resolution": ("revision",),
}
_EMPTY: dict[str, dict[str, Any]] = {"caller": {"display_name": None, "diverted_by": None, "remarks": []}}
"""Who reads it looks for them all the same."""
_NOTE = "note"

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


def speaks_of(told: frozenset[str] | None, leaving: AbstractSet[str]) -> bool:
    """told: as in `KeptEvent.accounts`; nobody knows any more of whom it speaks where that is None."""
    return told is None or not told.isdisjoint(leaving)


def data(before: bytes) -> bytes:
    """Of an event or a pop. Raises msgspec.DecodeError where it is no JSON object."""
    old = _decoder.decode(before)
    left = {key: old[key] for key in _WHOLE if key in old}
    for key, parts in _PARTS.items():
        if isinstance(old.get(key), dict):
            left[key] = {part: old[key][part] for part in parts if part in old[key]} | _EMPTY.get(key, {})
    if _NOTE in old:
        left[_NOTE] = None
    return _encoder.encode(left)


def event(before: KeptEvent, leaving: AbstractSet[str]) -> KeptEvent:
    """The event itself where nothing of it goes. What an agent wrote himself is of no account, and goes with its call:
    that is for whoever knows of whom the call spoke."""
    if not speaks_of(before.accounts, leaving):
        return before
    return replace(before, accounts=None, data=data(before.data))


def call(before: KeptCall, leaving: AbstractSet[str], calls: AbstractSet[str]) -> KeptCall:
    """calls: ids of those of this desk that are known to speak of somebody who leaves. The call itself where nothing of
    it goes."""
    if before.call.id not in calls and not mentions(before, leaving):
        return before
    pop = None if before.pop is None else KeptPop(None, data(before.pop.data))
    newest = None if before.newest is None else data(before.newest)
    return replace(before, accounts=None, notes=(), newest=newest, pop=pop)


def mentions(kept: KeptCall, leaving: AbstractSet[str]) -> bool:
    return speaks_of(kept.accounts, leaving) or (kept.pop is not None and speaks_of(kept.pop.accounts, leaving))
