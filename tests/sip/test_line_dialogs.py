"""What a line's documents, one after the other, say of its calls."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip.dialog_info import Dialog, DialogEvent, DialogInfo, Direction, Party, State
from ctibridge.sip.line_dialogs import MOST, Change, Changed, Confirmed, Ended, LineDialogs, Refresh, Rings
from tests.sip.documents import short
from tests.sip.scripts import NAME, NUMBER

MARIA = Party(f"sip:{NUMBER}@pbx", NAME)
HEAD = Party("sip:+49300000@pbx", "Head")
RINGING = Dialog("6001", State.EARLY, direction=Direction.RECIPIENT, remote=MARIA)
CONFIRMED = Dialog("6001", State.CONFIRMED)
OVER = Dialog("6001", State.TERMINATED)
KAMAILIO = replace(RINGING, id="u", call_id="c", remote_tag="a", remote=Party(MARIA.uri))


def full(version: int, *dialogs: Dialog) -> DialogInfo:
    return DialogInfo(version, full=True, entity="sip:6001@pbx", dialogs=dialogs)


def partial(version: int, *dialogs: Dialog) -> DialogInfo:
    return DialogInfo(version, full=False, entity="sip:6001@pbx", dialogs=dialogs)


def told(*dialogs: Dialog) -> list[Change]:
    """One full document for each, from version 0 on."""
    line = LineDialogs()
    return [change for version, dialog in enumerate(dialogs) for change in line.feed(full(version, dialog))]


def ended(event: DialogEvent | None = None, code: int | None = None, *, was_confirmed: bool = False) -> Ended:
    return Ended("6001", event, code, was_confirmed)


# -- one dialog --------------------------------------------------------------------------------------------------------


def test_confirmed_without_identity_keeps_what_the_ringing_told() -> None:
    rings, confirmed, over = told(RINGING, CONFIRMED, OVER)
    assert rings == Rings(RINGING)
    assert confirmed == Confirmed(replace(RINGING, state=State.CONFIRMED), was_ringing=True)
    assert over == ended(was_confirmed=True)


def test_what_a_later_document_leaves_out_is_kept() -> None:
    """Kamailio's `confirmed` has no tags any more, and what it replaces is told once."""
    first = replace(KAMAILIO, replaces=("c0", "x", "y"), referred_by="sip:r@pbx", local=HEAD)
    line = LineDialogs()
    line.feed(full(0, first))
    line.feed(full(1, Dialog("u", State.CONFIRMED)))
    assert line.dialogs == (replace(first, state=State.CONFIRMED),)
    line.feed(full(2, Dialog("u", State.UNKNOWN)))
    line.feed(full(3, KAMAILIO))
    assert line.dialogs == (replace(first, state=State.CONFIRMED),)


def test_terminated_while_nothing_goes_on_is_silent_however_often() -> None:
    assert told(OVER, OVER, OVER) == []
    assert len(told(RINGING, OVER, OVER)) == 2


def test_the_same_id_with_the_same_caller_after_terminated_is_a_new_call() -> None:
    assert told(RINGING, OVER, RINGING) == [Rings(RINGING), ended(), Rings(RINGING)]


def test_another_caller_without_terminated_between_is_a_new_call_too() -> None:
    other = replace(RINGING, remote=HEAD)
    assert told(RINGING, other) == [Rings(RINGING), ended(), Rings(other)]


def test_another_call_id_is_a_new_call_also_of_the_same_caller() -> None:
    other = replace(KAMAILIO, call_id="d")
    assert told(KAMAILIO, other) == [Rings(KAMAILIO), Ended("u", None, None, was_confirmed=False), Rings(other)]


def test_a_second_call_under_the_id_of_a_talk_rings_beside_it() -> None:
    said = told(RINGING, CONFIRMED, replace(RINGING, remote=HEAD), OVER)
    assert [short(each) for each in said[2:]] == ["Rings Head", "Ended False", "Ended True"]


def test_when_the_second_call_is_over_the_talk_goes_on_and_nobody_claims_to_know_who_won() -> None:
    said = told(RINGING, CONFIRMED, replace(RINGING, remote=HEAD), CONFIRMED, CONFIRMED, OVER)
    assert [short(each) for each in said[2:]] == ["Rings Head", "Ended False", "Ended True"]
    lost = said[3]
    assert isinstance(lost, Ended)
    assert lost.unseen


def test_a_full_document_without_the_id_ends_the_talk_and_who_waits() -> None:
    dialogs = LineDialogs()
    for version, each in enumerate((RINGING, CONFIRMED, replace(RINGING, remote=HEAD))):
        dialogs.feed(DialogInfo(version, True, "", (each,)))
    said = dialogs.feed(DialogInfo(9, True, "", ()))
    assert sorted(short(each) for each in said) == ["Ended False", "Ended True"]


def test_a_late_early_of_a_call_that_talks_changes_nothing() -> None:
    assert told(KAMAILIO, replace(KAMAILIO, state=State.CONFIRMED), KAMAILIO)[2:] == []


def test_another_host_or_parameter_is_the_same_caller() -> None:
    said = told(RINGING, replace(RINGING, remote=Party(f"sip:{NUMBER}@10.0.0.1;user=phone", NAME)))
    assert [type(each) for each in said] == [Rings, Changed]


def test_a_transfer_in_the_talk_is_a_change_and_no_new_call() -> None:
    said = told(
        KAMAILIO, replace(KAMAILIO, state=State.CONFIRMED), replace(KAMAILIO, state=State.CONFIRMED, remote=HEAD)
    )
    assert said[2:] == [Changed(replace(KAMAILIO, state=State.CONFIRMED, remote=HEAD))]


@pytest.mark.parametrize("state", [State.TRYING, State.PROCEEDING])
def test_a_call_that_begins_waits_for_its_caller_before_it_rings(state: State) -> None:
    unnamed = replace(RINGING, state=state, remote=None)
    assert told(unnamed) == []
    assert told(replace(RINGING, state=state)) == [Rings(replace(RINGING, state=state))]
    assert told(unnamed, RINGING) == [Rings(RINGING)]
    assert told(unnamed, OVER) == []


def test_a_phone_that_rings_rings_also_where_nobody_says_for_whom_and_the_caller_may_come_late() -> None:
    unnamed = replace(RINGING, remote=None)
    assert told(unnamed, RINGING, unnamed) == [Rings(unnamed), Changed(RINGING)]


def test_a_name_that_comes_late_is_a_change_and_one_that_goes_is_none() -> None:
    nameless = replace(RINGING, remote=Party(MARIA.uri))
    assert told(nameless, RINGING, nameless) == [Rings(nameless), Changed(RINGING)]


@pytest.mark.parametrize("direction", [None, Direction.INITIATOR])
def test_a_call_that_the_line_makes_is_no_ringing_and_counts_once_it_talks(direction: Direction | None) -> None:
    calling = replace(RINGING, direction=direction)
    talking = replace(calling, state=State.CONFIRMED)
    assert told(calling, OVER) == []
    assert told(calling, talking, OVER) == [Confirmed(talking, was_ringing=False), ended(was_confirmed=True)]


def test_a_pick_up_says_what_it_replaces() -> None:
    picked = Dialog("p", State.CONFIRMED, "c2", direction=Direction.INITIATOR, replaces=("c1", "a", "b"))
    assert told(picked) == [Confirmed(picked, was_ringing=False)]


def test_what_ended_it_is_said() -> None:
    over = replace(OVER, event=DialogEvent.REJECTED, code=486)
    assert told(RINGING, over)[1] == ended(DialogEvent.REJECTED, 486)


def test_a_word_that_we_do_not_know_is_no_end_and_no_answer() -> None:
    held = Dialog("6001", State.UNKNOWN)
    assert told(held, RINGING, held, CONFIRMED, held, OVER) == told(RINGING, CONFIRMED, OVER)


# -- documents ---------------------------------------------------------------------------------------------------------


def test_kamailio_rings_twice_at_one_line_and_one_of_them_is_answered() -> None:
    line, second = LineDialogs(), replace(KAMAILIO, id="v", call_id="d", remote=HEAD)
    assert line.feed(full(1, KAMAILIO)) == [Rings(KAMAILIO)]
    assert line.feed(full(2, KAMAILIO, second)) == [Rings(second)]
    talking = replace(second, state=State.CONFIRMED, local_tag="l")
    assert line.feed(full(3, KAMAILIO, talking)) == [Confirmed(talking, was_ringing=True)]
    assert line.feed(full(4, replace(KAMAILIO, state=State.TERMINATED), talking)) == [Ended("u", None, None, False)]
    assert line.feed(full(5)) == [Ended("v", None, None, True)]


def test_of_two_views_of_one_dialog_in_one_document_the_further_one_counts() -> None:
    talking = replace(KAMAILIO, state=State.CONFIRMED)
    over = replace(KAMAILIO, state=State.TERMINATED)
    for dialogs in ((KAMAILIO, talking), (talking, KAMAILIO)):
        assert LineDialogs().feed(full(0, *dialogs)) == [Confirmed(talking, was_ringing=False)]
    for dialogs in ((talking, over), (over, talking)):
        assert LineDialogs().feed(full(0, *dialogs)) == []


def test_a_full_document_ends_what_it_does_not_name_and_a_partial_one_does_not() -> None:
    line = LineDialogs()
    line.feed(full(0, RINGING))
    assert line.feed(partial(1, KAMAILIO)) == [Rings(KAMAILIO)]
    assert line.feed(full(2, KAMAILIO)) == [ended()]


@pytest.mark.parametrize("version", [3, 4])
def test_a_version_that_is_not_above_the_last_is_ignored(version: int) -> None:
    line = LineDialogs()
    line.feed(full(4, RINGING))
    assert line.feed(full(version, OVER)) == []
    assert line.feed(partial(version, OVER)) == []
    assert line.feed(full(5, OVER)) == [ended()]


def test_version_0_with_the_full_state_begins_anew() -> None:
    line = LineDialogs()
    line.feed(full(400, RINGING))
    assert line.feed(partial(0, OVER)) == []
    assert line.feed(full(0, OVER)) == [ended()]
    assert line.feed(full(1, RINGING)) == [Rings(RINGING)]


def test_a_notifier_that_never_counts_is_heard_all_the_same() -> None:
    line = LineDialogs()
    assert [len(line.feed(full(0, dialog))) for dialog in (RINGING, CONFIRMED, OVER)] == [1, 1, 1]


def test_a_new_subscription_counts_from_where_it_likes_and_keeps_what_still_goes_on() -> None:
    line = LineDialogs()
    line.feed(full(400, RINGING))
    assert line.feed(full(7, CONFIRMED), anew=True) == [
        Confirmed(replace(RINGING, state=State.CONFIRMED), was_ringing=True)
    ]


def test_a_missing_version_asks_for_the_full_state_and_the_partial_one_counts_meanwhile() -> None:
    line = LineDialogs()
    assert line.feed(full(1)) == []
    assert line.feed(partial(2, KAMAILIO)) == [Rings(KAMAILIO)]
    assert line.feed(partial(4, RINGING)) == [Rings(RINGING), Refresh()]
    assert line.feed(full(5, RINGING)) == [Ended("u", None, None, False)]


def test_a_gap_before_a_full_document_costs_nothing() -> None:
    line = LineDialogs()
    line.feed(full(1))
    assert line.feed(full(9, RINGING)) == [Rings(RINGING)]


@pytest.mark.parametrize("anew", [False, True])
def test_a_subscription_that_begins_with_a_partial_document_is_asked_for_the_rest(anew: bool) -> None:
    assert LineDialogs().feed(partial(1, RINGING), anew=anew) == [Rings(RINGING), Refresh()]


def test_a_line_that_is_lost_from_sight_ends_all_that_was_told_once() -> None:
    line = LineDialogs()
    line.feed(full(0, RINGING, KAMAILIO, Dialog("q", State.TRYING)))
    assert line.lose() == [ended(), Ended("u", None, None, False)]
    assert line.lose() == []


def test_a_line_has_no_more_than_fifty_dialogs() -> None:
    line = LineDialogs()
    crowd = [replace(RINGING, id=str(number)) for number in range(MOST + 10)]
    assert len(line.feed(full(0, *crowd))) == MOST
    assert len(line.dialogs) == MOST
    assert line.feed(partial(1, replace(crowd[-1], state=State.TERMINATED))) == []
    assert line.feed(partial(2, replace(crowd[0], state=State.TERMINATED), crowd[-1])) == [
        Ended("0", None, None, was_confirmed=False), Rings(crowd[-1]),
    ]  # fmt: skip


# -- any documents -----------------------------------------------------------------------------------------------------

PARTIES = st.sampled_from([None, MARIA, Party(MARIA.uri), HEAD])
DIALOGS = st.builds(
    Dialog,
    st.sampled_from(["6001", "u", "v"]),
    st.sampled_from(State),
    call_id=st.sampled_from([None, "c", "d"]),
    direction=st.sampled_from([None, *Direction]),
    remote=PARTIES,
)
DOCUMENTS = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.lists(DIALOGS, max_size=4), st.booleans()), max_size=30
)


def feed_all(steps: Iterable[tuple[int, bool, list[Dialog], bool]]) -> tuple[LineDialogs, list[Change]]:
    """Each step: how far the version rises, full, dialogs, anew."""
    line, said, version = LineDialogs(), [], 0
    for rise, whole, dialogs, anew in steps:
        version += rise
        said += line.feed(DialogInfo(version, whole, "sip:6001@pbx", tuple(dialogs)), anew=anew)
    return line, said + line.lose()


@given(DOCUMENTS)
def test_for_each_id_any_documents_give_a_sound_order(steps: list[tuple[int, bool, list[Dialog], bool]]) -> None:
    """Never an end without a beginning, never two of one kind, `was_ringing` and `was_confirmed` true to the past; and
    at the end nothing is left open."""
    line, said = feed_all(steps)
    before: dict[str, str] = {}
    for change in said:
        match change:
            case Rings(dialog):
                assert before.get(dialog.id) is None
                before[dialog.id] = "rings"
            case Confirmed(dialog, was_ringing):
                assert before.get(dialog.id) == ("rings" if was_ringing else None)
                before[dialog.id] = "talks"
            case Changed(dialog):
                assert before[dialog.id] in ("rings", "talks")
            case Ended(name, _, _, was_confirmed):
                assert before.pop(name) == ("talks" if was_confirmed else "rings")
            case Refresh():
                pass
    assert before == {}
    assert line.dialogs == ()


TOLD = st.sampled_from([State.TRYING, State.EARLY, State.CONFIRMED, State.TERMINATED])


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d"]), TOLD), max_size=30))
def test_partial_documents_one_by_one_end_where_one_full_document_does(steps: list[tuple[str, State]]) -> None:
    """For calls that go only forwards; each names its caller and its Call-ID."""
    order = list(State)
    newest: dict[str, Dialog] = {}
    line = LineDialogs()
    line.feed(full(0))
    for version, (name, state) in enumerate(steps, 1):
        earlier = newest.get(name)
        if earlier is not None and order.index(state) < order.index(earlier.state):
            state = earlier.state  # noqa: PLW2901 - a call does not go backwards
        newest[name] = replace(KAMAILIO, id=name, call_id=name, state=state)
        line.feed(partial(version, newest[name]))
    at_once = LineDialogs()
    at_once.feed(full(0, *newest.values()))
    assert set(line.dialogs) == set(at_once.dialogs)
    assert line.feed(full(len(steps) + 1, *newest.values())) == []


def test_what_is_personal_stays_out_of_the_repr() -> None:
    word = "w-1234"
    party, line = Party(word, word), LineDialogs()
    talking = Dialog(
        word, State.CONFIRMED, word, word, word, None, None, None, party, party, (word, word, word), word
    )  # fmt: skip
    said = [*line.feed(full(0, talking)), *line.feed(full(1))]
    assert [type(each) for each in said] == [Confirmed, Ended]
    assert word not in repr((said, DialogInfo(0, full=True, entity=word, dialogs=(talking,))))
