"""Whoever asks what is kept of him is told that, and nothing of others."""

import msgspec

from ctibridge.delivery import disclosed
from ctibridge.delivery.erased import Level
from tests.delivery.test_erased import pop


def test_of_his_own_call_all_is_his() -> None:
    told = disclosed.data(pop("p17"), "acme", "p17", Level.HIS)
    assert told["caller"]["number"] == "+4930999"
    assert [one["person"]["id"] for one in told["resolution"]["candidates"]] == ["p17"]
    assert told["resolution"]["others"] == 0
    assert "links" in told


def test_where_others_were_listed_beside_him_they_and_what_was_said_of_the_caller_are_left_out() -> None:
    told = disclosed.data(pop("p17", "p18", "p19"), "acme", "p17", Level.LISTED)
    assert "p18" not in msgspec.json.encode(told).decode()
    assert told["resolution"]["others"] == 2
    assert told.keys() == {"call", "called", "resolution"}
    assert disclosed.data(b'{"call":{"id":"c"},"by":"ana","note":"of p18"}', "acme", "p17", Level.LISTED) == {
        "call": {"id": "c"}
    }


def test_the_call_before_it_was_anothers() -> None:
    assert disclosed.fact(b'{"signalled":{"raw":"1"},"continues":{"signalled":{"raw":"2"}}}') == {
        "signalled": {"raw": "1"}
    }
    assert disclosed.fact(b"[1]") == [1]
