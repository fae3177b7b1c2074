"""What stays of what desks were told when one person, or one number, has to leave for good.

Comes in: `Traces`, and what is kept of events, calls and facts. Goes out: how much it speaks of them, and what is left
of it. A call that was theirs loses number, names and notes at every desk; one that only listed the person among others
(a switchboard) loses all who were listed, and is asked for again when somebody looks at it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

import msgspec

from ctibridge.delivery import withdrawn
from ctibridge.delivery.kept import KeptCall, KeptPop
from ctibridge.domain.erasure import Leaving, Written

_BETWEEN = r"[\s().\-/\u00a0]*"
"""As people and PBXs write between digits."""
_BEGINS = r"(?:(?<![0-9])|(?<=%[0-9][0-9]))"
"""Also in an address, behind an escaped sign."""
_SQUEEZED = b" \t\n\r\v\f\x1c\x1d\x1e\x1f().-/" + bytes(range(0x80, 0x100))
"""All of that as bytes, and more: what is not ASCII may be a blank."""
_RUNS = re.compile(r"[a-hjl-rt-z0-9]+")
"""Of a name, what stands the same in whatever is taken for that name: i, k and s have sisters outside ASCII."""
_NEVER = re.compile(r"(?!)")
_NOBODY: dict[str, Any] = {"number": None, "raw": None, "extension": None, "presentation": "unavailable"}
_CALLER_KEYS: dict[str, Any] = {
    "raw": None,
    "display_name": None,
    "diverted_by": None,
    "marked": None,
    "remarks": [],
    "presentation": "unavailable",
    "continues": None,
    "caller": None,
}
"""Under these the rooms keep who called, whichever of them wrote the fact."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


class Level(IntEnum):
    """How much something speaks of who leaves."""

    NOT = 0
    LISTED = 1
    """Among others, by whom the number may be."""
    HIS = 2


class Traces:
    """What is looked for."""

    def __init__(self, leaving: Leaving) -> None:
        self.people = frozenset((person.account, person.id) for person in leaving.people)
        self.extensions = frozenset((one.account, one.digits) for one in leaving.extensions)
        self._text = _any_of([*map(_pattern, leaving.numbers), *map(_name_pattern, sorted(leaving.names))])
        ids = {word for _, word in self.people | self.extensions}
        self._ids = [_encoder.encode(word) for word in sorted(ids)]
        self._digits = [number.national.encode() for number in leaving.numbers]
        runs = {name: [run.encode() for run in _RUNS.findall(name.lower())] for name in sorted(leaving.names)}
        self._runs = [found for found in runs.values() if found]
        self._without_runs = _any_of([_name_pattern(name) for name, found in runs.items() if not found])

    def level(self, data: bytes) -> Level:
        """Of an event, a pop or a fact, as it is kept. Raises msgspec.DecodeError where it is no JSON object."""
        may_name = self._may_name(data)
        if not may_name and not any(one in data for one in self._ids):
            return Level.NOT
        whole = _decoder.decode(data)
        listed = _people(_candidates(whole))
        if self._is_extension(whole) or (listed and listed <= self.people):
            return Level.HIS
        if may_name and self._text.search(_encoder.encode(_without_candidates(whole)).decode()):
            return Level.HIS
        return Level.LISTED if self.people & _people(whole) else Level.NOT

    def has(self, text: str) -> bool:
        """Does this name them, or one of the numbers?"""
        return self._may_name(text.encode()) and self._text.search(text) is not None

    # ------------------------------------------------------------------------------------------------------------------

    def _may_name(self, data: bytes) -> bool:
        """No for nearly all there is, in a hundredth of the time that the pattern takes: millions of events are read
        where one person leaves."""
        if self._digits:
            squeezed = data.translate(None, _SQUEEZED)
            if any(digits in squeezed for digits in self._digits):
                return True
        low = data.lower()
        if any(all(run in low for run in runs) for runs in self._runs):
            return True
        return self._without_runs is not _NEVER and bool(self._without_runs.search(data.decode(errors="replace")))

    def _is_extension(self, whole: dict[str, Any]) -> bool:
        """Short numbers are in every company: the call has to speak of this one, and of nobody else's."""
        caller = whole.get("caller")
        if not self.extensions or not isinstance(caller, dict):
            return False
        return any((account, caller.get("extension")) in self.extensions for account in _accounts(whole))


def data(before: bytes, level: Level) -> bytes:
    """What is left of an event's or a pop's. Raises msgspec.DecodeError."""
    left = withdrawn.data(before)
    if level is not Level.HIS:
        return left
    whole = _decoder.decode(left)
    if isinstance(whole.get("caller"), dict):
        whole["caller"] |= _NOBODY
    return _encoder.encode(whole)


def call(before: KeptCall, level: Level) -> KeptCall:
    """The same of a call as it is kept. Raises msgspec.DecodeError."""
    left = withdrawn.call(before, frozenset(), {before.call.id})
    newest = None if left.newest is None else data(left.newest, level)
    pop = None if left.pop is None else KeptPop(left.pop.accounts, data(left.pop.data, level))
    return replace(left, newest=newest, pop=pop)


def fact(body: bytes, traces: Traces, level: Level) -> bytes | None:
    """The same of what another room keeps of a call; None: it has to go. level: of the call."""
    try:
        whole: Any = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    if level is Level.HIS:
        whole = _nobody(whole)
    left = _encoder.encode(whole)
    return None if traces.has(left.decode()) else left


def _nobody(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _CALLER_KEYS[key] if key in _CALLER_KEYS else _nobody(one) for key, one in value.items()}
    return [_nobody(one) for one in value] if isinstance(value, list) else value


def _candidates(whole: dict[str, Any]) -> Any:
    resolution = whole.get("resolution")
    return resolution.get("candidates") if isinstance(resolution, dict) else None


def _without_candidates(whole: dict[str, Any]) -> dict[str, Any]:
    resolution = whole.get("resolution")
    if not isinstance(resolution, dict):
        return whole
    return {**whole, "resolution": {key: one for key, one in resolution.items() if key != "candidates"}}


def _people(value: Any) -> frozenset[tuple[str, str]]:
    """Whoever is named by account and id, at any depth."""
    found: set[tuple[str, str]] = set()
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, dict):
            account, name = one.get("account"), one.get("id")
            if isinstance(account, str) and isinstance(name, str):
                found.add((account, name))
            rest += one.values()
        elif isinstance(one, list):
            rest += one
    return frozenset(found)


def _accounts(whole: dict[str, Any]) -> frozenset[str]:
    called = whole.get("called")
    account = called.get("account") if isinstance(called, dict) else None
    named = {account["id"]} if isinstance(account, dict) and isinstance(account.get("id"), str) else set()
    return frozenset(named | {account for account, _ in _people(_candidates(whole))})


def _any_of(parts: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(parts), re.IGNORECASE) if parts else _NEVER


def _pattern(number: Written) -> str:
    """Its national digits, behind the country's or what is dialled before them, however they are grouped."""
    digits = _BETWEEN.join(number.national)
    country = _BETWEEN.join(number.country)
    before = "|".join(_BETWEEN.join(prefix) for prefix in sorted(number.prefixes) if prefix)
    abroad = rf"(?:(?:{before}){_BETWEEN})?(?:\+|%2B|00)?{_BETWEEN}{country}{_BETWEEN}(?:\(?0\)?{_BETWEEN})?"
    at_home = rf"(?:(?:{before}){_BETWEEN})?" if before else ""
    return rf"{_BEGINS}(?:{abroad}|{at_home}){digits}(?![0-9])"


def _name_pattern(name: str) -> str:
    """Also with the family name first."""
    words = [re.escape(word).replace('"', r'\\?"') for word in name.split()]  # as JSON has it
    ways = {r"\s+".join(words)}
    if len(words) > 1:
        ways.add(rf"{words[-1]},?\s+" + r"\s+".join(words[:-1]))
    return rf"(?<!\w)(?:{'|'.join(sorted(ways))})(?!\w)"
