from dataclasses import replace

import pytest

from ctibridge.domain.private import Name
from ctibridge.lookup.prefixes import Prefixes, read, without_prefix
from tests.lookup.examples import ACME_SERVICE, DESK, FLEURON_DESK, SHORT_SERVICE, SNAPSHOT

BY_NAME = (
    replace(ACME_SERVICE, caller_name_prefix="ACME:"),
    replace(SHORT_SERVICE, caller_name_prefix="ACME: VIP"),
    replace(ACME_SERVICE, number="+493023125200", caller_name_prefix="acme:"),
    replace(ACME_SERVICE, number=FLEURON_DESK, account="fleuron", caller_name_prefix="Straße "),
    replace(ACME_SERVICE, number="+33199001001", account="fleuron", caller_name_prefix="DESK-"),
    replace(ACME_SERVICE, number="+493023125300", account="acme", caller_name_prefix="Desk-"),
    replace(ACME_SERVICE, number="+493023125400", account="nobody", caller_name_prefix="Gone"),
    replace(ACME_SERVICE, number="+493023125500", caller_name_prefix=None),
)
PREFIXED = read(BY_NAME, SNAPSHOT.accounts)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("ACME: R. Frei", DESK),  # of two numbers of one company the lowest
        ("acme:R. Frei", DESK),
        ("  Acme: Frei", DESK),
        ("ＡＣＭＥ： Frei", DESK),  # full-width letters
        ("ACME: VIP Frei", "7005"),  # the longest prefix
        ("ACME: VIPER", DESK),  # a prefix that ends like a word is one
        ("ACME: VIP", "7005"),
        ("STRASSE Meier", FLEURON_DESK),
        ("DESK-7", None),  # two companies have it: nobody guesses
        ("Gone Frei", None),  # of no account
        ("R. Frei ACME:", None),
        ("", None),
        (None, None),
    ],
)
def test_the_customer_by_the_prefix_of_the_callers_name(name: str | None, number: str | None) -> None:
    found = PREFIXED.service(None if name is None else Name(name))
    assert (found and found.number) == number


def test_without_prefixes_no_name_has_one() -> None:
    assert Prefixes().service(Name("ACME: Frei")) is None


@pytest.mark.parametrize(
    ("name", "prefix", "expected"),
    [
        ("ACME: R. Frei", "ACME:", "R. Frei"),
        ("acme:R. Frei", "ACME:", "R. Frei"),
        (" ACME:  R. Frei ", "ACME: ", "R. Frei"),
        ("STRASSE Meier", "Straße", "Meier"),
        ("Straße Meier", "STRASSE", "Meier"),
        ("R. Frei", "ACME:", "R. Frei"),  # nothing is cut that is not there
        ("ACME:", "ACME:", None),  # nothing is left
        ("R. Frei", None, "R. Frei"),
        ("R. Frei", "", "R. Frei"),
        ("Viper", "VIP", "Viper"),
        ("", "ACME:", ""),
    ],
)
def test_the_name_is_shown_without_the_prefix(name: str, prefix: str | None, expected: str | None) -> None:
    shown_name = without_prefix(Name(name), replace(ACME_SERVICE, caller_name_prefix=prefix))
    assert shown_name == (None if expected is None else Name(expected))
    assert without_prefix(None, ACME_SERVICE) is None
    assert without_prefix(Name(name), None) == Name(name)


def test_a_name_of_a_megabyte_costs_no_second() -> None:
    """Quadratic work on a caller's text would be a weapon."""
    service = replace(ACME_SERVICE, caller_name_prefix="ACME:")
    long = Name("x" * 1_000_000)
    assert without_prefix(long, service) == long
