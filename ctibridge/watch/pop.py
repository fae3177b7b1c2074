"""The parts of a pop that a desk in the terminal reads; `heard` has the frames they come in.

Texts are as they came, and anybody may have written them: show them through `plain`.
"""

import msgspec


class Account(msgspec.Struct, frozen=True):
    id: str = ""
    name: str = ""


class AnsweredBy(msgspec.Struct, frozen=True):
    line: str = ""
    agent: str | None = None


class Call(msgspec.Struct, frozen=True):
    """state: `ringing`, `answered`, `ended`. Times: RFC 3339 with microseconds, UTC. round: 2 and more where a queue
    rings again. outcome: once it has ended."""

    id: str
    state: str = ""
    line: str = ""
    trunk: str = ""
    rang_at: str | None = None
    answered_at: str | None = None
    ended_at: str | None = None
    outcome: str | None = None
    round: int = 1
    answered_by: AnsweredBy | None = None


class Internal(msgspec.Struct, frozen=True):
    line: str = ""
    agent: str | None = None


class Caller(msgspec.Struct, frozen=True):
    """number: E.164; presentation: `allowed`, `restricted` or `unavailable`; internal: one of our own lines."""

    number: str | None = None
    raw: str | None = None
    display_name: str | None = None
    presentation: str = "allowed"
    extension: str | None = None
    attestation: str = "not-checked"
    diverted_by: str | None = None
    internal: Internal | None = None

    def __repr__(self) -> str:
        return "Caller(•••)"


class Text(msgspec.Struct, frozen=True):
    language: str = ""
    text: str = ""


class Called(msgspec.Struct, frozen=True):
    """name: of the service number; support_hours: `open`, `closed` or None."""

    number: str | None = None
    account: Account | None = None
    name: str | None = None
    support_hours: str | None = None
    granted: bool = False
    holiday: str | None = None
    out_of_hours: Text | None = None


class Language(msgspec.Struct, frozen=True):
    tag: str = ""
    name: str = ""
    endonym: str = ""
    source: str = ""
    spoken_by_agent: bool = True
    greeting: str | None = None
    spoken_by: tuple[str, ...] = ()


class Person(msgspec.Struct, frozen=True):
    """name: None as long as the record is still being read."""

    account: str = ""
    id: str = ""
    name: str | None = None
    job_title: str | None = None
    organization: str | None = None
    site: str | None = None
    local_time: str | None = None
    vip: bool = False
    disabled: bool = False
    pronunciation: str | None = None
    after_hours: bool | None = None

    def __repr__(self) -> str:
        return "Person(•••)"


class Evidence(msgspec.Struct, frozen=True):
    kind: str = ""
    label: str | None = None
    matched: str | None = None
    grade: str | None = None
    at: str | None = None
    by: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    person: Person = Person()
    account: Account = Account()
    evidence: tuple[Evidence, ...] = ()


class Resolution(msgspec.Struct, frozen=True):
    """status: `identified`, `ambiguous`, `shared`, `unknown`, `withheld`."""

    status: str = "unknown"
    revision: int = 0
    account: Account | None = None
    candidates: tuple[Candidate, ...] = ()


class Request(msgspec.Struct, frozen=True):
    id: str = ""
    subject: str | None = None
    status: str | None = None
    open: bool = False


class MajorIncident(msgspec.Struct, frozen=True):
    subject: str = ""


class Repeat(msgspec.Struct, frozen=True):
    calls: int = 0
    open_requests: int = 0


class Context(msgspec.Struct, frozen=True):
    requests: tuple[Request, ...] = ()
    major_incidents: tuple[MajorIncident, ...] = ()
    repeat: Repeat | None = None
    complete: bool = False
    failed: tuple[str, ...] = ()


class Signal(msgspec.Struct, frozen=True):
    kind: str = ""
    days: int | None = None


class Trust(msgspec.Struct, frozen=True):
    verified: bool = False
    signals: tuple[Signal, ...] = ()


class Link(msgspec.Struct, frozen=True):
    title: str = ""
    url: str = ""


class HandOver(msgspec.Struct, frozen=True):
    kind: str = ""
    line: str = ""
    agent: str | None = None


class Announcement(msgspec.Struct, frozen=True):
    text: Text = Text()


class Customer(msgspec.Struct, frozen=True):
    account: Account = Account()
    briefing: Text | None = None
    announcements: tuple[Announcement, ...] = ()
