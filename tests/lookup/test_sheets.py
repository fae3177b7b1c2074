import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.lookup import cells
from ctibridge.lookup.sheets import (
    SHEETS,
    Chunk,
    Refused,
    Row,
    Table,
    UnknownColumn,
    column,
    missing_columns,
    read,
    stored_columns,
)

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
    for first, then in (
        ("accounts", "sites"),
        ("agents", "grants"),
        ("sites", "people"),
        ("people", "phones"),
        ("services", "requests"),
    ):
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


def test_an_announcement_needs_a_text_in_some_language() -> None:
    assert missing_columns(SHEETS["announcements"], ["account", "id"]) == ["text_LANG"]
    assert missing_columns(SHEETS["announcements"], ["account", "id", "text_de"]) == []
    with pytest.raises(ValueError, match="text is empty"):
        read(SHEETS["announcements"], {"account": "acme", "id": "a1", "text_de": " ", "text_en": ""})


def test_a_column_of_a_megabyte_is_no_message_of_a_megabyte() -> None:
    with pytest.raises(UnknownColumn) as error:
        column(SHEETS["people"], "x" * 100_000)
    assert len(str(error.value)) < 1000
    with pytest.raises(ValueError, match=r"updated_at: 'xxx.*write it like") as wrong:
        read(SHEETS["people"], {"account": "a", "id": "1", "name": "N", "updated_at": "x" * 100_000})
    assert len(str(wrong.value)) < 400


LATER = {
    "services": ({"name": "Mail", "people": "p1; p2", "status": "In production"}, {"people": "p1;p2"}),
    "configuration_items": ({"person": "p1", "name": "NB-1", "product": "Laptop"}, {"person": "p1"}),
    "standard_requests": ({"subject": "New phone", "registration_hints": "Ask:\nwhich?"}, {"subject": "New phone"}),
    "knowledge_articles": (
        {"subject": "VPN", "url": "https://kb.example/1", "languages": "DE; de_ch"},
        {"url": "https://kb.example/1", "languages": "de;de-CH"},
    ),
    "requests": (
        {"subject": "Printer", "requested_for": "p1", "updated_at": "2026-11-21", "status": "assigned"},
        {"updated_at": "2026-11-21T00:00:00+00:00", "status": "assigned"},
    ),
    "announcements": (
        {"text_de": "Mail steht", "site": "Berlin", "ends_at": "2026-11-21T18:00:00Z"},
        {"text": '{"de":"Mail steht"}', "ends_at": "2026-11-21T18:00:00+00:00"},
    ),
}


@pytest.mark.parametrize("name", LATER)
def test_what_a_desk_sees_beside_the_person_is_stored(name: str) -> None:
    row, expected = LATER[name]
    sheet = SHEETS[name]
    assert (sheet.stored, sheet.key, sheet.account_column) == (True, ("account", "id"), "account")
    values = read(sheet, {"account": "acme", "id": "x1", **row})
    assert {key: values[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "cell", "names"),
    [
        ("services", {"people": "*;p1"}, "people: write"),
        ("knowledge_articles", {"url": "ftp://kb.example"}, "url: .*only http"),
        ("requests", {"url": "kb.example"}, "url: .*only http"),
        ("requests", {"subject": ""}, "subject is empty"),
        ("announcements", {"starts_at": "tomorrow"}, "starts_at: 'tomorrow'"),
    ],
)
def test_their_cells_are_checked(name: str, cell: dict[str, str], names: str) -> None:
    row = {"account": "acme", "id": "x1", **LATER[name][0], **cell}
    with pytest.raises(ValueError, match=names):
        read(SHEETS[name], row)


def test_an_empty_cell_is_what_its_parser_says_of_nothing() -> None:
    values = read(SHEETS["people"], {"account": "acme", "id": "1", "name": "N", "vip": "", "site": ""})
    assert (values["vip"], values["site"]) == (0, None)


@given(st.lists(st.sampled_from(["", " ", "de", "DE ", "de_ch", "Deutsch", "x" * 500, "Zu\u0308rich"]), max_size=8))
def test_a_cell_says_the_same_each_time(texts: list[str]) -> None:
    """What was read before is remembered; errors are not, and neither changes what a cell says."""
    for name in ("language", "site", "email", "vip"):
        for text in texts:
            row = {"account": "acme", "id": "1", "name": "N", name: text}
            try:
                expected = SHEETS["people"].columns[name](cells.clean(text))
            except ValueError:
                with pytest.raises(ValueError, match=f"^{name}: "):
                    read(SHEETS["people"], row)
            else:
                assert read(SHEETS["people"], row)[name] == expected


def test_a_sheet_is_the_same_in_another_process() -> None:
    assert pickle.loads(pickle.dumps(SHEETS["people"])) is SHEETS["people"]  # noqa: S301 - made here


def test_rows_are_those_of_all_chunks() -> None:
    chunks = [Chunk("people.csv", line, text, 0) for line, text in ((2, "a"), (3, "b"))]
    table = Table("people.csv", SHEETS["people"], (), "", iter(chunks), lambda chunk: [Row(chunk.line, {})])
    assert list(table.rows) == [Row(2, {}), Row(3, {})]


def test_nothing_of_a_file_is_in_what_is_printed() -> None:
    shown = repr((Row(2, {"name": "Regula"}), Refused("f", 2, "bad", ("Regula",)), Chunk("f", 2, "Regula", 0)))
    assert "Regula" not in shown


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
