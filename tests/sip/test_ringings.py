"""All ringings of a trunk: which INVITE is new, whose CANCEL this is, and that nothing is left behind."""

import pytest

from ctibridge.sip import limits
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import RingEnd, RingEnded, RingStarted
from ctibridge.sip.message import Request
from ctibridge.sip.ringings import LONGEST_KEY, Reading, Ringings
from tests.sip.scripts import CONTACT, NUMBER, PBX, counted, facts, read, request, responses, statuses

READING = Reading(("From",), ("To",), ("X-Call-Key", "X-Other"), hold=True, expiry=90.0)


def ring(machine: Ringings, asked: Request, now: float = 0.0) -> None:
    machine.ring("6001", CONTACT, *read(asked), PBX, now)


def made(reading: Reading = READING) -> Ringings:
    return Ringings("pbx", reading, counted())


def started(machine: Ringings) -> RingStarted:
    (fact,) = facts([*machine.drain()])
    assert isinstance(fact, RingStarted)
    return fact


def test_the_fact_comes_before_the_answer() -> None:
    machine = made()
    ring(machine, request())
    said = machine.drain()
    assert isinstance(said[0], RingStarted)
    assert statuses([*said]) == [180]


def test_what_an_invite_says() -> None:
    machine = made()
    ring(machine, request(tag="x", extra=(("x-other", "k" * 1000),)), 7.0)
    fact = started(machine)
    assert fact.at == 7.0, "when it was read from its socket"
    assert (fact.trunk, fact.line, fact.dialog, fact.called) == ("pbx", "6001", ("call-1", "x"), ("6001",))
    assert fact.key == "k" * LONGEST_KEY
    assert fact.identity.user == NUMBER


def test_without_a_key_header_there_is_no_key() -> None:
    machine = made()
    ring(machine, request(extra=(("x-call-key", ""),)))
    assert started(machine).key is None


def test_forks_of_one_call_are_legs_of_their_own() -> None:
    machine = made()
    for branch in "123":
        assert not machine.again(read(request(branch=branch))[1])
        ring(machine, request(branch=branch))
    legs = [fact.leg for fact in facts([*machine.drain()]) if isinstance(fact, RingStarted)]
    assert len(set(legs)) == len(machine) == 3


def test_the_same_invite_again_is_no_new_ringing() -> None:
    machine = made()
    ring(machine, request())
    machine.drain()
    assert machine.again(read(request())[1])
    assert (facts([*machine.drain()]), len(machine)) == ([], 1)


def test_cancel_and_ack_find_their_own() -> None:
    machine = made()
    for branch in "12":
        ring(machine, request(branch=branch))
    first = machine.drain()[0]
    assert isinstance(first, RingStarted)
    assert machine.cancel(*read(request("CANCEL", "1")), PBX, 1.0)
    assert facts([*machine.drain()]) == [RingEnded(first.leg, RingEnd.CANCELLED)]
    machine.ack(read(request("ACK", "1"))[1], 1.1)
    machine.wake(10.0)
    assert len(machine) == 1


def test_strange_cancel_and_ack_find_nothing() -> None:
    machine = made()
    assert not machine.cancel(*read(request("CANCEL")), PBX, 0.0)
    machine.ack(read(request("ACK"))[1], 0.0)
    assert machine.drain() == []


def test_decline_mode() -> None:
    machine = made(Reading(("From",), ("To",), (), hold=False, expiry=90.0))
    ring(machine, request())
    assert statuses([*machine.drain()]) == [480]


def test_who_insists_on_an_extension_is_read_all_the_same_and_told_what_we_lack() -> None:
    machine = made()
    ring(machine, request(extra=(("require", "100rel, timer"),)))
    said = machine.drain()
    assert isinstance(said[0], RingStarted)
    (answer,) = responses([*said])
    assert (answer.status, answer.headers.each_line("unsupported")) == (420, ["100rel", "timer"])


def test_past_the_limit_the_least_harmful_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RINGINGS", 2)
    machine = made()
    for branch in "12":
        ring(machine, request(branch=branch))
    machine.drain()
    with pytest.raises(RemoteFault) as fault:
        ring(machine, request(branch="3"))
    assert fault.value.status == 480
    assert (machine.drain(), len(machine)) == ([], 2)


@pytest.mark.parametrize("name", ["p-asserted-identity", "to", "diversion", "remote-party-id", "x-call-key"])
def test_an_invite_that_names_a_hundred_and_one_callers_is_one_call_and_leaves_nothing(name: str) -> None:
    machine = made(
        Reading(("P-Asserted-Identity", "Remote-Party-ID", "From"), ("Diversion", "To"), (name,), True, 90.0)
    )
    endless = (name, ",".join(["<sip:a@b>"] * (limits.VALUES + 1)))
    asked = request()
    ring(machine, Request(asked.method, asked.uri, type(asked.headers)((endless, *asked.headers.lines)))
         if name != "to" else request(to=endless[1]))  # fmt: skip
    assert statuses([*machine.drain()]) == [180]
    machine.wake(90.0)
    machine.wake(200.0)
    assert (len(machine), machine.deadline) == (0, None)


def test_a_require_without_end_is_refused_behind_the_pop_and_not_mirrored() -> None:
    machine = made()
    ring(machine, request(extra=(("require", ",".join(["x"] * (limits.VALUES + 1))),)))
    said = machine.drain()
    assert isinstance(said[0], RingStarted)
    (answer,) = responses([*said])
    assert (answer.status, answer.headers.all("unsupported")) == (400, [])


def test_stop_ends_all() -> None:
    machine = made()
    for branch in "12":
        ring(machine, request(branch=branch))
    machine.drain()
    machine.stop(1.0)
    said = machine.drain()
    assert statuses([*said]) == [480, 480]
    assert [each.how for each in said if isinstance(each, RingEnded)] == [RingEnd.UNSEEN] * 2


def test_after_ten_thousand_calls_nothing_is_left() -> None:
    machine = made()
    for number in range(10_000):
        now, branch = number / 100, str(number)
        ring(machine, request(branch=branch), now)
        if number % 3:
            machine.cancel(*read(request("CANCEL", branch)), PBX, now)
        if number % 3 == 2:
            machine.ack(read(request("ACK", branch))[1], now)
        machine.wake(now)
        machine.drain()
    while (deadline := machine.deadline) is not None:
        machine.wake(deadline)
    assert len(machine) == 0
    assert not machine._times._heap
    assert not machine._times._noted
