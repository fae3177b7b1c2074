"""Rows of the store to the domain's values. Every row was checked when it was imported; what is odd all the same is
left out of the value and not of the answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from ctibridge.domain.account import Account, ServiceNumber, Site
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup.claims import KINDS, Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow

Row = Sequence[Any]

ACCOUNT = (
    "SELECT id, name, country, languages, default_language, time_zone, links, briefing, verification, out_of_hours "
    "FROM directory_account"
)
AGENT = "SELECT id, name, login, languages, disabled FROM directory_agent"
SHARE = "SELECT account, role, starts_at, ends_at FROM directory_role_share"
GRANT = "SELECT agent, account, starts_at, ends_at, hours FROM directory_grant"
SERVICE_NUMBER = (
    "SELECT number, account, name, greeting, support_hours, default_language, caller_name_prefix "
    "FROM directory_service_number"
)
SITE = "SELECT account, name, country, language, time_zone, extensions FROM directory_site"
# Exactly the columns of the index: no page of a table is read.
NUMBER = "SELECT account, person, label, disabled, imported, changed_at FROM directory_phone WHERE number = ?"
PERSON = (
    "SELECT account, id, name, disabled, vip, pronunciation, email, employee_id, support_id, source_id, job_title, "
    "organization, site, location, language, time_zone FROM directory_person"
)
# Looked for where the call went, and in the companies whose people hold the number: ids are alike in all companies.
CLAIMED = {
    kind: f"SELECT account, id, disabled FROM directory_person WHERE {kind} = ? COLLATE NOCASE "  # noqa: S608 - our own words
    "AND account IN (SELECT ? UNION SELECT account FROM directory_phone WHERE number = ?) LIMIT ?"
    for kind in KINDS
}


def account(row: Row) -> Account:
    links = tuple((title, template) for title, template in _json(row[6], list[tuple[str, str]]) or ())
    texts = [_json(cell, dict[str, str]) or {} for cell in row[7:10]]
    return Account(row[0], row[1], row[2], _list(row[3]), row[4], row[5], links, *texts)


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


def number(row: Row) -> NumberRow:
    return NumberRow(row[0], row[1], row[2], bool(row[3]), bool(row[4]), _moment(row[5]))


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
        *row[9:16],
    )


def _private(cell: str | None) -> Private | None:
    return None if cell is None else Private(cell)


def _list(cell: str | None) -> tuple[str, ...]:
    return tuple(cell.split(";")) if cell else ()


def _moment(cell: str | None) -> datetime | None:
    return None if cell is None else datetime.fromisoformat(cell)


def _json(cell: str | None, kind: type) -> Any:
    return None if cell is None else msgspec.json.decode(cell, type=kind)
