"""Our calling side against our ringing side, over a network that loses datagrams: nothing rings for ever, each end is
told once, and the two agree where they can know."""

import pytest

from ctibridge.sip import message, transaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import RingEnd, RingEnded, RingStarted
from ctibridge.sip.hop import Hop
from ctibridge.sip.invite_client import InviteClient
from ctibridge.sip.message import Response
from ctibridge.sip.outgoing import ELSEWHERE, CallEnd, Ended, Say
from ctibridge.sip.ringings import Out, Reading, Ringings
from tests.sip.dialling import HERE, PEER, counted, outgoing
from tests.sip.network import Network

CANCEL_AT = 3.0
EXPIRY = 90.0


class Caller:
    """Calls at second 0 and takes it back three seconds later."""

    def __init__(self) -> None:
        self._client = InviteClient(outgoing(), HERE, PEER, counted("c"))
        self._out: list[Say] = self._client.start(0.0)
        self._cancelled = False

    @property
    def deadline(self) -> float | None:
        times = [self._client.deadline, None if self._cancelled else CANCEL_AT]
        return min((time for time in times if time is not None), default=None)

    @property
    def over(self) -> bool:
        return self._client.over

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        parsed = message.parse(data)
        assert isinstance(parsed, Response)
        self._out += self._client.receive(parsed, now)

    def wake(self, now: float) -> None:
        self._out += self._client.wake(now)
        if not self._cancelled and now >= CANCEL_AT:
            self._cancelled = True
            self._out += self._client.cancel(now, ELSEWHERE)

    def drain(self) -> list[Say]:
        out, self._out = self._out, []
        return out


class Rung:
    """A device that holds each call."""

    def __init__(self) -> None:
        self._ringings = Ringings("pbx", Reading(("From",), ("To",), (), hold=True, expiry=EXPIRY), counted("r"))

    @property
    def deadline(self) -> float | None:
        return self._ringings.deadline

    def __len__(self) -> int:
        return len(self._ringings)

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        request = message.parse(data)
        if isinstance(request, Response):
            raise RemoteFault("no request")
        headers = transaction.read(request)
        match request.method:
            case "INVITE" if not self._ringings.again(headers):
                self._ringings.ring("6001", "sip:token@192.0.2.9", request, headers, source, now)
            case "CANCEL":
                self._ringings.cancel(request, headers, source, now)
            case "ACK":
                self._ringings.ack(headers, now)

    def wake(self, now: float) -> None:
        self._ringings.wake(now)

    def drain(self) -> list[Out]:
        return self._ringings.drain()


def call(loss: float, seed: int) -> tuple[Network, Caller, Rung]:
    network, caller, rung = Network(loss, seed), Caller(), Rung()
    network.join(HERE, caller)
    network.join(PEER, rung)
    network.run(until=300.0)
    return network, caller, rung


def test_without_loss_it_takes_seven_messages() -> None:
    network, _, _ = call(0.0, 1)
    sent = [line.split()[0] for line in network.first_lines(PEER)]
    answered = [line.split()[1] for line in network.first_lines(HERE)]
    assert sent == ["INVITE", "CANCEL", "ACK"]
    assert answered == ["180", "180", "200", "487"]
    assert network.said(Ended) == [Ended(CallEnd.CANCELLED, 487)]
    assert network.said(RingEnded) == [RingEnded("r1", RingEnd.COMPLETED_ELSEWHERE)]


@pytest.mark.parametrize("loss", [0.15, 0.4, 0.7])
def test_whatever_is_lost_nothing_rings_for_ever(loss: float) -> None:
    for seed in range(200):
        network, caller, rung = call(loss, seed)
        assert len(network.said(Ended)) == 1, f"seed {seed}"
        assert len(network.said(RingEnded)) == len(network.said(RingStarted)) <= 1, f"seed {seed}"
        assert caller.over, f"seed {seed}"
        assert len(rung) == 0, f"seed {seed}"
