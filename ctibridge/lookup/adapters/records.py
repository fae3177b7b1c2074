"""Rows of the store to the domain's values. Every row was checked when it was imported; what is odd all the same is
left out of the value and not of the answer."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec

from ctibridge.domain.account import Account, Announcement, ServiceNumber, Site
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup.claims import Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow

Row = Sequence[Any]

OTHER = "other"

ACCOUNT = (
    "SELECT id, name, country, languages, default_language, time_zone, links, briefing, verification, out_of_hours, "
    "holidays FROM directory_account"
)
AGENT = "SELECT id, name, login, languages, disabled FROM directory_agent"
SHARE = "SELECT account, role, starts_at, ends_at FROM directory_role_share"
GRANT = "SELECT agent, account, starts_at, ends_at, hours FROM directory_grant"
SERVICE_NUMBER = (
    "SELECT number, account, name, greeting, support_hours, default_language, caller_name_prefix "
    "FROM directory_service_number"
)
SITE = "SELECT account, name, country, language, time_zone, extensions FROM directory_site"
ANNOUNCEMENT = "SELECT account, id, text, site, starts_at, ends_at FROM directory_announcement"
# Not by what belongs to a service alone: where no service covers anybody, it is nobody's.
PURGED = "SELECT id, purged FROM directory_account WHERE purged > 0"
CONTEXT_ACCOUNT = (
    "SELECT id FROM directory_account a WHERE EXISTS (SELECT 1 FROM directory_service s WHERE s.account = a.id) "
    "OR EXISTS (SELECT 1 FROM directory_configuration_item i WHERE i.account = a.id) "
    "OR EXISTS (SELECT 1 FROM directory_request r WHERE r.account = a.id)"
)


def account(row: Row) -> Account:
    links = tuple((title, template) for title, template in _json(row[6], list[tuple[str, str]]) or ())
    briefing, verification, out_of_hours = (_json(cell, dict[str, str]) or {} for cell in row[7:10])
    return Account(
        row[0], row[1], row[2], _list(row[3]), row[4], row[5], links, briefing, verification, out_of_hours, row[10]
    )


def agent(row: Row) -> Agent:
    return Agent(row[0], row[1], row[2], _list(row[3]), bool(row[4]))


def share(row: Row) -> RoleShare:
    return RoleShare(row[0], row[1], _moment(row[2]), _moment(row[3]))


def grant(row: Row) -> Grant:
    return Grant(row[0], row[1], _moment(row[2]), _moment(row[3]), row[4])


def service_number(row: Row) -> ServiceNumber:
    return ServiceNumber(row[0], row[1], row[2], _json(row[3], dict[str, str]) or {}, row[4], row[5], row[6])


def site(row: Row) -> Site:
    return Site(*row)


def announcement(row: Row) -> Announcement:
    return Announcement(row[0], row[1], _json(row[2], dict[str, str]) or {}, row[3], _moment(row[4]), _moment(row[5]))


def number(row: Row, grade: Grade) -> NumberRow:
    """Account, person, label (None where it has none any more), disabled, imported, key of the number."""
    return NumberRow(row[0], row[1], row[2] or OTHER, bool(row[3]), bool(row[4]), number_key.unpack(row[5]), grade)


def claimed(claim: Claim, row: Row) -> ClaimRow:
    return ClaimRow(row[0], row[1], bool(row[2]), claim)


def person(row: Row) -> Person:
    return Person(
        PersonKey(row[0], row[1]),
        Name(row[2]),
        bool(row[3]),
        bool(row[4]),
        None if row[5] is None else Name(row[5]),
        _private(row[6]),
        _private(row[7]),
        _private(row[8]),
        row[9],
        row[10],
        row[11],
        row[12],
        row[13],
        row[14],
        row[15],
        numbers_changed=_numbers_changed(row[16]),
    )


def _numbers_changed(cell: str) -> Mapping[str, datetime]:
    """Pairs of key and Unix seconds; of a number with two labels the newer one counts."""
    newest: dict[int, int] = {}
    for key, at in _json(cell, list[tuple[int, int]]):
        newest[key] = max(at, newest.get(key, at))
    return MappingProxyType({number_key.unpack(key): datetime.fromtimestamp(at, UTC) for key, at in newest.items()})


def _private(cell: str | None) -> Private | None:
    return None if cell is None else Private(cell)


def _list(cell: str | None) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _moment(cell: str | None) -> datetime | None:
    return None if cell is None else datetime.fromisoformat(cell)


def _json(cell: str | None, kind: type) -> Any:
    return None if cell is None else msgspec.json.decode(cell, type=kind)
