"""What the next desk may know of the call that it is handed."""

from dataclasses import replace

from ctibridge.domain.hand_over import HandOver, HandOverKind, Internal
from ctibridge.domain.resolution import Resolution, Status
from tests.delivery import examples as ex

BEN = Internal("6002", "ben")
OWN = replace(ex.UNKNOWN, caller=ex.COLLEAGUE, called=replace(ex.CALLED, account=None, granted=False), internal=BEN)
FIRST = replace(ex.IDENTIFIED, complete=True)


def test_the_pop_shows_the_first_caller_and_who_calls_now() -> None:
    pop = OWN.continuing(FIRST, HandOverKind.INTERNAL, BEN, "c1")
    assert (pop.resolution, pop.called, pop.language) == (FIRST.resolution, FIRST.called, FIRST.language)
    assert (pop.caller, pop.internal) == (ex.COLLEAGUE, BEN)
    assert pop.hand_over == HandOver(HandOverKind.INTERNAL, "6002", "ben", "c1", ex.CALLER)


def test_of_an_account_that_is_not_granted_not_even_the_call_shows() -> None:
    hidden = replace(FIRST, called=replace(ex.CALLED, granted=False), resolution=Resolution(Status.UNKNOWN, None, ()))
    assert OWN.continuing(hidden, HandOverKind.INTERNAL, BEN, "c1") == OWN


def test_one_granted_account_is_enough() -> None:
    by_called = replace(FIRST, resolution=Resolution(Status.UNKNOWN, None, ()))
    by_person = replace(FIRST, called=replace(ex.CALLED, granted=False))
    some = replace(by_person, resolution=replace(ex.AMBIGUOUS.resolution, account=None))
    assert all(OWN.continuing(one, HandOverKind.BLIND, BEN, "c1").hand_over for one in (by_called, by_person, some))


def test_notes_are_seen_by_who_may_see_the_first_call_and_by_nobody_else() -> None:
    pop = OWN.continuing(FIRST, HandOverKind.BLIND, BEN, "c1", (ex.NOTE,))
    assert pop.hand_over is not None
    assert pop.hand_over.notes == (ex.NOTE,)
    hidden = replace(FIRST, called=replace(ex.CALLED, granted=False), resolution=Resolution(Status.UNKNOWN, None, ()))
    assert "laptop" not in repr(OWN.continuing(hidden, HandOverKind.BLIND, BEN, "c1", (ex.NOTE,)))
    assert OWN.continuing(hidden, HandOverKind.BLIND, BEN, "c1", (ex.NOTE,)).hand_over is None


def test_what_is_still_being_read_of_either_is_said() -> None:
    assert not OWN.continuing(replace(FIRST, complete=False), HandOverKind.BLIND, BEN, "c1").complete


def test_a_hand_over_prints_without_its_caller() -> None:
    printed = repr(ex.NOTED.hand_over)
    assert "laptop" not in printed
    assert "4915112345678" not in printed
    assert "Frei" not in printed
