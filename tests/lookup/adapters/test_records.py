from datetime import UTC, datetime

import msgspec
import pytest

from ctibridge.domain.account import Announcement
from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters import queries, records
from ctibridge.lookup.holders import NumberRow

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_an_account() -> None:
    row = (
        "acme",
        "ACME AG",
        "DE",
        "de;en",
        "de",
        "Europe/Berlin",
        '[["A","https://a"]]',
        '{"de":"x"}',
        None,
        None,
        "2026-12-25",
    )
    account = records.account(row)
    assert account.languages == ("de", "en")
    assert account.links == (("A", "https://a"),)
    assert (account.briefing, account.verification, account.holidays) == ({"de": "x"}, {}, "2026-12-25")


def test_what_is_unknown_is_none_or_empty() -> None:
    account = records.account(("acme", "ACME AG", *[None] * 9))
    assert (account.country, account.languages, account.links) == (None, (), ())
    assert records.agent(("ana", "Ana", None, None, None)) == Agent("ana", "Ana")
    assert records.share(("acme", "service_desk_analyst", None, None)) == RoleShare("acme")


def test_moments_are_aware() -> None:
    assert records.grant(("ana", "acme", AT.isoformat(), None, None)) == Grant("ana", "acme", AT)
    assert records.announcement(("acme", "n1", None, "Bern", None, AT.isoformat())) == Announcement(
        "acme", "n1", {}, "Bern", None, AT
    )


def test_a_number_of_a_person() -> None:
    row = ("acme", "p1", "work", 1, 0, number_key.pack("0042"))
    assert records.number(row, Grade.EXTENSION) == NumberRow("acme", "p1", "work", True, False, "0042", Grade.EXTENSION)
    without_label = ("acme", "p1", None, None, 1, 4930123456)
    assert records.number(without_label, Grade.EXACT) == NumberRow("acme", "p1", "other", False, True, "+4930123456")


def test_a_person() -> None:
    columns = [part.strip() for part in queries.PEOPLE.split("SELECT ")[1].split(", (")[0].split(",")]
    names = [column.rpartition(".")[2] for column in columns]
    assert columns[:2] == ["account.id", "person.id"]
    cells = {name: f"<{name}>" for name in names} | {"disabled": 0, "vip": 1}
    person = records.person(["acme", *(cells[name] for name in names[1:]), "[[4930123456,60],[4930123456,0]]"])
    assert (person.key, person.vip, person.disabled) == (PersonKey("acme", "<id>"), True, False)
    private = ("name", "pronunciation", "email", "employee_id", "support_id")
    assert all(getattr(person, name).value == f"<{name}>" for name in private)
    plain = ("source_id", "job_title", "organization", "site", "location", "language", "time_zone")
    assert all(getattr(person, name) == f"<{name}>" for name in plain)
    assert person.numbers_changed == {"+4930123456": datetime(1970, 1, 1, 0, 1, tzinfo=UTC)}  # the newer of two labels


def test_damage_is_a_fault_of_the_store() -> None:
    with pytest.raises(msgspec.MsgspecError):
        records.service_number(("7005", "acme", "N", "{damaged", None, None, None))
