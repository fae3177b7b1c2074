"""Which earlier call a new one continues. Whole stories stand in `recordings/`."""

from dataclasses import replace

import pytest

from ctibridge.calls.attempt import Attempt
from ctibridge.calls.continuity import HAD_WITHIN, KEPT, KEPT_RECENT, TALKS_AT_MOST, Trail
from ctibridge.calls.facts import Continues, LegRang
from ctibridge.calls.views import View, Views
from ctibridge.domain.call import Outcome
from ctibridge.domain.hand_over import HandOverKind
from tests.calls.legs import at, rang, signalled

CALLER = "+4989123456"
INNER = rang("inner", "6002", who=signalled("6001", "6002"))


def past(trail: Trail, name: str, line: str = "6001", views: Views | None = None, caller: str = CALLER) -> Attempt:
    attempt = Attempt(name, "pbx", views or Views(), signalled(caller), View.CONTACT, 0.0)
    opened = attempt.open(line, 0.0)
    opened.rang(name, View.CONTACT, frozenset({"ana"}))
    trail.note(attempt, opened)
    return attempt


def end(attempt: Attempt, outcome: Outcome, clock: float) -> None:
    for opened in attempt.lines.values():
        for leg in opened.legs():
            opened.ended(leg, outcome, at(clock))
        opened.give_up(None, at(clock))


def answer(attempt: Attempt, clock: float) -> None:
    (opened,) = attempt.lines.values()
    opened.answered(attempt.id, at(clock))
    attempt.taker = opened


def first(trail: Trail, clock: float, **changes: str) -> str | None:
    leg = replace(INNER, **changes)  # type: ignore[arg-type]
    new = Attempt("new", "pbx", Views(), leg.signalled, View.CONTACT, clock)
    continues = trail.continues(new, leg, None, clock)
    return None if continues is None else continues.call


def test_the_call_that_is_talked_on_comes_before_a_newer_one_that_rings() -> None:
    trail = Trail()
    answer(past(trail, "talks"), 1.0)
    past(trail, "rings")
    assert first(trail, 10.0) == "talks"


def test_of_two_the_newest() -> None:
    trail = Trail()
    for name in ("old", "new"):
        end(past(trail, name), Outcome.ANSWERED_ELSEWHERE, 5.0)
    assert first(trail, 10.0) == "new"


@pytest.mark.parametrize(
    ("outcome", "views", "lasts"),
    [
        (Outcome.ANSWERED_ELSEWHERE, Views(), TALKS_AT_MOST),
        (Outcome.ANSWERED_ELSEWHERE, Views(watched=True), HAD_WITHIN),
        (Outcome.ABANDONED, Views(), HAD_WITHIN),
        (Outcome.TIMED_OUT, Views(), HAD_WITHIN),
    ],
)
def test_how_long_a_line_had_a_call(outcome: Outcome, views: Views, lasts: float) -> None:
    trail = Trail()
    end(past(trail, "c1", views=views), outcome, 10.0)
    assert [first(trail, 10.0 + lasts + more) for more in (0.0, 0.1)] == ["c1", None]


def test_a_call_that_rang_at_several_lines_counts_for_a_minute_only() -> None:
    trail = Trail()
    attempt = past(trail, "c1")
    trail.note(attempt, attempt.open("6003", 0.0))
    attempt.lines["6003"].rang("other", View.CONTACT, frozenset({"cleo"}))
    end(attempt, Outcome.ANSWERED_ELSEWHERE, 10.0)
    assert [first(trail, 10.0 + HAD_WITHIN + more) for more in (0.0, 0.1)] == ["c1", None]


def test_a_call_that_another_line_has_is_not_handed_on_by_this_one() -> None:
    trail = Trail()
    attempt = past(trail, "c1", views=Views(watched=True))
    attempt.taker = attempt.open("6003", 0.0)
    end(attempt, Outcome.ABANDONED, 10.0)
    assert first(trail, 11.0) is None


def test_of_a_transferring_line_the_callers_own_call_is_meant() -> None:
    trail = Trail()
    end(past(trail, "his"), Outcome.ANSWERED_ELSEWHERE, 5.0)
    end(past(trail, "newer", caller="+49111"), Outcome.ANSWERED_ELSEWHERE, 6.0)
    assert first(trail, 10.0, referred_by="6001") == "newer", "from the line itself: the newest"
    leg = replace(INNER, signalled=signalled(CALLER, "6002"), referred_by="6001")
    new = Attempt("c9", "pbx", Views(), leg.signalled, View.CONTACT, 10.0)
    assert trail.continues(new, leg, None, 10.0) == Continues(HandOverKind.BLIND, "6001", "his", signalled(CALLER))


def test_a_chain_leads_to_its_first_call() -> None:
    trail = Trail()
    second = past(trail, "second", "6002", caller="6001")
    second.continues = Continues(HandOverKind.INTERNAL, "6001", "c1", signalled(CALLER))
    answer(second, 1.0)
    leg = rang("third", "6003", who=signalled("6002", "6003"))
    new = Attempt("c3", "pbx", Views(), leg.signalled, View.CONTACT, 2.0)
    assert trail.continues(new, leg, None, 2.0) == Continues(
        HandOverKind.INTERNAL, "6002", "c1", signalled(CALLER), ("second",)
    )


def test_a_line_that_calls_itself_hands_nothing_on() -> None:
    trail = Trail()
    answer(past(trail, "c1"), 1.0)
    assert first(trail, 2.0, line="6001") is None


def test_what_is_remembered_is_bounded_in_number_and_time() -> None:
    trail = Trail()
    for number in range(KEPT + 3):
        end(past(trail, f"c{number}"), Outcome.ABANDONED, 0.0)
    assert len(list(trail.of_line("pbx", "6001", 1.0))) == KEPT
    assert list(trail.of_line("pbx", "6001", TALKS_AT_MOST + 0.1)) == []
    assert list(trail.recent("other")) == []


def test_what_a_pick_up_is_looked_for_in_does_not_grow_with_the_lines() -> None:
    trail = Trail()
    for number in range(KEPT_RECENT + 3):
        past(trail, f"c{number}", line=f"l{number}")
    assert len(list(trail.recent("pbx"))) == KEPT_RECENT
    assert next(trail.recent("pbx")).attempt.id == f"c{KEPT_RECENT + 2}"


def test_it_prints_no_number() -> None:
    assert "89123456" not in repr(Continues(HandOverKind.BLIND, "6001", "c1", signalled(CALLER)))


def outsider(caller: str | None, **changes: object) -> LegRang:
    return replace(rang("new", "6002", who=signalled(caller, "6002")), referred_by="6001", **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        (outsider(CALLER), "talks"),
        (outsider("089123456"), "talks"),
        (outsider("6001"), "talks"),
        (outsider("trunk-main"), "talks"),
        (outsider("+4930791000"), None),
        (outsider(CALLER, external=True), None),
        (outsider(None), None),
        (replace(INNER, external=True), None),
    ],
    ids=[
        "the caller who is handed on", "in national form", "the line that hands him on", "a trunk's name",
        "a stranger who writes Referred-By", "from outside, says the PBX", "who wants to stay unknown",
        "an outsider who calls himself like a line",
    ],
)  # fmt: skip
def test_who_may_be_handed_on(leg: LegRang, expected: str | None) -> None:
    trail = Trail()
    answer(past(trail, "talks"), 1.0)
    new = Attempt("new", "pbx", Views(), leg.signalled, View.CONTACT, 10.0)
    continues = trail.continues(new, leg, None, 10.0)
    assert (continues and continues.call) == expected
