"""The phone on our own core, beside the daemon in virtual time; answering and hanging up stand in test_pbx."""

from ctibridge.sip.hop import datagram
from ctibridge.sip.message import Headers, Request
from ctibridge.softphone.orders import Order
from tests.demo.floor import LINES, PBX, Floor


def test_it_signs_off() -> None:
    floor = Floor()
    for phone in floor.phones.values():
        phone.stop(5.0)
    floor.network.run(6.0)
    assert [floor.pbx.devices(line, 6.0) for line in LINES] == [1, 1]
    assert [phone.in_flight for phone in floor.phones.values()] == [0, 0]


def test_it_hangs_up_when_it_leaves() -> None:
    floor = Floor()
    floor.call(answered=Order("call-1", "6002", after=0.5), talk=None)
    floor.network.run(8.0)
    assert not floor.pbx.quiet
    floor.phones["6002"].stop(8.0)
    floor.network.run(9.0)
    assert floor.pbx.quiet


def test_a_phone_without_an_order_rings_on() -> None:
    floor = Floor()
    floor.call(ring=10.0)
    floor.network.run(14.0)
    assert not floor.pbx.quiet


def test_it_answers_options_and_refuses_the_rest() -> None:
    floor = Floor()
    phone = floor.phones["6001"]
    floor.network.run(6.0)
    for method in ("OPTIONS", "CANCEL", "BYE", "INFO"):
        lines = (("via", "SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKx"), ("from", "<sip:a@x>;tag=a"), ("to", "<sip:b@x>"),
                 ("call-id", "c"), ("cseq", f"1 {method}"))  # fmt: skip
        phone.receive(bytes(Request(method, "sip:b@x", Headers(lines))), datagram(*PBX), 6.0)
    phone.receive(b"nonsense", datagram(*PBX), 6.0)
    answers = [word.data.decode().split()[1] for word in phone.drain() if hasattr(word, "data")]
    assert answers == ["200", "481", "481", "405"]
