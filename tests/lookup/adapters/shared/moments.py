"""A directory before and after a change."""

from dataclasses import replace

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from tests.lookup.adapters.directories import Held, Small
from tests.lookup.adapters.shared.redis import differing
from tests.lookup.examples import ACME, FLEURON, KHALIJ

MOBILE, DESK, HOME = "+5491123456789", "+493023125100", "+4915117654321"
ACCOUNTS = (ACME, FLEURON, KHALIJ)


def person(account: str, id_: str, name: str, **more: str) -> Person:
    return Person(PersonKey(account, id_), Name(name), **{key: Private(value) for key, value in more.items()})  # type: ignore[arg-type]


REGULA = person("acme", "p17", "Regula Zgraggen", email="regula@acme.example", employee_id="A-17")
URS = person("acme", "p18", "Urs Frei", support_id="S-1")
KARIM = person("khalij", "k1", "كريم الرشيد")
BEFORE = Small(
    ACCOUNTS,
    (REGULA, URS, KARIM),
    (Held(REGULA.key, MOBILE), Held(REGULA.key, "4711", "work"), Held(URS.key, MOBILE), Held(KARIM.key, HOME)),
)
AFTER = Small(
    ACCOUNTS,
    (replace(URS, name=Name("Urs Meier"), disabled=True), KARIM, person("fleuron", "f1", "Zoë Petit")),
    (Held(URS.key, DESK, "work"), Held(KARIM.key, HOME), Held(PersonKey("fleuron", "f1"), MOBILE)),
)
CHANGED = differing(BEFORE, AFTER)
