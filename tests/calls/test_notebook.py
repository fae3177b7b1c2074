"""Who hears of a note, what whoever has the call next reads, and when all of it is forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ctibridge.calls.facts import Continues, Learned, Noted, Rang
from ctibridge.calls.notebook import KEPT_AFTER_END, MOST_PAGES, Notebook
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.hand_over import HandOverKind
from ctibridge.domain.note import MOST_NOTES, Note
from ctibridge.domain.private import Private
from tests.calls.legs import START, at, signalled
from tests.leaks import canary

TEXT = canary("she waits for a laptop")


def note(clock: float = 1.0, by: str = "ana", text: str = TEXT) -> Note:
    return Note(by, Private(text), at(clock).at)


def ringing(call: str = "c1") -> Call:
    return Call(call, "pbx", "6001", CallState.RINGING, START)


def over(clock: float, call: str = "c1") -> Call:
    return replace(ringing(call), state=CallState.ENDED, ended_at=at(clock).at, outcome=Outcome.ABANDONED)


def rang(call: str, *agents: str, after: tuple[str, ...] = ()) -> Rang:
    continues = Continues(HandOverKind.BLIND, "6001", after[0], signalled(), after[1:]) if after else None
    return Rang(ringing(call), frozenset(agents), signalled(), continues)


def read(notebook: Notebook, *chain: str) -> list[str]:
    notes = notebook.of(Continues(HandOverKind.BLIND, "6001", chain[0], signalled(), chain[1:]))
    return [one.text.value for one in notes]


def test_every_desk_that_has_the_call_hears_of_it() -> None:
    notebook = Notebook()
    facts = notebook.write("c1", note(), {"ana": ringing(), "ben": over(0.5)}, at(1.0))
    assert facts == [Noted("c1", frozenset({"ana", "ben"}), note())]
    assert read(notebook, "c1") == [TEXT]
    assert TEXT not in repr(facts)
    assert TEXT not in repr(list(notebook._pages.values()))


def test_a_note_of_a_call_that_no_desk_has_any_more_is_not_kept() -> None:
    notebook = Notebook()
    assert notebook.write("c1", note(), {}, at(1.0)) == []
    assert len(notebook) == 0


def test_one_note_too_many_is_not_taken() -> None:
    notebook = Notebook()
    said = [notebook.write("c1", note(n), {"ana": ringing()}, at(n)) for n in range(MOST_NOTES + 1)]
    assert [len(facts) for facts in said] == [1] * MOST_NOTES + [0]


# -- rounds and desks that come later ----------------------------------------------------------------------------------


def test_a_desk_that_the_next_round_reaches_first_hears_what_was_noted_and_the_others_do_not_again() -> None:
    notebook = Notebook()
    notebook.write("c1", note(), {"ana": ringing()}, at(1.0))
    notebook.ended("c1", "ana", at(2.0))
    assert notebook.popped(rang("c1", "ana", "ben")) == [Noted("c1", frozenset({"ben"}), note())]
    assert notebook.popped(rang("c1", "ana", "ben")) == []


def test_a_call_without_notes_leaves_no_trace() -> None:
    notebook = Notebook()
    assert notebook.popped(rang("c1", "ana")) == []
    assert not notebook.concerns(rang("c1", "ana"))
    notebook.ended("c1", "ana", at(1.0))
    assert (len(notebook), notebook.deadline) == (0, None)


def test_who_picks_a_call_up_reads_its_notes_in_the_pop_and_is_not_told_them_twice() -> None:
    notebook = Notebook()
    notebook.write("c1", note(), {"ana": ringing()}, at(1.0))
    assert notebook.popped(rang("c1", "cleo", after=("c1",))) == []
    (fact,) = notebook.write("c1", note(2.0), {"ana": ringing(), "cleo": ringing()}, at(2.0))
    assert fact == Noted("c1", frozenset({"ana", "cleo"}), note(2.0)), "from then on he has it like any other"


# -- hand-overs --------------------------------------------------------------------------------------------------------


def test_a_note_written_after_the_hand_over_rang_is_learned_at_the_next_desks() -> None:
    notebook = Notebook()
    handed = rang("c2", "ben", "cleo", after=("c1",))
    assert notebook.popped(handed) == []
    noted, learned = notebook.write("c1", note(), {"ana": over(0.5)}, at(1.0))
    assert isinstance(noted, Noted)
    assert learned == Learned(handed.call, frozenset({"ben", "cleo"}), handed.signalled, handed.continues)


def test_each_desk_learns_of_it_as_its_own_pop_was() -> None:
    notebook = Notebook()
    one, other = rang("c2", "ben", after=("c1",)), rang("c2", "cleo", after=("c1",))
    other = replace(other, signalled=signalled("+49111"))
    for pop in (one, other):
        notebook.popped(pop)
    facts = notebook.write("c1", note(), {"ana": ringing()}, at(1.0))[1:]
    assert [(sorted(fact.agents), fact.signalled) for fact in facts if isinstance(fact, Learned)] == [
        (["ben"], one.signalled),
        (["cleo"], other.signalled),
    ]


def test_a_hand_over_that_is_learned_later_counts_as_well() -> None:
    notebook = Notebook()
    handed = rang("c2", "ben", after=("c1",))
    notebook.popped(Learned(handed.call, handed.agents, handed.signalled, handed.continues))
    assert len(notebook.write("c1", note(), {"ana": ringing()}, at(1.0))) == 2


def test_what_was_noted_in_between_is_handed_on_in_the_order_of_its_time() -> None:
    notebook = Notebook()
    notebook.write("c2", note(2.0, "ben", "asked Ben"), {"ben": ringing("c2")}, at(2.0))
    notebook.write("c1", note(3.0, text="late word"), {"ana": over(1.5)}, at(3.0))
    notebook.write("c1", note(1.0, text="first word"), {"ana": over(1.5)}, at(3.0))
    assert read(notebook, "c1", "c2") == ["first word", "asked Ben", "late word"]
    assert read(notebook, "c1") == ["first word", "late word"]
    notebook.popped(rang("c3", "cleo", after=("c1", "c2")))
    facts = notebook.write("c2", note(4.0, "ben"), {"ben": ringing("c2")}, at(4.0))
    assert [type(fact) for fact in facts] == [Noted, Learned]


def test_no_more_is_handed_on_than_one_call_may_have() -> None:
    notebook = Notebook()
    for clock in range(MOST_NOTES):
        notebook.write("c1", note(clock, text=f"a{clock}"), {"ana": ringing()}, at(clock))
    notebook.write("c2", note(99, text="newest"), {"ben": ringing("c2")}, at(99))
    assert read(notebook, "c1", "c2") == [f"a{clock}" for clock in range(1, MOST_NOTES)] + ["newest"]


# -- forgetting --------------------------------------------------------------------------------------------------------


def forgotten(notebook: Notebook, clock: float) -> bool:
    notebook.wake(at(clock - 0.1))
    assert len(notebook) > 0, "not before its time"
    notebook.wake(at(clock))
    return len(notebook) == 0


def test_notes_are_forgotten_half_an_hour_after_the_last_desks_end() -> None:
    notebook = Notebook()
    notebook.write("c1", note(), {"ana": ringing(), "ben": ringing()}, at(1.0))
    notebook.ended("c1", "ana", at(10.0))
    due = [notebook.deadline]
    notebook.ended("c1", "ben", at(5000.0))
    due.append(notebook.deadline)
    assert forgotten(notebook, 5000.0 + KEPT_AFTER_END)
    assert [*due, notebook.deadline] == [None, 5000.0 + KEPT_AFTER_END, None]


@pytest.mark.parametrize("written", [20.0, 1000.0])
def test_a_note_written_behind_the_end_lives_no_longer_for_it(written: float) -> None:
    notebook = Notebook()
    notebook.write("c1", note(written), {"ana": over(10.0), "ben": over(15.0)}, at(written))
    assert forgotten(notebook, 15.0 + KEPT_AFTER_END)


def test_who_talks_for_long_and_notes_once_more_takes_nothing_from_whom_the_call_was_handed_to() -> None:
    """An answered call is worked on for two hours: a note 40 minutes behind the pick-up opened a new page, as the one
    of before had gone, and where the call was handed to, what stood there vanished from the screen."""
    notebook = Notebook()
    picked_up = replace(over(10.0), outcome=Outcome.ANSWERED_ELSEWHERE)
    notebook.write("c1", note(5.0, text="first"), {"ana": ringing()}, at(5.0))
    notebook.ended("c1", "ana", at(10.0))
    notebook.popped(rang("c2", "ben", after=("c1",)))
    notebook.ended("c2", "ben", at(1210.0))
    minutes_40 = at(2410.0)
    notebook.wake(minutes_40)
    _, again = notebook.write("c1", note(2410.0, text="second"), {"ana": picked_up}, minutes_40)
    assert isinstance(again, Learned)
    notebook.wake(minutes_40)
    assert read(notebook, "c1") == ["first", "second"]
    assert forgotten(notebook, 1210.0 + KEPT_AFTER_END), "with the call that it was handed on to"
    assert (notebook._next, notebook.deadline) == ({}, None)


def test_of_a_long_chain_each_page_stands_until_the_last_call_is_forgotten() -> None:
    notebook = Notebook()
    for number, clock in ((1, 0.0), (2, 1500.0), (3, 3000.0)):
        chain = tuple(f"c{one}" for one in range(1, number))
        notebook.popped(rang(f"c{number}", "ana", after=chain))
        notebook.write(f"c{number}", note(clock, text=f"note {number}"), {"ana": ringing(f"c{number}")}, at(clock))
        notebook.ended(f"c{number}", "ana", at(clock + 10.0))
        notebook.wake(at(clock + 20.0))
    notebook.wake(at(3010.0 + KEPT_AFTER_END - 1.0))
    assert read(notebook, "c1", "c2", "c3") == ["note 1", "note 2", "note 3"]
    assert forgotten(notebook, 3010.0 + KEPT_AFTER_END)


def test_two_calls_that_continue_each_other_keep_each_other_no_longer_than_the_newer_one() -> None:
    notebook = Notebook()
    for call, before, clock in (("c1", "c2", 10.0), ("c2", "c1", 500.0)):
        notebook.popped(rang(call, "ana", after=(before,)))
        notebook.ended(call, "ana", at(clock))
    notebook.wake(at(500.0 + KEPT_AFTER_END - 1.0))
    assert len(notebook) == 2
    assert forgotten(notebook, 500.0 + KEPT_AFTER_END)
    assert (notebook._next, notebook.deadline) == ({}, None)


def test_a_page_whose_followers_were_put_out_for_room_goes_when_it_is_due() -> None:
    notebook = Notebook()
    notebook.popped(rang("c2", "ben", after=("c1",)))
    notebook.write("c1", note(), {"ana": ringing()}, at(1.0))
    notebook.ended("c1", "ana", at(10.0))
    notebook.wake(at(11.0 + KEPT_AFTER_END))
    for number in range(3, MOST_PAGES + 2):
        notebook.write(f"c{number}", note(), {"ana": ringing(f"c{number}")}, at(20.0))
    assert (notebook._next, len(notebook)) == ({}, MOST_PAGES)
    notebook.wake(at(12.0 + KEPT_AFTER_END))
    assert len(notebook) == MOST_PAGES - 1


def test_a_call_that_comes_back_keeps_its_notes_until_its_new_end() -> None:
    notebook = Notebook()
    notebook.write("c1", note(), {"ana": ringing()}, at(1.0))
    notebook.ended("c1", "ana", at(10.0))
    notebook.popped(rang("c1", "ana"))
    notebook.wake(at(11.0 + KEPT_AFTER_END))
    assert read(notebook, "c1") == [TEXT]
    notebook.ended("c1", "ana", at(4000.0))
    assert forgotten(notebook, 4000.0 + KEPT_AFTER_END)


def test_who_it_was_handed_to_is_forgotten_as_well() -> None:
    notebook = Notebook()
    for call in ("c2", "c3"):
        notebook.popped(rang(call, "ben", after=("c1",)))
        notebook.ended(call, "ben", at(10.0))
    assert forgotten(notebook, 10.0 + KEPT_AFTER_END)
    assert notebook._next == {}
    assert len(notebook.write("c1", note(), {"ana": ringing()}, at(11.0 + KEPT_AFTER_END))) == 1


def test_pages_are_bounded_and_the_oldest_goes_first() -> None:
    notebook = Notebook()
    for number in range(MOST_PAGES + 1):
        notebook.write(f"c{number}", note(), {"ana": ringing(f"c{number}")}, at(1.0))
    assert len(notebook) == MOST_PAGES
    assert (read(notebook, "c0"), read(notebook, "c1")) == ([], [TEXT])


def test_a_desk_whose_clock_was_set_back_loses_nothing() -> None:
    notebook = Notebook()
    ahead = replace(over(0.0), ended_at=START + timedelta(hours=1))
    notebook.write("c1", note(), {"ana": ahead}, at(1.0))
    notebook.wake(at(1.0 + KEPT_AFTER_END))
    assert read(notebook, "c1") == [TEXT]
