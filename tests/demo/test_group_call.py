"""One caller and several devices, as a script."""

from ctibridge.demo.group_call import GroupCall, How, Over, Taken
from ctibridge.demo.incoming import Incoming
from ctibridge.sip import message
from ctibridge.sip.events import Datagram
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.message import Request
from tests.sip.dialling import HERE, PEER, answers, counted, outgoing

INCOMING = Incoming("call-1", ("6001",), "+49301234560", "+498912345678", ring=8.0, talk=3.0)


def started(devices: int = 2) -> tuple[GroupCall, list[Request]]:
    fresh = counted()
    call = GroupCall(INCOMING, tuple(InviteClient(outgoing(), HERE, PEER, fresh) for _ in range(devices)))
    return call, sent(call.start(0.0))


def sent(said: list[Datagram | Taken | Over]) -> list[Request]:
    parsed = [message.parse(word.data) for word in said if isinstance(word, Datagram)]
    return [each for each in parsed if isinstance(each, Request)]


def told(said: list[Datagram | Taken | Over]) -> list[Taken | Over]:
    return [word for word in said if not isinstance(word, Datagram)]


def test_the_first_device_wins_and_the_others_hear_why() -> None:
    call, (first, second) = started()
    call.receive(answers(first, 180), 0.1)
    call.receive(answers(second, 180), 0.1)
    said = call.receive(answers(second, 200), 1.0)
    assert told(said) == [Taken("call-1")]
    ack, cancel = sent(said)
    assert (ack.method, cancel.method) == ("ACK", "CANCEL")
    assert "cause=200" in cancel.headers.need("reason")
    assert sent(call.wake(4.0))[-1].method == "BYE"


def test_of_two_that_answer_at_once_one_is_hung_up() -> None:
    call, (first, second) = started()
    call.receive(answers(first, 180), 0.1)
    call.receive(answers(first, 200), 1.0)
    said = call.receive(answers(second, 200), 1.01)
    assert [request.method for request in sent(said)] == ["ACK", "BYE"]
    assert told(said) == []


def test_when_all_refuse_it_is_over_once() -> None:
    call, (first, second) = started()
    assert told(call.receive(answers(first, 486), 0.1)) == []
    assert told(call.receive(answers(second, 486), 0.1)) == [Over("call-1", How.UNANSWERED)]
    assert told(call.hang_up(1.0)) == []


def test_foreign_requests_are_not_for_this_call() -> None:
    call, (first, _) = started()
    assert call.request(first, PEER, 0.1) is None
