"""The part of `wire` that stands behind the caller: what the customer has the agent told, the context, suggestions."""

from typing import Annotated

import msgspec
from msgspec import Meta

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class AccountBody(msgspec.Struct, frozen=True):
    """A customer company. id: as in accounts.csv; name: what people call it."""

    id: str
    name: str


class TextBody(msgspec.Struct, frozen=True):
    """A customer's text. language: BCP 47; `und` where nobody said which. text: plain, of one or more lines."""

    language: str
    text: str


class AnnouncementBody(msgspec.Struct, frozen=True):
    """A line that the customer wants on each pop. id: its own; text: what to know; site: the one that it is for; null:
    for all."""

    id: str
    text: TextBody
    site: str | None


class ServiceBody(msgspec.Struct, frozen=True):
    """A service that covers the caller. id: the tool's; name: the tool's; status: as the customer's own tool words
    it."""

    id: str
    name: str
    status: str | None


class ConfigurationItemBody(msgspec.Struct, frozen=True):
    """A thing that the caller uses. id: the tool's; name: the tool's; product: what it is; status: as the customer's
    own tool words it; service: the id of the service it belongs to."""

    id: str
    name: str
    product: str | None
    status: str | None
    service: str | None


class RequestBody(msgspec.Struct, frozen=True):
    """Something that the caller asked for. id: the tool's; subject: its heading; status: as the customer's own tool
    words it; updated_at: when it changed last; service: its id; url: its page in the tool; open: nobody has completed
    it yet."""

    id: str
    subject: str | None
    status: str | None
    updated_at: Time | None
    service: str | None
    url: str | None
    open: bool


class StandardRequestBody(msgspec.Struct, frozen=True):
    """Something that the caller may ask for. id: the tool's; service: its id; subject: its heading; registration_hints:
    what to ask him, plain text."""

    id: str
    service: str | None
    subject: str
    registration_hints: str | None


class KnowledgeArticleBody(msgspec.Struct, frozen=True):
    """Something to read. id: the tool's; service: its id; subject: its heading; url: where it stands; language: BCP 47,
    of the text behind the address."""

    id: str
    service: str | None
    subject: str
    url: str | None
    language: str | None


class MajorIncidentBody(msgspec.Struct, frozen=True):
    """Something that many of this customer's people have just now. service: its id, null where it is none in
    particular; subject: its heading; url: its page in the tool."""

    service: str | None
    subject: str
    url: str | None


class RepeatBody(msgspec.Struct, frozen=True):
    """He calls again. calls: earlier ones of late; last_at: of the newest; open_requests: still unsettled."""

    calls: int
    last_at: Time | None
    open_requests: int


class ContextBody(msgspec.Struct, frozen=True):
    """What is known of the caller besides. services, configuration_items, requests: his.
    standard_requests, knowledge_articles: what may help him. major_incidents: what many of his company have just now.
    complete: nothing more is to come for this call. failed: the parts that were asked for and did not answer. repeat:
    null for who does not call again, as far as it is known."""

    services: list[ServiceBody]
    configuration_items: list[ConfigurationItemBody]
    requests: list[RequestBody]
    complete: bool
    standard_requests: list[StandardRequestBody] = msgspec.field(default_factory=list)
    knowledge_articles: list[KnowledgeArticleBody] = msgspec.field(default_factory=list)
    major_incidents: list[MajorIncidentBody] = msgspec.field(default_factory=list)
    repeat: RepeatBody | None = None
    failed: list[str] = msgspec.field(default_factory=list)


class CustomerBody(msgspec.Struct, frozen=True):
    """What a customer has its agents told. account: the one that was called, if the agent has a role there, else the
    caller's own. briefing: to the agent, in a language of his; verification: to go through with the caller, in the
    caller's; announcements: the caller's site's own first, then the newest."""

    account: AccountBody
    briefing: TextBody | None
    verification: TextBody | None
    announcements: list[AnnouncementBody]
