import pytest

from ctibridge.delivery.settings import AccountPrivacy, PrivacySettings
from ctibridge.delivery.terms import Terms

TERMS = Terms(90, {"acme": 7, "globex": 365})


@pytest.mark.parametrize(
    ("told", "days"),
    [
        ([frozenset({"acme"})], 7),
        ([frozenset({"globex"})], 365),
        ([frozenset({"initech"})], 90),
        ([frozenset(), frozenset({"globex"})], 365),
        ([frozenset({"acme", "globex"})], 7),
        ([frozenset({"globex"}), frozenset({"initech"})], 90),
        ([frozenset()], 90),
        ([], 90),
        ([frozenset({"globex"}), None], 7),
    ],
)
def test_of_several_customers_the_shortest_counts(told: list[frozenset[str] | None], days: int) -> None:
    assert TERMS.of_call(told) == days


def test_the_longest_and_the_shortest_are_over_all() -> None:
    assert (TERMS.longest, TERMS.shortest, TERMS.differ) == (365, 7, True)
    assert (Terms(90).longest, Terms(90).shortest, Terms(90).differ) == (90, 90, False)
    assert not Terms(90, {"acme": 90}).differ


def test_they_are_what_is_configured() -> None:
    accounts = (AccountPrivacy("acme", 7), AccountPrivacy("initech", phone_labels=("work",)))
    terms = PrivacySettings(call_log_days=30, account=accounts).terms()
    assert (terms.of("acme"), terms.of("initech"), terms.of("globex")) == (7, 30, 30)
