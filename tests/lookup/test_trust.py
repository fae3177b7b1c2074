from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.domain.screen_pop import Signal
from ctibridge.lookup.matching import matches
from ctibridge.lookup.trust import signals
from tests.lookup.examples import AT, MOBILE, row


def person(name: str, days: float, number: str = MOBILE) -> Person:
    """The number came to him so many days and a minute ago."""
    since = AT - timedelta(days=days, minutes=1)
    return Person(PersonKey("acme", name), Name(name), numbers_changed={number: since})


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([2], [2]),
        ([0], [0]),
        ([30], [30]),
        ([31], []),
        ([-1], [0]),  # a clock elsewhere runs ahead
        ([90, 5, 12], [5]),
        ([], []),
    ],
)
def test_a_number_that_changed_within_thirty_days(days: list[int], expected: list[int]) -> None:
    people = {one.key: one for one in (person(f"p{day}", day) for day in days)}
    found = matches([*(row(person=key.id) for key in people), row(person="p")], None)
    assert signals(found, people, AT) == tuple(Signal("number_changed_recently", day) for day in expected)


def test_only_the_number_that_matched_and_only_of_whom_the_pop_shows() -> None:
    other, hidden = person("p17", 2, "+493023125100"), person("p18", 2)
    assert signals(matches([row()], None), {other.key: other, hidden.key: hidden}, AT) == ()


def test_a_number_in_another_spelling_counts_as_it_is_stored() -> None:
    changed = person("p17", 2, "+5491123456789")
    assert signals(matches([row(matched="+5491123456789")], None), {changed.key: changed}, AT) == (
        Signal("number_changed_recently", 2),
    )


def test_a_record_that_is_late_brings_its_signal_later() -> None:
    found, changed = matches([row()], None), person("p17", 2)
    assert signals(found, {}, AT) == ()
    assert signals(found, {changed.key: replace(changed, numbers_changed={})}, AT) == ()
    assert signals(found, {changed.key: changed}, AT) == (Signal("number_changed_recently", 2),)


def test_what_the_network_doubts_and_what_contradicts_is_said() -> None:
    changed = person("p17", 2)
    found = signals(matches([row()], None), {changed.key: changed}, AT, "failed", contradicted=True)
    assert [one.kind for one in found] == ["number_changed_recently", "attestation_failed", "claim_contradicts_number"]


@pytest.mark.parametrize("attestation", ["A", "B", "C", "passed", "none", "not-checked"])
def test_what_the_network_says_otherwise_is_no_warning(attestation: str) -> None:
    assert signals((), {}, AT, attestation) == ()
