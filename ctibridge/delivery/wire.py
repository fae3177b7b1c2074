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
    """Whose phone took the call. line: its line; agent: null where several hear that line."""

    line: str
    agent: str | None


class CallBody(msgspec.Struct, frozen=True):
    """One call as one desk sees it, however many forks it has. id: ours, the same at all desks. state: as it is now.
    line: where it rings. trunk: the PBX. rang_at: when it rang first at this desk. answered_at: when somebody picked
    up, where that is seen. ended_at: when it was over. outcome: how it ended: by whom it was answered, given up by the
    caller, sent away, rung for too long, broken, or nobody can know. round: from the second on, where a queue rings
    again. answered_by: where it was answered elsewhere, and known.
    """

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
    `external`), or a word of the trunk's configuration; value: what it said; source: the header."""

    kind: str
    value: str
    source: str


class InternalBody(msgspec.Struct, frozen=True):
    """A colleague. line: his; agent: null where several hear it."""

    line: str
    agent: str | None


class CallerBody(msgspec.Struct, frozen=True):
    """What the signalling says of who calls; a claim, never a proof. number: E.164, null where it is none, or withheld.
    raw: the user part as it was signalled. display_name: as it was signalled; anybody can write anything there.
    presentation: whether he wants to be known. extension: an internal number. source: the header that all this was read
    from. attestation: what the network says of the number (STIR/SHAKEN), where the trunk is trusted to say it: `A`,
    `B`, `C`, `passed`, `failed`, `none`, else `not-checked`. diverted_by: the number that sent the call on. remarks:
    also of a withheld caller, who typed them himself; absent in what was stored by older versions. internal: null for
    who calls from outside.
    """

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
    """Whose desk was called. number: E.164, or a short one; null where nobody said. account: the company, null where it
    is no service number. name: how the desk answers the phone. granted: has this agent a role there? If not, none of
    its people are shown. support_hours: `closed` on a holiday, too; null where nobody said. holiday: the name of the
    customer's holiday today, or its date. out_of_hours: what to tell who calls while it is closed, and only then; in
    his language, if there is a text in it.
    """

    number: str | None
    account: AccountBody | None
    name: str | None
    support_hours: Annotated[str, Meta(extra_json_schema={"enum": ["open", "closed"]})] | None
    granted: bool
    holiday: str | None = None
    out_of_hours: TextBody | None = None


class LanguageBody(msgspec.Struct, frozen=True):
    """How to say hello. tag: BCP 47. name: in English. endonym: in the language itself. source: where we have it from.
    spoken_by_agent: does this agent speak it? greeting: the customer's, in that language, with the agent's name in it.
    spoken_by: the ids of the agents at whose desks this call rings who speak it, best first."""

    tag: str
    name: str
    endonym: str
    source: Annotated[str, Meta(extra_json_schema={"enum": _SOURCES})]
    spoken_by_agent: bool
    greeting: str | None
    spoken_by: list[str] = msgspec.field(default_factory=list)


class PersonBody(msgspec.Struct, frozen=True):
    """account: the id of the company that he belongs to. id: his, in that account. name: as his company writes it.
    job_title, organization, site: as his company writes it. language: BCP 47. time_zone: IANA. local_time: of now,
    where he is, HH:MM. vip: his company asks for special care. disabled: he has left, or is not to be served. email: of
    his record. pronunciation: how his name is said. after_hours: are his working hours over, or is it his weekend or a
    holiday? Null, as `local_time`, where his time zone is not known."""

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
    """One reason for a match. kind: `number`, `employee_id`, `support_id`, `email`, `request`, `called_account`,
    `chosen` (an agent said for this number that it is he) or `last_contact`; other words come with later versions.
    label: of the number on record, like `mobile`. matched: the value that matched. grade: how a number did. at: when he
    was chosen for the last time, or called. by: the agent who chose.
    """

    kind: str
    label: str | UnsetType = UNSET
    matched: str | UnsetType = UNSET
    grade: Literal["exact", "rewritten", "extension", "suffix"] | UnsetType = UNSET
    at: Time | UnsetType = UNSET
    by: str | UnsetType = UNSET


class CandidateBody(msgspec.Struct, frozen=True):
    """Somebody who may be calling. person: who. account: his company. evidence: why, strongest first."""

    person: PersonBody
    account: AccountBody
    evidence: list[EvidenceBody]


Status = Literal["identified", "ambiguous", "shared", "unknown", "withheld"]


class ResolutionBody(msgspec.Struct, frozen=True):
    """To whom this number belongs, as far as this agent may see. status: one clear candidate, several, a number of many
    people, nobody, or a caller who wants to stay unknown. revision: grows with each update of the same pop. account:
    the company, where it is clear. candidates: most likely first; none that the agent may not see, and no count of
    them."""

    status: Status
    revision: int
    account: AccountBody | None
    candidates: list[CandidateBody]


class SignalBody(msgspec.Struct, frozen=True):
    """Something to be careful about. kind: `number_changed_recently`, `attestation_failed`, `claim_contradicts_number`;
    other words come with later versions; days: how long ago, where the kind counts them."""

    kind: str
    days: int | UnsetType = UNSET


class TrustBody(msgspec.Struct, frozen=True):
    """verified: the caller passed the customer's own procedure on this call; never because a number matches. signals:
    what speaks for care."""

    verified: bool
    signals: list[SignalBody]


class LinkBody(msgspec.Struct, frozen=True):
    """A page of the customer's tool. title: what it is; url: where."""

    title: str
    url: str


class FirstCallerBody(msgspec.Struct, frozen=True):
    """Who called first. number: E.164, or as signalled; display_name: as it was signalled."""

    number: str | None
    display_name: str | None


class NoteBody(msgspec.Struct, frozen=True):
    """by: the agent who wrote it; text: plain text, of one or more lines; at: when."""

    by: str
    text: str
    at: Time

    def __repr__(self) -> str:
        return "NoteBody(text=•••)"


class HandOverBody(msgspec.Struct, frozen=True):
    """This call continues another. kind: asked first and then transferred, transferred at once, taken from another line
    while it rang there, or a call of the colleague himself who has or had it. line: who hands over, or from where it
    was picked up. agent: who sits there, null where several hear that line. call, caller: of the first call, whose
    resolution, context and links stand beside this. notes: written for it, or for a call in between, oldest first.
    """

    kind: Literal["attended", "blind", "pickup", "internal"]
    line: str
    agent: str | None
    call: str
    caller: FirstCallerBody
    notes: list[NoteBody] = msgspec.field(default_factory=list)


class PopData(msgspec.Struct, frozen=True):
    """The screen pop, whole. call: null only where nobody calls (`ctibridge lookup`). caller: what was signalled.
    called: which number, of whom. language: how to say hello. resolution: who it may be. context: what is known of him.
    trust: how far to believe it. links: pages of the customer's tool. hand_over: null unless this call continues
    another. customer: null where the call is of no account that the agent may see.
    """

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
    """call: as it is now."""

    call: CallBody


class WorkedData(msgspec.Struct, frozen=True):
    """A desk that the call reaches later than its notes hears them behind `call.ringing`, each with the time when it
    was written. call: of which somebody said or did something. by: the agent who did it, null where it is not known who
    answered. state: what became of a missed call, null where a note was written and nothing else. note: what he wrote,
    plain text of one or more lines, null where this agent may not see its customer any more. answered_in: the later
    call that settled it by itself.
    """

    call: CallBody
    by: str | None
    state: Annotated[str, Meta(extra_json_schema={"enum": ["taken", "settled"]})] | None
    note: str | None
    answered_in: str | UnsetType = UNSET

    def __repr__(self) -> str:
        return "WorkedData(note=•••)"


class SuggestionsData(msgspec.Struct, frozen=True):
    """call: for which he selected. standard_requests,
    knowledge_articles: best first."""

    call: CallBody
    standard_requests: list[StandardRequestBody]
    knowledge_articles: list[KnowledgeArticleBody]


class NoticeData(msgspec.Struct, frozen=True):
    """kind: a word for programs. text: an English sentence for people. call, account, site, line, trunk: what it is
    about."""

    kind: str
    text: str
    call: str | UnsetType = UNSET
    account: str | UnsetType = UNSET
    site: str | UnsetType = UNSET
    line: str | UnsetType = UNSET
    trunk: str | UnsetType = UNSET


class Event(msgspec.Struct, frozen=True):
    """CloudEvents 1.0. specversion: of CloudEvents. id: EPOCH.SEQUENCE. source: `/ctibridge/` and the node's name.
    type: what happened. subject: the call's id, absent where no call is meant. time: when it happened. sequence: of
    this desk, without gaps, as text. data: as the type says."""

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
