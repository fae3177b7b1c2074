"""The non-INVITE client transaction: timers E, F and K on virtual time."""

from ctibridge.sip.client_transaction import ClientTransaction, State
from ctibridge.sip.message import Headers, Request
from tests.sip.scripts import PBX


def started() -> ClientTransaction:
    made = ClientTransaction("z9hG4bK1", Request("REGISTER", "sip:pbx", Headers(())), PBX)
    assert made.start(0.0)
    return made


def sendings(made: ClientTransaction) -> list[float]:
    """The times of its retransmissions, woken at each deadline."""
    times = []
    while (deadline := made.deadline) is not None:
        if made.wake(deadline):
            times.append(deadline)
    return times


def test_timer_e_doubles_up_to_t2_and_timer_f_ends_it() -> None:
    made = started()
    assert sendings(made) == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert made.timed_out
    assert made.state is State.TERMINATED


def test_after_a_provisional_response_it_sends_every_t2() -> None:
    made = started()
    assert not made.receive(100)
    assert sendings(made)[:3] == [0.5, 4.5, 8.5]


def test_a_final_response_counts_once() -> None:
    made = started()
    assert made.receive(401)
    assert not made.receive(200)
    assert made.deadline is None
    assert not made.wake(1.0)
    assert not made.timed_out


def test_woken_too_early_it_says_nothing() -> None:
    assert not started().wake(0.4)


def test_what_is_abandoned_neither_sends_nor_times_out() -> None:
    made = started()
    made.abandon()
    assert sendings(made) == []
    assert not made.receive(200)
    assert not made.timed_out
