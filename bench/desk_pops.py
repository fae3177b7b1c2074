"""What the desks of the bench are told: one call after the other at each desk, with pops as large as real ones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ctibridge.delivery.desks import Desks
from ctibridge.domain.account import AccountRef, Text
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.caller import Called, Caller, Presentation
from ctibridge.domain.context import ConfigurationItem, Context, Repeat, Request, Service, StandardRequest
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Number, Private
from ctibridge.domain.resolution import Candidate, Evidence, Grade, Resolution, Status
from ctibridge.domain.screen_pop import Announced, Answer, Customer, LanguageChoice, Link, ScreenPop

TRUNK = "bench"
ACCOUNT = AccountRef("cust", "Customer AG")
_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
_NUMBER = Number("+4915112345678")
_PERSON = Person(
    PersonKey("cust", "p17"),
    Name("Regula Frei"),
    job_title="Controller",
    organization="Finance",
    site="Zürich",
    language="de-CH",
    time_zone="Europe/Zurich",
    email=Private("regula.frei@customer.example"),
)
FIRST = Answer(
    Caller(_NUMBER, Number("015112345678"), Name("R. Frei"), Presentation.ALLOWED, None, "P-Asserted-Identity"),
    Called("+49301234560", ACCOUNT, "Customer Service Desk", "open", granted=True),
    LanguageChoice("de-CH", "German (Switzerland)", "Deutsch (Schweiz)", "person", True, "Grüezi, hier ist Ana."),
    Resolution(
        Status.IDENTIFIED,
        ACCOUNT,
        (
            Candidate(
                _PERSON,
                ACCOUNT,
                (Evidence("number", "mobile", _NUMBER, Grade.EXACT), Evidence("called_account")),
                local_time="19:00",
            ),
        ),
    ),
    links=(Link("Open in the tool", "https://customer.example/sd?telephone=%2B4915112345678"),),
    complete=False,
)
WHOLE = replace(
    FIRST,
    complete=True,
    context=Context(
        tuple(Service(f"s{n}", f"Service {n}", "available") for n in range(3)),
        (ConfigurationItem("c1", "NB-4711", "Laptop", "in_use", "s1"),),
        tuple(Request(f"r{n}", f"Request number {n}", "assigned", _AT - timedelta(hours=n), "s1") for n in range(3)),
        tuple(StandardRequest(f"t{n}", "s1", f"Standard request {n}", "Ask for the user name.") for n in range(3)),
        repeat=Repeat(2, _AT, open_requests=1),
    ),
    customer=Customer(
        ACCOUNT,
        Text("en", "VIPs first.\nThe printer line is on call until ten."),
        Text("de", "Personalnummer und Geburtsort abfragen."),
        (Announced("a1", Text("und", "Mail is slow today.")),),
    ),
)
STEPS = 5
"""Events of one call: it rings, its context comes in two revisions, it is answered, it ends."""


def agent(place: int) -> str:
    return f"agent{place:05d}"


def line(place: int) -> str:
    return str(60_000 + place)


class Day:
    """The calls of all desks, each where it is just now."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks
        self._calls: dict[int, tuple[Call, int]] = {}

    def tell(self, place: int, at: datetime) -> None:
        """The next event of this desk."""
        call, step = self._calls.get(place) or (self._next(place, 0, at), 0)
        who, turn = agent(place), step % STEPS
        if turn == 0:
            call = self._next(place, step, at)
            self._desks.ringing(who, ScreenPop(call, FIRST), at)
        elif turn < 3:
            self._desks.updated(who, ScreenPop(call, WHOLE), at)
        elif turn == 3:
            call = replace(call, state=CallState.ANSWERED, answered_at=at)
            self._desks.answered(who, call, at)
        else:
            call = replace(call, state=CallState.ENDED, ended_at=at, outcome=Outcome.ANSWERED_HERE)
            self._desks.ended(who, call, at)
        self._calls[place] = call, step + 1

    @staticmethod
    def _next(place: int, step: int, at: datetime) -> Call:
        return Call(f"{place:05d}-{step:06d}-{at.timestamp():.6f}", TRUNK, line(place), CallState.RINGING, at)
