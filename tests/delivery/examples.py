"""Invented calls for the delivery room's tests, each telling by its name what it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ctibridge.domain.account import AccountRef, Text
from ctibridge.domain.agent import Agent
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.caller import Called, Caller, Presentation, Remark
from ctibridge.domain.context import (
    ConfigurationItem,
    Context,
    KnowledgeArticle,
    MajorIncident,
    Repeat,
    Request,
    Service,
    StandardRequest,
    Suggestions,
)
from ctibridge.domain.hand_over import HandOver, HandOverKind, Internal
from ctibridge.domain.note import Note
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Candidate, Evidence, Grade, Resolution, Status
from ctibridge.domain.screen_pop import Announced, Answer, Customer, LanguageChoice, Link, ScreenPop, Signal
from tests.leaks import canary

AT = datetime(2026, 11, 21, 18, 0, 0, 123456, tzinfo=UTC)
ANA = Agent("ana", "Ana Lindqvist", languages=("en", "de"))
ACME = AccountRef("acme", "ACME AG")
GLOBEX = AccountRef("globex", "Globex Corporation")
NUMBER = Number("+4915112345678")


def call(number: int = 1, at: datetime = AT, **changes: Any) -> Call:
    return replace(Call(f"01JDX{number:03}", "pbx", "6001", CallState.RINGING, at), **changes)


def ended(ringing: Call, outcome: Outcome = Outcome.ABANDONED, after: float = 8.0) -> Call:
    ended_at = ringing.rang_at + timedelta(seconds=after)
    return replace(ringing, state=CallState.ENDED, ended_at=ended_at, outcome=outcome)


def answered(ringing: Call, after: float = 4.0) -> Call:
    return replace(ringing, state=CallState.ANSWERED, answered_at=ringing.rang_at + timedelta(seconds=after))


def taken(ringing: Call, line: str = "6002", agent: str | None = "ben") -> Call:
    """Another line's phone was quicker."""
    return replace(ended(ringing, Outcome.ANSWERED_ELSEWHERE), answered_by=AnsweredBy(line, agent))


def candidate(name: str | None = "Regula Frei", account: AccountRef = ACME, **person: Any) -> Candidate:
    fields = {
        "job_title": "Controller",
        "organization": "Finance",
        "site": "Zürich",
        "language": "de-CH",
        "time_zone": "Europe/Zurich",
        "email": Private("regula.frei@acme.example"),
    }
    evidence = [Evidence("number", "mobile", NUMBER, Grade.EXACT)]
    if account == ACME:
        evidence.append(Evidence("called_account"))
    key = PersonKey(account.id, "p17")
    who = Person(key, None if name is None else Name(name), **{**fields, **person})
    return Candidate(who, account, tuple(evidence), local_time="19:00")


CALLER = Caller(NUMBER, Number("015112345678"), Name("R. Frei"), Presentation.ALLOWED, None, "P-Asserted-Identity")
HIDDEN = Caller(None, None, None, Presentation.RESTRICTED, None, "From")
CALLED = Called("+49301234560", ACME, "ACME IT Service Desk", "open", granted=True)
GERMAN = LanguageChoice(
    "de-CH",
    "German (Switzerland)",
    "Deutsch (Schweiz)",
    "person",
    spoken_by_agent=True,
    greeting="Grüezi, ACME Service Desk, mein Name ist Ana.",
)
FRENCH = LanguageChoice(
    "fr",
    "French",
    "français",
    "called_number",
    spoken_by_agent=False,
    greeting="Bonsoir, Globex assistance informatique, Ana à l’appareil.",
)
ARABIC = LanguageChoice(
    "ar",
    "Arabic",
    "العربية",
    "person",
    spoken_by_agent=False,
    greeting="مساء الخير، معكم آنا من مكتب خدمة ACME، كيف يمكنني مساعدتك؟",
)
LINKS = (Link("Open in Xurrent", "https://acme.xurrent.com/sd?telephone=%2B4915112345678"),)

IDENTIFIED = Answer(
    CALLER,
    CALLED,
    GERMAN,
    Resolution(Status.IDENTIFIED, ACME, (candidate(),)),
    (Signal("number_changed_recently", 2),),
    LINKS,
    complete=False,
)
AMBIGUOUS = replace(
    IDENTIFIED,
    resolution=Resolution(
        Status.AMBIGUOUS,
        ACME,
        (
            candidate("Regula Frei"),
            candidate("Reto Frei", job_title="Warehouse lead", organization="Logistics", site="Basel"),
            candidate("Regula Frei-Meier", GLOBEX, job_title="Consultant", organization=None, site="Bern"),
        ),
    ),
    signals=(),
)
REMARKS = (
    Remark("employee_id", Private("A-17"), "X-Employee-Number"),
    Remark("queue", Private("IT Support"), "X-Queue"),
    Remark("alert", Private("external"), "Alert-Info"),
)
BY_ID = Evidence("employee_id", None, Private("A-17"), Grade.EXACT)
CLAIMED = replace(
    IDENTIFIED,
    caller=replace(CALLER, attestation="failed", remarks=REMARKS),
    resolution=Resolution(
        Status.AMBIGUOUS,
        ACME,
        (candidate("Reto Frei"), replace(candidate(), evidence=(BY_ID, Evidence("called_account")))),
    ),
    signals=(Signal("attestation_failed"), Signal("claim_contradicts_number")),
)
"""The number is Reto's, the employee number that was typed in is Regula's, and the network doubts the number."""
FROM_CALLED = replace(GERMAN, source="called_number")
SHARED = replace(IDENTIFIED, language=FROM_CALLED, resolution=Resolution(Status.SHARED, ACME, ()), signals=(), links=())
UNKNOWN = replace(IDENTIFIED, language=FRENCH, resolution=Resolution(Status.UNKNOWN, None, ()), signals=(), links=())
WITHHELD = replace(
    IDENTIFIED,
    caller=HIDDEN,
    language=FROM_CALLED,
    resolution=Resolution(Status.WITHHELD, None, ()),
    signals=(),
    links=(),
)
COLLEAGUE = Caller(None, Number("6002"), Name("Ben Arndt"), Presentation.ALLOWED, Number("6002"), "From")
HANDED_OVER = replace(
    IDENTIFIED,
    caller=COLLEAGUE,
    internal=Internal("6002", "ben"),
    hand_over=HandOver(HandOverKind.INTERNAL, "6002", "ben", "01JDX000", CALLER),
)
NOTE = Note("ben", Private(canary("Regula’s laptop is wet") + "\nshe calls again at five"), AT - timedelta(seconds=20))
NOTED = replace(
    HANDED_OVER,
    hand_over=HandOver(
        HandOverKind.INTERNAL,
        "6002",
        "ben",
        "01JDX000",
        CALLER,
        (NOTE, Note("cleo", Private("sie wartet auf Ben"), AT - timedelta(seconds=5))),
    ),
)
CUSTOMER = Customer(
    ACME,
    Text("en", "VIPs first.\nThe printer line is on call until ten."),
    Text("de", "Personalnummer und Geburtsort abfragen."),
    (
        Announced("a2", Text("de", "Zürich: Druckserver wird um 20 Uhr gewartet."), "Zürich"),
        Announced("a1", Text("und", "Mail is slow today.")),
    ),
)
CLOSED = replace(
    UNKNOWN,
    called=replace(
        CALLED,
        support_hours="closed",
        holiday="Works outing",
        out_of_hours=Text("fr", "Notre service est fermé aujourd’hui."),
    ),
    customer=replace(CUSTOMER, briefing=None, verification=None, announcements=CUSTOMER.announcements[1:]),
)
ORDERS = (
    StandardRequest("t1", "s1", "New password", "Ask for the user name.\nNever for the old password."),
    StandardRequest("t2", None, "Something else", None),
)
ARTICLES = (
    KnowledgeArticle("k1", "s1", "Passwort zurücksetzen", "https://acme.example/kb/1", "de"),
    KnowledgeArticle("k2", None, "How to reach us", None, None),
)
SUGGESTIONS = Suggestions("01JDX001", ORDERS, ARTICLES)
CONTEXT = Context(
    (Service("s1", "Mail", "available"), Service("s2", "SAP")),
    (ConfigurationItem("c1", "NB-4711", "Laptop", "in_use", "s1"),),
    (
        Request("r9", "Postfach voll", "assigned", AT - timedelta(hours=3), "s1", "https://acme.example/requests/9"),
        Request("r2", None, "completed", None, None, None, open=False),
    ),
    ORDERS,
    ARTICLES,
    (MajorIncident("s2", "SAP is down", "https://acme.example/requests/100"), MajorIncident(None, "Power cut", None)),
    Repeat(2, AT - timedelta(days=1), open_requests=1),
    failed=("requests",),
    complete=True,
)
CHOSEN = (
    Evidence("number", "mobile", NUMBER, Grade.EXACT),
    Evidence("chosen", at=AT - timedelta(days=3), by="ben"),
    Evidence("last_contact", at=AT - timedelta(days=1)),
)
WHOLE = replace(
    IDENTIFIED,
    language=replace(GERMAN, spoken_by=("ana", "cleo")),
    resolution=Resolution(
        Status.IDENTIFIED,
        ACME,
        (replace(candidate(pronunciation=Name("reh-GOO-lah")), evidence=CHOSEN, after_hours=True),),
        revision=2,
    ),
    complete=True,
    context=CONTEXT,
    customer=CUSTOMER,
)
"""The pop's later revision, with everything that there can be."""
ANSWERS = {
    "identified": IDENTIFIED,
    "ambiguous": AMBIGUOUS,
    "shared": SHARED,
    "unknown": UNKNOWN,
    "withheld": WITHHELD,
}


def pop(answer: Answer = IDENTIFIED, of: Call | None = None) -> ScreenPop:
    return ScreenPop(of or call(), answer)
