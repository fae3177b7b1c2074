"""What the tables of `phonenumbers` say, asked in a microsecond.

`phonenumbers.parse` and `is_valid_number` take 30 to 70 µs a number, too long for ten million people. Here stand the
same tables, compiled once for each country code. A shortcut answers only where `numbers.interpret` would answer the
same (a property test holds both beside each other), else it says None, and the long way is gone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc

from ctibridge.lookup import rewriting

# Between two valid readings, a national number longer than this is the unlikely one: `0049151…` behind a prefix of 0.
LONGEST_LIKELY = 11
_CODE_DIGITS = (1, 2, 3)
_NO_GEOGRAPHY = "001"
_LONGEST = 17  # E.164 with its plus and a zero too many
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class _Region:
    """leading: how a region is told from others of its code, if it has digits of its own; kinds: length of a national
    number → the numbers of any kind with that length."""

    leading: re.Pattern[str] | None
    kinds: Mapping[int, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class _Home:
    """What is stripped from national numbers of one region, and of what length numbers are there."""

    code: str
    general: re.Pattern[str]
    lengths: frozenset[int]
    prefix: re.Pattern[str]
    literal: str
    transforms: bool
    abroad: re.Pattern[str]

    def keeps(self, national: str) -> bool:
        """Does `phonenumbers` leave these digits as they are, or may it take a national prefix off?"""
        match = self.prefix.match(national)
        if match is None or match.end() == 0:
            return True
        if self.transforms and match.groups() and match.groups()[-1] is not None:
            return False
        stripped = national[match.end() :]
        return self.general.fullmatch(national) is not None and self.general.fullmatch(stripped) is None


@dataclass(frozen=True, slots=True)
class Code:
    """One country code with its regions, the main one first."""

    digits: str
    home: _Home
    regions: tuple[_Region, ...]
    may_be_mended: bool

    def is_valid(self, national: str) -> bool:
        """As `phonenumbers.is_valid_number`."""
        for region in self.regions:
            kinds = region.kinds.get(len(national))
            valid = kinds is not None and kinds.fullmatch(national) is not None
            if region.leading is None and valid:
                return True
            if region.leading is not None and region.leading.match(national):
                return valid
        return False

    def is_settled(self, national: str) -> bool:
        """Is this the only reading of these digits?"""
        if not self.home.keeps(national):
            return False
        # With its code doubled, a zero in front or a mend there would be a second reading.
        if self.may_be_mended or national.startswith((self.digits, "0")):
            return len(national) <= LONGEST_LIKELY and self.is_valid(national)
        return len(national) in self.home.lengths or self.is_valid(national)


def is_settled(e164: str) -> bool:
    """e164: `+` and digits. True: any reading gives just these digits. False: it must be looked at."""
    found = _code_of(e164[1:4])
    return found is not None and found.is_settled(e164[1 + len(found.digits) :])


def national(text: str, country: str | None) -> str | None:
    """E.164 of digits without a plus, in the usual forms of this country; None: it must be looked at."""
    home = _home(country) if country else None
    if home is None or text.startswith("00") or home.abroad.match(text):
        return None
    shared = code(home.code)
    if text.startswith(home.code):
        number = text[len(home.code) :]
        kept = not number.startswith("0") and shared.home.keeps(number)
    elif home.literal and text.startswith(home.literal):
        number = text[len(home.literal) :]
        kept = len(number) in home.lengths and home.general.fullmatch(number) is not None
    else:
        number, kept = text, home.keeps(text)
    return f"+{home.code}{number}" if kept and len(number) <= LONGEST_LIKELY and shared.is_valid(number) else None


def without_zero(number: str) -> str | None:
    """`+49 (0)30 …` without the zero, where that is dialled at home and all that is wrong; else None."""
    found = _code_of(number[1:4]) if len(number) <= _LONGEST and number.startswith("+") else None
    front = "" if found is None else f"+{found.digits}0"
    if found is None or found.home.literal != "0" or not number.startswith(front):
        return None
    rest = number[len(front) :]
    usual = len(rest) in found.home.lengths and found.home.general.fullmatch(rest) is not None
    return f"+{found.digits}{rest}" if usual and found.is_settled(rest) else None


def dials_zeros(country: str | None) -> bool:
    """Is `00` all that is dialled there before foreign numbers? Of no country nothing else is known."""
    home = _home(country) if country else None
    return home is None or home.abroad.pattern == "00"


def abroad(text: str, country: str | None) -> str | None:
    """What follows the digits that this country dials before foreign numbers; plain `00` is not meant."""
    home = _home(country) if country else None
    match = home.abroad.match(text) if home is not None else None
    return text[match.end() :] if match is not None and match[0] != "00" else None


def has_national_prefix(country: str | None) -> bool | None:
    """None for no country."""
    plan = PhoneMetadata.metadata_for_region(country or "", None)
    return None if plan is None else plan.national_prefix is not None


@cache
def code(digits: str) -> Code:
    """Of a country code that exists; raises KeyError for another."""
    names = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[int(digits)]
    plans = [plan for name in names if (plan := _plan(name, int(digits))) is not None]
    # Where a code has one region, its leading digits are not asked.
    alone = len(plans) == 1
    regions = tuple(_region(plan, alone=alone) for plan in plans)
    return Code(digits, _as_home(plans[0]), regions, rewriting.may_be_mended(digits))


@cache
def _code_of(digits: str) -> Code | None:
    """The country code in front of these three digits; at most a thousand answers."""
    for front in (digits[:length] for length in _CODE_DIGITS):
        if not front.startswith("0") and int(front) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            return code(front)
    return None


@cache
def _home(country: str) -> _Home | None:
    plan = PhoneMetadata.metadata_for_region(country, None)
    return None if plan is None else _as_home(plan)


def _plan(region: str, code: int) -> PhoneMetadata | None:
    if region == _NO_GEOGRAPHY:
        return PhoneMetadata.metadata_for_nongeo_region(code, None)
    return PhoneMetadata.metadata_for_region(region, None)


def _as_home(plan: PhoneMetadata) -> _Home:
    prefix = plan.national_prefix_for_parsing or ""
    prefixes = prefix.split("|")
    return _Home(
        str(plan.country_code),
        re.compile(_numbers(plan.general_desc)),
        frozenset(_lengths(plan.general_desc)),
        re.compile(prefix) if prefix else _NEVER,
        prefixes[0] if all(map(str.isdecimal, prefixes)) else "",
        bool(plan.national_prefix_transform_rule),
        re.compile(plan.international_prefix or "(?!)"),
    )


def _region(plan: PhoneMetadata, *, alone: bool) -> _Region:
    kinds = [
        plan.fixed_line, plan.premium_rate, plan.toll_free, plan.shared_cost, plan.voip, plan.personal_number,
        plan.pager, plan.uan, plan.voicemail,
    ]  # fmt: skip
    if not plan.same_mobile_and_fixed_line_pattern:
        kinds.insert(0, plan.mobile)
    leading = re.compile(plan.leading_digits) if plan.leading_digits and not alone else None
    general = plan.general_desc
    compiled = {
        length: re.compile(rf"(?=(?:{_numbers(general)})\Z)(?:{'|'.join(patterns)})")
        for length in _lengths(general)
        if (patterns := [_numbers(kind) for kind in kinds if _has_length(kind, length)])
    }
    return _Region(leading, compiled)


def _has_length(kind: PhoneNumberDesc | None, length: int) -> bool:
    return kind is not None and (not kind.possible_length or length in kind.possible_length)


def _lengths(kind: PhoneNumberDesc | None) -> tuple[int, ...]:
    return () if kind is None else tuple(kind.possible_length)


def _numbers(kind: PhoneNumberDesc | None) -> str:
    return (None if kind is None else kind.national_number_pattern) or "(?!)"
