"""One INVITE that rings at us: timers and answers of the server transaction, on virtual time."""

from ctibridge.sip import limits, transaction
from ctibridge.sip.events import RingEnd, RingEnded
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import HeaderList
from ctibridge.sip.ringing import REMIND, REMIND_FIRST, Ringing, Say, State
from tests.sip.scripts import PBX, request, responses, statuses

ELSEWHERE: HeaderList = (("reason", 'SIP;cause=200;text="Call completed elsewhere"'), ("reason", "Q.850;cause=26"))


def new() -> Ringing:
    asked = request(extra=(("record-route", "<sip:proxy;lr>"),))
    return Ringing(asked, transaction.read(asked), PBX, "leg", "me", "sip:t1@192.0.2.1:5066")


def ends(said: list[Say]) -> list[RingEnd]:
    return [each.how for each in said if isinstance(each, RingEnded)]


def run(ringing: Ringing, until: float) -> list[tuple[float, list[int], list[RingEnd]]]:
    """What it says by itself, woken at each deadline."""
    heard = []
    while (deadline := ringing.deadline) is not None and deadline <= until:
        said = ringing.wake(deadline)
        if said:
            heard.append((deadline, statuses([*said]), ends(said)))
    return heard


def test_hold_says_180_with_the_path_and_our_contact() -> None:
    said = new().hold(90.0, 0.0)
    (ringing,) = responses([*said])
    assert ringing.status == 180
    assert ringing.headers.need("record-route") == "<sip:proxy;lr>"
    assert ringing.headers.need("contact") == "<sip:t1@192.0.2.1:5066>"
    assert ringing.headers.need("to").endswith(";tag=me")


def test_an_invite_that_comes_again_gets_the_last_answer_again() -> None:
    ringing = new()
    assert ringing.hold(90.0, 0.0) == ringing.invite()
    ringing.cancel(request("CANCEL"), PBX, 1.0)
    assert statuses([*ringing.invite()]) == [487]
    ringing.ack(1.1)
    assert ringing.invite() == []


def test_cancel_gets_200_and_the_invite_487_with_one_to_tag() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    said = ringing.cancel(request("CANCEL"), PBX, 1.0)
    accepted, terminated = responses([*said])
    assert (accepted.status, accepted.headers.need("cseq")) == (200, "7 CANCEL")
    assert (terminated.status, terminated.headers.need("cseq")) == (487, "7 INVITE")
    assert accepted.headers.need("to") == terminated.headers.need("to")
    assert ends(said) == [RingEnd.CANCELLED]


def test_completed_elsewhere_in_any_reason_line() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    assert ends(ringing.cancel(request("CANCEL", extra=ELSEWHERE), PBX, 1.0)) == [RingEnd.COMPLETED_ELSEWHERE]


def test_a_reason_that_cannot_be_read_still_ends_the_ringing() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    endless: HeaderList = (("reason", ",".join(["x"] * (limits.VALUES + 1))),)
    assert ends(ringing.cancel(request("CANCEL", extra=endless), PBX, 1.0)) == [RingEnd.CANCELLED]


def test_a_cancel_that_comes_again_gets_200_again_and_no_second_end() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    ringing.cancel(request("CANCEL"), PBX, 1.0)
    said = ringing.cancel(request("CANCEL", extra=ELSEWHERE), PBX, 1.2)
    assert (statuses([*said]), ends(said)) == ([200], [])


def test_the_cancel_is_answered_where_it_came_from() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    said = ringing.cancel(request("CANCEL"), datagram("192.0.2.9", 6666), 1.0)
    assert [each.to for each in said if not isinstance(each, RingEnded)] == [datagram("192.0.2.9", 6666), PBX]


def test_487_is_repeated_by_timer_g_until_timer_h_gives_up() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    ringing.cancel(request("CANCEL"), PBX, 0.0)
    times = [at for at, _, _ in run(ringing, 100.0)]
    assert times[:5] == [0.5, 1.5, 3.5, 7.5, 11.5]
    assert times[-1] < 32.0
    assert ringing.over
    assert ringing.deadline is None


def test_ack_stops_the_repetition_and_timer_i_ends_it() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    ringing.cancel(request("CANCEL"), PBX, 0.0)
    ringing.ack(0.1)
    ringing.ack(0.2)
    assert ringing.deadline == 5.1
    assert run(ringing, 100.0) == []
    assert ringing.over


def test_an_ack_that_nothing_asked_for_changes_nothing() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    assert ringing.ack(0.1) == []
    assert ringing.state is State.PROCEEDING


def test_a_ringing_that_nobody_ends_reminds_after_a_second_and_every_minute_and_then_ends_itself() -> None:
    ringing = new()
    ringing.hold(150.0, 0.0)
    heard = run(ringing, 150.0)
    assert [at for at, *_ in heard] == [*(REMIND_FIRST + minutes * REMIND for minutes in range(3)), 150.0]
    assert [(said, facts) for _, said, facts in heard] == [([180], [])] * 3 + [([480], [RingEnd.EXPIRED])]
    ringing.ack(150.1)
    run(ringing, 200.0)
    assert ringing.over


def test_decline_says_480_at_once_and_cannot_know_the_end() -> None:
    ringing = new()
    assert statuses([*ringing.decline(90.0, 0.0)]) == [480]
    ringing.ack(0.1)
    assert ringing.state is State.CONFIRMED
    assert run(ringing, 89.0) == []
    assert run(ringing, 90.0) == [(90.0, [], [RingEnd.UNSEEN])]
    assert ringing.over


def test_in_decline_mode_a_cancel_that_crosses_our_480_tells_the_end_after_all() -> None:
    ringing = new()
    ringing.decline(90.0, 0.0)
    said = ringing.cancel(request("CANCEL", extra=ELSEWHERE), PBX, 0.1)
    assert (statuses([*said]), ends(said)) == ([200], [RingEnd.COMPLETED_ELSEWHERE])
    assert run(ringing, 100.0)[-1][2] == []


def test_leave_lets_the_other_devices_ring_on() -> None:
    ringing = new()
    ringing.hold(90.0, 0.0)
    said = ringing.leave(1.0)
    assert (statuses([*said]), ends(said)) == ([480], [RingEnd.UNSEEN])
    assert ringing.leave(2.0) == []


def test_busy_and_decline_are_never_said() -> None:
    for last in ("cancel", "leave", "expire"):
        ringing = new()
        said = ringing.hold(90.0, 0.0)
        said += ringing.cancel(request("CANCEL"), PBX, 1.0) if last == "cancel" else []
        said += ringing.leave(1.0) if last == "leave" else ringing.wake(90.0)
        assert not {486, 600, 603} & set(statuses([*said]))
