"""Every JSON name that we write, in the order in which it is written; those of the context stand in `wire_context`.
What a client writes stands in `frames`; nowhere else do JSON names stand.

`encode` fills these structs from the product's values, `schema` documents them. A field that is `UNSET` is left out;
None is written as null.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from ctibridge.delivery.wire_context import (
    AccountBody,
    ContextBody,
    CustomerBody,
    KnowledgeArticleBody,
    StandardRequestBody,
    TextBody,
    Time,
)

_SOURCES = ["person", "site", "called_number", "account", "calling_country", "default"]


class AnsweredByBody(msgspec.Struct, frozen=True):
    """The line whose phone took the call; agent: null where several hear that line."""

    line: str
    agent: str | None


class CallBody(msgspec.Struct, frozen=True):
    """round: from the second on, where a queue rings again. answered_by: where it was answered elsewhere, and known."""

    id: str
    state: Literal["ringing", "answered", "ended"]
    line: str
    trunk: str
    rang_at: Time
    answered_at: Time | UnsetType = UNSET
    ended_at: Time | UnsetType = UNSET
    outcome: (
        Literal["answered_here", "answered_elsewhere", "abandoned", "declined", "timed_out", "failed", "unknown"]
        | UnsetType
    ) = UNSET
    round: Annotated[int, Meta(ge=2)] | UnsetType = UNSET
    answered_by: AnsweredByBody | UnsetType = UNSET


class RemarkBody(msgspec.Struct, frozen=True):
    """What the PBX knows besides. kind: `employee_id`, `support_id`, `email`, `request`, `alert` (`internal` or
    `external`), or a word of the trunk's configuration; source: the header."""

    kind: str
    value: str
    source: str


class InternalBody(msgspec.Struct, frozen=True):
    """One of our lines; agent: null where several hear it."""

    line: str
    agent: str | None


class CallerBody(msgspec.Struct, frozen=True):
    """remarks: also of a withheld caller, who typed them himself; absent in what was stored by older versions."""

    number: str | None
    raw: str | None
    display_name: str | None
    presentation: Literal["allowed", "restricted", "unavailable"]
    extension: str | None
    source: str
    attestation: str
    diverted_by: str | None
    remarks: list[RemarkBody] = msgspec.field(default_factory=list)
    internal: InternalBody | None = None


class CalledBody(msgspec.Struct, frozen=True):
    """support_hours: `closed` on a holiday, too. holiday: the name of the customer's holiday today, or its date.
    out_of_hours: what to tell who calls while it is closed, and only then; in his language, if there is a text in
    it."""

    number: str | None
    account: AccountBody | None
    name: str | None
    support_hours: Annotated[str, Meta(extra_json_schema={"enum": ["open", "closed"]})] | None
    granted: bool
    holiday: str | None = None
    out_of_hours: TextBody | None = None


class LanguageBody(msgspec.Struct, frozen=True):
    """spoken_by: the ids of the agents at whose desks this call rings who speak it, best first."""

    tag: str
    name: str
    endonym: str
    source: Annotated[str, Meta(extra_json_schema={"enum": _SOURCES})]
    spoken_by_agent: bool
    greeting: str | None
    spoken_by: list[str] = msgspec.field(default_factory=list)


class PersonBody(msgspec.Struct, frozen=True):
    """pronunciation: how his name is said. after_hours: are his working hours over, or is it his weekend or a holiday?
    Null, as local_time, where his time zone is not known."""

    account: str
    id: str
    name: str | None
    job_title: str | None
    organization: str | None
    site: str | None
    language: str | None
    time_zone: str | None
    local_time: str | None
    vip: bool
    disabled: bool
    email: str | None
    pronunciation: str | None = None
    after_hours: bool | None = None


class EvidenceBody(msgspec.Struct, frozen=True):
    """kind: `number`, `employee_id`, `support_id`, `email`, `request`, `called_account`, `chosen` (an agent said for
    this number that it is he: by, and at the newest time) or `last_contact` (at); other words come with later
    versions."""

    kind: str
    label: str | UnsetType = UNSET
    matched: str | UnsetType = UNSET
    grade: Literal["exact", "rewritten", "extension", "suffix"] | UnsetType = UNSET
    at: Time | UnsetType = UNSET
    by: str | UnsetType = UNSET


class CandidateBody(msgspec.Struct, frozen=True):
    person: PersonBody
    account: AccountBody
    evidence: list[EvidenceBody]


Status = Literal["identified", "ambiguous", "shared", "unknown", "withheld"]


class ResolutionBody(msgspec.Struct, frozen=True):
    status: Status
    revision: int
    account: AccountBody | None
    candidates: list[CandidateBody]


class SignalBody(msgspec.Struct, frozen=True):
    kind: str
    days: int | UnsetType = UNSET


class TrustBody(msgspec.Struct, frozen=True):
    """verified: the caller passed the customer's own procedure on this call; never because a number matches."""

    verified: bool
    signals: list[SignalBody]


class LinkBody(msgspec.Struct, frozen=True):
    title: str
    url: str


class FirstCallerBody(msgspec.Struct, frozen=True):
    number: str | None
    display_name: str | None


class NoteBody(msgspec.Struct, frozen=True):
    """by: the agent who wrote it; text: plain text, of one or more lines."""

    by: str
    text: str
    at: Time

    def __repr__(self) -> str:
        return "NoteBody(text=•••)"


class HandOverBody(msgspec.Struct, frozen=True):
    """This call continues another. line, agent: who hands over, or from where it was picked up (agent: null where
    several hear that line); call, caller: of the first call, whose resolution, context and links stand beside this;
    notes: written for it, or for a call in between, oldest first.
    """

    kind: Literal["attended", "blind", "pickup", "internal"]
    line: str
    agent: str | None
    call: str
    caller: FirstCallerBody
    notes: list[NoteBody] = msgspec.field(default_factory=list)


class PopData(msgspec.Struct, frozen=True):
    """`call.ringing` and `call.updated`; call is null only where nobody calls (`ctibridge lookup`), customer where the
    call is of no account that the agent may see."""

    call: CallBody | None
    caller: CallerBody
    called: CalledBody
    language: LanguageBody
    resolution: ResolutionBody
    context: ContextBody
    trust: TrustBody
    links: list[LinkBody]
    hand_over: HandOverBody | None = None
    customer: CustomerBody | None = None


class CallData(msgspec.Struct, frozen=True):
    """`call.answered` and `call.ended`."""

    call: CallBody


class WorkedData(msgspec.Struct, frozen=True):
    """`call.worked`. by: the agent who did it, null where it is not known who answered; state: what became of a missed
    call, null where a note was written and nothing else; note: what he wrote, plain text of one or more lines, null
    where this agent may not see its customer any more. answered_in: the later call that settled it by itself. A desk
    that the call reaches later than its notes hears them behind `call.ringing`, each with the time when it was written.
    """

    call: CallBody
    by: str | None
    state: Annotated[str, Meta(extra_json_schema={"enum": ["taken", "settled"]})] | None
    note: str | None
    answered_in: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return "WorkedData(note=•••)"


class SuggestionsData(msgspec.Struct, frozen=True):
    """`suggestions`, after `select`: what the agent may do about what he has selected, best first."""

    call: CallBody
    standard_requests: list[StandardRequestBody]
    knowledge_articles: list[KnowledgeArticleBody]


class NoticeData(msgspec.Struct, frozen=True):
    """kind: a word for programs; text: an English sentence for people; the rest: what it is about."""

    kind: str
    text: str
    call: str | UnsetType = UNSET
    account: str | UnsetType = UNSET
    site: str | UnsetType = UNSET
    line: str | UnsetType = UNSET
    trunk: str | UnsetType = UNSET


class Event(msgspec.Struct, frozen=True):
    """CloudEvents 1.0. id: EPOCH.SEQUENCE; subject: the call's id, absent where no call is meant."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str | UnsetType
    time: Time
    sequence: Annotated[str, Meta(pattern="^[0-9]+$")]
    data: msgspec.Raw


EVENTS: dict[str, type[msgspec.Struct]] = {
    "call.ringing": PopData,
    "call.updated": PopData,
    "call.answered": CallData,
    "call.worked": WorkedData,
    "call.ended": CallData,
    "suggestions": SuggestionsData,
    "notice": NoticeData,
}
EventType = Literal[
    "call.ringing", "call.updated", "call.answered", "call.worked", "call.ended", "suggestions", "notice"
]
