"""One cell of a directory file each: text in, the value that is stored out, or ValueError with the mend.

Stored values are text, integers or None (unknown), so that any store can keep them as they are. Lists are joined by
`;`, families of columns and links are JSON, moments are ISO 8601 in UTC.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
import phonenumbers

from ctibridge.domain import hours as week
from ctibridge.domain.agent import SERVICE_DESK_ANALYST
from ctibridge.domain.note import TURNING
from ctibridge.lookup import links as link_templates
from ctibridge.lookup import tags

Value = str | int | None
Parse = Callable[[str], Value]

LONGEST_NAME = 400
LONGEST_TEXT = 2048  # bytes of UTF-8 (contract: plain text, ≤ 2 KiB)
LONGEST_LIST = 8192
LONGEST_PEOPLE = 1 << 18  # a list of ids: a service may be for ten thousand people
LONGEST_URL = 2048
EVERYBODY = "*"

_TRUE = frozenset({"true", "yes", "y", "1", "x", "on"})
_FALSE = frozenset({"false", "no", "n", "0", "off"})
_NEXT_LINK = re.compile(r";(?=[^;=]*=\s*https?://)", re.IGNORECASE)
_RANGE = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?")
_DAY = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})(?:\s+(\S.*))?", re.DOTALL)
_LEAP_YEAR = 2000


def clean(text: str) -> str:
    """Composed (NFC), without control characters but tab and line end, without marks that turn the direction of what
    stands beside them, and without blanks around."""
    if text.isascii() and text.isprintable():
        return text.strip()
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():
        return composed.strip()
    plain = TURNING.sub("", composed)
    return "".join(c for c in plain if c in "\t\n" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def name(text: str) -> Value:
    """A name, title or id: one line."""
    if len(text) > LONGEST_NAME:
        raise ValueError(f"longer than {LONGEST_NAME} characters")
    return " ".join(text.split()) or None


def raw_name(text: str) -> Value:
    """`name` of what is not clean yet, for cells that come by the ten million: most are printable ASCII."""
    if text.isascii() and text.isprintable() and "  " not in text and len(text) <= LONGEST_NAME:
        return text.strip() or None
    return name(clean(text))


def plain_text(text: str) -> Value:
    """Text to be read aloud or shown, with line ends."""
    if len(text.encode()) > LONGEST_TEXT:
        raise ValueError(f"longer than {LONGEST_TEXT} bytes")
    return text or None


def flag(text: str) -> Value:
    """true or false, in the usual spellings; empty is false."""
    if text.lower() in _TRUE:
        return 1
    if not text or text.lower() in _FALSE:
        return 0
    raise ValueError(f"{text!r} is neither true nor false")


def moment(text: str) -> Value:
    """ISO 8601; a day alone begins at midnight, and what has no zone is UTC."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is UTC:
            return at.isoformat()
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time; write it like 2026-11-21 or 2026-11-21T18:00:00Z") from None


def country(text: str) -> Value:
    """ISO 3166 alpha-2."""
    code = text.upper()
    if code and code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"country {text!r} is not known; write two letters like DE")
    return code or None


def language(text: str) -> Value:
    return tags.canonical(text) if text else None


def languages(text: str) -> Value:
    return ";".join(tags.canonical(part) for part in _items(text)) or None


def time_zone(text: str) -> Value:
    try:
        return ZoneInfo(text).key if text else None
    except (KeyError, ValueError, OSError):
        raise ValueError(f"time zone {text!r} is not known; write it like Europe/Berlin") from None


def hours(text: str) -> Value:
    return str(week.parse(text)) if text else None


def links(text: str) -> Value:
    """`Title=https://…;Title=https://…` → JSON `[[title, template], …]`; a `;` inside an address stays in it."""
    if len(text) > LONGEST_LIST:
        raise ValueError(f"longer than {LONGEST_LIST} characters")
    pairs = []
    for item in filter(None, (part.strip() for part in _NEXT_LINK.split(text))):
        title, equals, template = item.partition("=")
        if not equals or not title.strip():
            raise ValueError(f"link {item!r}: write it like Title=https://…")
        link_templates.check(template.strip())
        pairs.append([title.strip(), template.strip()])
    return msgspec.json.encode(pairs).decode() if pairs else None


def extensions(text: str) -> Value:
    """`4000-4999;70`: ranges and single short numbers. Both ends of a range have as many digits as its numbers have."""
    for item in _items(text):
        match = _RANGE.fullmatch(item)
        if match is None:
            raise ValueError(f"extensions {item!r}: write them like 4000-4999;70")
        low, high = match[1], match[2] or match[1]
        if len(low) != len(high) or low > high:
            raise ValueError(f"extensions {item!r}: both ends have equally many digits, the lower one first")
    return ";".join(_items(text)) or None


def holidays(text: str) -> Value:
    """`2026-12-25 Christmas;01-01`: days of one year or of every year, each with a name or none."""
    if len(text) > LONGEST_LIST:
        raise ValueError(f"longer than {LONGEST_LIST} characters")
    return ";".join(_holiday(item) for item in _items(text)) or None


def _holiday(item: str) -> str:
    match = _DAY.fullmatch(item)
    if match is None:
        raise ValueError(f"holiday {item!r}: write it like 2026-12-25, or 12-25 for each year; a name may follow")
    year, month, day, title = match.groups()
    try:
        date(int(year or _LEAP_YEAR), int(month), int(day))
    except ValueError:
        raise ValueError(f"holiday {item!r}: the calendar has no such day; write month before day") from None
    return " ".join(["-".join(filter(None, (year, month, day))), *(title or "").split()])


def people(text: str) -> Value:
    """`*` for everybody, or ids of people, separated by `;`."""
    if len(text) > LONGEST_PEOPLE:
        raise ValueError(f"longer than {LONGEST_PEOPLE} characters; write {EVERYBODY} for everybody")
    ids = list(dict.fromkeys(str(name(item)) for item in _items(text)))
    if EVERYBODY in ids and len(ids) > 1:
        raise ValueError(f"write {EVERYBODY} alone for everybody, or ids of people without it")
    return ";".join(ids) or None


def url(text: str) -> Value:
    """An address that a desk may open: http or https, with a host, without blanks."""
    if not text:
        return None
    if len(text) > LONGEST_URL:
        raise ValueError(f"longer than {LONGEST_URL} characters")
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or any(character.isspace() for character in text):
        raise ValueError(f"address {text!r}: only http:// and https:// addresses are opened, without blanks in them")
    return text


def role(text: str) -> Value:
    """Only one role is lent so far; a misspelt one would share nothing and say nothing."""
    if text and text.lower() != SERVICE_DESK_ANALYST:
        raise ValueError(f"role {text!r} is not known; write {SERVICE_DESK_ANALYST}")
    return text.lower() or None


def numbers(text: str) -> Value:
    """A field of telephone numbers, read later with the country of its person."""
    if len(text) > LONGEST_LIST:
        raise ValueError(f"longer than {LONGEST_LIST} characters")
    return text or None


def family(texts: Mapping[str, str]) -> Value:
    """Texts by language tag → JSON object; empty ones are left out."""
    kept = {tag: text for tag, text in sorted(texts.items()) if text}
    for tag, text in kept.items():
        if len(text.encode()) > LONGEST_TEXT:
            raise ValueError(f"the text for {tag} is longer than {LONGEST_TEXT} bytes")
    return msgspec.json.encode(kept).decode() if kept else None


def _items(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
