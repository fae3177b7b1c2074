"""What is known behind the caller: his services, his requests, what he may order, what others ask just now.

Comes after the first pop, from sources that may be slow or dead. Names and subjects are customers' data, and people
write names of people into them, so they do not print.
"""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Service:
    """A service that covers the caller. status: as the customer's own tool words it."""

    id: str
    name: str = field(repr=False)
    status: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigurationItem:
    """A thing that the caller uses. service: the id of the service it belongs to."""

    id: str
    name: str = field(repr=False)
    product: str | None = None
    status: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Something that the caller asked for. updated_at: aware UTC; open: nobody has completed it yet."""

    id: str
    subject: str | None = field(repr=False)
    status: str | None = None
    updated_at: datetime | None = None
    service: str | None = None
    url: str | None = field(default=None, repr=False)
    open: bool = True


@dataclass(frozen=True, slots=True)
class StandardRequest:
    """Something that the caller may ask for. registration_hints: what to ask him, as the customer wrote it."""

    id: str
    service: str | None
    subject: str = field(repr=False)
    registration_hints: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class KnowledgeArticle:
    """language: BCP 47, of the text behind the address."""

    id: str
    service: str | None
    subject: str = field(repr=False)
    url: str | None = field(default=None, repr=False)
    language: str | None = None


@dataclass(frozen=True, slots=True)
class MajorIncident:
    """Something that many of this customer's people have just now. service: None where it is none in particular."""

    service: str | None
    subject: str = field(repr=False)
    url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Repeat:
    """He calls again. calls: earlier ones of late; last_at: of the newest (aware UTC); open_requests: still
    unsettled."""

    calls: int
    last_at: datetime | None = None
    open_requests: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """failed: the parts that were asked for and did not answer; complete: no part is still to come."""

    services: tuple[Service, ...] = ()
    configuration_items: tuple[ConfigurationItem, ...] = ()
    requests: tuple[Request, ...] = ()
    standard_requests: tuple[StandardRequest, ...] = ()
    knowledge_articles: tuple[KnowledgeArticle, ...] = ()
    major_incidents: tuple[MajorIncident, ...] = ()
    repeat: Repeat | None = None
    failed: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What the agent may do about what he has selected, best first. call: the call's id."""

    call: str
    standard_requests: tuple[StandardRequest, ...] = ()
    knowledge_articles: tuple[KnowledgeArticle, ...] = ()
