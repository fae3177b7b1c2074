"""The words of `wire_context` from the product's values, and what every value becomes: texts that are JSON, times."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ctibridge.delivery import wire_context as wire
from ctibridge.domain.account import Text
from ctibridge.domain.context import Context, KnowledgeArticle, Repeat, StandardRequest
from ctibridge.domain.private import Private
from ctibridge.domain.screen_pop import Announced


def sure_text(value: Private | str) -> str:
    """What came from the network may hold half a surrogate pair, and one such call must not go unheard."""
    text = value.value if isinstance(value, Private) else value
    return text if text.isascii() else text.encode(errors="replace").decode()


def text_or_none(value: Private | str | None) -> str | None:
    return None if value is None else sure_text(value)


def time(at: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds: as text they sort as they happened."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def text(value: Text | None) -> wire.TextBody | None:
    return None if value is None else wire.TextBody(value.language, sure_text(value.text))


def announcements(told: Iterable[Announced]) -> list[wire.AnnouncementBody]:
    return [
        wire.AnnouncementBody(one.id, wire.TextBody(one.text.language, sure_text(one.text.text)), one.site)
        for one in told
    ]


def context(found: Context, *, complete: bool) -> wire.ContextBody:
    """complete: of the rest of the pop, so that the word says that nothing at all is to come."""
    return wire.ContextBody(
        [wire.ServiceBody(one.id, sure_text(one.name), one.status) for one in found.services],
        [
            wire.ConfigurationItemBody(one.id, sure_text(one.name), one.product, one.status, one.service)
            for one in found.configuration_items
        ],
        [
            wire.RequestBody(
                one.id,
                text_or_none(one.subject),
                one.status,
                _time_or_none(one.updated_at),
                one.service,
                one.url,
                one.open,
            )
            for one in found.requests
        ],
        complete and found.complete,
        standard_requests(found.standard_requests),
        knowledge_articles(found.knowledge_articles),
        [wire.MajorIncidentBody(one.service, sure_text(one.subject), one.url) for one in found.major_incidents],
        _repeat(found.repeat),
        list(found.failed),
    )


def standard_requests(found: Iterable[StandardRequest]) -> list[wire.StandardRequestBody]:
    return [
        wire.StandardRequestBody(one.id, one.service, sure_text(one.subject), text_or_none(one.registration_hints))
        for one in found
    ]


def knowledge_articles(found: Iterable[KnowledgeArticle]) -> list[wire.KnowledgeArticleBody]:
    return [
        wire.KnowledgeArticleBody(one.id, one.service, sure_text(one.subject), one.url, one.language) for one in found
    ]


def _repeat(repeat: Repeat | None) -> wire.RepeatBody | None:
    return (
        None if repeat is None else wire.RepeatBody(repeat.calls, _time_or_none(repeat.last_at), repeat.open_requests)
    )


def _time_or_none(at: datetime | None) -> str | None:
    return None if at is None else time(at)
