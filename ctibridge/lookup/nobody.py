"""Digits that are nobody's number: words typed on a keypad, zeros, and codes that ask to stay unknown.

Some networks put ANONYMOUS as 266696687 where a number belongs. Absolute, also where such digits are somebody's
number in national form (948 44 353 in Norway is WITHHELD): a wrong person on the screen is worse than none, and in
international form that number is read as usual. The sip room has its own list, for it knows no countries.
"""

import re

_WORDS = (
    "ANONYMOUS", "RESTRICTED", "UNAVAILABLE", "UNKNOWN", "PRIVATE", "WITHHELD", "BLOCKED", "OUTOFAREA", "NOCALLERID",
)  # fmt: skip
_KEYS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_ZEROS = re.compile(r"\+?0{2,}|\+0?")

KEYPAD_WORDS = frozenset(word.translate(_KEYS) for word in _WORDS)

# Codes dialled before a number, for this call only. What a caller dialled stands before the *called* number; before a
# caller's own number it is how some gateways hand on the wish itself. The codes with a star or a hash hide in one
# network what they show in the next (`*31#`), so all of them but `*82` count as a wish to stay unknown.
_HIDING_SIGNS = re.compile(r"(?:[*#]31[#*]|\*67)")
_SHOWING_SIGNS = re.compile(r"\*82")
_HIDING = {
    "AU": ("1831",), "GB": ("141",), "JP": ("184",), "ES": ("067",), "FR": ("3651",), "NZ": ("0197",), "US": ("1167",),
    "CA": ("1167",),
}  # fmt: skip
_SHOWING = {"AU": ("1832",), "GB": ("1470",), "JP": ("186",), "NZ": ("0196",), "US": ("1182",), "CA": ("1182",)}


def keypad(letters: str) -> str:
    """FLOWERS → 3569377 (E.161); what is no ASCII letter stays."""
    return letters.upper().translate(_KEYS)


def is_nobody(text: str) -> bool:
    """text: digits, perhaps with a plus. Zeros without end and words of a keypad; a single 0 is the operator's."""
    return text.removeprefix("+") in KEYPAD_WORDS or _ZEROS.fullmatch(text) is not None


def hides(text: str) -> bool:
    """Does a code with a star or a hash in front ask to stay unknown? text: as it came."""
    return _HIDING_SIGNS.match(text) is not None


def shown(text: str) -> str:
    """Without a code with a star in front that asks to be shown."""
    return _SHOWING_SIGNS.sub("", text, count=1) if text.startswith("*") else text


def behind_hiding_code(text: str, country: str | None) -> str | None:
    """What follows the country's code of digits that hides; None where there is none."""
    return _behind(text, _HIDING.get(country or "", ()))


def behind_showing_code(text: str, country: str | None) -> str | None:
    """What follows the country's code of digits that shows; None where there is none."""
    return _behind(text, _SHOWING.get(country or "", ()))


def _behind(text: str, codes: tuple[str, ...]) -> str | None:
    return next((text[len(code) :] for code in codes if text.startswith(code)), None)
