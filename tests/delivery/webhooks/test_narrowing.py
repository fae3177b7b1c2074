"""The rules one by one; whole calls through a directory of two customers are in tests/flow/test_narrowed.py."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ctibridge.delivery import encode
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhooks.cursor import Told
from ctibridge.delivery.webhooks.narrowing import Seen, Shown, is_of, must_ask, shown
from ctibridge.domain.account import AccountRef
from ctibridge.domain.caller import Called
from tests.delivery.examples import IDENTIFIED, call
from tests.delivery.kept_examples import event, note, pop_data

ACME, BOTH, NONE = frozenset({"acme"}), frozenset({"acme", "globex"}), frozenset[str]()
SEEN = Seen(ACME, IDENTIFIED)
C1 = call().id


def ringing(kind: str = "call.ringing", **changes: Any) -> KeptEvent:
    return event(7, **{"kind": kind, "call": C1, "data": pop_data(), "accounts": ACME, **changes})


def said(
    one: KeptEvent, before: Told | None = None, seen: Seen | None = SEEN, told: frozenset[str] | None = ACME
) -> Any:
    return shown(one, seen, before, ACME, ACME, told)


def test_what_is_asked_for() -> None:
    known = {C1: Told(1, "m")}
    assert must_ask(ringing(), known)
    assert must_ask(ringing("call.updated"), known)
    assert not must_ask(event(8, call=C1), known)
    assert must_ask(event(8, call=C1), {})
    assert not must_ask(event(8, kind="notice", call=None), {})


@pytest.mark.parametrize(
    ("called", "accounts", "belongs"),
    [
        (ACME, BOTH, True),
        (BOTH, ACME, False),
        (frozenset({"globex"}), ACME, False),
        (NONE, ACME, True),
        (NONE, BOTH, False),
        (NONE, NONE, False),
        (NONE, None, False),
    ],
)
def test_whose_call_it_is(called: frozenset[str], accounts: frozenset[str] | None, belongs: bool) -> None:
    assert is_of(ringing(accounts=accounts), replace(SEEN, called=called), ACME) is belongs


def test_a_pop_is_told_again_only_where_it_says_something_else() -> None:
    first = said(ringing())
    assert isinstance(first, Shown)
    assert json.loads(first.event.data)["resolution"]["revision"] == 1
    assert said(ringing("call.updated"), first.told) is None
    other = Seen(ACME, replace(IDENTIFIED, called=Called(None, AccountRef("acme", "ACME AG"), "Other desk")))
    second = said(ringing("call.updated"), first.told, other)
    assert (second.told.revision, json.loads(second.event.data)["resolution"]["revision"]) == (2, 2)
    again = said(ringing(), first.told)
    assert again.told == first.told, "it rings in another round, and nothing is new"


def test_the_desks_own_revision_is_not_told() -> None:
    many = replace(IDENTIFIED, resolution=replace(IDENTIFIED.resolution, revision=9))
    data = encode.pop_data(many, call())
    assert json.loads(said(ringing(data=data), seen=Seen(ACME, many)).event.data)["resolution"]["revision"] == 1


@pytest.mark.parametrize(
    ("accounts", "told", "comes"),
    [
        (NONE, ACME, True),
        (ACME, ACME, True),
        (NONE, BOTH, False),
        (BOTH, ACME, False),
        (NONE, None, False),
        (None, ACME, False),
    ],
)
def test_a_note_comes_where_no_desk_was_told_of_anybody_else(
    accounts: frozenset[str] | None, told: frozenset[str] | None, comes: bool
) -> None:
    worked = event(8, kind="call.worked", call=C1, data=encode.noted_data(call(), note("text")), accounts=accounts)
    assert (said(worked, Told(1, "m"), None, told) is not None) is comes


def test_what_became_of_a_missed_call_has_no_note_in_it_and_comes() -> None:
    data = b'{"call": {}, "by": "ana", "state": "taken", "note": null}'
    assert said(event(8, kind="call.worked", call=C1, data=data), Told(1, "m"), None, None) is not None


@pytest.mark.parametrize(("accounts", "comes"), [(ACME, True), (BOTH, False), (None, False)])
def test_suggestions_come_where_nobody_else_was_in_play(accounts: frozenset[str] | None, comes: bool) -> None:
    one = event(8, kind="suggestions", call=C1, accounts=accounts)
    assert (said(one, Told(1, "m"), None) is not None) is comes


def test_the_end_of_a_call_comes_where_its_beginning_did() -> None:
    end = event(8, call=C1)
    assert said(end, Told(1, "m"), None) == Shown(end)
    assert said(end, None, replace(SEEN, called=frozenset({"globex"}))) is None
    assert said(end, None, SEEN) == Shown(end)
