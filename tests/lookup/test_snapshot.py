import pytest

from ctibridge.domain.account import Announcement
from ctibridge.domain.agent import Grant, RoleShare
from ctibridge.lookup.snapshot import Snapshot, build
from tests.lookup.examples import ACME, ANA, FLEURON_SERVICE, SNAPSHOT, ZURICH


def test_rows_are_found_by_their_keys() -> None:
    assert SNAPSHOT.accounts["acme"] is ACME
    assert SNAPSHOT.agents["ana"] is ANA
    assert SNAPSHOT.sites["acme", "Zürich"] is ZURICH
    assert SNAPSHOT.service_numbers["+33199001000"] is FLEURON_SERVICE


def test_shares_and_grants_are_grouped() -> None:
    twice = (RoleShare("acme"), RoleShare("acme", role="auditor"))
    snapshot = build(shares=twice, grants=(Grant("ana", "acme"), Grant("ben", "acme"), Grant("ana", "fleuron")))
    assert snapshot.shares == {"acme": twice}
    assert snapshot.grants["ana"] == (Grant("ana", "acme"), Grant("ana", "fleuron"))


def test_announcements_are_by_account() -> None:
    lines = (Announcement("acme", "n1", {"de": "A"}), Announcement("acme", "n2", {"de": "B"}))
    assert build(announcements=lines).announcements == {"acme": lines}


def test_at_a_later_version_only_the_version_is_another() -> None:
    later = build(1, accounts=(ACME,), tables=1).at(7)
    assert (later.version, later.tables, later.accounts) == (7, 1, {"acme": ACME})


def test_a_snapshot_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        SNAPSHOT.accounts["x"] = ACME  # type: ignore[index]
    with pytest.raises(AttributeError):
        SNAPSHOT.version = 2  # type: ignore[misc]


def test_languages_are_all_that_a_call_may_need() -> None:
    assert SNAPSHOT.languages() == {"de", "de-CH", "fr", "ar-AE", "en"}
    assert Snapshot().languages() == frozenset()
