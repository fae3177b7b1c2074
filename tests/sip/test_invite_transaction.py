"""RFC 3261 17.1.1 in virtual time: timers A, B and D, and RFC 6026's Accepted."""

import pytest

from ctibridge.sip import message
from ctibridge.sip.events import Datagram
from ctibridge.sip.invite_transaction import InviteTransaction, State
from ctibridge.sip.message import Request
from tests.sip.dialling import PEER, answers, dialled


@pytest.fixture
def transaction() -> InviteTransaction:
    _, invite = dialled(headers=(("route", "<sip:192.0.2.9;lr>"),))
    machine = InviteTransaction(invite, PEER)
    machine.start(0.0)
    return machine


def sendings(machine: InviteTransaction, until: float) -> list[float]:
    times = []
    while (deadline := machine.deadline) is not None and deadline <= until:
        times += [deadline for _ in machine.wake(deadline)]
    return times


def only(sent: list[Datagram]) -> Request:
    (datagram,) = sent
    parsed = message.parse(datagram.data)
    assert isinstance(parsed, Request)
    return parsed


def test_sends_with_doubling_pauses_and_gives_up_after_64_t1(transaction: InviteTransaction) -> None:
    assert sendings(transaction, 60.0) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    assert transaction.state is State.TERMINATED
    assert transaction.timed_out


def test_a_provisional_response_stops_the_sending_for_good(transaction: InviteTransaction) -> None:
    assert transaction.receive(answers(transaction.request, 100), 0.1) == (True, [])
    assert transaction.deadline is None
    assert transaction.state is State.PROCEEDING


def test_a_refusal_is_acknowledged_each_time_it_comes(transaction: InviteTransaction) -> None:
    news, sent = transaction.receive(answers(transaction.request, 486), 1.0)
    again = transaction.receive(answers(transaction.request, 486), 2.0)
    assert news
    assert again == (False, sent)
    assert sendings(transaction, 60.0) == []
    assert transaction.state is State.TERMINATED
    assert not transaction.timed_out


def test_the_ack_of_a_refusal_goes_the_way_of_the_invite(transaction: InviteTransaction) -> None:
    invite = transaction.request
    _, sent = transaction.receive(answers(invite, 486, tag="busy"), 1.0)
    ack = only(sent)
    assert (ack.method, ack.uri) == ("ACK", invite.uri)
    for name in ("via", "route", "from", "call-id"):
        assert ack.headers.each_line(name) == invite.headers.each_line(name)
    assert ack.headers.need("cseq") == "1 ACK"
    assert ack.headers.need("to").endswith(";tag=busy")


def test_2xx_is_heard_for_64_t1_and_never_acknowledged_here(transaction: InviteTransaction) -> None:
    assert transaction.receive(answers(transaction.request, 200), 1.0) == (True, [])
    assert transaction.receive(answers(transaction.request, 200), 2.0) == (True, [])
    assert transaction.receive(answers(transaction.request, 486), 3.0) == (False, [])
    assert transaction.deadline == 33.0
    transaction.wake(33.0)
    assert transaction.receive(answers(transaction.request, 200), 34.0) == (False, [])


def test_a_2xx_behind_a_refusal_is_news(transaction: InviteTransaction) -> None:
    transaction.receive(answers(transaction.request, 487), 1.0)
    assert transaction.receive(answers(transaction.request, 200), 1.1) == (True, [])


def test_a_provisional_response_behind_the_final_one_is_old(transaction: InviteTransaction) -> None:
    transaction.receive(answers(transaction.request, 487), 1.0)
    assert transaction.receive(answers(transaction.request, 180), 1.1) == (False, [])
