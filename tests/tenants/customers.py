"""Fifty customers that look alike: the same numbers, people, ids and requests in each. Only a mark tells them apart.

Every text of an account bears its mark (`t07q`), so that whatever leaks can be seen in the text that an agent gets.
"""

import re
from datetime import UTC, datetime
from random import Random

from ctibridge.domain.account import Account, Announcement, ServiceNumber, Site
from ctibridge.domain.agent import Agent
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings

BEGIN = datetime(2026, 11, 20, 18, tzinfo=UTC)  # a Friday
ACCOUNTS = tuple(f"t{number:02}" for number in range(50))
AGENTS = tuple(f"agent{number}" for number in range(7))
PEOPLE = tuple(f"p{number}" for number in range(6))
PLAN = DialPlan("CH")
RESOLUTION = ResolutionSettings(shared_number_people=4, choice_days=30)
LANGUAGE = LanguageSettings("en")

# Words of the directory that no log may show, beside the numbers and the marks.
NAMES = ("Ximena Quist", "Yorick Vandal", "Zelda Oakheart", "Wendel Stroem", "Ümit Çelebi", "Quentin Ximenes")
EMAILS = tuple(f"{person}@pers0nal.example" for person in PEOPLE)
EMPLOYEE_IDS = tuple(f"EMP77{number}31" for number in range(len(PEOPLE)))
SUPPORT_IDS = tuple(f"SUP66{number}42" for number in range(len(PEOPLE)))

E164 = ("+493023125001", "+493023125002", "+41443125001", "+41443125002", "+5491123456789", "+541123456789",
        "+390612345678", "+39612345678", "+491713920017", "+33199001000")  # fmt: skip
SHORT = ("17", "0042", "7005")
TAIL = "3125001"
"""What some gateways leave of a number: no number as a whole in Switzerland."""
# Written down here again, and not asked of the product: other spellings under which the same line may be stored.
SAME_LINE = {
    "+5491123456789": {"+541123456789"},
    "+541123456789": {"+5491123456789"},
    "+390612345678": {"+39612345678"},
    "+39612345678": {"+390612345678"},
}
# An outdated spelling is mended before anybody is looked for.
MENDED = {"+39612345678": "+390612345678"}
LABELS = ("mobile", "work", "home", "general", "fax")
LABEL_WEIGHTS = (8, 8, 3, 1, 1)
MARK = re.compile(r"(t\d\d)q")


def mark(account: str) -> str:
    return f"{account}q"


def private_words() -> tuple[str, ...]:
    """What may stand in no log."""
    digits = tuple(number[1:] for number in E164)
    return *NAMES, *EMAILS, *EMPLOYEE_IDS, *SUPPORT_IDS, *digits, TAIL, *map(mark, ACCOUNTS)


def account(id_: str) -> Account:
    number, text = int(id_[1:]), mark(id_)
    return Account(
        id_,
        f"Firm {text}",
        ("CH", "DE", None)[number % 3],
        ("de", "en") if number % 2 else (),
        ("de", "fr", None)[number % 3],
        ("Europe/Zurich", "Asia/Tokyo", None)[number % 3],
        (
            (f"Search {text}", f"https://{text}.example/{{number}}"),
            (f"Open {text}", f"https://{text}.example/{{email}}"),
        ),
        {"de": f"briefing {text}"},
        {"und": f"verification {text}"},
        {"de": f"closed {text}"},
    )


def service_number(id_: str) -> ServiceNumber:
    number, text = int(id_[1:]), mark(id_)
    return ServiceNumber(
        f"+4144668{number:04}",
        id_,
        f"Desk {text}",
        {"de": f"{{salutation}}, {text} {{account}}, {{agent}}", "en": f"Hello {text}"},
        "Mo-Fr 07:00-19:00 Europe/Zurich" if number % 2 else None,
        "de" if number % 4 else None,
        f"{id_.upper()}:",
    )


def site(id_: str) -> Site:
    return Site(id_, f"Site {mark(id_)}", "IT", "it", "Europe/Rome")


def announcement(id_: str) -> Announcement:
    site_name = f"Site {mark(id_)}" if int(id_[1:]) % 5 == 0 else None
    return Announcement(id_, f"a-{mark(id_)}", {"de": f"news {mark(id_)}"}, site_name)


def agent(id_: str, *, disabled: bool = False) -> Agent:
    languages = (("de", "en"), ("fr",), ("en", "it"))[int(id_[5:]) % 3]
    return Agent(id_, f"Agent {id_}", None, languages, disabled=disabled)


def person(key: PersonKey, rng: Random) -> Person:
    number, text = PEOPLE.index(key.id), mark(key.account)
    return Person(
        key,
        Name(f"{NAMES[number]} {text}"),
        disabled=rng.random() < 0.1,
        vip=rng.random() < 0.1,
        pronunciation=Name(f"say {text}"),
        email=Private(EMAILS[number]),
        employee_id=Private(EMPLOYEE_IDS[number]),
        support_id=Private(SUPPORT_IDS[number]),
        source_id=f"src-{text}-{number}",
        job_title=f"Job {text}",
        organization=f"Organization {text}",
        site=f"Site {text}" if rng.random() < 0.6 else None,
        location=f"Room {text}",
        language=rng.choice(("de-CH", "fr", None)),
        time_zone=rng.choice(("Europe/Paris", None)),
    )
