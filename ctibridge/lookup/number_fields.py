"""A field of a directory, cut into pieces of which each should hold one number.

Comes in: what people and spreadsheets put into one cell. Goes out: texts with one number each. A slash is the hard
one: it separates numbers (`030 231250 / 0171 3920017`), area codes (`030/231250`) and direct lines (`-0 / -45`).
"""

import re
from typing import NamedTuple

from ctibridge.lookup import numbers
from ctibridge.lookup.settings import DialPlan

EXTENSION_WORDS = (
    r"ext(?:ension|ensi[oó]n|n)?|durchwahl|dw|nebenstelle|nst|klappe|apparat|app|poste|interno|interne|int|anexo|ramal|"
    r"toestel|tst|anknytning|wewn|wew|linka|доб(?:авочный)?|вн|内線|内线|分机|內線|分機|내선|x"
)
"""What stands before an extension, in the languages of those who typed it."""
_TELEPHONE_AND_FAX = re.compile(
    r"(?i)\btel(?:e(?:f|ph)one?|efon)?\.?(?:\s*[/&+,-]\s*|\s+(?:und|and|et|y|e|og|och)\s+)(?:tele)?fax\b\.?"
)
_AND = (
    r"or|oder|ou|and|und|et|bzw\.?|resp\.?|sowie|og|och|en|of|eller|tai|ja|oraz|lub|nebo|vagy|ili|или|и"
)  # fmt: skip
_BETWEEN = re.compile(rf"(?i)[;,|\n\r\t&\\、，；]|//|\b(?:{_AND})\b|(?<=\d)\s+[yoeaiu]\s+(?=[+(\d])")
_LABELLED = re.compile(r"(?<=[\d)])[\s.:–—-]*\s(?=([^\W\d_]{2,})[.:]*\s*[+(]?\d(?:[\s().\-/]*\d){6})")
"""A word between two numbers, of which the second has seven digits at least, begins the second."""
_EXTENSION_WORD = re.compile(rf"(?i)(?:{EXTENSION_WORDS})")
_BEFORE_EXTENSION = re.compile(rf"(?i)[,;]\s*(?=(?:{EXTENSION_WORDS})\b[.:=\s]*\d)")
_PARAMETER = re.compile(r"(?i);ext=")
_PAUSE = re.compile(r",{2,}\s*(\d{1,8})#?\s*$")
_IN_BRACKETS = re.compile(rf"(?i)\(\s*((?:{EXTENSION_WORDS})\b[.:=\s]*\d{{1,6}})\s*\)")
_DIRECT_IN_BRACKETS = re.compile(r"\(\s*[-–]\s*(\d{1,5})\s*\)")
_TIME = re.compile(
    r"(?i)\b\d{1,2}(?:[:.]\d\d)?(?:\s*[-–]\s*\d{1,2}(?:[:.]\d\d)?)?\s*(?:uhr|[ap]\.?m\.?|h)(?![^\W_])|"
    r"\b\d{1,2}:\d\d(?:\s*[-–]\s*\d{1,2}:\d\d)?"
)
"""When to call, which is no part of a number: `9-17 Uhr`, `after 5 pm`, `8:00-12:30`."""
_BLANK = re.compile(r"(?<=[\d)])\s+(?=[+(]?\d)")
_WORDS = re.compile(r"[^\W\d_]+[.:]?")
_DIRECT = re.compile(r"\s*([-–]?)\s*(\d{1,5})\s*")
_WITH_DIRECT = re.compile(r"(.*\d)\s*[-–]\s*(\d{1,5})\s*")
_DIGIT = re.compile(r"\d")
# With more digits it is no longer one number that slashes run through.
_LONGEST_WITH_SLASHES = 12


class Piece(NamedTuple):
    """text: one number, as far as could be told. switchboard: a direct line of the same number follows it."""

    text: str
    switchboard: bool = False


AREA_DIGITS = 8
"""A country code, a zero and an area code have no more."""


def pieces(text: str, country: str | None) -> list[Piece]:
    """The pieces of a field in their order; the whole field where it has no digit."""
    if not _DIGIT.search(text):
        return [Piece(text)]
    text = _plain(text)
    cut = [part for piece in _BETWEEN.split(text) for part in _at_labels(piece)]
    cut = [part for piece in cut for part in _at_slashes(piece, country)]
    parts = [_tidy(part) for piece in cut for part in _at_blank(piece.strip(), country)]
    return _with_direct_lines([part for part in parts if _DIGIT.search(part)] or [text])


def is_number(text: str, country: str | None) -> bool:
    """Is it a whole number? An area code alone may be a valid short one somewhere, also behind its country code and a
    zero (`+49 (0)171`): a whole one has more digits."""
    cleaned = numbers.digits(text)
    if cleaned is None:
        return False
    fewest = AREA_DIGITS if cleaned.startswith("+") else numbers.EXTENSION_DIGITS
    return len(cleaned.lstrip("+")) > fewest and key(text, country) is not None


def key(text: str, country: str | None) -> str | None:
    return numbers.understand(text, DialPlan(country)).key


def _plain(text: str) -> str:
    """Without times of the day; one spelling for what stands before an extension or a direct line."""
    text = _TIME.sub(" ", text)
    text = _TELEPHONE_AND_FAX.sub("Tel", text.replace("／", "/").replace("：", ":"))
    text = _PAUSE.sub(r" ext \1", _PARAMETER.sub(" ext ", text))
    text = _BEFORE_EXTENSION.sub(" ", _IN_BRACKETS.sub(r" \1", text))
    return _DIRECT_IN_BRACKETS.sub(r" / -\1", text)


def _at_labels(text: str) -> list[str]:
    starts = [match.end() for match in _LABELLED.finditer(text) if not _EXTENSION_WORD.fullmatch(match[1])]
    return [text[start:end] for start, end in zip([0, *starts], [*starts, len(text)], strict=True)]


def _at_slashes(text: str, country: str | None) -> list[str]:
    tokens = text.split("/")
    if len(tokens) == 1:
        return [text]
    if not _is_worded_number(tokens[0], country) and _is_one(text, country):
        return [text]
    found: list[str] = []
    current = tokens[0]
    for token in tokens[1:]:
        if _is_worded_number(current, country) or not _DIGIT.search(current) or (found and _are_direct(current, token)):
            found.append(current)
            current = token
        else:
            current = f"{current}/{token}"
    return [*found, current]


def _at_blank(text: str, country: str | None) -> list[str]:
    """Two numbers with nothing but a blank between them: where both halves are one and the whole is none, or where the
    second has a plus."""
    for blank in _BLANK.finditer(text):
        first, second = text[: blank.start()], text[blank.end() :]
        apart = second.startswith("+") or not is_number(text, country)
        if apart and is_number(first, country) and is_number(second, country):
            return [first, second]
    return [text]


def _are_direct(first: str, second: str) -> bool:
    one, other = _DIRECT.fullmatch(first), _DIRECT.fullmatch(second)
    return one is not None and (bool(one[1]) or other is not None)


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip(" .,:")


def _is_worded_number(text: str, country: str | None) -> bool:
    return is_number(_WORDS.sub("", text), country)


def _is_one(text: str, country: str | None) -> bool:
    return len(_DIGIT.findall(text)) <= _LONGEST_WITH_SLASHES and _is_worded_number(text, country)


def _with_direct_lines(parts: list[str]) -> list[Piece]:
    """`030 23125-0 / -45`: the second is 030 23125-45, and the first is the switchboard. `-45/46` are two lines."""
    found: list[Piece] = []
    for part in parts:
        whole = _direct_line(found[-1].text, part) if found else None
        if whole is None:
            found.append(Piece(part))
            continue
        before = found[-1].text
        if not any(piece.switchboard for piece in found) and _is_switchboard(before):
            found[-1] = Piece(before, switchboard=True)
        found.append(Piece(whole))
    return found


def _direct_line(before: str, part: str) -> str | None:
    direct, whole = _DIRECT.fullmatch(part), _WITH_DIRECT.fullmatch(before)
    if direct is None:
        return None
    if whole is None:
        return f"{before}-{direct[2]}" if direct[1] else None
    if direct[1] or not whole[2].strip("0") or len(whole[2]) == len(direct[2]):
        return f"{whole[1]}-{direct[2]}"
    return None


def _is_switchboard(before: str) -> bool:
    whole = _WITH_DIRECT.fullmatch(before)
    return whole is None or not whole[2].strip("0")
