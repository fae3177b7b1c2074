"""From what a PBX sends to E.164, to a short number, or to a clear "none".

Comes in: the user part of an address, unescaped once, as wrong as the network likes. Goes out: `Understood`. Never
raises. What a number is, `phonenumbers` decides; what is guessed before it is asked stands here:

* a PBX that puts digits before external numbers is believed first, where what stays is a valid number;
* digits that begin with what this country dials before foreign numbers, or with `00`, are international;
* digits that begin with the trunk's own country code and are valid so are international without the plus;
* other digits are national first, since most callers are, then international without the plus;
* an outdated spelling is mended where nothing else is valid (`rewriting`);
* letters stand for digits in freephone and service numbers only (`0800 FLOWERS`), elsewhere they are words;
* a code in front that asks to stay unknown makes the number none, one that asks to be shown is taken off (`nobody`);
* an extension behind an external number says nothing to us: the number is that of the foreign company, unless it is
  one only with the extension.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, timezone

from ctibridge.lookup import nobody, number_text, plans, readings, rewriting
from ctibridge.lookup.number_text import LONGEST, Written, digits
from ctibridge.lookup.settings import DialPlan

__all__ = [
    "LONGEST", "NOTHING", "Understood", "at_once", "country_for", "country_of", "digits", "forget", "interpret",
    "is_clean", "time_zone", "understand", "warm",
]  # fmt: skip

# Hot numbers: some 100 bytes each.
REMEMBERED = 16_384
# Extension plans end here; from seven digits on local numbers without an area code begin, which mean nothing to us.
EXTENSION_DIGITS = 6
# Fewer digits at a number's end are everybody's.
TAIL_DIGITS = range(EXTENSION_DIGITS + 1, readings.LONGEST_E164 + 1)

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SERVICE = frozenset({
    PhoneNumberType.TOLL_FREE, PhoneNumberType.SHARED_COST, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.UAN,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understood:
    """e164: with its plus; extension: a short number, digits only; at most one of them is set.

    rewritten: other E.164 spellings of the same line, best first. tail: the last seven digits and more, only where
    neither of the two is known; it never says who it is, only who it may be.
    """

    e164: str | None = field(default=None, repr=False)
    extension: str | None = field(default=None, repr=False)
    rewritten: tuple[str, ...] = field(default=(), repr=False)
    tail: str | None = field(default=None, repr=False)

    @property
    def key(self) -> str | None:
        """By what the directory is asked."""
        return self.e164 or self.extension


NOTHING = Understood()


@lru_cache(maxsize=REMEMBERED)
def understand(raw: str, plan: DialPlan) -> Understood:
    """What this number is on that trunk; a separator, an invisible or a foreign digit more changes nothing."""
    if is_clean(raw):
        return _understood(raw)
    return interpret(raw, plan)


def is_clean(text: str) -> bool:
    """Is it E.164 that stays as it is, on every trunk? True in a microsecond; False: it takes the long way."""
    return _E164.fullmatch(text) is not None and plans.is_settled(text) and not nobody.is_nobody(text)


def at_once(text: str, country: str | None) -> str | None:
    """E.164 of a number in one of the usual forms, as `understand` reads it without a prefix of the PBX, in two
    microseconds; None: it takes the long way. For directories, where no number comes twice."""
    if is_clean(text):
        return text
    plain = digits(text)
    if plain is None or len(plain) <= EXTENSION_DIGITS or nobody.is_nobody(plain):
        return None
    if plain.startswith("00") and plans.dials_zeros(country):
        plain = f"+{plain[2:]}"
    if "+" not in plain:
        return plans.national(plain, country)
    return plain if is_clean(plain) else plans.without_zero(plain)


def interpret(raw: str, plan: DialPlan) -> Understood:
    """The long way, without shortcut and memory: `understand` says the same, sooner."""
    written = number_text.read(_without_signs(raw, plan))
    if written is None:
        return NOTHING
    if written.context is None and "+" not in written.digits and len(written.digits) <= EXTENSION_DIGITS:
        return _short(written.digits, plan.country)
    if _asks_to_be_unknown(written.digits, plan.country):
        return NOTHING
    number = _first(_texts(written), plan)
    if number is not None and written.vanity and phonenumbers.number_type(number) not in _SERVICE:
        return NOTHING
    return _understood(readings.e164(number)) if number is not None else _unknown(written, plan)


def country_for(
    plan_country: str | None, called_e164: str | None, account_country: str | None, site_country: str | None
) -> str | None:
    """The country of numbers in national form, ISO 3166 alpha-2: that of the trunk, else of the called number, else of
    the called account, else of the site; None where nobody knows. The trunk is first as it is the one that writes."""
    called = country_of(called_e164) if plan_country is None and called_e164 else None
    return plan_country or called or account_country or site_country or None


@lru_cache(maxsize=REMEMBERED)
def country_of(e164: str) -> str | None:
    """ISO 3166 alpha-2 of a number; None for satellites, international freephone and what is too odd."""
    number = readings.parse(e164, None)
    if number is None:
        return None
    # A number newer than the table of its plan still has a country code, and that a main country.
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return None if region in {None, "001", "ZZ"} else region


@lru_cache(maxsize=REMEMBERED)
def time_zone(e164: str) -> str | None:
    """IANA zone in which this number is; None where its plan does not say, or names several (a mobile of Australia)."""
    number = readings.parse(e164, None)
    zones = () if number is None else timezone.time_zones_for_number(number)
    return zones[0] if len(zones) == 1 and zones[0] != timezone.UNKNOWN_TIMEZONE else None


def forget() -> None:
    """Numbers that were understood are remembered no longer."""
    for remembering in (understand, country_of, time_zone):
        remembering.cache_clear()


def warm() -> None:
    """Loads every numbering plan (70 ms), so that the first caller from a country does not wait for its plan."""
    phonenumbers.PhoneMetadata.load_all()


def _understood(e164: str) -> Understood:
    return Understood(e164=e164, rewritten=rewriting.spellings(e164))


def _without_signs(raw: str, plan: DialPlan) -> str:
    """A prefix of `*` or `#` is no part of any number: it goes before the number is looked at."""
    prefix = plan.outside_line_prefix
    return number_text.seen(raw).removeprefix(prefix) if prefix and not prefix.isdecimal() else raw


def _short(text: str, country: str | None) -> Understood:
    """Where there is no national prefix (Iceland, Andorra) six digits may be a whole number; elsewhere an extension."""
    if len(text) == EXTENSION_DIGITS and plans.has_national_prefix(country) is False:
        number = readings.valid(readings.parse(text, country))
        if number is not None:
            return _understood(readings.e164(number))
    return Understood(extension=text)


def _unknown(written: Written, plan: DialPlan) -> Understood:
    """No number as a whole: a short one of a tel URI whose context is a country, or an end that may match."""
    if written.vanity:
        return NOTHING
    if written.context is not None and "+" not in written.digits and len(written.digits) <= EXTENSION_DIGITS:
        return Understood(extension=written.digits)
    text, prefix = written.digits, plan.outside_line_prefix or ""
    if prefix and text.startswith(prefix) and len(text) - len(prefix) in TAIL_DIGITS:
        text = text[len(prefix) :]
    text = text.replace("+", "").lstrip("0")
    return Understood(tail=text) if len(text) in TAIL_DIGITS else NOTHING


def _asks_to_be_unknown(text: str, country: str | None) -> bool:
    behind = nobody.behind_hiding_code(text, country)
    return behind is not None and _is_national(behind, country) and not _is_national(text, country)


def _is_national(text: str, country: str | None) -> bool:
    return readings.valid(readings.parse(text, country)) is not None


def _texts(written: Written) -> list[str]:
    """The digits in front of which the context stands, and the same with the extension, as a DDI in full."""
    text = written.digits
    if written.context is not None and "+" not in text:
        text = written.context + text
    return [text] if written.extension is None else [text, text + written.extension]


def _first(texts: Iterable[str], plan: DialPlan) -> PhoneNumber | None:
    numbers = (_outside(text, plan) or readings.read(text, plan.country) for text in texts)
    return next((number for number in numbers if number is not None), None)


def _outside(text: str, plan: DialPlan) -> PhoneNumber | None:
    prefix = plan.outside_line_prefix
    if not prefix or not text.startswith(prefix):
        return None
    stripped = readings.valid(readings.read(text[len(prefix) :], plan.country))
    if stripped is None or readings.is_likely(stripped):
        return stripped
    return readings.valid(readings.read(text, plan.country)) or stripped
