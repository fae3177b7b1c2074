"""The small files of a synthetic directory: accounts, sites, agents, role shares, grants, service numbers."""

import csv
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.people_names import table
from bench.people_plan import Customer, Plan

MOST_GRANTS = 50
"""The grants of the first agent, on whom the look-up is measured; others have a few."""
FIRST_AGENT = "agent1"
_GREETINGS = {
    "de": "{salutation}, {account} Service Desk, mein Name ist {agent}.",
    "en": "{salutation}, {account} service desk, {agent} speaking.",
    "fr": "{salutation}, assistance {account}, {agent} à votre service.",
    "es": "{salutation}, soporte de {account}, le atiende {agent}.",
    "ja": "{salutation}、{account}サービスデスクの{agent}です。",
}
_SPOKEN = ("de;en", "fr;en", "en", "es;en", "ja;en", "pl;de;en", "el;en", "uk;en", "ar;fr", "nl;de;en")
Rows = Iterable[Iterable[object]]


def write(plan: Plan, folder: Path) -> None:
    """All six, replacing what is there."""
    agents = _agents(plan)
    greetings = [f"greeting_{language}" for language in _GREETINGS]
    files: dict[str, tuple[str, Rows]] = {
        "accounts": (
            "id,name,country,languages,default_language,time_zone,holidays,links,briefing_en,verification_en,out_of_hours_en",
            map(_account, plan.customers),
        ),
        "sites": ("account,name,country,language,time_zone,extensions", _sites(plan)),
        "agents": ("id,name,login,languages,disabled", agents),
        "role_shares": ("account,role,starts_at,ends_at", _shares(plan)),
        "grants": ("agent,account,starts_at,ends_at,hours", _grants(plan, len(agents))),
        "service_numbers": (
            ",".join(["number,account,name,support_hours,default_language,caller_name_prefix", *greetings]),
            _service_numbers(plan),
        ),
    }
    for name, (header, rows) in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows(rows)


def _account(customer: Customer) -> list[object]:
    home = customer.country
    link = f"Open the caller=https://{customer.id}.example/sd?telephone={{number}};Person=https://{customer.id}.example/people/{{person_source_id}}"
    few = customer.index % 3
    return [
        customer.id,
        customer.name,
        home.code,
        ";".join(dict.fromkeys(place.language for place in customer.places)),
        home.languages[0],
        home.time_zone,
        "",
        link,
        "" if few else "Month end is critical; tills before anything else.",
        "" if few == 1 else "Ask for the last four digits of the employee number.",
        "Only production stops are taken at night." if few == 2 else "",
    ]


def _sites(plan: Plan) -> Iterator[list[object]]:
    for customer in plan.customers:
        for place in customer.places:
            country = place.country
            yield [customer.id, place.name, country.code, place.language, country.time_zone, place.extensions]


def _agents(plan: Plan) -> list[list[object]]:
    chance = random.Random(f"{plan.seed} agents")
    names = table("en")
    agents: list[list[object]] = []
    for number in range(1, 1 + max(3, min(500, len(plan.customers) // 2))):
        given, surname = chance.choice(names.given), chance.choice(names.surnames)
        login = f"{given[1]}.{surname[1]}{number}@deskco.example"
        disabled = "true" if number % 40 == 0 else ""
        agents.append([f"agent{number}", f"{given[0]} {surname[0]}", login, _SPOKEN[number % len(_SPOKEN)], disabled])
    return agents


def _shares(plan: Plan) -> Iterator[list[object]]:
    for customer in plan.customers:
        if customer.shared:
            starts = "2098-01-01" if customer.shared == "later" else "2024-01-01"
            ends = "2099-01-01" if customer.index % 4 == 0 else ""
            yield [customer.id, "service_desk_analyst", starts, ends]


def _grants(plan: Plan, agents: int) -> Iterator[list[object]]:
    chance = random.Random(f"{plan.seed} grants")
    shared = [customer.id for customer in plan.customers if customer.shared == "now"]
    for account in sorted(chance.sample(shared, min(MOST_GRANTS, len(shared)))):
        yield [FIRST_AGENT, account, "2024-01-01", "", ""]
    for number in range(2, agents + 1):
        for account in sorted(chance.sample(shared, min(chance.randint(1, 8), len(shared)))):
            hours = "Mo-Fr 07:00-19:00 Europe/Berlin" if chance.random() < 0.2 else ""
            yield [f"agent{number}", account, "2024-06-01", "2025-06-01" if chance.random() < 0.05 else "", hours]


def service_number(customer: Customer, which: int = 0) -> str:
    """E.164: in the range of the account's first site, beside the switchboard."""
    place = customer.places[0]
    return f"{place.fixed.company(place.first_company)}09{90 + which}"


def _service_numbers(plan: Plan) -> Iterator[list[object]]:
    for customer in plan.customers:
        own = customer.country.languages[0]
        for which in range(1 + customer.index % 3):
            hours = "" if customer.index % 5 == 0 else f"Mo-Fr 07:00-19:00 {customer.country.time_zone}"
            greetings = [
                text if language in {"en", own.partition("-")[0]} else "" for language, text in _GREETINGS.items()
            ]
            prefix = f"{customer.name.split()[0].upper()}:" if which == 0 and customer.index % 4 == 1 else ""
            name = f"{customer.name} IT Service Desk {which or ''}".strip()
            yield [service_number(customer, which), customer.id, name, hours, own, prefix, *greetings]
