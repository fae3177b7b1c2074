"""What legs of one call have in common, as keys of a table: what is certain, and what is likely.

A leg is looked up by one list of keys and remembered by another: dialog-info knows the Call-ID and seldom the From-tag,
so it finds every leg with that Call-ID, and is found by each; two INVITEs need both to be equal.
"""

from ctibridge.calls.facts import LegRang
from ctibridge.domain.caller import Signalled

Key = tuple[str, ...]

OF_CALLERS = frozenset({"desk", "trunk", "caller"})
"""The first words of keys in which a caller's number stands."""
SUFFIX = 6
"""Digits that two forms of one number have in common at least; extensions are shorter and must be equal."""

_SEPARATORS = str.maketrans("", "", " -./()")


def certain(leg: LegRang) -> list[Key]:
    """By which another leg of the same call is found, the best first."""
    call_id, tag = leg.dialog
    keys: list[Key] = [("header", leg.trunk, leg.key)] if leg.key else []
    if call_id and tag:
        keys += of_dialog(call_id, tag), ("untagged", leg.trunk, call_id)
    elif call_id:
        keys.append(of_call_id(leg.trunk, call_id))
    return keys


def own(leg: LegRang) -> list[Key]:
    """By which this leg will be found."""
    call_id, tag = leg.dialog
    keys: list[Key] = [("header", leg.trunk, leg.key)] if leg.key else []
    if call_id:
        keys += of_dialog(call_id, tag) if tag else ("untagged", leg.trunk, call_id), of_call_id(leg.trunk, call_id)
    return keys


def of_dialog(call_id: str, tag: str) -> Key:
    return "dialog", call_id, tag


def of_call_id(trunk: str, call_id: str) -> Key:
    return "call-id", trunk, call_id


def pairs(leg: LegRang, agents: frozenset[str]) -> list[Key]:
    """Caller and called number, for each desk and for the trunk, where there is a caller. A called "number" that is the
    line itself names no call: to such a PBX (plain Asterisk) everything is called like the line."""
    who = leg.signalled
    if who.raw is None:
        return []
    called = next((number.value for number in who.called if number.value != leg.line), "")
    pair = (leg.trunk, who.raw.value, called)
    return [*(("desk", agent, *pair) for agent in sorted(agents)), ("trunk", *pair)]


def plain(user: str) -> str:
    """A number as two views of one PBX may write it: separators, a leading plus or zeros make no other one."""
    return user.translate(_SEPARATORS).removeprefix("+").lstrip("0").lower()


def same_number(one: str, other: str) -> bool:
    """Also where one PBX writes the national form and another the international one."""
    shorter, longer = sorted((plain(one), plain(other)), key=len)
    return shorter == longer or (len(shorter) >= SUFFIX and longer.endswith(shorter))


def same_caller(one: Signalled, other: Signalled) -> bool:
    """May both views speak of one caller? True also where either of them names none: dialog-info may not know him, and
    a caller who is withheld in the INVITE may stand in the PBX's own state with his number."""
    if one.raw is None or other.raw is None:
        return True
    return plain(one.raw.value) == plain(other.raw.value)
