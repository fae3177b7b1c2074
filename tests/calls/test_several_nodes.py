"""Several of our nodes hear one line: one call, one pop, over with the last of them, as the best word says."""

from dataclasses import replace
from itertools import count

import pytest

from ctibridge.calls.at_line import GRACE
from ctibridge.calls.calls import Calls
from ctibridge.calls.facts import Answered, Ended, Fact, LegAnswered, LegEnded, LegRang, Rang
from ctibridge.calls.register import LATE_WORD, ROUND_WINDOW
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import Outcome
from tests.calls.legs import at, rang, signalled

ANA = frozenset({"ana"})
FORK = ("call-1", "tag")
ELSEWHERE, ABANDONED, UNKNOWN = Outcome.ANSWERED_ELSEWHERE, Outcome.ABANDONED, Outcome.UNKNOWN


def leg(
    name: str, teller: str, *, dialog: tuple[str, str] | None = FORK, view: View = View.CONTACT, raw: str | None = "1"
) -> LegRang:
    plain = rang(name, dialog=dialog, who=signalled(raw))
    return LegRang(
        plain.leg, plain.trunk, plain.line, plain.dialog, None, plain.signalled, view, teller=teller
    )  # fmt: skip


class Room:
    def __init__(self, views: Views | None = None) -> None:
        self.calls = Calls({"pbx": views or Views()})
        self.told: list[str] = []
        self._ids = count(1)

    def ring(self, one: LegRang, clock: float, agents: frozenset[str] | None = None) -> None:
        self._say(self.calls.ring(one, ANA if agents is None else agents, f"c{next(self._ids)}", at(clock)))

    def answer(self, name: str, clock: float) -> None:
        self._say(self.calls.answer(LegAnswered(name), at(clock)))

    def end(self, name: str, outcome: Outcome, clock: float) -> None:
        self._say(self.calls.end(LegEnded(name, outcome), at(clock)))

    def wake(self, clock: float) -> None:
        self._say(self.calls.wake(at(clock)))

    def _say(self, facts: list[Fact]) -> None:
        for fact in facts:
            match fact:
                case Rang():
                    self.told.append(f"rang {fact.call.id} {fact.call.round}")
                case Answered():
                    self.told.append(f"answered {fact.call.id}")
                case Ended():
                    self.told.append(f"ended {fact.call.id} {fact.call.outcome}")


@pytest.mark.parametrize("dialog", [FORK, None], ids=["one dialog", "a Call-ID for each contact"])
@pytest.mark.parametrize("raw", ["1", None], ids=["a number", "withheld"])
@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (ELSEWHERE, ABANDONED, ELSEWHERE),
        (ABANDONED, ELSEWHERE, ELSEWHERE),
        (UNKNOWN, ABANDONED, ABANDONED),
        (ABANDONED, UNKNOWN, ABANDONED),
        (UNKNOWN, UNKNOWN, UNKNOWN),
    ],
)
def test_two_contacts_are_one_call_that_ends_with_the_last_and_as_the_better_word_says(
    dialog: tuple[str, str] | None, raw: str | None, first: Outcome, second: Outcome, outcome: Outcome
) -> None:
    room = Room()
    room.ring(leg("a", "", dialog=dialog, raw=raw), 0.0)
    room.ring(leg("b", "node-2", dialog=dialog, raw=raw), 0.1)
    room.end("a", first, 5.0)
    assert room.told == ["rang c1 1"]
    room.end("b", second, 5.1)
    assert room.told == ["rang c1 1", f"ended c1 {outcome}"]


def test_two_withheld_calls_at_one_moment_stay_two() -> None:
    room = Room()
    for teller in ("", "node-2"):
        for name in "12":
            room.ring(leg(name + teller, teller, dialog=None, raw=None), 0.0)
    assert room.told == ["rang c1 1", "rang c2 1"]
    room.end("1", ABANDONED, 3.0)
    room.end("1node-2", ABANDONED, 3.0)
    assert room.told[2:] == [f"ended c1 {ABANDONED}"]


@pytest.mark.parametrize("outcome", [ELSEWHERE, ABANDONED])
def test_who_tells_of_it_when_it_is_over_makes_no_second_pop(outcome: Outcome) -> None:
    room = Room()
    room.ring(leg("a", "node-1"), 0.0)
    room.end("a", outcome, 5.0)
    told = list(room.told)
    room.ring(leg("b", ""), 5.0 + LATE_WORD)
    room.end("b", ABANDONED, 6.0 + LATE_WORD)
    assert room.told == told


def test_who_told_it_before_tells_of_a_new_round() -> None:
    room = Room()
    for clock in (0.0, 20.0):
        for teller in ("", "node-2"):
            room.ring(leg(f"{teller} {clock}", teller), clock)
        for teller in ("", "node-2"):
            room.end(f"{teller} {clock}", ABANDONED, clock + 5.0)
    ended = f"ended c1 {ABANDONED}"
    assert room.told == ["rang c1 1", ended, "rang c1 2", ended]


@pytest.mark.parametrize("line", [("pbx", "6001"), None])
def test_who_took_the_line_over_tells_of_a_new_round(line: tuple[str, str] | None) -> None:
    room = Room()
    room.ring(leg("a", "node-1"), 0.0)
    room.end("a", ABANDONED, 5.0)
    room.calls.falls_silent("node-1", line)
    room.ring(leg("b", "node-2"), 20.0)
    assert room.told[-1] == "rang c1 2"


def test_another_line_that_falls_silent_says_nothing_of_this_one() -> None:
    room = Room()
    room.ring(leg("a", "node-1"), 0.0)
    room.end("a", ABANDONED, 5.0)
    room.calls.falls_silent("node-1", ("pbx", "6002"))
    room.ring(leg("b", "node-2"), 6.0)
    assert room.told[-1] == f"ended c1 {ABANDONED}"


def test_the_same_caller_a_little_later_is_a_call_of_his_own() -> None:
    room = Room()
    room.ring(leg("a", "node-1", dialog=None), 0.0)
    room.end("a", ELSEWHERE, 5.0)
    room.ring(leg("b", "", dialog=None), 5.0 + ROUND_WINDOW)
    assert room.told[-1] == "rang c2 1"


def test_a_late_word_takes_back_nothing_while_the_phone_may_still_be_told_of() -> None:
    room = Room(Views(watched=True))
    room.ring(leg("a", "node-1"), 0.0)
    room.end("a", ELSEWHERE, 5.0)
    room.ring(leg("b", ""), 5.1)
    room.end("b", ABANDONED, 5.2)
    room.wake(5.2 + GRACE)
    assert room.told == ["rang c1 1", f"ended c1 {ELSEWHERE}"]


def test_a_contact_that_hears_no_end_does_not_go_stale_by_another_nodes_word() -> None:
    room = Room(Views(contact_hears_end=False))
    room.ring(leg("a", "node-1"), 0.0)
    room.ring(leg("b", ""), 4.0)
    assert room.told == ["rang c1 1"]


def test_two_subscriptions_are_one_talk_which_ends_with_the_last() -> None:
    room = Room(Views(watched=True))
    for name, teller in (("a", ""), ("b", "node-2")):
        room.ring(leg(name, teller, dialog=("", ""), view=View.DIALOG_INFO), 0.0)
    room.answer("a", 2.0)
    room.answer("b", 2.1)
    room.end("b", UNKNOWN, 9.0)
    assert room.told == ["rang c1 1", "answered c1"]
    room.end("a", Outcome.ANSWERED_HERE, 30.0)
    assert room.told[2:] == [f"ended c1 {Outcome.ANSWERED_HERE}"]


def test_the_call_of_a_leg() -> None:
    room = Room()
    room.ring(leg("a", "node-1"), 0.0)
    room.ring(leg("b", ""), 0.0)
    assert (room.calls.of_leg("a"), room.calls.of_leg("b"), room.calls.of_leg("c")) == ("c1", "c1", None)
    assert (room.calls.named("a"), room.calls.named("c")) == (("c1", 1), None)
    assert (room.calls.hearers("a"), room.calls.hearers("c")) == (frozenset({"ana"}), frozenset())


def test_a_fork_at_another_line_that_is_told_late_is_of_the_round_that_its_node_heard() -> None:
    """Here the last fork has ended by then; there it rang beside it."""
    room = Room()
    room.ring(leg("a", ""), 0.0)
    room.end("a", ABANDONED, 1.0)
    beside = replace(leg("b", "node-2"), line="6002")
    room.ring(replace(beside, named=("c1", 1)), 1.1, frozenset({"ben"}))
    room.end("b", ABANDONED, 1.2)
    assert room.told == ["rang c1 1", f"ended c1 {ABANDONED}"] * 2
    room.ring(replace(beside, leg="c", named=("c1", 2)), 20.0, frozenset({"ben"}))
    assert room.told[4:] == ["rang c1 2"]


@pytest.mark.parametrize("outcome", [ABANDONED, ELSEWHERE])
def test_a_late_word_of_who_takes_the_line_over_makes_no_second_pop(outcome: Outcome) -> None:
    """Both heard it ring; who told of it first has left the line by then."""
    room = Room()
    room.ring(leg("a", ""), 0.0)
    room.end("a", outcome, 1.0)
    room.calls.falls_silent("", ("pbx", "6001"))
    told = list(room.told)
    room.ring(replace(leg("b", "node-2"), named=("c1", 1)), 2.0)
    room.end("b", outcome, 2.1)
    room.wake(4.0)
    assert room.told == told
    room.ring(replace(leg("c", "node-3"), named=("c1", 2)), 5.0)
    assert room.told[len(told) :][0].startswith("rang")


def test_who_tells_twice_of_it_when_it_is_over_makes_no_second_pop() -> None:
    """A node that comes back says how it stands, and again to each who asks."""
    room = Room()
    room.ring(leg("a", ""), 0)
    room.end("a", ABANDONED, 1)
    for clock in (1.1, 1.2):
        room.ring(leg("b", "n2"), clock)
    room.end("b", ABANDONED, 1.3)
    room.wake(1.3 + ROUND_WINDOW + GRACE)
    assert [one for one in room.told if one.startswith("rang")] == ["rang c1 1"]


@pytest.mark.parametrize("outcome", [ABANDONED, ELSEWHERE])
def test_a_late_word_of_one_call_of_many_at_a_busy_line_makes_no_second_call(outcome: Outcome) -> None:
    room = Room()
    for number in range(20):
        room.ring(leg(f"a{number}", "", dialog=(f"call-{number}", "tag"), raw=f"{number}"), number)
        room.end(f"a{number}", outcome, number + 0.5)
    told = len(room.told)
    room.ring(leg("late", "n2", dialog=("call-0", "tag"), raw="0"), 20)
    room.end("late", outcome, 20.5)
    room.wake(25)
    assert room.told[told:] == []
