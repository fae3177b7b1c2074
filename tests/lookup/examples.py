"""A small directory for the tests of this room: three customers, three agents, and calls to make."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ctibridge.domain.account import Account, ServiceNumber, Site
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.caller import NOT_CHECKED, Presentation, Remark, Signalled
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Grade
from ctibridge.lookup.answer import Directory
from ctibridge.lookup.claims import Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings
from ctibridge.lookup.snapshot import Snapshot, build

AT = datetime(2026, 11, 20, 18, tzinfo=UTC)  # a Friday, 19:00 in Zurich
PLAN = DialPlan("DE")
MOBILE = "+491713920017"
DESK = "+493023125100"
FLEURON_DESK = "+33199001000"

ACME = Account(
    "acme",
    "ACME AG",
    "DE",
    ("de", "de-CH"),
    "de",
    "Europe/Berlin",
    (
        ("Search", "https://desk.acme.example/sd?telephone={number}"),
        ("Open", "https://desk.acme.example/{employee_id}"),
    ),
)
FLEURON = Account("fleuron", "Fleuron SA", "FR", ("fr",), "fr", "Europe/Paris")
KHALIJ = Account("khalij", "Khalij Trading LLC", "AE", ("ar-AE", "en"), None, "Asia/Dubai")
ANA = Agent("ana", "Ana Ruiz", "ana@deskco.example", ("de", "en"))
BEN = Agent("ben", "Ben Okafor", None, ("en",))
GONE = Agent("gone", "Gone", None, ("de",), disabled=True)
ACME_SERVICE = ServiceNumber(
    DESK,
    "acme",
    "ACME IT Service Desk",
    {
        "de": "{salutation}, {account}, mein Name ist {agent}.",
        "de-CH": "Grüezi, {account}, mein Name ist {agent}.",
        "en": "{salutation}, {account}, {agent} speaking.",
    },
    "Mo-Fr 07:00-19:00 Europe/Berlin",
    "de",
)
FLEURON_SERVICE = ServiceNumber(
    FLEURON_DESK, "fleuron", "Assistance Fleuron", {"fr": "{salutation}, {agent}."}, None, "fr"
)
SHORT_SERVICE = ServiceNumber("7005", "acme", "ACME Executive Desk")
ZURICH = Site("acme", "Zürich", "CH", "de-CH", "Europe/Zurich")

SNAPSHOT = build(
    1,
    accounts=(ACME, FLEURON, KHALIJ),
    agents=(ANA, BEN, GONE),
    shares=(RoleShare("acme"), RoleShare("fleuron"), RoleShare("khalij", ends_at=AT)),
    grants=(
        Grant("ana", "acme"),
        Grant("ana", "fleuron"),
        Grant("ana", "khalij"),
        Grant("ben", "fleuron"),
        Grant("gone", "acme"),
    ),
    service_numbers=(ACME_SERVICE, FLEURON_SERVICE, SHORT_SERVICE),
    sites=(ZURICH,),
)

REGULA = Person(
    PersonKey("acme", "p17"),
    Name("Regula Frei"),
    email=Private("regula.frei@acme.example"),
    employee_id=Private("A-17"),
    job_title="Controller",
    site="Zürich",
    language="de-CH",
)


def directory(snapshot: Snapshot = SNAPSHOT, shared_number_people: int = 5, default: str = "en") -> Directory:
    return Directory(snapshot, ResolutionSettings(shared_number_people), LanguageSettings(default))


def signalled(
    raw: str | None = MOBILE,
    called: Iterable[str] = (DESK,),
    presentation: Presentation = Presentation.ALLOWED,
    diverted_by: str | None = None,
    remarks: Iterable[tuple[str, str]] = (),
    attestation: str = NOT_CHECKED,
) -> Signalled:
    """remarks: what they mean, and the value."""
    return Signalled(
        None if raw is None else Number(raw),
        Name("R. Frei"),
        presentation,
        "P-Asserted-Identity",
        None if diverted_by is None else Number(diverted_by),
        tuple(map(Number, called)),
        attestation,
        tuple(Remark(means, Private(value), f"X-{means}") for means, value in remarks),
    )


def row(
    account: str = "acme",
    person: str = "p17",
    label: str = "mobile",
    *,
    disabled: bool = False,
    imported: bool = False,
    matched: str = MOBILE,
    grade: Grade = Grade.EXACT,
) -> NumberRow:
    return NumberRow(account, person, label, disabled, imported, matched, grade)


def question(
    call: Signalled | None = None,
    plan: DialPlan = PLAN,
    call_id: str | None = "c1",
    at: datetime = AT,
    chosen: Pick | None = None,
    beside: Iterable[str] = (),
) -> Question:
    picks = () if chosen is None else (chosen,)
    return Question(signalled() if call is None else call, plan, call_id, at, picks, frozenset(beside))


EMPLOYEE_ID = Claim("employee_id", Private("A-17"))
EMAIL = Claim("email", Private("regula.frei@acme.example"))


def claimed(
    account: str = "acme", person: str = "p17", claim: Claim = EMPLOYEE_ID, *, disabled: bool = False
) -> ClaimRow:
    return ClaimRow(account, person, disabled, claim)
