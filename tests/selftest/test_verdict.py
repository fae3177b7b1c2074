"""What a test call proved, in the order of its way: one cause is one row."""

from dataclasses import replace

import pytest

from ctibridge.domain.finding import Finding, Kind
from ctibridge.selftest.timeline import Cast, LineSeen, Outcome, Pop, Timeline
from ctibridge.selftest.verdict import Verdict, judge
from ctibridge.sip.outgoing import CallEnd
from tests.selftest.scenes import POP, expected, refused, timeline, without_pop

TAKEN_BACK = {"picked_up": None, "gave_up": 0.03, "ended": CallEnd.CANCELLED, "ended_at": 0.04}
ABANDONED = TAKEN_BACK | {"outcome": Outcome(0.05, "abandoned")}


def row(verdict: Verdict, what: str) -> Finding:
    (found,) = (one for one in verdict.rows if one.what == what)
    return found


def test_all_is_well() -> None:
    verdict = judge(expected(), timeline())
    assert (verdict.good, verdict.word) == (True, "good")
    assert [one.what for one in verdict.rows] == [
        "call", "pop", "caller", "company", "person", "language", "answer", "end",
    ]  # fmt: skip
    assert all(one.good for one in verdict.rows)
    assert row(verdict, "call").text == "the PBX said 180 after 15 ms"
    assert row(verdict, "pop").text == "at ana's desk 20 ms after the INVITE, on line 6001"
    assert row(verdict, "end").text == "answered_elsewhere at the desk, 12 ms after somebody picked up"


def test_nothing_was_dialled() -> None:
    made = Timeline(Cast("c", "d"), stopped=Finding("daemon", "nobody listens", "start it"))
    verdict = judge(expected(known=None), made)
    assert verdict == Verdict(False, (Finding("daemon", "nobody listens", "start it"),), "daemon")


def test_a_refused_call_is_one_row() -> None:
    verdict = judge(expected(), refused(404))
    assert ([one.what for one in verdict.rows], verdict.word) == (["call"], "call")


def test_nobody_answered_at_all() -> None:
    verdict = judge(expected(), refused(404, replies=[], ended=CallEnd.SILENT))
    assert "nothing came back" in verdict.rows[0].text


def test_a_phone_that_refuses_behind_the_pop_spoils_the_end_alone() -> None:
    made = timeline(picked_up=None, ended=CallEnd.REFUSED, replies=[*timeline().replies[:3], refused(486).replies[0]])
    verdict = judge(expected(), made)
    assert verdict.word == "answer"
    assert row(verdict, "pop").good
    assert "busy" in row(verdict, "answer").text


def test_a_pop_behind_the_hand_that_picks_up_is_too_late() -> None:
    late = timeline(first=replace(POP, at=0.8), newest=replace(POP, at=0.8), picked_up=0.5)
    verdict = judge(expected(), late)
    assert verdict.word == "pop"
    assert "300 ms after somebody had picked up" in row(verdict, "pop").text
    machine = timeline(first=replace(POP, at=0.1), newest=replace(POP, at=0.1), picked_up=0.02)
    assert judge(expected(), machine).good, "nobody has said a word yet"


@pytest.mark.parametrize(
    ("other", "where"),
    [
        (replace(POP, line="6002"), "on line 6002 of trunk pbx; meant was line 6001 of trunk pbx"),
        (replace(POP, trunk="old"), "on line 6001 of trunk old; meant was line 6001 of trunk pbx"),
    ],
)
def test_a_pop_from_another_line_proves_nothing_of_the_one_that_is_meant(other: Pop, where: str) -> None:
    verdict = judge(expected(), timeline(first=other, newest=other))
    assert verdict.good, "of several forks any may be the first"
    assert row(verdict, "pop").kind is Kind.NOTE
    assert row(verdict, "pop").text.endswith(where)
    deaf = (LineSeen("6001", "deaf", why="the registrar forgot us"),)
    verdict = judge(expected(), timeline(first=other, newest=other, lines=deaf))
    assert verdict.word == "pop"
    assert row(verdict, "pop").text.endswith(", but line 6001 is deaf: the registrar forgot us")


def test_where_no_line_is_named_any_of_the_trunk_will_do() -> None:
    assert row(judge(expected(line=None), timeline()), "pop").kind is Kind.GOOD
    other = replace(POP, trunk="old")
    found = row(judge(expected(line=None), timeline(first=other, newest=other)), "pop")
    assert found.text.endswith("; meant was trunk pbx")


def test_a_slow_pop_is_worth_knowing() -> None:
    slow = replace(POP, at=1.5)
    verdict = judge(
        expected(), timeline(first=slow, newest=slow, picked_up=3.0, outcome=Outcome(3.1, "answered_elsewhere"))
    )
    assert verdict.good
    assert row(verdict, "pop").kind is Kind.NOTE


def test_a_daemon_that_went_away_is_the_cause_of_all_the_rest() -> None:
    verdict = judge(expected(), without_pop(desk_lost=True))
    assert ([one.what for one in verdict.rows], verdict.word) == (["daemon"], "daemon")


# -- no pop ------------------------------------------------------------------------------------------------------------


def no_pop(**keys: object) -> Finding:
    verdict = judge(expected(), without_pop(**keys))
    assert (verdict.good, verdict.word) == (False, "pop")
    (found,) = verdict.rows
    assert found.text.startswith("none at ana's desk within 10 s")
    return found


def test_the_line_is_not_heard() -> None:
    found = no_pop(lines=(LineSeen("6001", "alone", why="no other device is there"),))
    assert found.text.endswith("; line 6001 is alone: no other device is there")
    assert 'alone = "stay"' in (found.mend or "")
    for state in ("deaf", "registering"):
        assert "ctibridge check" in (no_pop(lines=(LineSeen("6001", state),)).mend or "")


def test_the_desk_has_no_line_there() -> None:
    found = no_pop(lines=())
    assert "shows ana no line" in found.text
    assert "[[trunk.line]]" in (found.mend or "")


def test_the_agent_does_not_sit_at_the_shared_line() -> None:
    assert "ana does not sit there" in no_pop(lines=(LineSeen("6001", "registered", sits=False),)).text


def test_the_line_is_heard_and_the_pbx_calls_others() -> None:
    found = no_pop()
    assert "though line 6001 is registered" in found.text
    assert "all contacts of the line" in (found.mend or "")


def test_another_caller_popped() -> None:
    assert "selftest.number" in (no_pop(others=1).mend or "")


def test_who_took_the_call_is_told() -> None:
    assert "somebody picked up" in no_pop(picked_up=1.0, ended=CallEnd.HUNG_UP_HERE).text
    assert "took the call and hung up" in no_pop(picked_up=1.0, ended=CallEnd.HUNG_UP_THERE).text


# -- who picks up, and the end -----------------------------------------------------------------------------------------


def test_taken_back_as_asked() -> None:
    verdict = judge(expected(answers=False), timeline(**ABANDONED))
    assert verdict.good
    assert row(verdict, "answer").good
    assert row(verdict, "end").text == "abandoned at the desk, 20 ms after we took it back"


def test_nobody_picked_up() -> None:
    made = timeline(**ABANDONED)
    made.cast.no_phone = "pyVoIP is not installed"
    verdict = judge(expected(), made)
    assert verdict.good
    assert row(verdict, "answer").kind is Kind.NOTE
    assert row(verdict, "answer").text.endswith("was not seen: pyVoIP is not installed")
    made.cast.phone = "pyVoIP 1.6.8, on line 6001"
    assert judge(expected(), made).word == "answer", "it was there to do it"


def test_who_picked_up_in_place_of_our_phone() -> None:
    made = timeline()
    made.cast.phone = "pyVoIP 1.6.8, on line 6001"
    verdict = judge(expected(), made)
    assert verdict.word == "answer"
    assert (
        row(verdict, "answer").text == "somebody else picked up after 1,000 ms, and pyVoIP 1.6.8, on line 6001 did not"
    )
    made.cast.answers_as = "baresip v1"
    assert row(judge(expected(), made), "answer").text.startswith("baresip v1 picked up")
    made.cast.phone_answered = True
    assert judge(expected(), made).good


def test_the_desk_saw_another_end_or_none() -> None:
    other = judge(expected(), timeline(outcome=Outcome(1.1, "abandoned")))
    assert row(other, "end").text == "expected answered_elsewhere, the desk saw abandoned"
    assert "Reason" in (row(other, "end").mend or "")
    assert "the desk saw no end" in row(judge(expected(), timeline(outcome=None)), "end").text


def test_a_watched_line_may_have_answered_itself() -> None:
    here = timeline(outcome=Outcome(1.1, "answered_here"))
    assert judge(expected(watched=True), here).good
    assert not judge(expected(), here).good


def test_who_declines_cannot_see_the_end() -> None:
    verdict = judge(expected(sees_end=False), timeline(outcome=None))
    assert verdict.good
    assert row(verdict, "end").kind is Kind.NOTE
