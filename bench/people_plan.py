"""Which accounts and sites a synthetic directory has, how many people each, and which numbers are whose.

Small and made whole before any person is: so each account can be written alone, by any process, with the same bytes.
"""

import itertools
import random
import re
from collections import Counter
from dataclasses import dataclass
from statistics import NormalDist

from bench.people_names import latin, table
from bench.people_numbers import FIXED, MOBILE, Series, series
from bench.people_places import COUNTRIES, Country

SPREAD = 1.2
"""Sigma of the log-normal sizes: half of the accounts have less than half of the mean."""
LARGEST = 10
"""Times the mean: of a thousand accounts with ten million people, four or five have 100,000."""
RANGE = 9_000
"""Extensions 1000-9999 behind one company number; 0000 is its switchboard, 0001 and on its service desk and faxes."""
CONTRACTORS = 500
"""One contractor for so many people; each works for two customers on average."""
ABROAD = 0.35
_TRADES = ("Pumpen", "Logistics", "Pharma", "Foods", "Énergie", "Motors", "Textil", "Media", "Bank", "Steel", "Retail")


@dataclass(frozen=True, slots=True)
class Place:
    """One site with the people there. first_person: how many the country has before them, over all accounts;
    first_company: likewise its company numbers. extensions: the site's plan, '' where it has none."""

    name: str
    country: Country
    language: str
    people: int
    first_person: int
    first_company: int
    extensions: str

    @property
    def mobiles(self) -> Series:
        return series(self.country.code, MOBILE)

    @property
    def fixed(self) -> Series:
        return series(self.country.code, FIXED)


@dataclass(frozen=True, slots=True)
class Customer:
    """One account. shared: '' for no role share, 'later' or 'now'; people of a share that has ended are not taken."""

    index: int
    id: str
    name: str
    country: Country
    shared: str
    places: tuple[Place, ...]
    cells: bool
    surname_first: bool

    @property
    def people(self) -> int:
        return sum(place.people for place in self.places)

    @property
    def domain(self) -> str:
        return f"{self.id}.example"


@dataclass(frozen=True, slots=True)
class Plan:
    """seed: everything follows from it and the two counts. clean: the share of people whose numbers are E.164."""

    seed: int
    clean: float
    customers: tuple[Customer, ...]
    contractors: int


def sizes(people: int, accounts: int) -> list[int]:
    """How many people each account has, largest first: at least one each, `people` in all."""
    bell, mean = NormalDist(), people / accounts
    weights = [2.718281828 ** (SPREAD * bell.inv_cdf(1 - (rank + 0.5) / accounts)) for rank in range(accounts)]
    scale = people / sum(weights)
    for _ in range(8):  # what the largest may not have, the others get
        scale *= people / sum(min(weight * scale, LARGEST * mean) for weight in weights)
    capped = [min(weight * scale, LARGEST * mean) for weight in weights]
    # One each, and of the others so many as bring the running sum to the next whole number: nobody is lost.
    others, ends = (people - accounts) / sum(capped), list(itertools.accumulate(capped, initial=0.0))
    whole = [round(end * others) for end in ends]
    return [1 + after - before for before, after in itertools.pairwise(whole)]


def plan(people: int, accounts: int, seed: int, clean: float = 0.9) -> Plan:
    """Raises ValueError where there are fewer people than accounts."""
    if not 0 < accounts <= people:
        raise ValueError(f"{people} people in {accounts} accounts: every account needs one")
    chance = random.Random(f"{seed} accounts")
    counts = sizes(people, accounts)
    chance.shuffle(counts)
    homes = _homes(accounts, chance)
    contractors = max(1, people // CONTRACTORS)
    # Contractors have the first numbers of each country.
    persons, companies = Counter(dict.fromkeys(COUNTRIES, contractors)), Counter[str]()
    customers = tuple(
        _customer(index, counts[index], homes[index], random.Random(f"{seed} account {index}"), persons, companies)
        for index in range(accounts)
    )
    for code in COUNTRIES:
        fixed, mobile = series(code, FIXED), series(code, MOBILE)
        if persons[code] > mobile.capacity or companies[code] + persons[code] // 10_000 >= fixed.companies:
            raise ValueError(f"{people} people: {code} has too few numbers for its part of them; take fewer")
    return Plan(seed, clean, customers, contractors)


def _homes(accounts: int, chance: random.Random) -> list[Country]:
    """Every country once before any comes again, then by weight."""
    deck = list(COUNTRIES.values())
    chance.shuffle(deck)
    more = chance.choices(deck, [country.weight for country in deck], k=max(0, accounts - len(deck)))
    return [*deck, *more][:accounts]


def _customer(
    index: int, people: int, home: Country, chance: random.Random, persons: Counter[str], companies: Counter[str]
) -> Customer:
    places: list[Place] = []
    for name, country, count in _sites(people, home, chance):
        with_plan = chance.random() < 0.2
        last = 999 + min(count, RANGE)
        language = country.languages[0] if len(places) % 3 == 0 else chance.choice(country.languages)
        places.append(
            Place(
                name,
                country,
                language,
                count,
                persons[country.code],
                companies[country.code],
                f"1000-{last};0" if with_plan else "",
            )
        )
        persons[country.code] += count + count // 50 + 1
        companies[country.code] += 1 + count // RANGE
    surname = chance.choice(table(home.languages[0].partition("-")[0]).surnames)
    owner = surname[0] if surname[1] else chance.choice(table("en").surnames)[0]
    trade = chance.choice(_TRADES)
    slug = re.sub("[^a-z0-9]+", "-", f"{latin(owner)}-{latin(trade)}")[:24].strip("-")
    draw = chance.random()
    return Customer(
        index,
        f"{slug}-{index}",
        f"{owner} {trade} {chance.choice(home.legal_forms)}".replace(",", ""),
        home,
        "" if draw < 0.02 else "later" if draw < 0.03 else "now",
        tuple(places),
        cells=chance.random() < 0.6,
        surname_first=chance.random() < 0.06,
    )


def _sites(people: int, home: Country, chance: random.Random) -> list[tuple[str, Country, int]]:
    """Names, countries and people of the sites: one for eight hundred people, at most twelve, the first at home."""
    count = min(12, 1 + people // 800, people)
    shares = [chance.random() + 0.2 for _ in range(count)]
    shares[0] += 1
    numbers = [max(1, int(people * share / sum(shares))) for share in shares]
    numbers[0] += people - sum(numbers)
    used: Counter[str] = Counter()
    found = []
    for number in numbers:
        abroad = used.total() > 0 and chance.random() < ABROAD
        country = chance.choice(list(COUNTRIES.values())) if abroad else home
        city = chance.choice(country.cities)
        used[city] += 1
        found.append((city if used[city] == 1 else f"{city} {used[city]}", country, number))
    return found
