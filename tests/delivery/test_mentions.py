"""Of whom a message speaks is remembered with it: by that it is hidden from who may no longer see them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.delivery.desk import Desk
from ctibridge.delivery.mentions import mentions, of_note
from ctibridge.domain.notice import Notice
from ctibridge.domain.screen_pop import Answer
from tests.delivery import examples as ex
from tests.delivery.test_desk import desk, told

ACME = frozenset({"acme"})
STRANGER = replace(ex.CALLED, granted=False)


@pytest.mark.parametrize(
    ("answer", "accounts"),
    [
        (ex.IDENTIFIED, {"acme"}),
        (ex.AMBIGUOUS, {"acme", "globex"}),
        (ex.SHARED, {"acme"}),
        (ex.WITHHELD, {"acme"}),
        (replace(ex.UNKNOWN, called=STRANGER), set()),
        (replace(ex.SHARED, called=STRANGER), {"acme"}),
        (replace(ex.AMBIGUOUS, called=STRANGER), {"acme", "globex"}),
        (replace(ex.UNKNOWN, called=STRANGER, customer=ex.CUSTOMER), {"acme"}),
        (replace(ex.UNKNOWN, called=replace(ex.CALLED, account=None, granted=False)), set()),
    ],
    ids=[
        "identified", "two_customers", "shared", "withheld", "no_role_there", "shared_elsewhere", "people_elsewhere",
        "texts", "no_service_number",
    ],
)  # fmt: skip
def test_a_pop_speaks_of_whoever_is_in_it(answer: Answer, accounts: set[str]) -> None:
    """The company that was called is shown to whoever rings; its hours and texts only where the agent has a role."""
    assert mentions(answer) == accounts


def test_a_note_is_for_those_who_see_what_its_writer_saw() -> None:
    of_call = frozenset({"acme"})
    assert of_note(ex.NOTE, "ana", of_call) == of_call
    assert of_note(ex.NOTE, "ana", None) is None, "nobody knows of whom any more"
    assert of_note(ex.NOTE, "ben", of_call) == of_note(ex.NOTE, "ben", None) == frozenset(), "his own"
    assert of_note(replace(ex.NOTE, of_granted_account=False), "ana", of_call) == frozenset()


def test_what_is_kept_says_of_whom_it_speaks() -> None:
    one = desk()
    rang = told(one.ringing(ex.pop(), ex.AT))
    noted = told(one.worked("01JDX001", ex.NOTE))
    own = told(one.worked("01JDX001", replace(ex.NOTE, by="ana")))
    suggested = told(one.suggested(ex.SUGGESTIONS, ex.AT))
    over = told(one.ended(ex.ended(ex.call()), ex.AT))
    noticed = told(one.noticed(Notice("x", "X.", accounts=frozenset({"globex"})), ex.AT))
    of_acme = [event.event.accounts == ACME for event in (rang, noted, own, suggested, over)]
    assert of_acme == [True, True, False, True, False]
    assert noticed.event.accounts == frozenset({"globex"})
    assert (suggested.call, noticed.call) == (None, None), "they are no news of a call"


def test_a_note_of_a_company_stays_of_it_when_the_pop_no_longer_names_it() -> None:
    """A grant ended while it rang: the pop was told again without the company, and from then on the colleague's note
    about it counted as being of nobody, and was in the welcome of a desk that may not see it."""
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.worked("01JDX001", ex.NOTE)
    stranger = replace(ex.UNKNOWN, called=replace(ex.CALLED, granted=False))
    updated = told(one.updated(ex.pop(stranger), ex.AT))
    assert updated.event.accounts == frozenset()
    assert [known.accounts for known in one.calls(ex.AT)] == [ACME]


def test_what_was_told_of_somebody_who_left_is_of_nobody_known() -> None:
    """An import took an account away: which people the call spoke of is not known any more, until it is told again."""
    one = desk(sequence=1, calls=(replace(next(iter(_rang().calls(ex.AT))), accounts=None),))
    assert told(one.suggested(ex.SUGGESTIONS, ex.AT)).event.accounts is None
    one.updated(ex.pop(), ex.AT + timedelta(seconds=1))
    assert told(one.suggested(ex.SUGGESTIONS, ex.AT)).event.accounts == ACME


def test_whoever_leaves_the_store_leaves_the_desks_memory_and_is_kept_no_more() -> None:
    """The next thing that happened to the call wrote its notes into the store once more."""
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    one.worked("01JDX001", ex.NOTE)
    one.withdraw(frozenset({"globex"}))
    assert one.notes("01JDX001") == 1
    one.withdraw(ACME)
    kept = one.shown("01JDX001", ex.AT)
    assert kept is not None
    assert (kept.notes, kept.accounts, b"laptop" in (kept.newest or b"")) == ((), None, False)


def _rang() -> Desk:
    one = desk()
    one.ringing(ex.pop(), ex.AT)
    return one
