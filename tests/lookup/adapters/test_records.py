from datetime import UTC, datetime

import msgspec
import pytest

from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters import records
from ctibridge.lookup.holders import NumberRow

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_an_account() -> None:
    row = ("acme", "ACME AG", "DE", "de;en", "de", "Europe/Berlin", '[["A","https://a"]]', '{"de":"x"}', None, None)
    account = records.account(row)
    assert account.languages == ("de", "en")
    assert account.links == (("A", "https://a"),)
    assert (account.briefing, account.verification) == ({"de": "x"}, {})


def test_what_is_unknown_is_none_or_empty() -> None:
    account = records.account(("acme", "ACME AG", *[None] * 8))
    assert (account.country, account.languages, account.links) == (None, (), ())
    assert records.agent(("ana", "Ana", None, None, None)) == Agent("ana", "Ana")
    assert records.share(("acme", "service_desk_analyst", None, None)) == RoleShare("acme")


def test_moments_are_aware() -> None:
    assert records.grant(("ana", "acme", AT.isoformat(), None, None)) == Grant("ana", "acme", AT)
    assert records.number(("acme", "p1", "work", 1, 0, AT.isoformat())) == NumberRow(
        "acme", "p1", "work", disabled=True, changed_at=AT
    )


def test_a_person() -> None:
    columns = [part.strip() for part in records.PERSON.split("SELECT ")[1].split(" FROM")[0].split(",")]
    cells = {name: f"<{name}>" for name in columns} | {"disabled": 0, "vip": 1}
    person = records.person([cells[name] for name in columns])
    assert (person.key, person.vip, person.disabled) == (PersonKey("<account>", "<id>"), True, False)
    private = ("name", "pronunciation", "email", "employee_id", "support_id")
    assert all(getattr(person, name).value == f"<{name}>" for name in private)
    plain = ("source_id", "job_title", "organization", "site", "location", "language", "time_zone")
    assert all(getattr(person, name) == f"<{name}>" for name in plain)


def test_damage_is_a_fault_of_the_store() -> None:
    with pytest.raises(msgspec.MsgspecError):
        records.service_number(("7005", "acme", "N", "{damaged", None, None, None))
