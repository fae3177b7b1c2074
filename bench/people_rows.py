"""The people of one account with their numbers, as rows of CSV: the part that runs ten million times.

A person costs one draw of 64 random bits, cut into pieces, and one f-string; nothing in a cell needs quotes but names
written `Surname, Given`. What is rare (typed numbers, contractors) may cost more.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bench import people_jobs, people_numbers
from bench.people_names import Table, table
from bench.people_places import COUNTRIES
from bench.people_plan import RANGE, Customer, Place, Plan

PEOPLE = (
    "account,id,name,pronunciation,email,employee_id,support_id,job_title,organization,site,location,language,time_zone,"
    "vip,disabled,manager,source,source_id,updated_at,phones\n"
)
PHONES = "account,person,label,number,imported,changed_at\n"
MOMENTS = [
    f"202{3 + n // 360}-{1 + n // 30 % 12:02d}-{1 + n % 28:02d}T{n % 24:02d}:{n % 60:02d}:00Z" for n in range(1024)
]

Numbers = list[tuple[str, str]]
Make = Callable[[int], str]

# Which numbers people have, of 1024: 1.3 each.
_KINDS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (52, ()),
    (348, ("mobile",)),
    (242, ("work",)),
    (46, ("general",)),
    (12, ("shared",)),
    (17, ("short",)),
    (215, ("work", "mobile")),
    (31, ("mobile", "home")),
    (10, ("work", "general")),
    (31, ("work", "mobile", "fax")),
    (20, ("work", "mobile", "home")),
)
KINDS = [labels for count, labels in _KINDS for _ in range(count)]
_LABELS = {"shared": "mobile", "short": "work"}


@dataclass(slots=True)
class Totals:
    """numbers: fields and parts of fields that hold one, usable or not; unusable: those that were never meant to be."""

    people: int = 0
    numbers: int = 0
    unusable: int = 0
    typed: int = 0

    def add(self, other: "Totals") -> None:
        self.people += other.people
        self.numbers += other.numbers
        self.unusable += other.unusable
        self.typed += other.typed


@dataclass(slots=True)
class Writer:
    """One account. rows: what `people.csv` and `phones.csv` get, in portions."""

    plan: Plan
    customer: Customer
    totals: Totals = field(default_factory=Totals)
    phones: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[str, str]]:
        """Portions of some thousand people: text for people.csv, text for phones.csv."""
        chance = random.Random(f"{self.plan.seed} people {self.customer.index}")
        taken: dict[str, int] = {}
        first = 0
        for place in self.customer.places:
            for start in range(0, place.people, 2_000):
                span = range(start, min(start + 2_000, place.people))
                people = "".join(self._place(place, span, first, chance, taken))
                yield people, "".join(self.phones)
                self.phones.clear()
            first += place.people

    def _place(  # one loop with few calls: it runs ten million times
        self, place: Place, span: range, first: int, chance: random.Random, taken: dict[str, int]
    ) -> Iterator[str]:
        account, seed, of_place = self.customer.id, self.customer.index, table(place.language.partition("-")[0])
        titles, units = people_jobs.of(place.language)
        make, draw, limit = numbers_at(place), chance.getrandbits, 1024 - int(1024 * self.plan.clean)
        # Numbers in national form need a country: who works abroad has his site said.
        site, unsaid = place.name, "" if place.country is self.customer.country else place.name
        for number in span:
            bits, person = draw(96), first + number
            names, language = _from_abroad(bits) if bits >> 24 & 31 == 0 else (of_place, "")
            name, email = self._called(names, bits, taken)
            numbers = [(label, make[label](number)) for label in KINDS[bits >> 46 & 1023]]
            if bits >> 56 & 255 == 7:
                name, email, numbers = self._contractor(place, bits >> 64, numbers)
            self.totals.numbers += len(numbers)
            if numbers and bits >> 64 & 1023 < limit:
                numbers = self._typed(place, numbers, bits >> 74)
            rare, at = bits >> 74 & 4095, MOMENTS[bits >> 86]
            cell = self._phones(f"{account},p{person}", at, numbers)
            yield (
                f"{account},p{person},{name},{'KA-ri-na' if rare < 40 else ''},{email},{100_000 + person},"
                f"{f'S{seed}-{person}' if rare & 15 == 1 else ''},"
                f"{titles[bits >> 35 & 63] if rare >= 40 else ''},{units[bits >> 41 & 31]},"
                f"{unsaid if rare & 31 == 2 else site},"
                f"{f'{rare & 7}. OG {rare >> 4}' if rare & 3 == 3 else ''},{language},"
                f"{place.country.time_zone if rare & 63 == 5 else ''},{'true' if rare >= 4076 else ''},"
                f"{'true' if 2000 <= rare < 2123 else ''},{f'p{person >> 3}' if person else ''},hr,{person},{at},"
                f"{cell}\n"
            )
        self.totals.people += len(span)

    def _called(self, names: Table, bits: int, taken: dict[str, int]) -> tuple[str, str]:
        """Name and e-mail address. taken: how many have the part before the @, by that part."""
        given, surname = names.given[bits & 1023], names.surnames[bits >> 10 & 16383]
        local = f"{given[1]}.{surname[1]}" if given[1] and surname[1] else "staff"
        again = taken.get(local, 0)
        taken[local] = again + 1
        email = f"{local}{again or ''}@{self.customer.domain}"
        if self.customer.surname_first:
            return f'"{surname[0]}, {given[0]}"', email
        return names.pattern.format(given[0], surname[0]), email

    def _phones(self, person: str, at: str, numbers: Numbers) -> str:
        """The cell of that row; empty where the account has rows in phones.csv. person: account and id."""
        if self.customer.cells:
            return ";".join([f"{_LABELS.get(label, label)}:{text}" for label, text in numbers])
        for label, text in numbers:
            self.phones.append(f"{person},{_LABELS.get(label, label)},{text},true,{at}\n")
        return ""

    def _contractor(self, place: Place, bits: int, numbers: Numbers) -> tuple[str, str, Numbers]:
        """Somebody whom another customer knows by the same number, under another id."""
        index = bits % self.plan.contractors
        home = list(COUNTRIES.values())[index % len(COUNTRIES)]
        names = table("en")
        given, surname = names.given[index * 7 & 1023], names.surnames[index * 31 & 16383]
        mobile = people_numbers.series(home.code, people_numbers.MOBILE).number(index)
        others = [(label, text) for label, text in numbers if label == "work"]
        email = f"{given[1]}.{surname[1]}{index}@contractors.example"
        # Ahead of the others: `_typed` takes the first for a number of the place, and writes this one in full.
        return f"{given[0]} {surname[0]}", email, [("mobile", mobile), *others]

    def _typed(self, place: Place, numbers: Numbers, bits: int) -> Numbers:
        """The same numbers as people type them; some are lost on the way."""
        self.totals.typed += len(numbers)
        written: Numbers = []
        for way, (label, text) in enumerate(numbers, start=bits):
            if way % 23 == 0:
                self.totals.unusable += 1
                written.append((label, people_numbers.never(way // 23)))
            else:
                written.append((label, self._as_typed(place, label, text, way)))
        if bits % 11 == 3 and bits % 23 not in (0, 22) and [label for label, _ in numbers] == ["work", "mobile"]:
            return [("work", " / ".join(text for _, text in written))]
        return written

    def _as_typed(self, place: Place, label: str, text: str, way: int) -> str:
        numbers = place.mobiles if label in {"mobile", "shared"} else place.fixed
        if label == "short" or text[: -numbers.free] not in numbers.heads:
            return text
        if label == "work" and way % 29 == 4:
            return f"{people_numbers.typed(numbers, f'{text[:-4]}0000', 2)} ext. {text[-4:]}"
        written = people_numbers.typed(numbers, text, way)
        return f"Fax {written}" if label == "fax" and way & 1 else written


def _from_abroad(bits: int) -> tuple[Table, str]:
    """The names of another language, and that language."""
    others = list(COUNTRIES.values())
    language = others[(bits >> 30 & 0xFFFF) % len(others)].languages[0]
    return table(language.partition("-")[0]), language


def numbers_at(place: Place) -> dict[str, Make]:
    """By kind of number: the one that the n-th person of the place has."""
    mobiles, fixed, first, company = place.mobiles, place.fixed, place.first_person, place.first_company
    companies = [fixed.company(company + n) for n in range(1 + place.people // RANGE)]

    heads, step, capacity, tails, free = mobiles.heads, mobiles.step, mobiles.capacity, 10**mobiles.free, mobiles.free

    def mobile(n: int) -> str:
        """As `mobiles.number(first + n)`, without the calls."""
        head, tail = divmod((first + n) * step % capacity, tails)
        return f"{heads[head]}{tail:0{free}d}"

    def home(n: int) -> str:
        """From the last of the country's ranges, where companies have the first."""
        before, last = divmod(first + n, 10_000)
        return f"{fixed.company(fixed.companies - 1 - before)}{last:04d}"

    return {
        "work": lambda n: f"{companies[n // RANGE]}{1000 + n % RANGE}",
        "general": lambda n: f"{companies[n // RANGE]}0000",
        "fax": lambda n: f"{companies[n // RANGE]}{1 + (n >> 6) % 900:04d}",
        "short": lambda n: str(1000 + n % RANGE),
        "mobile": mobile,
        "shared": lambda n: mobiles.number(first + place.people + n // 256),
        "home": home,
    }
