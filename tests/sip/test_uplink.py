"""The way to the registrar: alive or dead, which hop, how we are seen, whose turn."""

import pytest

from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.message import Headers, Response
from ctibridge.sip.standing import LONGEST_PAUSE, RECONNECT, STEADY
from ctibridge.sip.uplink import ASK_AFTER, MOVE_AGAIN, PROBE_AGAIN, TURN_AWAY_AGAIN
from tests.sip.scripts import HERE, PBX
from tests.sip.way import Way, methods

SECOND = datagram("192.0.2.10", 5060)
TLS = Hop(Transport.TLS, "192.0.2.9", 5061, name="pbx")
OTHER_TLS = Hop(Transport.TLS, "192.0.2.10", 5061, name="pbx")
DEAD = 32.0


# -- is it there? ------------------------------------------------------------------------------------------------------


def test_whoever_is_silent_is_asked_and_any_answer_is_a_sign_of_life() -> None:
    way = Way(PBX)
    assert way.run(ASK_AFTER - 1) == []
    (asked,) = way.run(ASK_AFTER)
    assert asked.data.startswith(b"OPTIONS sip:pbx SIP/2.0\r\n")
    assert b"\r\nFrom: <sip:6001@pbx>;tag=" in asked.data
    way.answer(asked, 404)
    assert methods(way.run(2 * ASK_AFTER - 1)) == []
    assert way.heard() == []


def test_a_trunk_that_hears_answers_anyway_asks_nothing_besides() -> None:
    way = Way(PBX)
    for second in range(10, 100, 10):
        way.run(float(second))
        way.answer(way.ask())
    assert "silent" not in " ".join(way.heard())
    assert methods(way.run(90.0)) == []


def test_a_dead_registrar_is_noticed_within_a_minute_of_its_last_word() -> None:
    way = Way(PBX)
    way.run(ASK_AFTER + DEAD)
    assert way.heard() == ["registrar does not answer"]
    assert ASK_AFTER + DEAD < 60


def test_nobody_asks_a_dead_registrar_until_it_answers_and_then_everybody_may() -> None:
    way = Way(PBX)
    way.answer(way.run(ASK_AFTER)[0])
    way.run(2 * ASK_AFTER + DEAD)
    way.heard()
    way.uplink.wait(way.line, "a")
    probes = way.run(2 * ASK_AFTER + DEAD + PROBE_AGAIN)
    assert methods(probes) == ["OPTIONS"]
    way.answer(probes[0])
    assert way.heard() == ["up"]
    assert methods(way.sent()) == ["REGISTER"]
    assert way.heard() == ["turn a"]


def test_a_request_that_nobody_answers_says_it_too() -> None:
    way = Way(PBX)
    way.ask()
    way.run(DEAD)
    assert way.heard() == ["turn a", "registrar does not answer", "silent a"]


def test_without_a_hop_asking_is_silence() -> None:
    way = Way()
    way.uplink.wait(way.line, "a")
    assert way.sent() == []
    assert way.heard() == ["turn a", "silent a"]


# -- which hop ---------------------------------------------------------------------------------------------------------


def test_the_second_hop_is_taken_where_the_first_is_dead_and_everybody_asks_again() -> None:
    way = Way(PBX, SECOND)
    assert way.ask().to == PBX
    way.run(DEAD)
    assert way.heard() == ["turn a", "up", "silent a"]
    assert way.ask().to == SECOND


def test_503_moves_us_to_the_next_server_and_the_last_one_is_believed() -> None:
    way = Way(PBX, SECOND)
    way.answer(way.ask(), 503)
    assert way.heard() == ["turn a", "up", "silent a"]
    way.run(1.0)
    way.answer(way.ask(), 503)
    assert way.heard() == ["turn a", "503 a"]


def test_a_line_that_is_told_503_everywhere_does_not_drive_all_the_others_to_and_fro() -> None:
    """Kamailio says 503 to one that has too many contacts."""
    way = Way(PBX, SECOND)
    while way.now < 3 * TURN_AWAY_AGAIN:
        way.answer(way.ask("full"), 503)
        way.run(way.now + 1.0)
        way.answer(way.ask("other"))
        way.run(way.now + 9.0)
    assert way.heard().count("up") == 3


def test_what_was_on_its_way_to_a_dead_hop_is_given_up_before_anybody_asks_the_next() -> None:
    way = Way(PBX, SECOND)
    first = way.ask("a")
    way.uplink.accepted(way.line, "b")
    way.run(10.0)
    way.ask("b")
    way.run(DEAD)
    assert way.heard()[-3:] == ["silent b", "up", "silent a"]
    way.answer(first)
    assert way.heard() == []


def test_where_all_hops_are_dead_it_is_said_once_and_all_are_probed_in_turn() -> None:
    way = Way(PBX, SECOND)
    way.ask()
    sent = way.run(300.0)
    assert {each.to for each in sent if each.data.startswith(b"OPTIONS")} == {PBX, SECOND}
    assert way.heard().count("registrar does not answer") == 1


def test_the_hop_in_use_stays_the_first_whatever_a_new_look_up_prefers() -> None:
    way = Way(PBX)
    way.uplink.reach((SECOND, PBX))
    asked = way.ask()
    assert asked.to == PBX
    way.answer(asked)
    assert way.heard() == ["turn a", "200 a"]
    way.uplink.reach((PBX, SECOND), 1.0)
    assert way.heard() == []


def test_where_the_name_stands_for_another_address_everybody_asks_there_at_once() -> None:
    way = Way(PBX)
    way.answer(way.ask("a"))
    way.run(1.0)
    way.ask("b")
    way.heard()
    way.uplink.reach((SECOND,), 2.0)
    way.run(2.0)
    assert way.heard() == ["silent b", "up"]
    asked = way.ask("a")
    assert asked.to == SECOND
    way.answer(asked)
    assert {each.to for each in way.run(60.0)} == {SECOND}


def test_another_address_of_a_dead_registrar_is_asked_without_waiting() -> None:
    way = Way(PBX)
    way.run(ASK_AFTER + DEAD)
    way.uplink.wait(way.line, "a")
    way.uplink.reach((SECOND,), way.now)
    (asked,) = way.sent()
    assert asked.to == SECOND
    assert way.heard() == ["registrar does not answer", "up", "turn a"]


def test_another_address_is_opened_by_options_where_it_is_a_stream() -> None:
    way = Way(TLS)
    way.uplink.connected(TLS, ("192.0.2.1", 40_001), 0.0)
    way.answer(way.ask())
    way.uplink.reach((OTHER_TLS,), 1.0)
    (asked,) = way.run(1.0)
    assert (asked.to, methods([asked])) == (OTHER_TLS, ["OPTIONS"])


# -- connections -------------------------------------------------------------------------------------------------------


def test_a_stream_is_opened_by_options_before_anybody_asks() -> None:
    way = Way(TLS)
    way.uplink.wait(way.line, "a")
    opening = way.run(0.0)
    assert methods(opening) == ["OPTIONS"]
    way.uplink.connected(TLS, ("192.0.2.1", 40001), 0.1)
    assert way.uplink.contact_at == ("192.0.2.1", 40001)
    assert way.heard() == ["moved", "up"]
    assert methods(way.sent()) == ["REGISTER"]


def test_a_connection_that_cannot_be_opened_is_told_and_tried_again() -> None:
    way = Way(TLS)
    way.run(0.0)
    way.uplink.disconnected(TLS, "refused", 0.2)
    assert way.heard() == ["no connection to the registrar: refused"]
    assert methods(way.run(0.2 + PROBE_AGAIN)) == ["OPTIONS"]
    way.uplink.disconnected(TLS, "refused", 6.0)
    assert way.heard() == []


def test_the_next_stream_is_tried_at_once() -> None:
    way = Way(TLS, OTHER_TLS)
    way.run(0.0)
    way.uplink.disconnected(TLS, "refused", 0.2)
    assert [each.to for each in way.run(0.2)] == [OTHER_TLS]
    assert way.heard() == []


def test_a_connection_that_breaks_is_opened_again_before_anybody_is_told() -> None:
    way = Way(TLS)
    way.run(0.0)
    way.uplink.connected(TLS, ("192.0.2.1", 40001), 0.0)
    asked = way.ask()
    way.heard()
    way.uplink.disconnected(TLS, "refused", STEADY + 1)
    assert way.heard() == ["silent a"]
    assert methods(way.run(STEADY + 1 + RECONNECT)) == ["OPTIONS"]
    way.uplink.connected(TLS, ("192.0.2.1", 40002), STEADY + 2)
    assert way.heard() == ["moved", "up"]
    way.answer(asked)
    assert way.heard() == [], "an answer to a request of the old connection is nobody's"


def test_a_registrar_that_closes_each_connection_is_not_asked_in_a_loop() -> None:
    way = Way(TLS)
    opened = 0
    while way.now < 600.0:
        if methods(way.run(way.now + 1)):
            opened += 1
            way.uplink.connected(TLS, ("192.0.2.1", 40000 + opened), way.now)
            way.uplink.disconnected(TLS, "refused", way.now)
    assert opened < 10 + 600 / LONGEST_PAUSE


def test_the_end_of_the_connection_to_an_earlier_hop_says_nothing_of_the_one_in_use() -> None:
    way = Way(TLS, OTHER_TLS)
    way.run(0.0)
    way.uplink.connected(TLS, ("192.0.2.1", 40001), 0.0)
    assert way.run(DEAD)[-1].to == OTHER_TLS
    way.uplink.connected(OTHER_TLS, ("192.0.2.1", 40002), way.now)
    way.uplink.disconnected(TLS, "cut", way.now)
    way.heard()
    way.uplink.disconnected(OTHER_TLS, "cut", way.now + STEADY + 1)
    assert [each.to for each in way.run(way.now + STEADY + 1 + RECONNECT)] == [OTHER_TLS]
    assert way.heard() == [], "it is opened again before anybody is told"


def test_a_hop_that_refuses_its_first_connection_is_left_at_once_whatever_stood_before() -> None:
    way = Way(TLS, OTHER_TLS)
    way.run(0.0)
    way.uplink.connected(TLS, ("192.0.2.1", 40001), 0.0)
    assert way.run(DEAD)[-1].to == OTHER_TLS
    way.uplink.disconnected(OTHER_TLS, "refused", way.now)
    assert "no connection to the registrar: refused" in way.heard()


def test_other_connections_are_none_of_its_business() -> None:
    way = Way(PBX)
    way.uplink.connected(TLS, ("192.0.2.1", 40001), 0.0)
    way.uplink.disconnected(TLS, "refused", 1.0)
    assert (way.heard(), way.uplink.contact_at) == ([], HERE)


# -- how we are seen ---------------------------------------------------------------------------------------------------


def test_behind_a_nat_our_contact_is_where_the_registrar_sees_us() -> None:
    way = Way(PBX)
    way.answer(way.ask(), 401, seen=("203.0.113.7", 40123))
    assert way.uplink.contact_at == ("203.0.113.7", 40123)
    assert way.heard() == ["turn a", "moved", "401 a"], "told before the answer, so that the next request says so"


def test_two_proxies_that_see_us_differently_do_not_make_us_register_for_ever() -> None:
    way = Way(PBX)
    for port in range(40000, 40010):
        way.run(way.now + 1)
        way.answer(way.ask(), 401, seen=("203.0.113.7", port))
    assert way.heard().count("moved") == 1
    while way.now <= MOVE_AGAIN + 1:
        way.run(way.now + 10)
        way.answer(way.ask(), 401, seen=("203.0.113.7", 40009))
    assert way.heard().count("moved") == 1


def test_nonsense_in_received_and_rport_moves_nobody() -> None:
    for received, rport in [("not an address", "5"), ("203.0.113.7", "0"), ("203.0.113.7", "99999"),
                            ("203.0.113.7", "²"), ("203.0.113.7", "1_0"), ("", ""), ("203.0.113.7", "")]:  # fmt: skip
        way = Way(PBX)
        sent = way.ask()
        via = sent.data.split(b"\r\n")[1].decode().removeprefix("Via: ")
        stamped = f"{via.replace(';rport', f';rport={rport}')};received={received}"
        lines = (("via", stamped), ("cseq", "1 REGISTER"))
        way.uplink.receive(Response(401, "", Headers(lines)), 0.1)
        assert way.heard() == ["turn a", "401 a"], (received, rport)


def test_over_a_stream_our_port_of_the_connection_is_no_news() -> None:
    tcp = Hop(Transport.TCP, "192.0.2.9", 5060)
    way = Way(tcp)
    (asked,) = way.run(0.0)
    way.uplink.connected(tcp, ("192.0.2.1", 40001), 0.0)
    way.answer(asked, 200, seen=("192.0.2.1", 40001))
    assert way.uplink.contact_at == HERE
    assert way.heard() == ["up"]


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
def test_behind_a_nat_each_new_connection_is_seen_elsewhere_and_that_is_told_at_once(transport: Transport) -> None:
    hop = Hop(transport, "192.0.2.9", 5061)
    way = Way(hop)
    for port in (40001, 40002, 40003):
        asked = way.run(way.now + PROBE_AGAIN)[-1]
        way.uplink.connected(hop, ("192.0.2.1", port), way.now)
        way.answer(asked, seen=("203.0.113.7", port))
        assert way.uplink.contact_at == ("203.0.113.7", port)
        assert way.heard()[-2:] == ["up", "moved"]
        way.uplink.disconnected(hop, "refused", way.now)


def test_a_second_registrar_on_this_side_of_the_nat_calls_us_where_we_listen() -> None:
    outside, inside = Hop(Transport.TCP, "198.51.100.9", 5060), Hop(Transport.TCP, "192.0.2.9", 5060)
    way = Way(outside, inside)
    for hop, seen, contact in [
        (outside, ("203.0.113.7", 40001), ("203.0.113.7", 40001)),
        (inside, ("192.0.2.1", 40002), ("192.0.2.1", HERE[1])),
    ]:
        asked = way.run(way.now)[-1]
        assert asked.to == hop
        way.uplink.connected(hop, ("192.0.2.1", 40000), way.now)
        way.answer(asked, seen=seen)
        assert way.uplink.contact_at == contact
        way.uplink.disconnected(hop, "cut", way.now)
        way.run(way.now + PROBE_AGAIN)
        way.uplink.disconnected(hop, "refused", way.now)


# -- the end -----------------------------------------------------------------------------------------------------------


def test_stop_forgets_what_was_on_its_way_and_lets_all_sign_off_at_once() -> None:
    way = Way(PBX)
    way.ask()
    assert way.uplink.stop() == [(way.line, "a")]
    for line in "abcdef":
        way.uplink.wait(way.line, line)
    assert way.uplink.in_flight == 6
    sent = way.sent()
    assert len(sent) == 6
    for each in sent:
        way.answer(each)
    assert (way.uplink.in_flight, way.uplink.deadline) == (0, None)
