"""The shortcut says what the long way says."""

import pytest

from ctibridge.lookup import number_key, stored_numbers
from ctibridge.lookup.adapters.importing import told_numbers

FIELDS = [
    "+4930231254711", "+49 30 23125 4711", "030 23125 4711", "0171 3920018", "4711", "n/a", "", "+", "+00",
    "030/23125-0", "Fax 030 23125199", "+12", "+999999999999999", "+493023125000", "+4930231250 ",
    "030 23125001 / 030 23125002",
]  # fmt: skip
LABELS = ["", "work", " Work ", "Mobile", "Telefax", "FAX", "Zentrale", "irgendwas"]


@pytest.mark.parametrize("text", FIELDS)
@pytest.mark.parametrize("label", LABELS)
def test_a_field(text: str, label: str) -> None:
    field = stored_numbers.read_field(text, label, "DE")
    found, lost = told_numbers.read_field(text, label, "DE")
    assert found == [(number_key.pack(one.key), one.label) for one in field.numbers]
    assert lost == field.unusable


@pytest.mark.parametrize(
    "text",
    [
        *FIELDS,
        *(f"work:{one}" for one in FIELDS),
        "work:+4930231254711;mobile:+491713920018",
        "work:+4930231254711;work:+4930231254711",
        "work:+4930231254711;Fax:+4930231254799;",
        "work:+4930231254711;ext=12",
        "work:+4930231254711;n/a",
        "a:b:+4930231254711",
    ],
)
def test_a_list(text: str) -> None:
    field = stored_numbers.read_list(text, "DE")
    found, lost = told_numbers.read_list(text, "DE")
    assert found == [(number_key.pack(one.key), one.label) for one in field.numbers]
    assert lost == field.unusable
