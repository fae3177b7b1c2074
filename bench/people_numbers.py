"""Telephone numbers of many countries that could be real ones, and the ways in which people type them.

What is valid is read once from the metadata of `phonenumbers`: for each country a `Series` of prefixes behind which
every digit is free. After that a number costs one look-up and one division.
"""

import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat

from bench.people_places import COUNTRIES

FIXED, MOBILE = "fixed_line", "mobile"
MOST_PREFIXES = 200
FREE = (6, 5, 4)
"""Digits behind a prefix: six where the country allows it, four at least, which is one company's range."""
ENOUGH = 5_000_000
"""Numbers of one kind in one country; where six free digits give fewer, five are tried, then four."""
_STEPS = (7_368_787, 7_368_791, 7_368_803)
"""Neighbours are far from each other, and every number comes once: none divides any capacity of them all."""
# Where the example of the metadata is shorter than the numbers given out today.
_LENGTHS = {("SE", FIXED): 8, ("IE", FIXED): 9, ("BG", FIXED): 8, ("FI", FIXED): 8, ("BG", MOBILE): 9}
# Area code and number are joined by a slash there.
_SLASH = frozenset({"DE", "AT", "CH", "BE", "RO", "RS", "SK"})
_ARABIC = "٠١٢٣٤٥٦٧٨٩"
_WIDE = "０１２３４５６７８９"
_OWN_DIGITS = {"AE": _ARABIC, "SA": _ARABIC, "EG": _ARABIC, "IN": "०१२३४५६७८९", "JP": _WIDE}


@dataclass(frozen=True, slots=True)
class Series:
    """All numbers of one kind in one country: heads (`+4930`) with so many free digits behind each."""

    country: str
    kind: str
    heads: tuple[str, ...]
    free: int
    step: int = field(default=1)

    @property
    def capacity(self) -> int:
        return len(self.heads) * int(10**self.free)

    def number(self, index: int) -> str:
        """E.164; other numbers for all indexes below `capacity`, spread over all prefixes."""
        head, tail = divmod(index * self.step % self.capacity, 10**self.free)
        return f"{self.heads[head]}{tail:0{self.free}d}"

    def company(self, index: int) -> str:
        """The number of a company without the four digits of its extensions."""
        ranges = 10 ** (self.free - 4)
        head, tail = divmod(index * self.step % (len(self.heads) * ranges), ranges)
        return f"{self.heads[head]}{tail:0{self.free - 4}d}" if self.free > 4 else self.heads[head]

    @property
    def companies(self) -> int:
        return self.capacity // 10_000


@lru_cache(maxsize=256)
def series(country: str, kind: str) -> Series:
    """The numbers of a country (ISO 3166 alpha-2); kind: FIXED or MOBILE."""
    plan = _plan(country)
    code = str(plan.country_code)
    found = {free: _prefixes(country, kind, free) for free in FREE[:1]}
    for free in FREE[1:]:
        if max(len(prefixes) * 10**digits for digits, prefixes in found.items()) < ENOUGH:
            found[free] = _prefixes(country, kind, free)
    free = max(found, key=lambda digits: (len(found[digits]) * 10**digits, digits))
    # Read at home, `390 …` may be an Italian mobile or the start of `+39 0…`: nobody can tell, so nobody has it here.
    doubtful = None if plan.national_prefix else code
    heads = tuple(f"+{code}{prefix}" for prefix in found[free] if not (doubtful and prefix.startswith(doubtful)))
    step = next(prime for prime in _STEPS if math.gcd(prime, len(heads) * 10) == 1)
    return Series(country, kind, heads, free, step)


def _prefixes(country: str, kind: str, free: int) -> list[str]:
    """At most MOST_PREFIXES beginnings of national numbers behind which so many digits are free."""
    valid, length = _valid(country, kind)
    chance = random.Random(f"{country} {kind}")
    found: list[str] = []
    frontier = list("0123456789")
    for depth in range(1, length - free + 1):
        wider: list[str] = []
        chance.shuffle(frontier)
        for prefix in frontier:
            if len(found) >= MOST_PREFIXES:
                break
            whole, some = _behind(prefix, length - depth, valid, chance)
            if whole:
                rest = length - free - depth
                found += [f"{prefix}{number:0{rest}d}" if rest else prefix for number in range(10**rest)]
            elif some:
                wider += [f"{prefix}{digit}" for digit in range(10)]
        frontier = wider
    # Seen from one digit away, one bad number in two hundred stays hidden; from here it is one in ten.
    return sorted(prefix for prefix in found[:MOST_PREFIXES] if _behind(prefix, free, valid, chance, 40)[0])


def _behind(
    prefix: str, rest: int, valid: Callable[[str], bool], chance: random.Random, samples: int = 160
) -> tuple[bool, bool]:
    """Are all numbers behind this prefix valid, are some? As far as samples tell."""
    good = bad = 0
    while good < samples and bad < samples // 4 and not (good and bad):
        if valid(f"{prefix}{int(chance.random() * 10**rest):0{rest}d}"):
            good += 1
        else:
            bad += 1
    return bad == 0, good > 0


def _valid(country: str, kind: str) -> tuple[Callable[[str], bool], int]:
    """Whether a national number is one of that kind, and how many digits it has."""
    plan = _plan(country)
    wanted = getattr(plan, kind)
    patterns = [re.compile(each.national_number_pattern) for each in (plan.general_desc, wanted)]
    length = _LENGTHS.get((country, kind), len(wanted.example_number))
    return lambda text: all(pattern.fullmatch(text) for pattern in patterns), length


def _plan(country: str) -> Any:
    """What `phonenumbers` knows of a country; its types say that all of it may be missing."""
    return PhoneMetadata.metadata_for_region(country)


# -- as people type them -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """How the numbers behind one head are grouped, with `%s` for each free digit.

    national is None where the grouping depends on digits that are free.
    """

    national: str | None
    international: str


@lru_cache(maxsize=20_000)
def shape(head: str, free: int) -> Shape:
    """Asked once for each head: a numbering plan is looked at, which costs 100 µs."""
    tails = [f"{head}{tail:0{free}d}" for tail in (0, 10**free - 1, 123_456 % 10**free, 654_321 % 10**free)]
    national = {_blanked(tail, free, PhoneNumberFormat.NATIONAL) for tail in tails}
    international = {_blanked(tail, free, PhoneNumberFormat.INTERNATIONAL) for tail in tails}
    plain = head + "%s" * free
    return Shape(
        national.pop() if len(national) == 1 else None,
        (international.pop() if len(international) == 1 else None) or plain,
    )


def _blanked(number: str, free: int, form: int) -> str | None:
    """The number in this form with its last digits blanked, or None where the form moves digits about."""
    text = phonenumbers.format_number(phonenumbers.parse(number), form)
    digits = [place for place, character in enumerate(text) if character.isdecimal()][-free:]
    if "".join(text[place] for place in digits) != number[-free:]:
        return None
    return "".join("%s" if place in digits else character for place, character in enumerate(text))


@lru_cache(maxsize=256)
def forms(country: str) -> tuple[Callable[[str, str], str], ...]:
    """The ways to write a number there, the common ones more than once: (national, international) → text."""
    plan = _plan(country)
    code, zero = plan.country_code, plan.national_prefix == "0"
    exit_code = plan.international_prefix if plan.international_prefix.isdecimal() else None
    ways: list[Callable[[str, str], str]] = [
        lambda national, _: national,
        lambda national, _: national,
        lambda _, international: international,
        lambda _, international: international,
        lambda national, _: re.sub(r"\D", "", national),
        lambda _, international: international.replace(" ", ".").replace("-", "."),
        lambda _, international: international.replace(" ", "-"),
        lambda _, international: f"tel:{re.sub(r'[^+0-9]', '', international)}",
        lambda national, _: f"Tel. {national}",
        lambda _, international: f"{international} (private)",
    ]
    if zero:
        ways.append(lambda _, international: international.replace(f"+{code} ", f"+{code} (0)", 1))
    if exit_code:
        ways.append(lambda _, international: international.replace("+", exit_code, 1))
    if country in _SLASH:
        ways += [lambda national, _: national.replace(" ", "/", 1)] * 2
    if country in _OWN_DIGITS:
        own = str.maketrans("0123456789", _OWN_DIGITS[country])
        ways += [lambda national, _: national.translate(own)] * 2
    return tuple(ways)


def typed(numbers: Series, e164: str, way: int) -> str:
    """The number as somebody typed it; way: any integer."""
    known = shape(e164[: -numbers.free], numbers.free)
    tail = tuple(e164[-numbers.free :])
    international = known.international % tail
    national = international if known.national is None else known.national % tail
    ways = forms(numbers.country)
    return ways[way % len(ways)](national, international)


NEVER = ("n/a", "-", "TBD", "auf Anfrage", "ask the reception", "siehe Intranet", "+49", "????", "sin número", "なし")
"""What stands in number fields and is none."""


def never(way: int) -> str:
    return NEVER[way % len(NEVER)]


def all_series() -> Iterator[Series]:
    """Of every country of `people_places`: what a run may use."""
    for country in COUNTRIES:
        yield series(country, FIXED)
        yield series(country, MOBILE)
