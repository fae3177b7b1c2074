"""The demo's PBX with own phones and the daemon's trunk machine beside them, in virtual time."""

import pytest

from ctibridge.demo.group_call import How, Over, Taken
from ctibridge.demo.incoming import Shown
from ctibridge.demo.pbx import Pbx
from ctibridge.sip.events import Hearing, LineChanged, RingEnd, RingEnded, RingStarted, Withheld
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import Headers, Request
from ctibridge.softphone.orders import Order
from tests.demo.floor import AUDIO, DAEMON, LINES, PBX, Floor
from tests.sip.dialling import counted

ANSWER = Order("call-1", "6002", after=2.0)


def ends(floor: Floor) -> set[RingEnd]:
    return {fact.how for fact in floor.network.said(RingEnded) if isinstance(fact, RingEnded)}


def test_every_line_has_its_phone_and_the_daemon() -> None:
    floor = Floor()
    heard = [fact for _, at, fact in floor.network.facts if at == DAEMON and isinstance(fact, LineChanged)]
    assert [fact.line for fact in heard if fact.hearing is Hearing.REGISTERED] == list(LINES)
    assert [floor.pbx.devices(line, 5.0) for line in LINES] == [2, 2]


def test_a_colleague_answers() -> None:
    floor = Floor()
    floor.call(answered=ANSWER)
    floor.network.run(6.0)
    started = [fact for fact in floor.network.said(RingStarted) if isinstance(fact, RingStarted)]
    assert [fact.line for fact in started] == list(LINES)
    assert len({fact.dialog for fact in started}) == 1
    assert started[0].called[0] == "+49301234560"
    floor.network.run(30.0)
    assert ends(floor) == {RingEnd.COMPLETED_ELSEWHERE}
    assert floor.network.said(Taken) == [Taken("call-1")]
    assert floor.network.said(Over) == [Over("call-1", How.TALKED)]


@pytest.mark.parametrize(("talk", "order"), [(3.0, ANSWER), (None, Order("call-1", "6002", after=2.0, talk=3.0))])
def test_either_side_hangs_up(talk: float | None, order: Order) -> None:
    floor = Floor()
    floor.call(answered=order, talk=talk)
    floor.network.run(9.0)
    assert not floor.pbx.quiet
    floor.network.run(11.0)
    assert floor.pbx.quiet


def test_the_caller_gives_up() -> None:
    floor = Floor()
    floor.call(ring=4.0)
    floor.network.run(8.9)
    assert floor.network.said(RingEnded) == []
    floor.network.run(30.0)
    assert ends(floor) == {RingEnd.CANCELLED}
    assert floor.network.said(Over) == [Over("call-1", How.ABANDONED)]
    assert b"Reason" not in b"".join(data for *_, data in floor.network.log)


@pytest.mark.parametrize(
    ("shown", "user", "withheld"),
    [
        (Shown.PLAIN, "+498912345678", Withheld.NO),
        (Shown.ASSERTED, "+498912345678", Withheld.NO),
        (Shown.WITHHELD, None, Withheld.RESTRICTED),
    ],
)
def test_how_the_caller_reaches_the_daemon(shown: Shown, user: str | None, withheld: Withheld) -> None:
    floor = Floor()
    floor.call(shown=shown, name='Zoë "Z" 山田')
    floor.network.run(6.0)
    started = floor.network.said(RingStarted)[0]
    assert isinstance(started, RingStarted)
    assert (started.identity.user, started.identity.withheld) == (user, withheld)
    assert started.identity.display_name == (None if user is None else 'Zoë "Z" 山田')


def test_a_line_without_a_device_is_over_at_once() -> None:
    pbx = Pbx({"6001": "x"}, PBX, AUDIO, counted())
    floor = Floor()
    floor.pbx = pbx
    floor.call()
    assert list(pbx.drain()) == [Over("call-1", How.UNANSWERED)]


def test_all_hang_up_at_the_end() -> None:
    floor = Floor()
    floor.call()
    floor.network.run(6.0)
    floor.pbx.hang_up(6.0)
    floor.network.run(7.0)
    assert floor.pbx.quiet
    assert floor.network.said(Over) == [Over("call-1", How.ABANDONED)]


@pytest.mark.parametrize("loss", [0.1, 0.3])
def test_on_a_bad_network_every_call_ends(loss: float) -> None:
    for seed in range(25):
        floor = Floor(loss, seed)
        floor.network.run(60.0)
        floor.call(answered=ANSWER)
        floor.network.run(300.0)
        assert len(floor.network.said(Over)) == 1, f"seed {seed}"
        assert len(floor.network.said(RingStarted)) == len(floor.network.said(RingEnded)), f"seed {seed}"
        assert floor.pbx.deadline is None, f"seed {seed}"


@pytest.mark.parametrize(("method", "answer"), [("OPTIONS", "200"), ("INVITE", "405"), ("BYE", "405"), ("ACK", None)])
def test_other_requests(method: str, answer: str | None) -> None:
    pbx = Pbx({"6001": "x"}, PBX, AUDIO, counted())
    lines = (("via", "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx"), ("from", "<sip:a@x>;tag=a"), ("to", "<sip:b@x>"),
             ("call-id", "c"), ("cseq", f"1 {method}"))  # fmt: skip
    pbx.receive(bytes(Request(method, "sip:b@x", Headers(lines))), datagram("127.0.0.1", 9), 0.0)
    answers = [word.data.decode().split()[1] for word in pbx.drain() if hasattr(word, "data")]
    assert answers == ([answer] if answer else [])


@pytest.mark.parametrize(
    "data", [b"", b"\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"INVITE x SIP/2.0\r\n\r\n", b"\xff" * 99]
)
def test_what_is_no_message_is_dropped(data: bytes) -> None:
    pbx = Pbx({"6001": "x"}, PBX, AUDIO, counted())
    pbx.receive(data, datagram("127.0.0.1", 9), 0.0)
    assert list(pbx.drain()) == []
