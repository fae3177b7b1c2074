import re

import pytest

from ctibridge.lookup.sheets import SHEETS, UnknownColumn, column, missing_columns, read, stored_columns

# The contract's table, as it stands there.
CONTRACT = """
accounts | id, name, country, languages, default_language, time_zone, holidays, briefing_LANG, verification_LANG, out_of_hours_LANG, links
role_shares | account, role, starts_at, ends_at
agents | id, name, login, languages, disabled
grants | agent, account, starts_at, ends_at, hours
service_numbers | number, account, name, greeting_LANG, support_hours, default_language, caller_name_prefix
people | account, id, name, pronunciation, email, employee_id, support_id, job_title, organization, site, location, language, time_zone, vip, disabled, manager, source, source_id, updated_at, phones
phones | account, person, label, number, imported, changed_at
sites | account, name, country, language, time_zone, extensions
services | account, id, name, people, status
configuration_items | account, id, person, name, product, status, service
standard_requests | account, id, service, subject, registration_hints
knowledge_articles | account, id, service, subject, url, languages
requests | account, id, requested_for, subject, status, updated_at, service, url
announcements | account, id, text_LANG, site, starts_at, ends_at
"""  # noqa: E501 - one row of the contract's table each
TABLE = {line.split(" | ")[0]: line.split(" | ")[1].split(", ") for line in CONTRACT.strip().splitlines()}


@pytest.mark.parametrize("name", TABLE)
def test_every_column_of_the_contract_is_known_and_no_other(name: str) -> None:
    sheet = SHEETS[name]
    families = {f"{stem}_LANG" for stem in sheet.families}
    assert {*sheet.columns, *families} == set(TABLE[name])


def test_every_file_of_the_contract_is_known() -> None:
    assert set(SHEETS) == set(TABLE)


def test_what_is_pointed_at_is_read_first() -> None:
    order = list(SHEETS)
    for first, then in (("accounts", "sites"), ("agents", "grants"), ("sites", "people"), ("people", "phones")):
        assert order.index(first) < order.index(then)


@pytest.mark.parametrize(
    ("sheet", "header", "expected"),
    [
        ("people", " Name ", "name"),
        ("service_numbers", "greeting_de", "greeting_de"),
        ("service_numbers", "Greeting_DE_ch", "greeting_de-CH"),
        ("accounts", "out_of_hours_fr", "out_of_hours_fr"),
    ],
)
def test_column(sheet: str, header: str, expected: str) -> None:
    assert column(SHEETS[sheet], header) == expected


@pytest.mark.parametrize(
    ("sheet", "header"),
    [
        ("people", "nmae"),
        ("people", ""),
        ("service_numbers", "greeting"),
        ("service_numbers", "greeting_German"),
        ("people", "greeting_de"),
    ],
)
def test_unknown_column(sheet: str, header: str) -> None:
    with pytest.raises(UnknownColumn, match=re.escape(repr(header))):
        column(SHEETS[sheet], header)


def test_what_a_file_cannot_do_without() -> None:
    assert missing_columns(SHEETS["people"], ["id", "email"]) == ["account", "name"]
    assert missing_columns(SHEETS["people"], ["id", "account", "name"]) == []


def test_families_are_stored_under_their_stem() -> None:
    columns = stored_columns(SHEETS["service_numbers"], ["number", "greeting_de", "greeting_de-CH", "name"])
    assert columns == ("number", "greeting", "name")


def test_a_row_is_read_to_values() -> None:
    values = read(
        SHEETS["service_numbers"],
        {"number": "7005", "account": "acme", "name": "Desk", "greeting_de": "Hallo", "greeting_en": ""},
    )
    assert values == {"number": "7005", "account": "acme", "name": "Desk", "greeting": '{"de":"Hallo"}'}


@pytest.mark.parametrize(
    ("sheet", "row", "names"),
    [
        ("people", {"account": "acme", "id": "", "name": "X"}, "id is empty"),
        ("people", {"account": "acme", "id": "1", "name": " "}, "name is empty"),
        ("people", {"account": "acme", "id": "1", "name": "X", "vip": "maybe"}, "vip: 'maybe'"),
        (
            "service_numbers",
            {"number": "1", "account": "a", "name": "N", "greeting_de": "x" * 3000},
            "greeting: .* de ",
        ),
    ],
)
def test_a_row_that_is_wrong_names_its_column(sheet: str, row: dict[str, str], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        read(SHEETS[sheet], row)


def test_which_column_names_the_account() -> None:
    columns = {name: SHEETS[name].account_column for name in ("accounts", "people", "agents", "grants")}
    assert columns == {"accounts": "id", "people": "account", "agents": None, "grants": "account"}
