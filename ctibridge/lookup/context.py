"""What is known behind the caller, put together from its parts for one who may see it.

Comes in: for whom it is asked (`about`), and the rows of each part as far as they have come. Goes out: a `Context`.
Which parts are asked, how long each is waited for and what failed is the driver's business (`adapters/contexts`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from ctibridge.domain.context import (
    ConfigurationItem,
    Context,
    KnowledgeArticle,
    MajorIncident,
    Repeat,
    Request,
    Service,
    StandardRequest,
)
from ctibridge.lookup import tags
from ctibridge.lookup.ranking import Ranking
from ctibridge.lookup.visibility import Visible

MOST = 20
"""Of each part on one pop: what is more is read by nobody while a phone rings."""
MOST_OWN = 50
"""Services and items: there an agent looks for the one that the caller names."""
RECENT = timedelta(days=30)

MAJOR_REQUEST = frozenset({"major_incident"})
MAJOR_SERVICE = frozenset({"major_incident", "outage", "down"})
"""Statuses (as `plain` writes them) that say that many people have it just now."""
# Words of the tools that customers use for what nobody works on any more, as `plain` writes them.
_CLOSED_WORDS = """
abandoned canceled cancelled complete completed done finished fulfilled rejected resolved solved withdrawn won_t_do
won_t_fix abgebrochen abgelehnt abgeschlossen beendet erledigt gelöst geschlossen storniert annulé clos clôturé fermé
résolu terminé cancelado cerrado resuelto terminado
"""
_CLOSED = frozenset(_CLOSED_WORDS.split())
_EVER = datetime.min.replace(tzinfo=UTC)
_NO_LETTERS = re.compile(r"[\W_]+")
T = TypeVar("T")


class Part(StrEnum):
    """What is asked for, each by itself; the words stand in `failed`."""

    SERVICES = "services"
    CONFIGURATION_ITEMS = "configuration_items"
    REQUESTS = "requests"
    STANDARD_REQUESTS = "standard_requests"
    KNOWLEDGE_ARTICLES = "knowledge_articles"
    MAJOR_INCIDENTS = "major_incidents"


@dataclass(frozen=True, slots=True)
class Article:
    """A knowledge article as it is kept. languages: BCP 47, all in which it can be read."""

    id: str
    service: str | None
    subject: str = field(repr=False)
    url: str | None = field(default=None, repr=False)
    languages: tuple[str, ...] = ()


Row = Service | ConfigurationItem | Request | StandardRequest | Article | MajorIncident
Rows = Sequence[Row]


@dataclass(frozen=True, slots=True)
class About:
    """For whom context is asked. person: an id of that account; None: for its people in general."""

    account: str
    person: str | None = None

    @property
    def parts(self) -> tuple[Part, ...]:
        return (Part.MAJOR_INCIDENTS,) if self.person is None else tuple(Part)


def about(ranked: Ranking, called: str | None, visible: Visible, accounts: frozenset[str]) -> About | None:
    """What this reader is told of: the identified caller, else the company called; None where there is nothing.

    called: the id of the account called; accounts: those that have context at all.
    """
    caller = ranked.identified
    wanted = About(called) if caller is None and called is not None else None
    if caller is not None:
        wanted = About(caller.person.account, caller.person.id)
    return wanted if wanted is not None and wanted.account in visible.accounts & accounts else None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the parts are read. at: aware UTC; language: to speak to the caller (BCP 47); default: the account's.

    calls: his earlier calls, as far as they are remembered.
    """

    at: datetime
    language: str | None = None
    default: str | None = None
    calls: Repeat | None = None


def compose(parts: Mapping[Part, Rows], reading: Reading, failed: Iterable[Part] = (), *, complete: bool) -> Context:
    """parts: those that have come. failed: those that will not; complete: nothing is still to come."""
    found = _of(parts, Part.REQUESTS, Request)
    still_open = sum(one.open for one in found)
    articles = _of(parts, Part.KNOWLEDGE_ARTICLES, Article)
    return Context(
        services(_of(parts, Part.SERVICES, Service)),
        tuple(sorted(_of(parts, Part.CONFIGURATION_ITEMS, ConfigurationItem), key=_by_name)[:MOST_OWN]),
        requests(found, reading.at),
        tuple(sorted(_of(parts, Part.STANDARD_REQUESTS, StandardRequest), key=_by_subject)[:MOST]),
        knowledge(articles, reading.language, reading.default),
        tuple(_of(parts, Part.MAJOR_INCIDENTS, MajorIncident)[:MOST]),
        repeated(reading.calls, still_open),
        tuple(part for part in Part if part in set(failed)),
        complete,
    )


def services(found: Iterable[Service]) -> tuple[Service, ...]:
    """What is down first, then by name."""
    known = sorted(found, key=_by_name)
    return tuple(sorted(known, key=lambda one: plain(one.status) not in MAJOR_SERVICE)[:MOST_OWN])


def requests(found: Iterable[Request], at: datetime) -> tuple[Request, ...]:
    """Open ones, then those of the last 30 days, each newest first."""
    shown = [one for one in found if one.open or (one.updated_at or _EVER) > at - RECENT]
    shown.sort(key=lambda one: one.id)
    shown.sort(key=lambda one: one.updated_at or _EVER, reverse=True)
    return tuple(sorted(shown, key=lambda one: not one.open)[:MOST])


def repeated(calls: Repeat | None, open_requests: int) -> Repeat | None:
    """None for who neither called of late nor waits for anything."""
    if calls is None and not open_requests:
        return None
    return replace(calls or Repeat(0), open_requests=open_requests)


def knowledge(found: Iterable[Article], language: str | None, default: str | None) -> tuple[KnowledgeArticle, ...]:
    """Of each service those in the caller's language; else in the account's default one; else any. By fit, subject."""
    fitting = [fit(one, language, default) for one in found]
    best: dict[str | None, int] = {}
    for grade, article in fitting:
        best[article.service] = min(grade, best.get(article.service, grade))
    kept = [(grade, article) for grade, article in fitting if grade == best[article.service]]
    return tuple(article for _, article in sorted(kept, key=_by_fit)[:MOST])


def fit(article: Article, language: str | None, default: str | None) -> tuple[int, KnowledgeArticle]:
    """0 for an article in the caller's language, 1 in the default one, 2 in another or nobody knows which; and the
    article in that language."""
    wanted = (_serving(article.languages, tag) for tag in (language, default))
    grade, tag = next(((grade, tag) for grade, tag in enumerate(wanted) if tag is not None), (2, None))
    tag = tag or next(iter(article.languages), None)
    return grade, KnowledgeArticle(article.id, article.service, article.subject, article.url, tag)


def _serving(languages: Sequence[str], wanted: str | None) -> str | None:
    """The tag itself, what it is part of, the same language of another region or script (as in `texts`)."""
    tag = tags.known(wanted)
    if tag is None:
        return None
    found = next((one for one in tags.forms(tag) if one in languages), None)
    return found or next((one for one in languages if tags.primary(one) == tags.primary(tag)), None)


def is_open(status: str | None) -> bool:
    """Does somebody still work on it, as far as the customer's own word for its status says? Unknown words: yes."""
    word = plain(status)
    return word not in _CLOSED and not word.startswith("closed")


def spellings(words: Iterable[str]) -> list[str]:
    """How a status that says one of these is written, upper and lower case alike."""
    return sorted({word.replace("_", mark) for word in words for mark in "_ -"})


def plain(status: str | None) -> str:
    """`Major Incident` → `major_incident`."""
    return _NO_LETTERS.sub("_", (status or "").casefold()).strip("_")


def _of(parts: Mapping[Part, Rows], part: Part, kind: type[T]) -> list[T]:
    return [row for row in parts.get(part, ()) if isinstance(row, kind)]


def _by_name(one: Service | ConfigurationItem) -> tuple[str, str]:
    return one.name.casefold(), one.id


def _by_subject(one: StandardRequest | KnowledgeArticle) -> tuple[str, str]:
    return one.subject.casefold(), one.id


def _by_fit(one: tuple[int, KnowledgeArticle]) -> tuple[int, tuple[str, str]]:
    return one[0], _by_subject(one[1])
