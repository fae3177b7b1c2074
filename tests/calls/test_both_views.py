"""Two views of one call, in whatever order their words come."""

from itertools import count

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Fact, Learned, LegAnswered, LegEnded, LegPicked, LegRang, Rang
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import CallState, Outcome
from tests.calls.legs import at, rang, signalled
from tests.calls.replay import told

ANA, BEN = frozenset({"ana"}), frozenset({"ben"})
BOTH = Views(watched=True)
DIALOG_INFO = View.DIALOG_INFO
ENDS = {
    View.CONTACT: [Outcome.ANSWERED_ELSEWHERE, Outcome.ABANDONED, Outcome.TIMED_OUT, Outcome.UNKNOWN],
    DIALOG_INFO: [Outcome.ABANDONED, Outcome.DECLINED, Outcome.FAILED, Outcome.TIMED_OUT, Outcome.UNKNOWN],
}


def state(leg: str, line: str = "6001", *, caller: str | None = "+4989123456", call_id: str = "") -> LegRang:
    """A ringing as dialog-info shows it: the caller perhaps, never the called number."""
    who = signalled(caller, line)
    return LegRang(leg, "pbx", line, (call_id, ""), None, who, DIALOG_INFO)


class Room:
    def __init__(self, views: Views = BOTH) -> None:
        self.calls = Calls({"pbx": views})
        self._ids = count(1)
        self.facts: list[Fact] = []

    def ring(self, leg: LegRang, clock: float, agents: frozenset[str] = ANA) -> list[str]:
        return self._say(self.calls.ring(leg, agents, f"c{next(self._ids)}", at(clock)))

    def answer(self, leg: str, clock: float) -> list[str]:
        return self._say(self.calls.answer(LegAnswered(leg), at(clock)))

    def end(self, leg: str, outcome: Outcome, clock: float) -> list[str]:
        return self._say(self.calls.end(LegEnded(leg, outcome), at(clock)))

    def wake(self, clock: float) -> list[str]:
        return self._say(self.calls.wake(at(clock)))

    def stop(self, clock: float) -> list[str]:
        return self._say(self.calls.stop(at(clock)))

    def _say(self, facts: list[Fact]) -> list[str]:
        self.facts += facts
        return [told(fact) for fact in facts]


def test_times_are_those_of_the_words_and_not_of_the_waiting() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    room.end("i", Outcome.ANSWERED_ELSEWHERE, 4.0)
    assert room.calls.deadline == 4.5
    assert room.wake(4.5) == ["c1 ends at ana: answered_elsewhere"]
    assert (room.facts[-1].call.ended_at, room.facts[-1].call.answered_at) == (at(4.0).at, at(4.0).at)


def test_a_confirmed_within_the_half_second_makes_it_this_lines_own() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    room.ring(state("s"), 0.1)
    room.end("i", Outcome.ANSWERED_ELSEWHERE, 4.0)
    assert room.answer("s", 4.499) == ["c1 is answered at ana on 6001"]
    assert (room.facts[-1].call.state, room.facts[-1].call.answered_at) == (CallState.ANSWERED, at(4.499).at)
    assert room.calls.deadline is None
    assert room.end("s", Outcome.ANSWERED_HERE, 64.0) == ["c1 ends at ana: answered_here"]
    over = room.facts[-1].call
    assert (over.answered_at, over.ended_at) == (at(4.499).at, at(64.0).at)


def test_a_confirmed_after_it_changes_nothing_that_was_told() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    room.ring(state("s"), 0.1)
    room.end("i", Outcome.ANSWERED_ELSEWHERE, 4.0)
    assert room.answer("s", 4.6) == ["c1 ends at ana: answered_elsewhere"]
    assert room.end("s", Outcome.ANSWERED_HERE, 64.0) == []


def test_but_the_line_still_has_the_call_that_it_hands_on() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    room.ring(state("s"), 0.1)
    room.end("i", Outcome.ANSWERED_ELSEWHERE, 4.0)
    room.answer("s", 6.0)
    inner = rang("j", "6002", who=signalled("6001", "6002"))
    assert room.ring(inner, 600.0, BEN) == ["c3 rings at ben (internal from 6001, first c1)"]


def test_where_nothing_watches_the_line_nobody_waits() -> None:
    room = Room(Views())
    room.ring(rang("i"), 0.0)
    assert room.end("i", Outcome.ANSWERED_ELSEWHERE, 4.0) == ["c1 ends at ana: answered_elsewhere"]


def test_an_abandoned_call_ends_at_once_where_dialog_info_never_saw_it() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    assert room.end("i", Outcome.ABANDONED, 4.0) == ["c1 ends at ana: abandoned"]


def test_a_contact_that_expires_does_not_end_what_the_phone_still_rings_with() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    room.ring(state("s"), 0.1)
    assert room.end("i", Outcome.TIMED_OUT, 90.0) == []
    assert room.answer("s", 100.0) == ["c1 is answered at ana on 6001"]


def test_a_caller_whom_dialog_info_does_not_know_is_the_one_who_rings() -> None:
    room = Room()
    room.ring(state("s", caller=None), 0.0)
    assert room.ring(rang("i"), 0.1) == ["c1 is known better at ana"]
    (learned,) = [fact for fact in room.facts if isinstance(fact, Learned)]
    assert learned.signalled == signalled()


def test_what_the_second_view_says_no_better_is_not_said_again() -> None:
    room = Room()
    leg = state("s")
    room.ring(leg, 0.0)
    assert room.ring(rang("i", who=leg.signalled), 0.1) == []
    assert room.ring(state("t", "6002"), 0.2) == [], "her second phone"


def test_a_caller_is_one_with_and_without_a_plus() -> None:
    room = Room()
    room.ring(rang("i", who=signalled("+4989123456")), 0.0)
    assert room.ring(state("s", caller="004989123456"), 0.1) == []
    assert room.ring(state("t", caller="+4989123457"), 0.2) == ["c3 rings at ana"]


def test_dialog_info_that_comes_when_all_is_over_makes_no_pop() -> None:
    room = Room()
    room.ring(rang("i"), 0.0)
    room.end("i", Outcome.ABANDONED, 0.3)
    assert room.ring(state("s"), 0.4) == []
    assert room.end("s", Outcome.ABANDONED, 0.5) == []
    assert room.ring(rang("j"), 5.0) == ["c1 rings in round 2 at ana"]


def test_an_invite_that_comes_after_dialog_info_saw_an_end_rings_now() -> None:
    """Asterisk's state flickers between the legs of a queue: better a second round than a phone without a pop."""
    room = Room()
    room.ring(state("s"), 0.0)
    room.end("s", Outcome.ABANDONED, 0.3)
    assert room.ring(rang("i"), 0.4) == ["c1 rings in round 2 at ana"]


def test_several_dialogs_on_a_line_are_several_calls() -> None:
    room = Room(Views(watched=True))
    assert room.ring(state("s", call_id="a"), 0.0) == ["c1 rings at ana"]
    assert room.ring(state("t", call_id="b", caller="+4940555"), 0.1) == ["c2 rings at ana"]
    assert room.end("s", Outcome.ABANDONED, 3.0) == ["c1 ends at ana: abandoned"]
    assert room.answer("t", 4.0) == ["c2 is answered at ana on 6001"]


def test_the_second_phone_of_a_desk_may_answer() -> None:
    room = Room()
    room.ring(state("s", "6001"), 0.0)
    assert room.ring(state("t", "6002"), 0.1) == []
    assert room.answer("t", 4.0) == ["c1 is answered at ana on 6002"]
    assert room.end("s", Outcome.ABANDONED, 4.1) == []
    assert room.end("t", Outcome.ANSWERED_HERE, 60.0) == ["c1 ends at ana: answered_here"]


def test_a_phone_that_rings_on_does_not_keep_open_what_was_hung_up() -> None:
    room = Room()
    room.ring(state("s", "6001"), 0.0)
    room.ring(state("t", "6002"), 0.1)
    room.answer("t", 4.0)
    assert room.end("t", Outcome.ANSWERED_HERE, 60.0) == ["c1 ends at ana: answered_here"]
    assert room.end("s", Outcome.UNKNOWN, 90.0) == []


def test_a_line_that_two_hear_is_answered_at_both_and_names_neither() -> None:
    room = Room()
    room.ring(state("s", "6001", call_id="k"), 0.0, ANA | BEN)
    room.ring(state("t", "6002", call_id="k"), 0.1, frozenset({"cleo"}))
    assert room.answer("s", 4.0) == ["c1 is answered at ana on 6001", "c1 is answered at ben on 6001"]
    assert room.end("t", Outcome.ABANDONED, 4.1) == ["c1 ends at cleo: answered_elsewhere by 6001 ?"]


def test_two_withheld_callers_on_two_lines_stay_two() -> None:
    room = Room()
    room.ring(rang("i", who=signalled(None)), 0.0)
    assert room.ring(state("s", "6002", caller=None), 0.1) == ["c2 rings at ana"]


def test_stop_invents_nothing() -> None:
    """Answered it was; when and how it ended, nobody will have seen."""
    room = Room()
    room.ring(state("s"), 0.0)
    room.answer("s", 4.0)
    room.ring(rang("i", "6002", who=signalled("+4940555")), 5.0, BEN)
    room.end("i", Outcome.ANSWERED_ELSEWHERE, 6.0)
    assert room.stop(6.1) == ["c2 ends at ben: answered_elsewhere", "c1 ends at ana: unknown"]
    assert room.facts[-1].call.answered_at == at(4.0).at
    assert room.stop(6.2) == []


def test_a_pick_up_from_the_same_group_counts_as_its_next_round_where_the_pop_had_gone() -> None:
    room = Room()
    room.ring(state("s", "6001", call_id="k"), 0.0)
    room.ring(state("t", "6002", call_id="k"), 0.1, BEN)
    assert room.end("t", Outcome.DECLINED, 2.0) == ["c1 ends at ben: declined"]
    picked = LegPicked("p", "pbx", "6002", "q", None, "k")
    facts = [told(fact) for fact in room.calls.pick(picked, BEN, at(3.0))]
    assert facts == ["c1 rings in round 2 at ben (pickup from 6001, first c1)", "c1 is answered at ben on 6002"]


def test_a_leg_of_which_nothing_is_known_says_nothing() -> None:
    room = Room()
    assert room.answer("never", 0.0) == []
    assert room.calls.pick(LegPicked("p", "pbx", "6001", "", None, None), ANA, at(0.0)) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ring", "ring", "end", "answer", "wake"]),
        st.sampled_from(list(View)),
        st.integers(0, 2),
        st.integers(0, 4),
        st.sampled_from([0.0, 0.01, 0.4, 0.6, 3.0]),
    ),
    max_size=30,
)
AGENTS = (ANA, BEN, ANA | BEN)
Step = tuple[str, View, int, int, float]


def play(room: Room, steps: list[Step], *, named: bool) -> float:
    """named: where the PBX gives Call-IDs that all legs share. Returns when it stopped."""
    legs, clock = count(), 0.0
    ringing: dict[str, View] = {}
    talking: list[str] = []
    for verb, view, which, outcome, pause in steps:
        clock += pause
        mine = [leg for leg, seen in ringing.items() if seen is view]
        if verb == "ring":
            name = str(next(legs))
            ringing[name] = view
            line = f"600{which}"
            call_id = "k" if named else ""
            dialog = (call_id or name, "tag")
            leg = rang(name, line, dialog=dialog) if view is View.CONTACT else state(name, line, call_id=call_id)
            room.ring(leg, clock, AGENTS[which])
        elif verb == "wake":
            room.wake(clock)
        elif verb == "answer" and view is DIALOG_INFO and mine:
            talking.append(mine[0])
            del ringing[mine[0]]
            room.answer(mine[0], clock)
        elif verb == "end" and mine:
            del ringing[mine[0]]
            room.end(mine[0], ENDS[view][outcome % len(ENDS[view])], clock)
        elif verb == "end" and talking:
            room.end(talking.pop(), Outcome.ANSWERED_HERE, clock)
    room.stop(clock)
    return clock


def stories(facts: list[Fact]) -> list[list[str]]:
    """What each desk was told in each round of each call."""
    told_: dict[tuple[str, str, int], list[str]] = {}
    for fact in facts:
        for agent in fact.agents if isinstance(fact, Rang | Learned) else {fact.agent}:
            key = fact.call.id, agent, fact.call.round
            if isinstance(fact, Learned):  # of whatever round that desk is in
                key = max(one for one in told_ if one[:2] == key[:2])
            told_.setdefault(key, []).append(type(fact).__name__)
    return list(told_.values())


@settings(max_examples=300)
@given(STEPS, st.sampled_from([Views(), BOTH, Views(contact_hears_end=False), Views(True, False)]), st.booleans())
@example(
    [
        ("ring", DIALOG_INFO, 0, 0, 0.0),
        ("answer", DIALOG_INFO, 0, 0, 0.0),
        ("ring", DIALOG_INFO, 1, 0, 0.0),
        ("end", DIALOG_INFO, 1, 0, 0.0),
        ("ring", DIALOG_INFO, 1, 0, 0.0),
        ("ring", View.CONTACT, 0, 0, 0.0),
    ],
    BOTH,
    True,
)
def test_whatever_the_order_a_desk_lives_one_story(steps: list[Step], views: Views, named: bool) -> None:
    # Invariant: at each desk and in each round of a call: rings once, is answered at most once, then ends once; what is
    # learned is learned of a call that has not ended there; after `stop` and a minute nothing is left.
    room = Room(views)
    clock = play(room, steps, named=named)
    for story in stories(room.facts):
        plain = [word for word in story if word != "Learned"]
        assert plain in (["Rang", "Ended"], ["Rang", "Answered", "Ended"])
        assert (story[0], story[-1]) == ("Rang", "Ended")
    room.wake(clock + 61.0)
    assert (len(room.calls), room.calls.deadline) == (0, None)
    assert not room.calls._known._by_caller


ONE_CALL = st.permutations(["ring i", "ring s", "end i", "answer s", "end s"]).filter(
    lambda order: (
        order.index("ring i") < order.index("end i")
        and order.index("ring s") < order.index("answer s") < order.index("end s")
    )
)


@given(ONE_CALL, st.sampled_from([0.0, 0.1]), st.booleans())
def test_one_answered_call_is_one_story_in_any_order_of_its_words(order: list[str], pause: float, named: bool) -> None:
    # Invariant: all words of one call within half a second: one pop, one answer, one end, which is "answered here".
    room, clock = Room(), 0.0
    for step in order:
        verb, leg = step.split()
        if verb == "ring" and leg == "i":
            room.ring(rang("i", dialog=("k", "tag")), clock)
        elif verb == "ring":
            room.ring(state("s", call_id="k" if named else ""), clock)
        elif verb == "answer":
            room.answer("s", clock)
        else:
            room.end(leg, Outcome.ANSWERED_HERE if leg == "s" else Outcome.ANSWERED_ELSEWHERE, clock)
        clock += pause
    room.wake(clock + 1.0)
    told_ = [told(fact) for fact in room.facts if not isinstance(fact, Learned)]
    if order.index("ring i") > order.index("end s"):
        return  # an INVITE after the end rings now; see above
    assert told_ == ["c1 rings at ana", "c1 is answered at ana on 6001", "c1 ends at ana: answered_here"]
