"""The caller of a test call as a machine: what the PBX says, what we say, and what is written down of it."""

from ctibridge.selftest.own_call import Changed, OwnCall
from ctibridge.selftest.timeline import MOST_REPLIES, Cast, Reply, Timeline
from ctibridge.sip import message
from ctibridge.sip.digest import Credentials
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import datagram
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.message import HeaderList, Request
from ctibridge.sip.outgoing import CallEnd
from tests.sip.dialling import CHALLENGE, HERE, PEER, answers, counted, outgoing


def dialled() -> tuple[OwnCall, Request]:
    """Its INVITE left at second 100."""
    made = Timeline(Cast("we", "ana"))
    credentials = Credentials("alice", "wonder")
    call = OwnCall(
        made, frozenset({PEER.host}), lambda local: InviteClient(outgoing(credentials), local, PEER, counted())
    )
    call.begin(HERE, 100.0)
    return call, sent(call)[0]


def sent(call: OwnCall) -> list[Request]:
    parsed = [message.parse(word.data) for word in call.drain() if isinstance(word, Datagram)]
    return [each for each in parsed if isinstance(each, Request)]


def hears(call: OwnCall, invite: Request, status: int, at: float, extra: HeaderList = ()) -> list[Request]:
    call.receive(bytes(answers(invite, status, extra=extra)), PEER, at)
    return sent(call)


def test_answered_and_hung_up() -> None:
    call, invite = dialled()
    hears(call, invite, 100, 100.01, extra=(("server", "kamailio (5.6.3)"),))
    hears(call, invite, 180, 100.02, extra=(("user-agent", "phone"),))
    hears(call, invite, 200, 101.0, extra=(("server", "baresip v1"),))
    made = call.timeline
    assert [(round(reply.at, 3), reply.status) for reply in made.replies] == [(0.01, 100), (0.02, 180), (1.0, 200)]
    assert (made.cast.pbx, made.cast.answers_as) == ("kamailio (5.6.3)", "baresip v1")
    assert made.picked_up == 1.0
    call.hang_up(101.5)
    (bye,) = sent(call)
    assert (bye.method, made.gave_up, made.ended) == ("BYE", 1.5, CallEnd.HUNG_UP_HERE)
    assert (call.over,) == (False,), "the BYE is not answered yet"
    call.receive(bytes(answers(bye, 200)), PEER, 101.6)
    assert call.over
    assert any(isinstance(word, Changed) for word in call.drain()), "who waits for the end has to look"


def test_a_refusal_before_anything_rang_is_the_pbxs_own() -> None:
    call, invite = dialled()
    hears(call, invite, 480, 100.01, extra=(("server", "kamailio"),))
    assert call.timeline.cast.pbx == "kamailio"
    call, invite = dialled()
    hears(call, invite, 180, 100.01)
    hears(call, invite, 486, 100.02, extra=(("server", "phone"),))
    assert call.timeline.cast.pbx is None


def test_taken_back() -> None:
    call, invite = dialled()
    hears(call, invite, 180, 100.02)
    call.hang_up(100.5)
    (cancel,) = sent(call)
    hears(call, invite, 487, 100.6)
    assert not call.over
    call.receive(bytes(answers(cancel, 200)), PEER, 100.7)
    assert (call.over, call.timeline.ended, call.timeline.gave_up) == (True, CallEnd.CANCELLED, 0.5)
    call.hang_up(101.0)
    assert (sent(call), call.timeline.gave_up) == ([], 0.5), "it is over"


def test_a_pbx_that_never_says_anything_is_left() -> None:
    call, _ = dialled()
    assert call.deadline == 100.5
    call.wake(100.5)
    assert [request.method for request in sent(call)] == ["INVITE"]
    call.timeline.ended = CallEnd.SILENT
    call.hang_up(110.0)
    assert (sent(call), call.over) == ([], True), "before a provisional response a CANCEL is forbidden"


def test_interrupted_before_the_first_word_it_waits_for_it_and_takes_the_call_back() -> None:
    call, invite = dialled()
    call.hang_up(100.01)
    assert (sent(call), call.over) == ([], False), "the INVITE is on its way, and will ring"
    assert [request.method for request in hears(call, invite, 100, 100.02)] == ["CANCEL"]


def test_a_phone_that_no_proxy_stands_before_answers_the_bye_itself() -> None:
    call, invite = dialled()
    hears(call, invite, 200, 101.0)
    call.hang_up(101.5)
    (bye,) = sent(call)
    call.receive(bytes(answers(bye, 200)), datagram("192.0.2.77", 5070), 101.6)
    assert not call.over, "a stranger"
    call.receive(bytes(answers(bye, 200)), datagram("192.0.2.50", 5070), 101.7)
    assert call.over


def test_a_refusal_that_is_repeated_behind_the_end_is_not_what_ended_it() -> None:
    call, invite = dialled()
    _, second = hears(call, invite, 401, 100.01, extra=(CHALLENGE,))
    hears(call, second, 403, 100.5)
    hears(call, invite, 401, 100.6, extra=(CHALLENGE,))
    assert call.timeline.refused == 403


def test_a_pbx_that_cannot_decide_is_not_written_down_for_ever() -> None:
    call, invite = dialled()
    for at in range(500):
        hears(call, invite, (180, 183)[at % 2], 100.1 + at / 100)
    hears(call, invite, 486, 110.0)
    assert len(call.timeline.replies) == MOST_REPLIES + 1
    assert call.timeline.refused == 486


def test_what_was_wrong_with_the_password_is_told() -> None:
    call, invite = dialled()
    _, second = hears(call, invite, 401, 100.01, extra=(CHALLENGE,))
    hears(call, second, 401, 100.02, extra=(CHALLENGE,))
    assert call.timeline.refused == 401
    assert 'realm "pbx"' in call.timeline.why


def test_what_others_send_is_nothing() -> None:
    call, invite = dialled()
    for data, source in (
        (bytes(answers(invite, 200)), datagram("192.0.2.66", 5060)),
        (b"\x00 no SIP", PEER),
        (b"", PEER),
        (bytes(answers(invite, 200)).replace(b"z9hG4bK", b"z9hG4bKx"), PEER),
        (b"BYE sip:a@b SIP/2.0\r\n\r\n", PEER),
    ):
        call.receive(data, source, 100.1)
    assert (call.timeline.replies, sent(call)) == ([], [])


def test_they_hang_up() -> None:
    call, invite = dialled()
    hears(call, invite, 200, 101.0)
    bye = (
        "BYE sip:test@192.0.2.1:5066 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.50:5070;branch=z9hG4bKpeer\r\n"
        "From: <sip:6001@192.0.2.9>;tag=peer\r\nTo: <sip:test@192.0.2.1>;tag=from-1\r\nCall-ID: call-1\r\n"
        "CSeq: 7 BYE\r\nContent-Length: 0\r\n\r\n"
    )
    call.receive(bye.encode(), PEER, 102.0)
    assert [word.data[:11] for word in call.drain() if isinstance(word, Datagram)] == [b"SIP/2.0 200"]
    assert call.timeline.ended is CallEnd.HUNG_UP_THERE


def test_a_name_that_is_no_text_is_cut() -> None:
    call, invite = dialled()
    hears(call, invite, 100, 100.1, extra=(("server", "a\x1b[31m" + "b" * 100),))
    assert call.timeline.cast.pbx == "a[31m" + "b" * 55


def test_over_a_connection_the_invite_waits_until_it_stands() -> None:
    made = Timeline(Cast("we", "ana"))
    call = OwnCall(made, frozenset(), lambda local: InviteClient(outgoing(), local, PEER, counted()))
    assert (call.deadline, call.over) == (None, True)
    for act in (call.wake, call.hang_up):
        act(99.0)
    call.receive(b"anything", PEER, 99.0)
    assert call.drain() == []
    call.connected(PEER, HERE, 100.0)
    assert [request.method for request in sent(call)] == ["INVITE"]
    call.connected(PEER, HERE, 101.0)
    assert sent(call) == [], "one call is made once"
    call.disconnected(PEER, "the connection broke", 102.0)
    assert call.broken == "the connection broke"
    assert not call.trusts(PEER.host)
    call.stranger()
    assert (made.replies, made.began) == ([], 100.0)
    made.replied(180, 0.1)
    assert made.ringing == Reply(0.1, 180)
