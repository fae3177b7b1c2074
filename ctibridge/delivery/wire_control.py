"""The frames of the stream that are no events: what a connection is greeted with, and answers to what it asks for.

`wire` has the events; what a client writes stands in `frames`.
"""

from typing import Literal

import msgspec

from ctibridge.delivery.wire import CallBody, NoteBody, PersonBody, Status
from ctibridge.delivery.wire_context import AccountBody, Time


class LineBody(msgspec.Struct, frozen=True):
    """A line of this agent. line: its user part. state: `registered` is heard; `alone`: no other device is there, so we
    stay away; `deaf`: the PBX refuses or does not answer. trunk: the PBX. shared: several agents may sit there, and it
    pops to those who do. sitting: it pops at this desk."""

    line: str
    state: Literal["registering", "registered", "alone", "deaf"]
    trunk: str
    shared: bool
    sitting: bool


Notification = Literal["company", "full", "none"]


class WorkBody(msgspec.Struct, frozen=True):
    """What became of a missed call. state: somebody calls back, or nobody need any more; by: null where it is not known
    who answered; at: when; answered_in: the later call that settled it by itself."""

    state: Literal["taken", "settled"]
    by: str | None
    at: Time
    answered_in: str | None = None


class DetailBody(msgspec.Struct, frozen=True):
    """Beside one of `calls`. call: its id; rang_in: the sequence of its newest `call.ringing`; pop: the `data` of its
    newest pop, null where that stands in `calls`, and where the connection resumed; notes: oldest first; work: null
    where nobody did anything about it."""

    call: str
    rang_in: int
    pop: msgspec.Raw | None
    notes: list[NoteBody]
    work: WorkBody | None


class WelcomeData(msgspec.Struct, frozen=True):
    """agent: whose desk this is. epoch: of this desk; another one than before: nothing of before can be sent again.
    sequence: of its newest event. lines: that this agent may sit at. resumed: what was missed follows. calls: in
    progress or ended within 30 minutes, each as the `data` of its newest event. details: one for each of them. rings:
    this connection is the one of the agent's that rings. notification: what a desktop notification may show. live_only:
    what happens now cannot be stored, and not be sent again. name: the agent's. expires_in: seconds until the token
    ends, and the desk with it; null: never. node_alone: of several nodes, the one of this desk has lost the others, and
    what comes from there is missing."""

    agent: str
    epoch: str
    sequence: int
    lines: list[LineBody]
    resumed: bool
    calls: list[msgspec.Raw]
    details: list[DetailBody] = msgspec.field(default_factory=list)
    rings: bool = False
    notification: Notification = "company"
    live_only: bool = False
    name: str | None = None
    expires_in: int | None = None
    node_alone: bool = False


class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    data: WelcomeData


class PongData(msgspec.Struct, frozen=True):
    """lines: as in `welcome`. stored: the newest event of this desk that outlives every end of the process; what was
    acknowledged up to there is there for ever."""

    lines: list[LineBody]
    stored: int = 0


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """Carries the lines as they are now, so that a page is never wrong about them for long."""

    data: PongData


class FoundBody(msgspec.Struct, frozen=True):
    """person: who was found; account: his company."""

    person: PersonBody
    account: AccountBody


class PeopleData(msgspec.Struct, frozen=True):
    """call, text: as in the `search` that this answers; people: best first, at most 20."""

    call: str
    text: str
    people: list[FoundBody]

    def __repr__(self) -> str:
        return "PeopleData(people=•••)"


class People(msgspec.Struct, frozen=True, tag_field="type", tag="people"):
    data: PeopleData


class LeaderData(msgspec.Struct, frozen=True):
    """rings: does this connection ring from now on?"""

    rings: bool


class Leader(msgspec.Struct, frozen=True, tag_field="type", tag="leader"):
    """Of an agent's connections that can ring, one does; it is this one, from now on or no longer."""

    data: LeaderData


class TodayCallBody(msgspec.Struct, frozen=True):
    """A call in a list, as its newest pop said, without what the agent may not see any more. call: as it is now.
    company: how the desk answered. account: the company. status: of the resolution. who: the person's name, where it
    was clear. number: E.164, short or as signalled. call_back: E.164, where it is on record for him. language: BCP 47.
    endonym: its name in itself. notes: how many. work: what became of it, where it was missed."""

    call: CallBody
    company: str | None
    account: AccountBody | None
    status: Status
    who: str | None
    number: str | None
    call_back: str | None
    language: str | None
    endonym: str | None
    notes: int
    work: WorkBody | None

    def __repr__(self) -> str:
        return "TodayCallBody(•••)"


class TodayData(msgspec.Struct, frozen=True):
    """since: as in the `today` that this answers; calls: newest first, at most 200."""

    since: str
    calls: list[TodayCallBody]


class Today(msgspec.Struct, frozen=True, tag_field="type", tag="today"):
    data: TodayData


class ColleagueBody(msgspec.Struct, frozen=True):
    """id: the agent's; name: his; languages: BCP 47, best first; here: is a desk of his open?"""

    id: str
    name: str
    languages: list[str]
    here: bool


class ColleaguesData(msgspec.Struct, frozen=True):
    """agents: who may see a customer that this agent may see, those who are here first; at most 200. grants: opaque;
    another value than before says that this agent may see other customers, so that lists asked for before are out of
    date."""

    agents: list[ColleagueBody]
    grants: str


class Colleagues(msgspec.Struct, frozen=True, tag_field="type", tag="colleagues"):
    data: ColleaguesData


ErrorCode = Literal["bad_message", "not_allowed", "unknown_call", "unknown_person"]


class ErrorData(msgspec.Struct, frozen=True):
    """What was asked for is not done; the connection stays. code: a word for programs. message: an English sentence."""

    code: ErrorCode
    message: str


class Error(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    data: ErrorData


CONTROL = (Welcome, Pong, Leader, People, Today, Colleagues, Error)
