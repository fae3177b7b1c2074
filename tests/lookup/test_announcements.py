import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from ctibridge.domain.account import Announcement
from ctibridge.domain.screen_pop import Announced
from ctibridge.lookup.announcements import MOST, current
from tests.lookup.examples import AT

HOUR = timedelta(hours=1)


def told(id: str, site: str | None = None, account: str = "acme", **when: datetime | None) -> Announcement:  # noqa: A002
    return Announcement(account, id, {"en": f"{id}!", "de": f"{id}, bitte!"}, site, **when)


def ids(found: Iterable[Announced]) -> list[str]:
    return [one.id for one in found]


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "holds"),
    [
        (None, None, True),
        (AT, None, True),
        (AT + HOUR, None, False),
        (None, AT + HOUR, True),
        (None, AT, False),  # from, until before
        (AT - HOUR, AT + HOUR, True),
    ],
)
def test_when_it_holds(starts_at: datetime | None, ends_at: datetime | None, holds: bool) -> None:
    found = current([told("a", starts_at=starts_at, ends_at=ends_at)], "acme", None, AT, ("en",))
    assert bool(found) is holds


def test_only_those_of_this_customer_and_of_this_site() -> None:
    rows = [told("all"), told("here", "Zürich"), told("there", "Basel"), told("other", account="globex")]
    assert ids(current(rows, "acme", "Zürich", AT, ())) == ["here", "all"]
    assert ids(current(rows, "acme", None, AT, ())) == ["all"], "a caller whose site is not known hears of none"
    assert ids(current(rows, "fleuron", None, AT, ())) == []


def test_the_sites_own_first_then_the_newest_whatever_the_order_of_the_rows() -> None:
    rows = [
        told("old", starts_at=AT - 2 * HOUR),
        told("new", starts_at=AT - HOUR),
        told("ever-b"),
        told("ever-a"),
        told("site-old", "Zürich", starts_at=AT - 3 * HOUR),
    ]
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        assert ids(current(rows, "acme", "Zürich", AT, ())) == ["site-old", "new", "old", "ever-a", "ever-b"]


def test_the_text_is_in_the_first_language_that_is_wanted() -> None:
    (german,) = current([told("a")], "acme", None, AT, ("fr", "de-CH", "en"))
    assert (german.text.language, german.text.text) == ("de", "a, bitte!")


def test_one_without_text_is_none() -> None:
    assert current([Announcement("acme", "a", {})], "acme", None, AT, ("en",)) == ()


def test_more_than_anybody_reads_are_not_told() -> None:
    rows = [told(f"{number:03}", starts_at=AT - number * HOUR) for number in range(MOST + 5)]
    assert ids(current(rows, "acme", None, AT, ())) == [f"{number:03}" for number in range(MOST)]


def test_the_same_one_given_twice_is_told_once() -> None:
    """The called company is the caller's own as often as not, and both are asked for theirs."""
    assert ids(current([told("a"), told("a")], "acme", None, AT, ())) == ["a"]
