"""The generator of synthetic people: what it writes is what `ctibridge import --strict` takes, and always the same."""

import csv
import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import phonenumbers
import pytest

from bench import people, people_names, people_numbers, people_plan, people_tables
from bench.people_places import COUNTRIES
from bench.people_rows import Totals
from ctibridge.lookup import sheets, stored_numbers
from ctibridge.lookup.sheets import SHEETS, Refused
from ctibridge.lookup.sources.files import open_tables

PEOPLE, ACCOUNTS, SEED = 2_000, 60, 7
FILES = {"accounts", "sites", "agents", "role_shares", "grants", "service_numbers", "people", "phones"}


@dataclass(frozen=True, slots=True)
class Made:
    folder: Path
    totals: Totals

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("people")
    return Made(folder, people.generate(folder, people_plan.plan(PEOPLE, ACCOUNTS, SEED)))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -- the files ---------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_in_one_process_and_in_two(made: Made, tmp_path: Path) -> None:
    people.generate(tmp_path, people_plan.plan(PEOPLE, ACCOUNTS, SEED), jobs=2)
    assert contents(tmp_path) == contents(made.folder)
    assert {Path(name).stem for name in contents(tmp_path)} == FILES


def test_another_seed_gives_other_people(made: Made, tmp_path: Path) -> None:
    people.generate(tmp_path, people_plan.plan(PEOPLE, ACCOUNTS, SEED + 1))
    assert all(contents(tmp_path)[name] != text for name, text in contents(made.folder).items())


def test_no_row_is_refused(made: Made) -> None:
    refused = []
    for table in open_tables([made.folder]):
        for row in table.rows:
            if isinstance(row, Refused):
                refused.append((table.sheet.name, row.reason))
                continue
            try:
                sheets.read(SHEETS[table.sheet.name], row.cells)
            except ValueError as error:
                refused.append((table.sheet.name, str(error)))
    assert refused == []


def test_each_row_points_at_what_stands_before_it(made: Made) -> None:
    accounts = {row["id"] for row in made.rows("accounts")}
    agents = {row["id"] for row in made.rows("agents")}
    persons = {(row["account"], row["id"]) for row in made.rows("people")}
    places = {(row["account"], row["name"]) for row in made.rows("sites")}
    assert len(persons) == PEOPLE == len(made.rows("people"))
    assert {row["account"] for name in ("people", "sites", "grants") for row in made.rows(name)} <= accounts
    assert {row["agent"] for row in made.rows("grants")} <= agents
    assert {(row["account"], row["person"]) for row in made.rows("phones")} <= persons
    assert {(row["account"], row["site"]) for row in made.rows("people") if row["site"]} <= places
    assert {(row["account"], row["manager"]) for row in made.rows("people") if row["manager"]} <= persons


# -- what is in them ---------------------------------------------------------------------------------------------------


def fields(made: Made) -> Iterator[stored_numbers.Field]:
    """Every number field, read as the import reads it."""
    countries = {row["id"]: row["country"] for row in made.rows("accounts")}
    sites = {(row["account"], row["name"]): row["country"] for row in made.rows("sites")}
    home = {
        (row["account"], row["id"]): sites.get((row["account"], row["site"]), countries[row["account"]])
        for row in made.rows("people")
    }
    for row in made.rows("people"):
        yield stored_numbers.read_list(row["phones"], home[row["account"], row["id"]])
    for row in made.rows("phones"):
        yield stored_numbers.read_field(row["number"], row["label"], home[row["account"], row["person"]])


def test_people_have_one_and_a_third_of_a_number_and_what_is_unusable_was_meant_to_be(made: Made) -> None:
    read = list(fields(made))
    usable = sum(len(field.numbers) for field in read)
    unusable = sum(len(field.unusable) for field in read)
    assert 1.25 <= made.totals.numbers / PEOPLE <= 1.35
    assert 1.25 <= usable / PEOPLE <= 1.35
    assert made.totals.unusable > 0
    assert abs(unusable - made.totals.unusable) <= 2
    assert made.totals.typed / made.totals.numbers == pytest.approx(0.1, abs=0.03)


def test_many_scripts_and_countries_occur(made: Made) -> None:
    scripts = Counter(script for row in made.rows("people") for script in {script_of(row["name"])})
    assert {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HANGUL", "THAI", "DEVANAGARI"} <= scripts.keys()
    assert any(
        not name.isascii() for name in (row["name"] for row in made.rows("people")) if script_of(name) == "LATIN"
    )
    keys = {one.key for field in fields(made) for one in field.numbers if one.key.startswith("+")}
    regions = {phonenumbers.region_code_for_number(phonenumbers.parse(key)) for key in keys}
    assert len(regions - {None}) >= 30


def script_of(name: str) -> str:
    letters = [character for character in name if character.isalpha()]
    return unicodedata.name(letters[0]).split()[0]


def test_shared_numbers_switchboards_contractors_and_disabled_people_occur(made: Made) -> None:
    holders: dict[str, set[str]] = {}
    for row in made.rows("phones"):
        holders.setdefault(row["number"], set()).add(row["account"])
    for row in made.rows("people"):
        for entry in filter(None, row["phones"].split(";")):
            holders.setdefault(entry.partition(":")[2], set()).add(row["account"])
    assert any(number.startswith("+") and len(accounts) >= 2 for number, accounts in holders.items())
    labels = Counter(one.label for field in fields(made) for one in field.numbers)
    assert {"work", "mobile", "home", "general", "fax"} <= labels.keys()
    flags = Counter(name for row in made.rows("people") for name in ("vip", "disabled") if row[name] == "true")
    assert flags["disabled"] / PEOPLE == pytest.approx(0.03, abs=0.012)
    assert 0 < flags["vip"] < flags["disabled"]


def test_the_first_agent_has_fifty_accounts_and_others_few(made: Made) -> None:
    grants = Counter(row["agent"] for row in made.rows("grants"))
    assert grants.pop(people_tables.FIRST_AGENT) == 50
    assert 1 <= min(grants.values()) <= max(grants.values()) <= 8


# -- how it is planned -------------------------------------------------------------------------------------------------


def test_a_few_accounts_are_large_and_many_small() -> None:
    sizes = people_plan.sizes(10_000_000, 1_000)
    assert sum(sizes) == 10_000_000
    assert 2 <= sum(size > 90_000 for size in sizes) <= 10
    assert sorted(sizes)[500] < 7_000
    assert min(sizes) >= 1


@pytest.mark.parametrize(("persons", "accounts"), [(1, 1), (60, 60), (61, 60), (2_000, 60), (999, 7)])
def test_every_account_has_somebody_and_nobody_is_lost(persons: int, accounts: int) -> None:
    sizes = people_plan.sizes(persons, accounts)
    assert (sum(sizes), len(sizes), min(sizes) >= 1) == (persons, accounts, True)


def test_more_accounts_than_people_are_refused_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        people.main(["--people", "3", "--accounts", "5", str(tmp_path)])
    assert "every account needs one" in capsys.readouterr().err


# -- numbers and names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_way_of_typing_means_the_number(country: str) -> None:
    chance = random.Random(country)
    for kind in (people_numbers.FIXED, people_numbers.MOBILE):
        numbers = people_numbers.series(country, kind)
        for way in range(len(people_numbers.forms(country))):
            number = numbers.number(chance.randrange(numbers.capacity))
            read = stored_numbers.read_field(people_numbers.typed(numbers, number, way), "work", country)
            assert [one.key for one in read.numbers] == [number], (way, people_numbers.typed(numbers, number, way))


@pytest.mark.parametrize("country", COUNTRIES)
def test_numbers_are_valid_and_none_comes_twice(country: str) -> None:
    chance = random.Random(country)
    for kind in (people_numbers.FIXED, people_numbers.MOBILE):
        numbers = people_numbers.series(country, kind)
        some = [numbers.number(chance.randrange(numbers.capacity)) for _ in range(20)]
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in some)
        # Without a common divisor the step goes through all of them.
        assert len({numbers.number(index) for index in range(2_000)}) == 2_000


def test_what_is_never_a_number_is_none_anywhere() -> None:
    for text in people_numbers.NEVER:
        assert stored_numbers.read_field(text, "work", "DE").numbers == ()


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("Köhler", "koehler"),
        ("Łukasz", "lukasz"),
        ("Ελένη", "eleni"),
        ("Шевченко", "shevchenko"),
        ("佐藤", ""),
        ("İzmir", "izmir"),
    ],
)
def test_names_stand_in_addresses_in_latin_letters_or_not_at_all(name: str, latin: str) -> None:
    assert people_names.latin(name) == latin
