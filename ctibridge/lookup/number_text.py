"""From text to digits: escapes, schemes, parameters, invisible characters, digits of other scripts, letters.

No numbering plan is asked here. What is neither a digit nor a separator makes the text none, apart from a vanity
number (`0800 FLOWERS`), whose letters stand for digits.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import unquote

from ctibridge.lookup import nobody

# The longest E.164 number has 15 digits; prefixes, separators and a parameter or two fit beside it.
LONGEST = 128

_SEPARATORS = frozenset(" \t\r\n-./()[]~'’·•＇／．。～−ーｰ⁃⁄")
"""With the minus sign, the Japanese long vowel mark that stands for a dash, and what East Asian keyboards write."""
_NO_SEPARATORS = {
    ord(character): None for character in (*_SEPARATORS, *map(chr, range(0x20)), "\x7f") if ord(character) < 128
}  # fmt: skip
_SILENT = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Pd", "Ps", "Pe"})
_MARKS = re.compile("[\u034f\ufe00-\ufe0f]")
"""Joiners and variation selectors are marks (Mn) by category, and not to be seen."""
_PLUS = frozenset("+\uff0b\ufe62\u208a\u207a")  # full-width, small, sub- and superscript
_DIGITS = re.compile(r"[+0-9]*")
_SCHEME = re.compile(r"(?i)(?:tel|sips?|callto):(?://)?")
_CONTEXT = re.compile(r"(?i);phone-context=(\+[0-9().\-]+)(?:;|$)")
_EXT = re.compile(r"(?i);ext=([0-9().\-]{1,12})(?:;|$)")
_BEHIND = re.compile(r"(?i)(?<=[0-9)])\s*(?:#|,+|\bext(?:ension|n)?\.?:?|x\.?)\s*([0-9]{1,6})#?\s*$")
"""An extension as people and gateways write it behind a number: `x12`, `ext. 12`, `#12`, `,,12`."""
_VANITY = re.compile(r"\+?[0-9]{3,8}[A-Za-z][A-Za-z0-9]{2,10}")
_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Written:
    """digits: with a plus where it has one; context: `+49`, what a tel URI says stands before it; extension: digits;
    vanity: letters stood among the digits."""

    digits: str = field(repr=False)
    context: str | None = field(default=None, repr=False)
    extension: str | None = field(default=None, repr=False)
    vanity: bool = False


def read(raw: str) -> Written | None:
    """None for what is no number: words, nobody's address, a code that asks to stay unknown."""
    text = _address(raw)
    if text is None or nobody.hides(text):
        return None
    body = nobody.shown(text).partition(";")[0]
    context, ext = _CONTEXT.search(text), _EXT.search(text)
    behind = _BEHIND.search(body)
    if behind is not None:
        body = body[: behind.start()]
    found = ext or behind
    return _written(body, context and digits(context[1]), found and digits(found[1]))


def digits(text: str) -> str | None:
    """Only `+` and the digits 0–9; None where anything stays that is neither a digit nor a separator."""
    if text.isascii():
        plain = text[:LONGEST].translate(_NO_SEPARATORS)
        return plain if _DIGITS.fullmatch(plain) else None
    kept: list[str] = []
    for character in _MARKS.sub("", text[:LONGEST]):
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            kept.append(str(digit))
        elif character in _PLUS:
            kept.append("+")
        elif character not in _SEPARATORS and unicodedata.category(character) not in _SILENT:
            return None
    return "".join(kept)


def seen(text: str) -> str:
    """Without what nobody sees, so that `*67` behind a mark of direction is `*67` still."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def _address(raw: str) -> str | None:
    """Without escapes (a second level of them is a gateway's), scheme and host; None for what is nobody's."""
    if len(raw) > LONGEST:
        return None
    text = unquote(unquote(seen(raw))) if "%" in raw else raw
    text = seen(text).strip(' \t\r\n<>"')
    text = _SCHEME.sub("", text, count=1)
    user, _, host = text.partition("@")
    return None if host.lower().startswith("anonymous.invalid") else user


def _written(body: str, context: str | None, extension: str | None) -> Written | None:
    number = digits(body)
    if number is None:
        number = _vanity(body)
        return None if number is None else Written(number, context, extension, vanity=True)
    if not number.strip("+") or nobody.is_nobody(number):
        return None
    return Written(number, context, extension)


def _vanity(body: str) -> str | None:
    """Letters behind at least three digits. Whether it is a freephone or service number, the plan must say: elsewhere
    letters are words (`030 BUERO`)."""
    plain = body.translate(_NO_SEPARATORS) if body.isascii() else ""
    if _VANITY.fullmatch(plain) is None or sum(map(str.isalpha, plain)) < _LETTERS:
        return None
    return nobody.keypad(plain)
