"""A phone that answers, against our own calling side."""

import pytest

from ctibridge.demo.phone_call import PATIENCE, PhoneCall, State
from ctibridge.sip import message, transaction
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import datagram
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.outgoing import CallEnd, Ended
from tests.sip.dialling import HERE, PEER, counted, dialled, facts, requests

THERE = datagram(*HERE)


def ringing() -> tuple[InviteClient, Request, PhoneCall]:
    client, invite = dialled()
    call = PhoneCall(invite, transaction.read(invite), THERE, "sip:6001@192.0.2.9", PEER.address, counted("p"))
    for response in responses(call.ring(0.1)):
        client.receive(response, 0.1)
    return client, invite, call


def responses(said: list[Datagram]) -> list[Response]:
    parsed = [message.parse(datagram.data) for datagram in said]
    return [each for each in parsed if isinstance(each, Response)]


def answered() -> tuple[InviteClient, PhoneCall]:
    client, _, call = ringing()
    (ok,) = responses(call.answer(b"v=0\r\n", 1.0))
    client.receive(ok, 1.0)
    call.ack(1.0)
    return client, call


def test_it_rings_answers_and_talks() -> None:
    _, call = answered()
    assert call.state is State.TALKING
    assert call.deadline is None


def test_the_200_comes_again_until_it_is_acknowledged() -> None:
    _, _, call = ringing()
    call.answer(b"", 0.0)
    assert [len(call.wake(time)) for time in (0.4, 0.5, 1.5, 3.5, 7.5)] == [0, 1, 1, 1, 1]
    assert len(call.invite()) == 1
    call.ack(8.0)
    assert call.wake(20.0) == []


def test_without_an_ack_it_hangs_up() -> None:
    _, _, call = ringing()
    call.answer(b"", 0.0)
    said = []
    while (deadline := call.deadline) is not None and deadline <= 33.0:
        said = call.wake(deadline)
    assert said[0].data.startswith(b"BYE ")
    assert call.state is State.DONE


def test_the_phone_hangs_up() -> None:
    client, call = answered()
    (bye,) = call.hang_up(2.0)
    parsed = message.parse(bye.data)
    assert isinstance(parsed, Request)
    said = client.request(parsed, PEER)
    assert facts(said) == [Ended(CallEnd.HUNG_UP_THERE)]
    for word in said:
        if isinstance(word, Datagram):
            call.receive(responses([word])[0])
    assert call.over


def test_the_caller_hangs_up() -> None:
    client, call = answered()
    (bye,) = requests(client.hang_up(2.0))
    assert [response.status for response in responses(call.bye(bye, THERE))] == [200]
    assert call.over


def test_cancelled_while_it_rings() -> None:
    client, invite, call = ringing()
    (cancel,) = requests(client.cancel(1.0))
    assert [response.status for response in responses(call.cancel(cancel, THERE, 1.0))] == [200, 487]
    assert call.answer(b"", 1.1) == []
    call.ack(1.2)
    assert call.wake(1.2 + 5.0) == []
    assert call.over
    assert call.invite() == []
    assert invite.method == "INVITE"


def test_a_cancel_behind_the_answer_changes_nothing() -> None:
    client, _, call = ringing()
    (cancel,) = requests(client.cancel(1.0))
    call.answer(b"", 1.0)
    assert [response.status for response in responses(call.cancel(cancel, THERE, 1.1))] == [200]
    assert call.state is State.ANSWERED


def test_a_phone_that_nobody_hears_gives_up() -> None:
    _, _, call = ringing()
    while (deadline := call.deadline) is not None and deadline <= PATIENCE + 1:
        call.wake(deadline)
    assert call.state is State.DONE


def test_what_does_not_ring_cannot_be_hung_up() -> None:
    _, _, call = ringing()
    assert call.hang_up(1.0) == []


@pytest.mark.parametrize("route", ["<sip:192.0.2.20;lr>"])
def test_the_bye_goes_along_the_recorded_proxies(route: str) -> None:
    _, invite = dialled(headers=(("record-route", route),))
    call = PhoneCall(invite, transaction.read(invite), THERE, "sip:6001@192.0.2.9", PEER.address, counted("p"))
    call.ring(0.0)
    (ok,) = responses(call.answer(b"", 1.0))
    call.ack(1.0)
    (bye,) = call.hang_up(2.0)
    parsed = message.parse(bye.data)
    assert ok.headers.each_line("record-route") == [route]
    assert isinstance(parsed.headers, Headers)
    assert parsed.headers.each_line("route") == [route]
    assert bye.to == datagram("192.0.2.20", 5060)
