"""Context out of the directory in SQLite: what the customers' files say of services, items, requests and articles.

Each question is about one account, which must be one of those that may be seen, and reads by index what it is about. It
has a connection of its own, so that no pop waits behind it. Raises sqlite3.Error, ValueError (a closed connection).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import aiosqlite

from ctibridge.domain.context import ConfigurationItem, MajorIncident, Request, Service, StandardRequest
from ctibridge.lookup.adapters.schema import open_reader
from ctibridge.lookup.context import MAJOR_REQUEST, MAJOR_SERVICE, Article, Part, Row, Rows, is_open, spellings
from ctibridge.lookup.visibility import Visible

CACHE_KIB = 8_192
MOST_ROWS = 500
"""Of one part: of these the ones that serve best are shown."""


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# ?1: the account; ?2: the person; ?3: rows at most. CROSS JOIN keeps the order: what covers him, then that alone; and
# where an index is not named, SQLite goes through all of the account by the primary key, which it takes for cheaper.
_COVERED = "FROM directory_coverage coverage CROSS JOIN"
_OF_PERSON = "WHERE coverage.account = ?1 AND coverage.person IN (?2, '*') LIMIT ?3"
SERVICES = (
    f"SELECT service.id, ifnull(service.name, service.id), service.status {_COVERED} directory_service service "
    f"ON service.account = coverage.account AND service.id = coverage.service {_OF_PERSON}"
)
CONFIGURATION_ITEMS = (
    "SELECT id, coalesce(name, product, id), product, status, service FROM directory_configuration_item item "
    "INDEXED BY directory_configuration_item_by_person WHERE account = ?1 AND person = ?2 LIMIT ?3"
)
REQUESTS = (
    "SELECT id, subject, status, updated_at, service, url FROM directory_request request "
    "INDEXED BY directory_request_by_person WHERE account = ?1 AND requested_for = ?2 ORDER BY updated_at DESC LIMIT ?3"
)
_STANDARD_REQUEST = "SELECT request.id, request.service, request.subject, request.registration_hints"
_STANDARD_REQUESTS = "directory_standard_request request INDEXED BY directory_standard_request_by_service"
_ARTICLES = "directory_knowledge_article article INDEXED BY directory_knowledge_article_by_service"
_ARTICLE = "SELECT article.id, article.service, article.subject, article.url, article.languages"
STANDARD_REQUESTS = (
    f"{_STANDARD_REQUEST} {_COVERED} {_STANDARD_REQUESTS} "
    f"ON request.account = coverage.account AND request.service = coverage.service {_OF_PERSON}"
)
KNOWLEDGE_ARTICLES = (
    f"{_ARTICLE} {_COVERED} {_ARTICLES} "
    f"ON article.account = coverage.account AND article.service = coverage.service {_OF_PERSON}"
)
# Whom a service covers is not always told: what is down then concerns everybody. ?2 NULL: whoever it concerns.
MAJOR_REQUESTS = f"""
SELECT service, subject, url FROM directory_request request INDEXED BY directory_request_of_nobody
WHERE account = ?1 AND requested_for IS NULL AND status COLLATE NOCASE IN ({_quoted(spellings(MAJOR_REQUEST))}) AND (
    ?2 IS NULL OR service IS NULL
    OR NOT EXISTS (
        SELECT 1 FROM directory_service told
        WHERE told.account = ?1 AND told.id = request.service AND told.people IS NOT NULL
    )
    OR EXISTS (
        SELECT 1 FROM directory_coverage coverage
        WHERE coverage.account = ?1 AND coverage.person IN (?2, '*') AND coverage.service = request.service
    )
)
ORDER BY updated_at DESC LIMIT ?3
"""  # noqa: S608
MAJOR_SERVICES = f"""
SELECT id, ifnull(name, id), status FROM directory_service service INDEXED BY directory_service_by_status
WHERE account = ?1 AND status COLLATE NOCASE IN ({_quoted(spellings(MAJOR_SERVICE))}) AND (
    ?2 IS NULL OR people IS NULL
    OR EXISTS (
        SELECT 1 FROM directory_coverage coverage
        WHERE coverage.account = ?1 AND coverage.person IN (?2, '*') AND coverage.service = service.id
    )
)
ORDER BY id LIMIT ?3
"""  # noqa: S608
# ?2: the item's or the service's id.
SERVICE_OF = "SELECT service FROM directory_configuration_item item WHERE account = ?1 AND id = ?2"
_OF_SERVICE = "WHERE account = ?1 AND service = ?2 LIMIT ?3"
STANDARD_REQUESTS_OF = f"{_STANDARD_REQUEST} FROM {_STANDARD_REQUESTS} {_OF_SERVICE}"
ARTICLES_OF = f"{_ARTICLE} FROM {_ARTICLES} {_OF_SERVICE}"


class SqliteContext:
    """Every method is called on the loop; the reading happens in a thread."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Of a store that `open_file` has opened before. Raises StoreFault."""
        return cls(await open_reader(path, cache_kib=CACHE_KIB))

    async def close(self) -> None:
        await self._connection.close()

    async def part(self, kind: Part, person: str | None, account: str, visible: Visible) -> Rows:
        found: list[Row] = []
        for query, made in _QUERIES[kind]:
            found += map(made, await self._rows(query, account, person, visible))
        return found

    async def service_of(self, item: str, account: str, visible: Visible) -> str | None:
        if account not in visible.accounts:
            return None
        rows = await self._connection.execute_fetchall(SERVICE_OF, (account, item))
        return next((row[0] for row in rows), None)

    async def of_service(
        self, service: str, account: str, visible: Visible
    ) -> tuple[Sequence[StandardRequest], Sequence[Article]]:
        requests = await self._rows(STANDARD_REQUESTS_OF, account, service, visible)
        articles = await self._rows(ARTICLES_OF, account, service, visible)
        return [_standard_request(row) for row in requests], [_article(row) for row in articles]

    async def _rows(self, query: str, account: str, about: str | None, visible: Visible) -> list[Any]:
        if account not in visible.accounts:
            return []
        return list(await self._connection.execute_fetchall(query, (account, about, MOST_ROWS)))


def _service(row: Sequence[Any]) -> Service:
    return Service(*row)


def _item(row: Sequence[Any]) -> ConfigurationItem:
    return ConfigurationItem(*row)


def _request(row: Sequence[Any]) -> Request:
    at = None if row[3] is None else datetime.fromisoformat(row[3])
    return Request(row[0], row[1], row[2], at, row[4], row[5], is_open(row[2]))


def _standard_request(row: Sequence[Any]) -> StandardRequest:
    return StandardRequest(*row)


def _article(row: Sequence[Any]) -> Article:
    return Article(row[0], row[1], row[2], row[3], tuple(row[4].split(";")) if row[4] else ())


def _major_request(row: Sequence[Any]) -> MajorIncident:
    return MajorIncident(*row)


def _major_service(row: Sequence[Any]) -> MajorIncident:
    """`SAP: major incident`: the customer's words, as one reads them."""
    return MajorIncident(row[0], f"{row[1]}: {row[2].replace('_', ' ')}")


_QUERIES: Mapping[Part, Sequence[tuple[str, Callable[[Sequence[Any]], Row]]]] = {
    Part.SERVICES: [(SERVICES, _service)],
    Part.CONFIGURATION_ITEMS: [(CONFIGURATION_ITEMS, _item)],
    Part.REQUESTS: [(REQUESTS, _request)],
    Part.STANDARD_REQUESTS: [(STANDARD_REQUESTS, _standard_request)],
    Part.KNOWLEDGE_ARTICLES: [(KNOWLEDGE_ARTICLES, _article)],
    Part.MAJOR_INCIDENTS: [(MAJOR_REQUESTS, _major_request), (MAJOR_SERVICES, _major_service)],
}
