"""What a subscription makes of NOTIFYs, how it asks for the full state and leaves, and whatever else may come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import cseq
from ctibridge.sip.bindings import LONGEST_RETRY_AFTER
from ctibridge.sip.dialog_info import DialogInfo
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.line_dialogs import Ended, LineDialogs, Rings
from ctibridge.sip.message import Request, Response
from ctibridge.sip.subscriber import Active, Document, Due, Failed, Lapsed, Left, Pending, Say, Send
from ctibridge.sip.subscription import State as Asked
from ctibridge.sip.subscription import Subscription
from tests.sip import documents
from tests.sip.documents import AOR, element, notify, xml
from tests.sip.scripts import counted
from tests.sip.subscribing import RINGING, WHO, active, answer, challenge, failed, kinds, new, ok, sent

# -- NOTIFY ------------------------------------------------------------------------------------------------------------


def test_a_notify_of_another_call_or_fork_is_none_of_ours() -> None:
    line = active()
    for stranger in (notify(2, call="x"), notify(2, ours="x"), notify(2, theirs="p2")):
        assert line.notify(stranger, 1.0) == (481, [])
    assert line.notify(documents.without(notify(2), "to"), 1.0) == (400, [])


def test_of_two_forks_the_one_that_notifies_first_is_taken() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.1)
    assert line.notify(notify(9, theirs="p2"), 0.2)[0] == 200
    assert line.notify(notify(1, theirs="p1"), 0.3) == (481, [])
    assert sent(line.start(225.0)).headers.need("to") == f"<{AOR}>;tag=p2"


def test_a_retransmission_is_answered_alike_and_an_older_one_with_500_both_without_effect() -> None:
    line = active()
    assert kinds(line.notify(notify(5, body=RINGING), 1.0)[1]) == [Document]
    assert line.notify(notify(5, body=RINGING), 1.1) == (200, [])
    assert line.notify(notify(4, body=xml()), 1.2) == (500, [])
    assert line.notify(notify(6, event="presence"), 1.3) == (489, [])
    assert line.notify(notify(6, event="presence"), 1.4) == (489, [])


@pytest.mark.parametrize(
    ("odd", "status"),
    [
        (notify(2, event="presence"), 489),
        (notify(2, ""), 400),
        (notify(2, body=b"<x"), 400),
        (notify(2, body=RINGING, kind="text/plain"), 415),
    ],
)
def test_a_notify_that_is_refused_has_no_effect(odd: Request, status: int) -> None:
    line = active()
    before = line.deadline
    assert line.notify(odd, 10.0) == (status, [])
    assert (line.deadline, line.holds) == (before, True)
    fresh = new()
    fresh.start(0.0)
    assert fresh.notify(odd, 0.0) == (status, [])
    assert fresh.notify(notify(1, theirs="p2"), 0.1)[0] == 200


def test_what_the_pbx_says_may_shorten_and_never_lengthen() -> None:
    line = active()
    line.notify(notify(2, "active;expires=290"), 10.0)
    assert line.deadline == 225.0
    line.notify(notify(3, "active;expires=40"), 20.0)
    assert line.deadline == 50.0
    line.notify(notify(4, "active;expires=3600"), 30.0)
    assert line.wake(50.0) == [Due()]
    assert line.wake(60.0) == [Lapsed()]


def test_a_time_that_is_shortened_again_and_again_makes_no_hurry() -> None:
    line = active()
    line.notify(notify(2, "active;expires=4"), 1.0)
    assert line.wake(5.0) == [Lapsed()]
    assert line.deadline == 10.0
    assert line.wake(10.0) == [Due()]


def test_our_contact_may_move_between_two_requests() -> None:
    line = active()
    line.contact = "sip:token@198.51.100.7:9"
    assert sent(line.start(225.0)).headers.need("contact") == "<sip:token@198.51.100.7:9>"


def test_asterisk_counts_down_and_moves_no_timer() -> None:
    line = Subscription(WHO, Fresh(counted().token, iter([0.0, 0.9, 0.9, 0.9]).__next__))
    line.start(0.0)
    line.notify(notify(1, "active;expires=300"), 0.0)
    line.receive(ok(), 0.0)
    for number, now in ((2, 3.4), (3, 9.7)):
        line.notify(notify(number, f"active;expires={int(300 - now)}"), now)
    assert line.deadline == 225.0


def test_a_subscription_that_waits_for_permission_says_so_once() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.0)
    assert line.notify(notify(1, "pending;expires=300", xml()), 0.1) == (200, [Pending()])
    assert line.notify(notify(2, "extension;expires=300"), 0.2) == (200, [])
    assert line.wake(32.0) == []
    assert kinds(line.notify(notify(3, body=RINGING), 40.0)[1]) == [Active, Document]
    assert line.notify(notify(4, "pending"), 41.0) == (200, [Lapsed(), Pending()])


def test_a_notify_without_body_says_that_nothing_goes_on() -> None:
    """Kamailio's: at the beginning, and when what it knew of a call has run out."""
    line, dialogs = new(), LineDialogs()
    line.start(0.0)
    line.receive(ok(), 0.0)
    nothing = DialogInfo(0, full=True, entity=AOR, dialogs=())
    assert line.notify(notify(1), 0.1) == (200, [Active(300), Document(nothing, anew=True)])
    dialogs.feed(nothing, anew=True)
    (document,) = line.notify(notify(2, body=xml(element("1", "early"), version=7)), 0.2)[1]
    assert isinstance(document, Document)
    assert [type(each) for each in dialogs.feed(document.info)] == [Rings]
    assert line.notify(notify(3), 0.3) == (200, [Document(nothing, anew=False)])
    assert [type(each) for each in dialogs.feed(nothing)] == [Ended]


@pytest.mark.parametrize("reason", ["", ";reason=deactivated", ";reason=timeout"])
def test_what_the_pbx_ended_for_its_own_reasons_begins_again_at_once(reason: str) -> None:
    line = active()
    assert line.notify(notify(2, f"terminated{reason}"), 10.0) == (200, [Due()])
    assert sent(line.start(10.0)).headers.need("to") == f"<{AOR}>"
    line.receive(ok(), 10.1)
    assert kinds(line.notify(notify(1, body=xml(), call="t5", ours="t6"), 10.2)[1]) == [Active, Document]


def test_a_gap_that_lasts_is_told() -> None:
    line = active()
    line.notify(notify(2, "terminated;reason=timeout"), 10.0)
    assert line.deadline == 42.0
    assert line.wake(42.0) == [Lapsed()]


def test_a_pbx_that_ends_each_subscription_at_once_is_asked_about_once_a_minute() -> None:
    line, now, asked = new(), 0.0, 0
    while now < 600.0:
        line.start(now)
        asked += 1
        call, ours = line.call_id, f"t{int(line.call_id[1:]) + 1}"
        line.receive(ok(), now)
        line.notify(notify(1, body=xml(), call=call, ours=ours), now)
        said = line.notify(notify(2, "terminated;reason=deactivated", call=call, ours=ours), now)[1]
        while Due() not in said:
            assert line.deadline is not None
            now = line.deadline
            said = line.wake(now)
    assert asked <= 20


@pytest.mark.parametrize(
    ("state", "refused", "pause"),
    [
        ("probation;retry-after=120", False, 120.0),
        ("probation", False, 60.0),
        ("giveup;retry-after=99999", False, LONGEST_RETRY_AFTER),
        ("rejected", True, 60.0),
        ("noresource", True, 60.0),
        ("invariant", True, 60.0),
        ("sip:secret@pbx", False, 60.0),
    ],
)
def test_a_subscription_that_the_pbx_ends_waits_by_its_reason(state: str, refused: bool, pause: float) -> None:
    line = active()
    status, said = line.notify(notify(2, f"terminated;reason={state}"), 0.0)
    assert (status, kinds(said)) == (200, [Failed, Lapsed])
    assert failed(said).refused is refused
    assert "secret" not in failed(said).why
    assert line.deadline == pause


def test_the_last_document_comes_with_the_end() -> None:
    said = active().notify(notify(2, "terminated;reason=rejected", xml(element("1", "terminated"))), 1.0)[1]
    assert kinds(said) == [Document, Failed, Lapsed]


def test_an_end_that_overtakes_the_200_counts_and_the_200_no_more() -> None:
    line = new()
    line.start(0.0)
    assert kinds(line.notify(notify(1, "terminated;reason=noresource"), 0.1)[1]) == [Failed]
    assert line.receive(ok(), 0.2) == []
    assert line.deadline == 60.1


def test_an_end_that_comes_while_we_wait_changes_not_when_we_ask() -> None:
    line = active()
    line.start(225.0)
    line.silent(257.0)
    assert line.notify(notify(2, "terminated;reason=timeout"), 258.0) == (200, [Lapsed()])
    assert line.deadline == 259.0


# -- asking for the full state, leaving --------------------------------------------------------------------------------


def test_a_missed_document_makes_a_refresh_at_most_every_ten_seconds() -> None:
    line = active()
    assert line.request_full_state(3.0) == []
    assert line.deadline == 10.0
    assert line.wake(10.0) == [Due()]
    assert line.request_full_state(10.1) == []
    line.start(10.2)
    assert line.request_full_state(10.3) == []
    line.receive(ok(), 10.3)
    assert line.request_full_state(30.0) == [Due()]


def test_who_is_not_subscribed_asks_for_no_full_state() -> None:
    line = new()
    assert line.request_full_state(0.0) == []
    line.start(0.0)
    line.receive(answer(503), 0.0)
    assert line.request_full_state(100.0) == []


def test_leaving_un_subscribes_in_the_dialog_and_also_when_challenged() -> None:
    line = active()
    assert sent(line.leave(1.0)).headers.need("expires") == "0"
    again = sent(line.receive(challenge("n2"), 1.1))
    assert (again.headers.need("expires"), again.uri) == ("0", "sip:192.0.2.9:5060")
    assert line.notify(notify(2, body=RINGING), 1.15) == (200, [])
    assert line.receive(ok(0), 1.2) == [Left()]
    assert (line.state, line.deadline, line.holds) == (Asked.IDLE, None, False)
    assert line.notify(notify(3, "terminated;reason=timeout"), 1.3) == (200, [])
    assert line.notify(notify(4, body=RINGING), 1.4) == (481, [])


@pytest.mark.parametrize("response", [answer(403), answer(481), answer(423, ("min-expires", "60")), None])
def test_leaving_ends_whatever_the_pbx_says(response: Response | None) -> None:
    line = active()
    line.leave(1.0)
    assert (line.receive(response, 1.1) if response else line.silent(33.0)) == [Left()]
    assert line.deadline is None


def test_who_leaves_before_the_pbx_answered_is_gone_at_once_and_its_notify_ends_it_there() -> None:
    line = new()
    assert line.leave(0.0) == [Left()]
    line.start(1.0)
    assert line.leave(1.1) == [Left()]
    assert line.receive(ok(), 1.2) == []
    assert line.notify(notify(1, body=RINGING), 1.3) == (481, [])


def test_who_leaves_after_the_200_and_before_the_notify_un_subscribes() -> None:
    line = new()
    line.start(0.0)
    line.receive(ok(), 0.1)
    asked = sent(line.leave(0.2))
    assert (asked.headers.need("to"), asked.headers.need("expires")) == (f"<{AOR}>;tag=p1", "0")


def test_who_left_can_come_back_with_a_new_subscription() -> None:
    line = active()
    line.leave(1.0)
    line.receive(ok(0), 1.1)
    assert sent(line.start(9.0)).headers.need("expires") == "300"
    assert line.call_id == "t5"


def test_a_response_that_nobody_waits_for_is_dropped() -> None:
    assert new().receive(ok(), 0.0) == []
    assert new().silent(0.0) == active().silent(1.0) == []
    assert active().receive(answer(403), 1.0) == []


# -- anything ----------------------------------------------------------------------------------------------------------

NOTIFIES = st.builds(
    notify,
    st.integers(0, 9),
    st.sampled_from(["active", "active;expires=5", "pending", "terminated", "terminated;reason=rejected", "", "x"]),
    st.sampled_from([b"", RINGING, b"<"]),
    call=st.sampled_from(["t3", "t5", "t7"]),
    ours=st.sampled_from(["t4", "t6", "t8"]),
    theirs=st.sampled_from(["p1", "p2"]),
    event=st.sampled_from(["dialog", "presence"]),
)
RESPONSES = st.sampled_from(
    [ok(), ok(0), challenge("n1"), challenge("n2", 407), answer(403), answer(423, ("min-expires", "600")), answer(481),
     answer(503, ("retry-after", "9"))]
)  # fmt: skip
STEPS = st.lists(
    st.one_of(NOTIFIES, RESPONSES, st.sampled_from(["due", "due", "leave", "silent", "full", "wake"])), max_size=40
)


@given(STEPS)
def test_whatever_the_pbx_says_the_line_never_sleeps_for_ever(steps: list[Request | Response | str]) -> None:
    """Nothing is raised; who waits has a deadline or was told Due; CSeq rises; Lapsed only comes after Active; a line
    that holds will lapse or be refreshed."""
    line, now, numbers, hearing = Subscription(WHO, counted()), 0.0, [0], False
    due = True
    for step in steps:
        now += 1.0
        said = feed(line, step, now)
        for word in said:
            if isinstance(word, Send):
                numbers.append(cseq.parse(word.request.headers.need("cseq")).number)
            assert not isinstance(word, Lapsed) or hearing
            hearing = isinstance(word, Active) or (hearing and not isinstance(word, Lapsed | Left))
            due = isinstance(word, Due | Left) or (due and not isinstance(word, Send))
        hearing = hearing and line.state is not Asked.LEAVING
        assert line.holds is hearing
        assert numbers == list(range(len(numbers)))
        assert due or line.deadline is not None or line.state in (Asked.ASKING, Asked.LEAVING)


def feed(line: Subscription, step: Request | Response | str, now: float) -> list[Say]:
    if isinstance(step, Request):
        status, said = line.notify(step, now)
        assert status in (200, 400, 415, 481, 489, 500)
        return said
    if isinstance(step, Response):
        return line.receive(step, now)
    if step == "wake":
        return line.wake(line.deadline or now)
    if step == "silent":
        return line.silent(now) if line.state in (Asked.ASKING, Asked.LEAVING) else []
    return {"due": line.start, "leave": line.leave, "full": line.request_full_state}[step](now)
