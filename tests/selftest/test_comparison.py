"""What the desk saw beside what it should have seen."""

from dataclasses import replace
from typing import Any

import pytest

from ctibridge.domain.finding import Kind
from ctibridge.selftest.comparison import comparisons, ending
from tests.selftest.scenes import KNOWN, POP, expected, timeline, without_pop


def rows(written: dict[str, Any] | None = None, known: dict[str, Any] | None = None, **seen: Any) -> dict[str, str]:
    """Those to be mended, by what they are of."""
    asked = expected(known=replace(KNOWN, **(known or {})), **(written or {}))
    found = list(comparisons(asked, timeline(newest=replace(POP, **seen))))
    assert [one.what for one in found] == ["caller", "company", "person", "language"]
    return {one.what: one.text for one in found if one.kind is Kind.MEND}


def test_all_as_the_directory_says() -> None:
    assert rows() == {}
    assert rows({"account": "acme", "person": "p17", "language": "de-CH"}) == {}
    assert rows({"person": "acme/p17"}) == {}


def test_a_wrong_directory_is_found_though_the_desk_repeats_it() -> None:
    assert rows({"account": "fleuron", "person": "p18", "language": "fr"}) == {
        "company": "expected fleuron (selftest.account), the directory and the desk say acme",
        "person": "expected p18 (selftest.person), the directory and the desk say identified (acme/p17)",
        "language": "expected fr (selftest.language), the directory and the desk say de-CH",
    }


def test_directory_and_desk_may_each_be_wrong_in_their_own_way() -> None:
    found = rows({"account": "fleuron"}, account="khalij")
    assert found["company"] == "expected fleuron (selftest.account), the directory says acme, the desk saw khalij"


def test_a_desk_that_saw_something_else() -> None:
    assert rows(account=None, status="unknown", people=(), language="en", number="+41790000018") == {
        "caller": "expected …017, the desk saw …018",
        "company": "expected acme, the desk saw none",
        "person": "expected identified (acme/p17), the desk saw unknown",
        "language": "expected de-CH, the desk saw en",
    }


def test_a_person_who_is_one_of_several_is_not_the_one() -> None:
    several = {"status": "ambiguous", "people": ("acme/p17", "acme/p18")}
    found = rows({"person": "p17"}, known=several, **several)
    assert found == {
        "person": "expected p17 (selftest.person), the directory and the desk say ambiguous (acme/p17, acme/p18)"
    }


def test_a_crowd_is_counted() -> None:
    people = tuple(f"acme/p{each}" for each in range(9))
    assert rows(status="ambiguous", people=people)["person"].endswith("(acme/p0, acme/p1, acme/p2 and 6 more)")


@pytest.mark.parametrize(("number", "told"), [(None, "no number"), ("6099", "6099"), ("+41790000017", "…017")])
def test_of_a_number_of_the_network_only_the_end_is_told(number: str | None, told: str) -> None:
    assert ending(number) == told


def test_without_a_pop_there_is_nothing_to_compare() -> None:
    assert list(comparisons(expected(), without_pop())) == []
