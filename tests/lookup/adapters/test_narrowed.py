"""Whole calls are in tests/flow/test_narrowed.py."""

from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.narrowed import narrowed
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.examples import ACME, AT, MOBILE, question, row, signalled


async def test_one_of_two_customers_is_all_that_is_seen(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.numbers[MOBILE] = [row(), row("fleuron", "e1")]
    asked = question(signalled(MOBILE))
    for account in ("acme", "fleuron"):
        told = await narrowed(lookup, asked, "ana", frozenset({account}), AT)
        assert told is not None
        called, answer = told
        assert called == ACME.id, "who was called is known whoever may see it"
        assert {one.person.key.account for one in answer.resolution.candidates} == {account}


async def test_what_the_agent_may_not_see_is_not_seen_by_naming_it(lookup: Lookup) -> None:
    told = await narrowed(lookup, question(signalled(MOBILE)), "ben", frozenset({"acme"}), AT)
    assert told is not None
    assert (told[1].resolution.candidates, told[1].called.granted) == ((), False)


async def test_a_store_that_fails_is_said(lookup: Lookup, directory: FakeDirectoryStore) -> None:
    directory.broken = True
    assert await narrowed(lookup, question(signalled(MOBILE)), "ana", frozenset({"acme"}), AT) is None
