"""The number fields of directories, as people typed them: one number, two, a fax, a text.

Comes in: one field with its label. Goes out: what can match, and what never can, with the reason for the report.
"""

import re
from dataclasses import dataclass

import phonenumbers

from ctibridge.domain.private import Number
from ctibridge.lookup import numbers
from ctibridge.lookup.settings import DialPlan

FAX = "fax"
GENERAL = "general"
NO_LABEL = "other"
# Fields longer than this are no number fields.
LONGEST = 512

_FAX_WORDS = re.compile(r"(?i)\b(?:tele)?(?:fax|faks|φαξ|факс)\b|ファックス|ファクス|فاكس|传真|傳真|팩스")
_EXTENSION = re.compile(r"(?i)(?:ext(?:ension)?|durchwahl|poste|int|x|#)\.?[ :]*([0-9]{1,6})\s*$")
_LETTER = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\W\d_]+[.:]?")
_BETWEEN = re.compile(r"(?i)[;,|\n]|\b(?:or|oder|ou|and|und|et)\b")
_NOTE = re.compile(r"\((?=[^)]*[^\W\d_])[^)]*\)|\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """number: E.164, or a short number; label: lower case."""

    number: Number
    label: str

    @property
    def key(self) -> str:
        return self.number.value


@dataclass(frozen=True, slots=True)
class NeverMatches:
    """A part of a field that no caller can have, and why."""

    text: Number
    reason: str


@dataclass(frozen=True, slots=True)
class Field:
    numbers: tuple[StoredNumber, ...] = ()
    unusable: tuple[NeverMatches, ...] = ()


def read_field(text: str, label: str, country: str | None) -> Field:
    """One field of a directory; country (ISO 3166 alpha-2) is for numbers in national form. Never raises."""
    label = label.strip().lower() or NO_LABEL
    if len(text) > LONGEST:
        return Field(unusable=(NeverMatches(Number(text[:40]), f"longer than {LONGEST} characters"),))
    parts = _parts(text, country)
    read = [_read_part(part, label, country, alone=len(parts) == 1) for part in parts]
    found = dict.fromkeys(one for one in read if isinstance(one, StoredNumber))
    return Field(tuple(found), tuple(one for one in read if isinstance(one, NeverMatches)))


def read_list(text: str, country: str | None) -> Field:
    """A cell like `work:+49 30 123;mobile:0151 …`; an entry without label has the label `other`."""
    found: list[StoredNumber] = []
    lost: list[NeverMatches] = []
    for entry in text.split(";"):
        label, colon, number = entry.partition(":")
        if not entry.strip():
            continue
        field = read_field(number, label, country) if colon else read_field(entry, NO_LABEL, country)
        found += field.numbers
        lost += field.unusable
    return Field(tuple(dict.fromkeys(found)), tuple(lost))


def _parts(text: str, country: str | None) -> list[str]:
    """Two numbers in one field. A slash also separates area codes: `030/123456` is one number."""
    if not any(character.isdecimal() for character in text):
        return [text]
    parts = [part for piece in _BETWEEN.split(text) for part in _at_slash(piece, country)]
    return [part.strip() for part in parts if part.strip()]


def _at_slash(text: str, country: str | None) -> list[str]:
    pieces = text.split("/")
    first = _WORDS.sub("", pieces[0])
    first_is_area_code = any(character.isdecimal() for character in first) and not _is_number(first, country)
    return [text] if len(pieces) == 1 or first_is_area_code else pieces


def _is_number(text: str, country: str | None) -> bool:
    cleaned = numbers.digits(text)
    # An area code alone may be a valid short number somewhere: a whole number has more digits.
    return cleaned is not None and len(cleaned) > numbers.EXTENSION_DIGITS and _understand(text, country) is not None


def _read_part(part: str, label: str, country: str | None, *, alone: bool) -> StoredNumber | NeverMatches:
    if _FAX_WORDS.search(part):
        part, label = _FAX_WORDS.sub("", part), FAX
    bare = _NOTE.sub("", part).strip(" :.")
    extension = _EXTENSION.search(bare)
    if extension is not None and _is_number(bare[: extension.start()], country):
        # The number without its extension is the company's: it names nobody, see `general` in the contract.
        bare, label = bare[: extension.start()], FAX if label == FAX else GENERAL
    key = _understand(bare, country) or _in_text(bare, country)
    if key is None:
        return NeverMatches(Number(part), _reason(bare, country))
    if not alone and not key.startswith("+"):
        # `030 23125000/57`: 57 stands for the end of another number, it is no extension.
        return NeverMatches(Number(part), "a piece of a number; write each number whole")
    return StoredNumber(Number(key), label)


def _understand(text: str, country: str | None) -> str | None:
    return numbers.understand(text, DialPlan(country)).key


def _in_text(text: str, country: str | None) -> str | None:
    """`Tel. 030 123456`: the number in a text, if there is exactly one."""
    if not _LETTER.search(text):
        return None
    found = [match.number for match in phonenumbers.PhoneNumberMatcher(text, country)]
    return phonenumbers.format_number(found[0], phonenumbers.PhoneNumberFormat.E164) if len(found) == 1 else None


def _reason(text: str, country: str | None) -> str:
    cleaned = numbers.digits(text)
    if not any(character.isdecimal() for character in text):
        return "no digits"
    if cleaned is None:
        return "text that holds no single number"
    if country is None and not cleaned.startswith(("+", "00")):
        return "national form, and neither account nor site has a country"
    return f"no number of {country or 'any country'}: too short, too long or not assigned"
