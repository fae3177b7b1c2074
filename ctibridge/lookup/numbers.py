"""From what a PBX sends to E.164, to a short number, or to a clear "none".

Comes in: the user part of an address, unescaped once, as wrong as the network likes. Goes out: `Understood`. Never
raises. What a number is, `phonenumbers` decides; what is guessed before it is asked stands here:

* a PBX that puts digits before external numbers is believed first, where what stays is a valid number;
* digits that begin with the trunk's own country code and are valid so are international without the plus;
* other digits are national first, since most callers are, then international without the plus.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from ctibridge.lookup.settings import DialPlan

# The longest E.164 number has 15 digits; prefixes, separators and a parameter or two fit beside it.
LONGEST = 128
# Hot numbers: some 100 bytes each.
REMEMBERED = 16_384
# Extension plans end here; from seven digits on local numbers without an area code begin, which mean nothing to us.
EXTENSION_DIGITS = 6
# Between two valid readings, a national number longer than this is the unlikely one: `0049151…` behind a prefix of 0.
LONGEST_LIKELY = 11

_SEPARATORS = frozenset(" \t\r\n-./()[]~'’·")
_NO_SEPARATORS = {ord(separator): None for separator in _SEPARATORS}
_DIGITS = re.compile(r"[+0-9]*")
_CONTEXT = re.compile(r";phone-context=\+([0-9]{1,7})(?:;|$)")
_PLUS = frozenset("+\uff0b\ufe62\u208a\u207a")  # full-width, small, sub- and superscript


@dataclass(frozen=True, slots=True)
class Understood:
    """e164: with its plus; extension: a short number, digits only; at most one of them is set."""

    e164: str | None = field(default=None, repr=False)
    extension: str | None = field(default=None, repr=False)

    @property
    def key(self) -> str | None:
        """By what the directory is asked."""
        return self.e164 or self.extension


NOTHING = Understood()


@lru_cache(maxsize=REMEMBERED)
def understand(raw: str, plan: DialPlan) -> Understood:
    """What this number is on that trunk; a separator, an invisible or a foreign digit more changes nothing."""
    text = _subscriber(_without_signs(raw, plan))
    if text is None:
        return NOTHING
    if "+" not in text and len(text) <= EXTENSION_DIGITS:
        return _short(text, plan.country)
    number = _outside(text, plan) or _read(text, plan.country)
    return NOTHING if number is None else Understood(e164=_e164(number))


def digits(text: str) -> str | None:
    """Only `+` and the digits 0–9; None where anything stays that is neither a digit nor a separator."""
    if text.isascii():
        plain = text[:LONGEST].translate(_NO_SEPARATORS)
        return plain if _DIGITS.fullmatch(plain) else None
    kept: list[str] = []
    for character in text[:LONGEST]:
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            kept.append(str(digit))
        elif character in _PLUS:
            kept.append("+")
        elif character not in _SEPARATORS and unicodedata.category(character) not in {"Cf", "Zs", "Pd"}:
            return None
    return "".join(kept)


@lru_cache(maxsize=REMEMBERED)
def country_of(e164: str) -> str | None:
    """ISO 3166 alpha-2 of a number; None for satellites, international freephone and what is too odd."""
    number = _parse(e164, None)
    if number is None:
        return None
    # A number newer than the table of its plan still has a country code, and that a main country.
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return None if region in {None, "001", "ZZ"} else region


def warm() -> None:
    """Loads every numbering plan (70 ms), so that the first caller from a country does not wait for its plan."""
    phonenumbers.PhoneMetadata.load_all()


def _without_signs(raw: str, plan: DialPlan) -> str:
    """A prefix of `*` or `#` is no part of any number: it goes before the number is looked at."""
    prefix = plan.outside_line_prefix
    return raw.removeprefix(prefix) if prefix and not prefix.isdecimal() else raw


def _subscriber(raw: str) -> str | None:
    """The number without scheme and parameters (RFC 3966); a phone-context with a plus is put in front."""
    if len(raw) > LONGEST:
        return None
    text = raw.strip()
    text = text[4:] if text[:4].lower() in {"tel:", "sip:"} else text
    number = digits(text.partition(";")[0])
    if not number or not any(character != "+" for character in number):
        return None
    context = _CONTEXT.search(text.lower())
    return f"+{context[1]}{number}" if context and "+" not in number else number


def _short(text: str, country: str | None) -> Understood:
    """Where there is no national prefix (Iceland, Andorra) six digits may be a whole number; elsewhere an extension."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country or "", None)
    if len(text) == EXTENSION_DIGITS and plan is not None and plan.national_prefix is None:
        number = _valid(_parse(text, country))
        if number is not None:
            return Understood(e164=_e164(number))
    return Understood(extension=text)


def _outside(text: str, plan: DialPlan) -> PhoneNumber | None:
    prefix = plan.outside_line_prefix
    if not prefix or not text.startswith(prefix):
        return None
    stripped = _valid(_read(text[len(prefix) :], plan.country))
    if stripped is None or _is_likely(stripped):
        return stripped
    return _valid(_read(text, plan.country)) or stripped


def _read(text: str, country: str | None) -> PhoneNumber | None:
    """The first reading that is a valid number of a likely length; failing that, one written in full and possible."""
    readings = [number for number in _readings(text, country) if number is not None]
    valid = [number for number in readings if phonenumbers.is_valid_number(number)]
    if valid or not _written_out(text, country):
        return next(filter(_is_likely, valid), valid[0] if valid else None)
    # Plans change faster than tables of them: +49 or 0 in front and a fitting length is good enough.
    return next(filter(_is_possible, readings), None)


def _readings(text: str, country: str | None) -> Iterator[PhoneNumber | None]:
    if "+" in text:
        yield from _international(text.rpartition("+")[2].removeprefix("00").removeprefix("00"))
        return
    if text.startswith("00"):
        yield from _international(text[2:].removeprefix("00"))
    code = str(phonenumbers.country_code_for_region(country)) if country else None
    if code and code != "0" and text.startswith(code):
        yield from _international(text)
    yield _parse(text, country)
    if not text.startswith("0"):
        yield _parse(f"+{text}", None)


def _international(number: str) -> Iterator[PhoneNumber | None]:
    """`49…`; the country code may stand there twice, as dialling rules that prepend it blindly make it."""
    parsed = _parse(f"+{number}", None)
    yield parsed
    code = str(parsed.country_code) if parsed is not None else ""
    once = number.removeprefix(code).removeprefix("00")
    if code and once.startswith(code):
        yield _parse(f"+{once}", None)


def _is_likely(number: PhoneNumber) -> bool:
    return len(str(number.national_number)) <= LONGEST_LIKELY


def _is_possible(number: PhoneNumber) -> bool:
    # Not `is_possible_number`: that one takes numbers without their area too.
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def _written_out(text: str, country: str | None) -> bool:
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country or "", None)
    prefix = None if plan is None else plan.national_prefix
    return "+" in text or text.startswith("00") or bool(prefix and text.startswith(prefix))


def _parse(text: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except NumberParseException:
        return None


def _valid(number: PhoneNumber | None) -> PhoneNumber | None:
    return number if number is not None and phonenumbers.is_valid_number(number) else None


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
