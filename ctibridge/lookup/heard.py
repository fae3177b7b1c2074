"""One call as this room understands it, the same for every agent: numbers read, called company found, claims taken."""

from dataclasses import dataclass, replace
from datetime import datetime

from ctibridge.domain.caller import Caller, Presentation, Signalled
from ctibridge.domain.private import Number
from ctibridge.lookup import nobody, numbers, tags
from ctibridge.lookup.called import CalledNumber, find
from ctibridge.lookup.claims import Claim, claims
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.prefixes import without_prefix
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Heard:
    """at: aware UTC, when it rang. claims: ids that the PBX names, by which people are looked for. chosen: agents'
    words of who it is, newest first. again: the caller of a call that this one continues."""

    caller: Caller
    number: Understood
    called: CalledNumber
    call_id: str | None
    at: datetime
    claims: tuple[Claim, ...] = ()
    chosen: tuple[Pick, ...] = ()
    again: bool = False

    @property
    def withheld(self) -> bool:
        return self.caller.presentation is not Presentation.ALLOWED

    @property
    def calling_country(self) -> str | None:
        return numbers.country_of(self.number.e164) if self.number.e164 else None

    @property
    def country_tags(self) -> list[str]:
        """The language that the calling country may bring into play, if any."""
        tag = None if self.calling_country is None else tags.of_country(self.calling_country)
        return [] if tag is None else [tag]


def hear(question: Question, snapshot: Snapshot) -> Heard:
    """Reads the numbers. Of a withheld caller nothing is kept, whatever the network let through."""
    signalled = question.signalled
    called = find(signalled.called, question.plan, snapshot, signalled.marked, signalled.display_name)
    plan = _in_its_country(question.plan, called)
    presentation = _presentation(signalled, plan)
    if presentation is not Presentation.ALLOWED:
        caller = Caller(None, None, None, presentation, None, signalled.source, remarks=signalled.remarks)
        nothing = numbers.NOTHING
        return Heard(caller, nothing, called, question.call_id, question.at, (), question.chosen, question.again)
    number = numbers.NOTHING if signalled.raw is None else numbers.understand(signalled.raw.value, plan)
    claimed = claims(signalled.remarks) if signalled.remarks else ()
    caller = _caller(signalled, number, called, plan)
    return Heard(caller, number, called, question.call_id, question.at, claimed, question.chosen, question.again)


def _presentation(signalled: Signalled, plan: DialPlan) -> Presentation:
    """Some codes before a number ask to stay unknown in one country and are a number in the next, which the SIP room
    cannot tell: `1831…` in Australia. What is no number there with such a code is hidden, also where nobody has the
    number behind it."""
    raw = signalled.raw
    if signalled.presentation is not Presentation.ALLOWED or raw is None:
        return signalled.presentation
    hidden = nobody.behind_hiding_code(raw.value, plan.country)
    if hidden and numbers.understand(raw.value, plan).key is None:
        return Presentation.RESTRICTED
    return signalled.presentation


def _in_its_country(plan: DialPlan, called: CalledNumber) -> DialPlan:
    if plan.country is not None:
        return plan
    number = None if called.number is None or not called.number.value.startswith("+") else called.number.value
    account = None if called.account is None else called.account.country
    return replace(plan, country=numbers.country_for(None, number, account, None))


def _caller(signalled: Signalled, number: Understood, called: CalledNumber, plan: DialPlan) -> Caller:
    diverted_by = numbers.NOTHING
    if signalled.diverted_by is not None:
        diverted_by = numbers.understand(signalled.diverted_by.value, plan)
    return Caller(
        _number(number.e164),
        signalled.raw,
        without_prefix(signalled.display_name, called.service),
        signalled.presentation,
        _number(number.extension),
        signalled.source,
        signalled.attestation,
        _number(diverted_by.e164),
        signalled.remarks,
    )


def _number(text: str | None) -> Number | None:
    return None if text is None else Number(text)
