"""The ways in which digits may be read as a number, and which of them is taken.

Comes in: digits, perhaps with a plus, and the country of national forms. Goes out: a number of `phonenumbers`, or None.
"""

from collections.abc import Iterator

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber

from ctibridge.lookup import nobody, plans, rewriting

LONGEST_E164 = 15
_FOREIGN = "011"
"""What North America dials before foreign numbers; gateways from there hand it on."""


def read(text: str, country: str | None) -> PhoneNumber | None:
    """The first reading that is a valid number of a likely length; failing that, one mended; failing that, one written
    in full and possible."""
    readings = [number for number in _readings(text, country) if number is not None and _fits(number)]
    sound = [number for number in readings if phonenumbers.is_valid_number(number)]
    if sound:
        return next(filter(is_likely, sound), sound[0])
    written_out = _written_out(text, country)
    code = phonenumbers.country_code_for_region(country) if country else None
    sure = [number for number in readings if written_out or number.country_code == code]
    mended = (valid(parse(other, None)) for number in sure for other in rewriting.mended(e164(number)))
    found = next((number for number in mended if number is not None), None)
    # Plans change faster than tables of them: +49 or 0 in front and a fitting length is good enough.
    return found or (next(filter(_is_possible, readings), None) if written_out else None)


def _readings(text: str, country: str | None) -> Iterator[PhoneNumber | None]:
    if "+" in text:
        yield from _behind_plus(text.rpartition("+")[2], country)
        return
    foreign = plans.abroad(text, country)
    if foreign is not None:
        yield from _international(foreign)
    if text.startswith("00"):
        yield from _international(text[2:].removeprefix("00"))
    code = str(phonenumbers.country_code_for_region(country)) if country else None
    if code and code != "0" and text.startswith(code):
        yield from _international(text)
    yield parse(text, country)
    if not text.startswith("0"):
        yield parse(f"+{text}", None)
    for other in (*rewriting.at_home(text, country), nobody.behind_showing_code(text, country)):
        yield None if other is None else parse(other, country)
    if text.startswith(_FOREIGN):
        yield from _international(text[len(_FOREIGN) :])


def _behind_plus(text: str, country: str | None) -> Iterator[PhoneNumber | None]:
    """No country code begins with a zero: `+0049…` and `+01149…` have a prefix too many, `+030…` is national."""
    if text.startswith("0"):
        yield from _international(text.removeprefix("00").removeprefix("00"))
        yield from _international(text.removeprefix(_FOREIGN))
        yield parse(text, country)
    else:
        yield from _international(text)


def _international(number: str) -> Iterator[PhoneNumber | None]:
    """`49…`; the country code may stand there twice, as dialling rules that prepend it blindly make it, and a zero of
    `+49 (0)30` too many also where `phonenumbers` does not know it (`+34 (0)91`)."""
    parsed = parse(f"+{number}", None)
    yield parsed
    code = str(parsed.country_code) if parsed is not None else ""
    behind = number.removeprefix(code)
    bare = behind.lstrip("0")
    if code and bare.startswith(code):
        yield parse(f"+{bare}", None)
    if code and bare != behind:
        yield parse(f"+{code}{bare}", None)


def _fits(number: PhoneNumber) -> bool:
    # Some plans name lengths that E.164 has no room for (Germany 15 digits behind its code).
    return len(e164(number)) <= 1 + LONGEST_E164


def is_likely(number: PhoneNumber) -> bool:
    return len(str(number.national_number)) <= plans.LONGEST_LIKELY


def _is_possible(number: PhoneNumber) -> bool:
    # No area of North America begins with its own national prefix.
    if number.country_code == 1 and str(number.national_number).startswith("1"):
        return False
    # Not `is_possible_number`: that one takes numbers without their area too.
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE


def _written_out(text: str, country: str | None) -> bool:
    plan = phonenumbers.PhoneMetadata.metadata_for_region(country or "", None)
    prefix = None if plan is None else plan.national_prefix
    return "+" in text or text.startswith("00") or bool(prefix and text.startswith(prefix))


def parse(text: str, country: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country)
    except NumberParseException:
        return None


def valid(number: PhoneNumber | None) -> PhoneNumber | None:
    return number if number is not None and phonenumbers.is_valid_number(number) else None


def e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
