"""One call of ours, as a script of what the peer says and what we must say then. No sleeping."""

import pytest

from ctibridge.sip.digest import Credentials
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import datagram
from ctibridge.sip.invite_client import InviteClient, is_for
from ctibridge.sip.message import HeaderList, Headers, Request
from ctibridge.sip.outgoing import ELSEWHERE, Answered, CallEnd, Ended, Progress, Say
from ctibridge.sip.transaction import top_via
from tests.sip.dialling import CHALLENGE, PEER, answers, dialled, facts, methods, requests

ALICE = Credentials("alice", "wonder")
PROXIES: HeaderList = (("record-route", "<sip:192.0.2.20;lr>, <sip:192.0.2.21:5080;lr>"),)


def rung() -> tuple[InviteClient, Request]:
    client, invite = dialled()
    client.receive(answers(invite, 180), 0.1)
    return client, invite


def talking(extra: HeaderList = ()) -> tuple[InviteClient, Request]:
    client, invite = rung()
    client.receive(answers(invite, 200, extra=extra), 1.0)
    return client, invite


def from_peer(method: str, to_tag: str = "from-1", from_tag: str = "peer") -> Request:
    lines = (
        ("via", "SIP/2.0/UDP 192.0.2.50:5070;branch=z9hG4bKpeer"),
        ("from", f"<sip:6001@192.0.2.9>;tag={from_tag}"),
        ("to", f"<sip:test@192.0.2.1>;tag={to_tag}"),
        ("call-id", "call-1"),
        ("cseq", f"7 {method}"),
    )
    return Request(method, "sip:test@192.0.2.1:5066", Headers(lines))


def run_out(client: InviteClient, until: float) -> list[Say]:
    said = []
    while (deadline := client.deadline) is not None and deadline <= until:
        said += client.wake(deadline)
    return said


# -- dialling ----------------------------------------------------------------------------------------------------------


def test_the_invite_is_whole() -> None:
    _, invite = dialled(headers=(("x-called-number", "+49301234567"),))
    for name in ("via", "max-forwards", "from", "to", "call-id", "cseq", "contact", "allow", "content-type"):
        assert invite.headers.need(name)
    assert invite.headers.need("from").endswith(";tag=from-1")
    assert "rport" in top_via(invite.headers).params
    assert invite.headers.first("x-called-number") == "+49301234567"
    assert b"PCMA" in invite.body


def test_ringing_is_told_once_and_trying_never() -> None:
    client, invite = dialled()
    assert client.receive(answers(invite, 100), 0.1) == []
    assert client.receive(answers(invite, 180), 0.2) == [Progress(180)]
    assert client.receive(answers(invite, 180), 0.3) == []
    assert client.receive(answers(invite, 183), 0.4) == [Progress(183)]


def test_nobody_there() -> None:
    client, _ = dialled()
    said = run_out(client, 60.0)
    assert methods(said) == ["INVITE"] * 6
    assert facts(said) == [Ended(CallEnd.SILENT)]
    assert client.over


def test_a_refusal_ends_the_call_and_its_repetition_only_gets_the_ack() -> None:
    client, invite = rung()
    said = client.receive(answers(invite, 486), 1.0)
    again = client.receive(answers(invite, 486), 2.0)
    assert (methods(said), facts(said)) == (["ACK"], [Ended(CallEnd.REFUSED, 486)])
    assert (methods(again), facts(again)) == (["ACK"], [])
    assert not client.over
    assert run_out(client, 60.0) == []
    assert client.over


def test_who_sends_us_elsewhere_is_not_followed() -> None:
    client, invite = rung()
    said = client.receive(answers(invite, 302, extra=(("contact", "<sip:6001@192.0.2.99>"),)), 1.0)
    assert (methods(said), facts(said)) == (["ACK"], [Ended(CallEnd.REFUSED, 302)])
    assert [each.to for each in said if isinstance(each, Datagram)] == [PEER]


# -- taking it back ----------------------------------------------------------------------------------------------------


def test_the_cancel_repeats_the_invite_and_says_why() -> None:
    client, invite = rung()
    (cancel,) = requests(client.cancel(1.0, ELSEWHERE))
    assert (cancel.method, cancel.uri) == ("CANCEL", invite.uri)
    for name in ("via", "from", "to", "call-id"):
        assert cancel.headers.each_line(name) == invite.headers.each_line(name)
    assert cancel.headers.need("cseq") == "1 CANCEL"
    assert cancel.headers.need("reason") == 'SIP;cause=200;text="Call completed elsewhere"'


def test_a_caller_who_gives_up_sends_no_reason() -> None:
    client, _ = rung()
    (cancel,) = requests(client.cancel(1.0))
    assert cancel.headers.first("reason") is None


def test_before_a_provisional_response_the_cancel_waits() -> None:
    client, invite = dialled()
    assert client.cancel(0.1) == []
    assert methods(client.wake(0.5)) == ["INVITE"]
    assert methods(client.receive(answers(invite, 100), 0.6)) == ["CANCEL"]
    assert client.receive(answers(invite, 180), 0.7) == []


def test_a_cancelled_call_that_nobody_ever_heard_of_ends_as_cancelled() -> None:
    client, _ = dialled()
    client.cancel(0.1)
    said = run_out(client, 60.0)
    assert "CANCEL" not in methods(said)
    assert facts(said) == [Ended(CallEnd.CANCELLED)]


def test_cancelled_whole() -> None:
    client, invite = rung()
    (cancel,) = requests(client.cancel(1.0))
    assert client.receive(answers(cancel, 200), 1.1) == []
    said = client.receive(answers(invite, 487), 1.2)
    assert (methods(said), facts(said)) == (["ACK"], [Ended(CallEnd.CANCELLED, 487)])


def test_the_cancel_is_sent_again_until_it_is_answered() -> None:
    client, _ = rung()
    (cancel,) = requests(client.cancel(0.0))
    assert methods(client.wake(0.5)) == ["CANCEL"]
    assert methods(client.wake(1.5)) == ["CANCEL"]
    client.receive(answers(cancel, 200), 1.6)
    assert methods(run_out(client, 30.0)) == []


def test_a_peer_that_never_ends_a_cancelled_call_is_left_after_32_seconds() -> None:
    client, _ = rung()
    (cancel,) = requests(client.cancel(1.0))
    client.receive(answers(cancel, 200), 1.1)
    assert facts(run_out(client, 60.0)) == [Ended(CallEnd.CANCELLED)]
    assert client.over


def test_a_200_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    client, invite = rung()
    client.cancel(1.0)
    said = client.receive(answers(invite, 200), 1.1)
    assert (methods(said), facts(said)) == (["ACK", "BYE"], [Ended(CallEnd.CANCELLED, 200)])
    assert methods(client.receive(answers(invite, 200), 1.6)) == ["ACK"]


def test_a_200_before_the_waiting_cancel_is_hung_up_as_well() -> None:
    client, invite = dialled()
    client.cancel(0.1)
    assert methods(client.receive(answers(invite, 200), 0.2)) == ["ACK", "BYE"]


def test_nothing_is_left_to_cancel_behind_an_answer() -> None:
    client, _ = talking()
    assert client.cancel(2.0) == []


# -- talking -----------------------------------------------------------------------------------------------------------


def test_an_answer_is_acknowledged_at_the_contact_it_names() -> None:
    client, invite = rung()
    said = client.receive(answers(invite, 200, body=b"v=0\r\n"), 1.0)
    (ack,) = requests(said)
    assert facts(said) == [Answered(b"v=0\r\n")]
    assert ack.uri == "sip:6001@192.0.2.50:5070"
    assert ack.headers.need("cseq") == "1 ACK"
    assert top_via(ack.headers).branch != top_via(invite.headers).branch
    assert [word.to for word in said if isinstance(word, Datagram)] == [datagram("192.0.2.50", 5070)]


def test_a_repeated_answer_gets_the_same_ack() -> None:
    client, invite = rung()
    first = client.receive(answers(invite, 200), 1.0)
    assert client.receive(answers(invite, 200), 1.5) == [word for word in first if isinstance(word, Datagram)]


def test_requests_go_along_the_recorded_proxies_the_nearest_first() -> None:
    client, invite = rung()
    said = [*client.receive(answers(invite, 200, extra=PROXIES), 1.0), *client.hang_up(2.0)]
    for request in requests(said):
        assert request.headers.each_line("route") == ["<sip:192.0.2.21:5080;lr>", "<sip:192.0.2.20;lr>"]
        assert request.uri == "sip:6001@192.0.2.50:5070"
    assert {word.to for word in said if isinstance(word, Datagram)} == {datagram("192.0.2.21", 5080)}


def test_we_hang_up() -> None:
    client, _ = talking()
    said = client.hang_up(2.0)
    (bye,) = requests(said)
    assert facts(said) == [Ended(CallEnd.HUNG_UP_HERE)]
    assert (bye.method, bye.headers.need("cseq")) == ("BYE", "2 BYE")
    assert bye.headers.need("to").endswith(";tag=peer")
    assert methods(client.wake(2.5)) == ["BYE"]
    client.receive(answers(bye, 200), 2.6)
    assert run_out(client, 60.0) == []
    assert client.over


def test_a_bye_that_nobody_answers_ends_by_itself() -> None:
    client, _ = talking()
    client.hang_up(2.0)
    run_out(client, 60.0)
    assert client.over


def test_they_hang_up_and_say_it_twice() -> None:
    client, _ = talking()
    bye = from_peer("BYE")
    assert is_for(client, bye)
    first, second = client.request(bye, PEER), client.request(bye, PEER)
    assert facts(first) == [Ended(CallEnd.HUNG_UP_THERE)]
    assert facts(second) == []
    assert [len(said) - len(facts(said)) for said in (first, second)] == [1, 1]
    assert client.hang_up(3.0) == []


@pytest.mark.parametrize(
    ("method", "status"), [("OPTIONS", b"200"), ("INVITE", b"488"), ("UPDATE", b"488"), ("INFO", b"405")]
)
def test_other_requests_leave_the_call_as_it_is(method: str, status: bytes) -> None:
    client, _ = talking()
    (said,) = client.request(from_peer(method), PEER)
    assert isinstance(said, Datagram)
    assert said.data.startswith(b"SIP/2.0 " + status)
    assert said.to == datagram("192.0.2.9", 5070)


def test_an_ack_is_never_answered() -> None:
    client, _ = talking()
    assert client.request(from_peer("ACK"), PEER) == []


def test_a_stranger_s_bye_is_not_for_us() -> None:
    client, _ = talking()
    assert not is_for(client, from_peer("BYE", from_tag="other"))
    assert not is_for(client, Request("BYE", "sip:x", Headers(())))


def test_a_second_fork_that_answers_is_hung_up_at_once() -> None:
    client, invite = talking()
    said = client.receive(answers(invite, 200, tag="second"), 1.1)
    ack, bye = requests(said)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    assert facts(said) == []
    assert bye.headers.need("to").endswith(";tag=second")
    assert methods(client.receive(answers(invite, 200, tag="second"), 1.6)) == ["ACK"]
    assert facts(client.request(from_peer("BYE", from_tag="second"), PEER)) == []
    assert facts(client.hang_up(2.0)) == [Ended(CallEnd.HUNG_UP_HERE)]


def test_a_fork_that_answered_before_the_password_was_asked_for_is_hung_up() -> None:
    client, invite = dialled(ALICE)
    _, second = requests(client.receive(answers(invite, 401, extra=(CHALLENGE,)), 0.1))
    said = client.receive(answers(invite, 200, tag="early"), 0.2)
    assert (methods(said), facts(said)) == (["ACK", "BYE"], []), "nobody would ever end it"
    assert facts(client.receive(answers(second, 200), 1.0)) == [Answered(b"")]


@pytest.mark.parametrize("contact", ['"x', "<sip:60 01@192.0.2.50>", "<sip:6001@192.0.2.50 SIP/2.0>", "<sip:\x0b@x>"])
def test_an_answer_without_a_readable_contact_is_acknowledged_all_the_same(contact: str) -> None:
    client, invite = rung()
    answer = answers(invite, 200)
    lines = tuple(("contact", contact) if name == "contact" else (name, value) for name, value in answer.headers.lines)
    (ack,) = requests(client.receive(type(answer)(200, "OK", Headers(lines)), 1.0))
    assert ack.uri == invite.uri


# -- what is not ours --------------------------------------------------------------------------------------------------


def test_responses_to_others_are_ignored() -> None:
    client, invite = rung()
    foreign = Request(
        "INVITE", invite.uri, Headers((("via", "SIP/2.0/UDP x;branch=z9hG4bKno"), *invite.headers.lines[1:]))
    )
    assert not client.sent("z9hG4bKno")
    assert client.sent(top_via(invite.headers).branch)
    assert client.receive(answers(foreign, 200), 1.0) == []


def test_a_response_without_via_is_the_peer_s_fault() -> None:
    client, invite = rung()
    answer = answers(invite, 200)
    with pytest.raises(RemoteFault):
        client.receive(type(answer)(200, "OK", Headers(answer.headers.lines[1:])), 1.0)
