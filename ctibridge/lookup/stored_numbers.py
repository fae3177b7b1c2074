"""The number fields of directories, as people typed them: one number, two, a fax, a text.

Comes in: one field with its label. Goes out: what can match, and what never can, with the reason for the report.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from ctibridge.domain.private import Number
from ctibridge.lookup import nobody, number_fields, numbers
from ctibridge.lookup.number_fields import EXTENSION_WORDS, Piece, is_number, key

FAX = "fax"
GENERAL = "general"
NO_LABEL = "other"
# Fields longer than this are no number fields.
LONGEST = 512

_FAX_WORDS = re.compile(
    r"(?i)(?<![^\W\d_])(?:tele)?(?:fax|faks)(?:e?s|i|e|en|et|nummer|nr|number|no)?(?![^\W\d_])|"
    r"(?<![^\W\d_])(?:t[eé]l[eé]copie(?:ur)?|φαξ|факс)(?![^\W\d_])|^\s*F[.:](?=\s*[+(\d])|"
    r"ファックス|ファクス|ＦＡＸ|فاكس|פקס|โทรสาร|แฟกซ์|传真|傳真|팩스"
)
_GENERAL_WORDS = frozenset({
    "switchboard", "reception", "zentrale", "vermittlung", "empfang", "sammelnummer", "centrale", "centralino",
    "centralita", "standard", "accueil", "recepción", "växel", "sentralbord", "vaihde", "centrala", "ústředna",
    "代表", "総機", "总机",
})  # fmt: skip
# Written into number fields by people who had to write something.
_PLACEHOLDER = re.compile(r"\+?(?:([0-9])\1{5,}|0?123456(?:7(?:8(?:90?)?)?)?|9876543(?:2(?:10?)?)?)")
_PLAIN = re.compile(r"\s*\+?(?:[0-9 ).\-]|\((?! *-)){6,25}")
_FLOAT = re.compile(r"(\+?[0-9]{7,})\.0+")
_SCIENTIFIC = re.compile(r"(?i)[0-9][.,][0-9]+E\+?[0-9]+")
_QUOTED = re.compile(r'\s*=?\s*"([^"]*)"\s*')
_EXTENSION = re.compile(rf"(?i)(?<![^\W\d_])(?:({EXTENSION_WORDS})|#)[.:=]?[ :]*([0-9]{{1,6}})\s*$")
_DIRECT_WORDS = frozenset({"durchwahl", "dw", "klappe", "nebenstelle", "nst", "apparat", "app"})
_TO_SWITCHBOARD = re.compile(r"(.*\d)\s*[-–]\s*0+\s*")
_TELEPHONE = re.compile(
    r"(?i)(?:tel(?:[eé](?:f[oó]no?|foon|fone))?|(?:tele)?phone|fon|intern(?:al)?|kurzwahl)[.: ]*([0-9]{1,6})"
)
_BETWEEN_WORDS = re.compile(r"[+(0-9].*[0-9]")
_LETTER = re.compile(r"[^\W\d_]")
_NOTE = re.compile(r"\((?=[^)]*[^\W\d_])[^)]*\)|\[[^\]]*\]")
_PARAMETERS = ("ext=", "isub=", "phone-context=")


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
    """A part of a field that no caller can have, and why. label: lower case."""

    text: Number
    reason: str
    label: str = NO_LABEL


@dataclass(frozen=True, slots=True)
class Field:
    numbers: tuple[StoredNumber, ...] = ()
    unusable: tuple[NeverMatches, ...] = ()


def read_field(text: str, label: str, country: str | None) -> Field:
    """One field of a directory; country (ISO 3166 alpha-2) is for numbers in national form. Never raises."""
    label = label_of(label)
    if _PLAIN.fullmatch(text) and not text.endswith(".0"):
        # Most fields of a good directory: no words, no slash, one number that needs no thought.
        found = numbers.at_once(text.strip(), country)
        if found is not None:
            return Field((StoredNumber(Number(found), label),))
    return _read(text, label, country)


def read_list(text: str, country: str | None) -> Field:
    """A cell like `work:+49 30 123;mobile:0151 …`; an entry without label has the label `other`."""
    found: list[StoredNumber] = []
    lost: list[NeverMatches] = []
    for entry in _entries(text):
        label, colon, number = entry.partition(":")
        field = read_field(number, label, country) if colon else read_field(entry, NO_LABEL, country)
        found += field.numbers
        lost += field.unusable
    return Field(tuple(dict.fromkeys(found)), tuple(lost))


def _entries(text: str) -> list[str]:
    """A parameter of a tel URI (`;ext=12`) is no entry of its own."""
    entries: list[str] = []
    for entry in text.split(";"):
        if entries and entry.lower().startswith(_PARAMETERS):
            entries[-1] += f";{entry}"
        elif entry.strip():
            entries.append(entry)
    return entries


@lru_cache(maxsize=1024)
def label_of(label: str) -> str:
    """Lower case; a label that names a fax or a switchboard in whatever language is `fax` or `general`."""
    label = label.strip().lower()
    if _FAX_WORDS.search(label):
        return FAX
    return GENERAL if not _GENERAL_WORDS.isdisjoint(label.split()) else label or NO_LABEL


def _read(text: str, label: str, country: str | None) -> Field:
    if len(text) > LONGEST:
        return Field(unusable=(NeverMatches(Number(text[:40]), f"longer than {LONGEST} characters", label),))
    cell = _from_spreadsheet(text)
    if _SCIENTIFIC.fullmatch(cell):
        reason = "a spreadsheet rounded it to powers of ten; export the column as text"
        return Field(unusable=(NeverMatches(Number(text), reason, label),))
    parts = number_fields.pieces(cell, country)
    read = [_read_piece(part, label, country, alone=len(parts) == 1) for part in parts]
    found = dict.fromkeys(one for one in read if isinstance(one, StoredNumber))
    return Field(tuple(found), tuple(one for one in read if isinstance(one, NeverMatches)))


def _from_spreadsheet(text: str) -> str:
    """`="0301234"`, `'0301234` and `493012345.0` are how spreadsheets write numbers."""
    quoted = _QUOTED.fullmatch(text)
    cell = (quoted[1] if quoted is not None else text).strip()
    number = _FLOAT.fullmatch(cell)
    return number[1] if number is not None else cell


def _read_piece(piece: Piece, label: str, country: str | None, *, alone: bool) -> StoredNumber | NeverMatches:
    text = piece.text
    if _FAX_WORDS.search(text):
        text, label = _FAX_WORDS.sub("", text), FAX
    bare = _NOTE.sub("", text).strip(" :.-–")
    bare, general = _without_extension(bare, country)
    if (general or piece.switchboard) and label != FAX:
        # The number without its extension is the company's: it names nobody, see `general` in the contract.
        label = GENERAL
    found = key(bare, country) or _in_text(bare, country)
    if found is None:
        return NeverMatches(Number(piece.text), _reason(bare, country), label)
    if not alone and not found.startswith("+"):
        # `030 23125000/57`: 57 stands for the end of another number, it is no extension.
        return NeverMatches(Number(piece.text), "a piece of a number; write each number whole", label)
    return StoredNumber(Number(found), label)


def _without_extension(text: str, country: str | None) -> tuple[str, bool]:
    """The number to match by, and whether it is the company's rather than the person's: `-0 Durchwahl 45` is a direct
    line, `ext. 45` alone a short number, any other extension cannot be seen from outside."""
    extension = _EXTENSION.search(text)
    if extension is None:
        return text, False
    main = text[: extension.start()].strip(" ,;-–")
    switchboard = _TO_SWITCHBOARD.fullmatch(main)
    if switchboard is not None and (extension[1] or "").lower() in _DIRECT_WORDS:
        return f"{switchboard[1]}-{extension[2]}", False
    if not any(character.isdecimal() for character in main) and extension[1]:
        return extension[2], False
    return (main, True) if is_number(main, country) or _in_text(main, country) else (text, False)


def _in_text(text: str, country: str | None) -> str | None:
    """`Tel. 030 123456`: the number in a text, if there is exactly one. A short one only behind a word for telephone:
    in `Zimmer 12` it is none."""
    if not _LETTER.search(text):
        return None
    short = _TELEPHONE.fullmatch(text)
    if short is not None:
        return key(short[1], country)
    between = _BETWEEN_WORDS.search(text)
    if between is not None and is_number(between[0], country):
        return key(between[0], country)
    found = [match.number for match in phonenumbers.PhoneNumberMatcher(text, country)]
    number = phonenumbers.format_number(found[0], phonenumbers.PhoneNumberFormat.E164) if len(found) == 1 else None
    # Once more, so that one line has one spelling, however it was found.
    return None if number is None else key(number, None)


def _reason(text: str, country: str | None) -> str:
    cleaned = numbers.digits(text)
    if not any(character.isdecimal() for character in text):
        return "no digits"
    if cleaned is None:
        return "text that holds no single number"
    if nobody.is_nobody(cleaned) and cleaned.strip("+0"):
        return "the digits that networks send for a withheld number; if it is one of yours, write it with + in front"
    if _PLACEHOLDER.fullmatch(cleaned) or not cleaned.strip("+0"):
        return "a placeholder, no number"
    if country is None and not cleaned.startswith(("+", "00")):
        return "national form, and neither account nor site has a country"
    if _is_local(cleaned, country):
        return "a local number without its area code; write it whole, like +49 30 …"
    return f"no number of {country or 'any country'}: too short, too long or not assigned"


def _is_local(digits: str, country: str | None) -> bool:
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return False
    local = phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    return "+" not in digits and phonenumbers.is_possible_number_with_reason(number) == local
