"""A number as the store and the index keep it: one integer, in which nothing is lost.

E.164 is its digits. A short number keeps its leading zeros behind a one, above all that E.164 can be (15 digits).
"""

import re

EXTENSION_BASE = 10**15
_LONGEST_EXTENSION = 6
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SHORT = re.compile(rf"[0-9]{{1,{_LONGEST_EXTENSION}}}")
_LARGEST = EXTENSION_BASE + 2 * 10**_LONGEST_EXTENSION


def pack(number: str) -> int:
    """`+493023125000` → 493023125000, `0042` → 10**15 + 10042. ValueError for what is neither E.164 nor short."""
    if _E164.fullmatch(number):
        return int(number[1:])
    if _SHORT.fullmatch(number):
        return EXTENSION_BASE + int(f"1{number}")
    raise ValueError("neither E.164 with its plus nor a short number of at most six digits")


def unpack(key: int) -> str:
    """What `pack` was given. Raises ValueError for a key that it never returns."""
    if 10 <= key < EXTENSION_BASE:
        return f"+{key}"
    short = str(key - EXTENSION_BASE)
    if EXTENSION_BASE + 10 <= key < _LARGEST and short.startswith("1"):
        return short[1:]
    raise ValueError("no key of a number")


def is_extension(key: int) -> bool:
    """Does the key stand for a short number?"""
    return key >= EXTENSION_BASE
