"""One line, several spellings: what plans changed, and what networks add and drop on the way.

Comes in: E.164. Goes out: other E.164 spellings of the same line, under which a directory may have stored it, and the
mends for spellings that are no number any more. Only rules that never lead to another subscriber stand here.
"""

import re
from collections.abc import Iterator

_Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(*rules: tuple[str, str]) -> _Rules:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in rules)


_SPELLINGS: dict[str, _Rules] = {
    # Italy: the zero of a landline was no part of the number abroad before 1998; San Marino is 0549 from there.
    "39": _rules((r"\+390(549\d{6})", r"+3780\1"), (r"\+390([1-9]\d{4,10})", r"+39\1")),
    "378": _rules((r"\+3780(549\d{6})", r"+390\1"), (r"\+3780549(\d{6})", r"+378\1")),
    # Mexico: until 2019 a 1 stood before mobiles that are called from abroad; many networks still add it.
    "52": _rules((r"\+52([2-9]\d{9})", r"+521\1")),
    # Argentina: a 9 before mobiles from abroad, none at home (there 15 stands behind the area).
    "54": _rules((r"\+549(\d{10})", r"+54\1"), (r"\+54((?:11|[23]\d)\d{8})", r"+549\1")),
    # Brazil: mobiles got a ninth digit from 2012 to 2016.
    "55": _rules((r"\+55([1-9]\d)9([6-9]\d{7})", r"+55\1\2"), (r"\+55([1-9]\d)([6-9]\d{7})", r"+55\g<1>9\2")),
    # Colombia: since 2021 landlines begin with 60 and their area.
    "57": _rules((r"\+5760([124-8]\d{7})", r"+57\1")),
    # Ivory Coast: since 2021 two digits by operator stand before the eight of old. Benin: since 2024 it is 01.
    "225": _rules((r"\+225(?:01|05|07|21|25|27)(\d{8})", r"+225\1")),
    "229": _rules((r"\+22901(\d{8})", r"+229\1")),
}
_MENDS: dict[str, _Rules] = {
    "39": _rules((r"\+39([1-9]\d{4,10})", r"+390\1")),
    "52": _rules((r"\+521(\d{10})", r"+52\1")),
    "55": _rules((r"\+55([1-9]\d)([6-9]\d{7})", r"+55\g<1>9\2")),
    "57": _rules((r"\+57([124-8]\d{7})", r"+5760\1")),
    "225": _rules(
        (r"\+225([04-9][0-3]\d{6})", r"+22501\1"),
        (r"\+225([04-9][4-6]\d{6})", r"+22505\1"),
        (r"\+225([04-9][7-9]\d{6})", r"+22507\1"),
    ),
    "229": _rules((r"\+229([2-9]\d{7})", r"+22901\1")),
}
# Country codes are prefix-free, so two cuts find the code.
_CODE_LENGTHS = (2, 3)
_CHANGED = frozenset({"39", "378", "52", "54", "55", "57", "225", "229"})
_NO_SPELLINGS: tuple[str, ...] = ()

# Dialled at home before the number, and not in the tables of `phonenumbers` any more. Mexico: until 2019.
_DIALLED = {"MX": re.compile(r"(?:01|04[45])(?=\d{10}$)")}
# A PBX that takes the first zero for its own digit: the number without it is none in Italy.
_LOST_ZERO = {"IT": re.compile(r"[124-9]\d{7,9}")}


def spellings(e164: str) -> tuple[str, ...]:
    """The other spellings of this line, best first; empty for most countries."""
    code = e164[1:3] if e164[1:3] in _CHANGED else e164[1:4]
    if code not in _CHANGED:
        return _NO_SPELLINGS
    return tuple(pattern.sub(other, e164) for pattern, other in _SPELLINGS[code] if pattern.fullmatch(e164))


def mended(e164: str) -> Iterator[str]:
    """What an outdated or mutilated spelling may stand for; the caller asks whether it is a number."""
    for length in _CODE_LENGTHS:
        for pattern, other in _MENDS.get(e164[1 : 1 + length], ()):
            if pattern.fullmatch(e164):
                yield pattern.sub(other, e164)


def may_be_mended(code: str) -> bool:
    """Are there mends for numbers of this country code (digits without plus)?"""
    return code in _MENDS


def at_home(text: str, country: str | None) -> Iterator[str]:
    """Other national forms (digits) of what was dialled or mutilated at home, which `phonenumbers` does not know."""
    dialled = _DIALLED.get(country or "")
    if dialled is not None and (match := dialled.match(text)):
        yield text[match.end() :]
    lost = _LOST_ZERO.get(country or "")
    if lost is not None and lost.fullmatch(text):
        yield f"0{text}"
