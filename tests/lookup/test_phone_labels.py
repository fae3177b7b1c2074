"""Which numbers an account allows."""

import pytest

from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels


@pytest.mark.parametrize(
    ("told", "label", "allows"),
    [
        (["work", "mobile"], "work", True),
        (["work", "mobile"], "home", False),
        ([" Work "], "work", True),
        (["Zentrale"], "general", True),
        (["Telefax"], "fax", True),
        (["work"], "other", False),
        (["other"], "other", True),
        (["Privat"], "privat", True),
    ],
)
def test_labels_as_people_write_them(told: list[str], label: str, allows: bool) -> None:
    assert AllowedLabels.read({"acme": told}).allows("acme", label) is allows


def test_who_has_agreed_to_nothing_else_allows_all() -> None:
    assert EVERY_LABEL.allows("acme", "home")
    assert AllowedLabels.read({"acme": ["work"]}).allows("fleuron", "home")
