"""Those who ask come and go, and who sends our OPTIONS changes."""

from ctibridge.sip.hop import Hop, Transport
from ctibridge.sip.turns import CARE
from ctibridge.sip.uplink import ASK_AFTER
from tests.sip.scripts import PBX
from tests.sip.way import Line, Way, methods

TCP = Hop(Transport.TCP, "192.0.2.9", 5060)


def test_what_is_answered_to_one_who_was_forgotten_is_a_sign_of_life_and_no_more() -> None:
    way = Way(PBX)
    asked = way.ask()
    way.uplink.forget(way.line, "a")
    way.heard()
    way.answer(asked)
    assert way.heard() == []
    assert set(methods(way.run(40.0))) == {"OPTIONS"}, "the request is not sent again"


def test_who_was_forgotten_gets_no_turn_and_lends_no_second_opinion() -> None:
    way = Way(PBX)
    way.answer(way.ask())
    way.uplink.wait(way.line, "a")
    way.uplink.forget(way.line, "a")
    way.heard()
    assert set(methods(way.run(ASK_AFTER + 20))) == {"OPTIONS"}
    assert "turn a" not in way.heard()


def test_the_heir_hears_what_was_on_its_way() -> None:
    way = Way(PBX)
    heir = Line(way.uplink)
    asked = way.ask()
    way.heard()
    way.uplink.pass_on(way.line, "a", heir)
    way.answer(asked)
    assert (way.heard(), heir.heard) == ([], ["200 a"])


def test_a_mended_password_waits_for_no_care() -> None:
    way = Way(PBX)
    way.ask()
    way.uplink.failed(way.line, "a", 0.0, password=True)
    way.uplink.wait(way.line, "b")
    way.uplink.mended(way.line, "c")
    way.heard()
    way.run(1.0)
    assert way.heard() == ["turn c"]
    way.uplink.failed(way.line, "c", 1.0, password=False)
    way.run(CARE + 1)
    assert "turn b" in way.heard()


def test_somebody_else_sends_our_options_and_where_nobody_is_none_go_out() -> None:
    way = Way(PBX)
    way.uplink.introduce(("sip:6002@pbx", "sip:pbx"), 0.0)
    (asked,) = way.run(ASK_AFTER)
    assert b"From: <sip:6002@pbx>" in asked.data
    way.answer(asked)
    way.uplink.introduce(None, ASK_AFTER)
    assert way.uplink.deadline is None
    assert way.run(500.0) == []
    way.uplink.introduce(("sip:6003@pbx", "sip:pbx"), 500.0)
    assert methods(way.run(500.0 + ASK_AFTER)) == ["OPTIONS"]


def test_on_a_stream_the_options_of_the_first_line_open_the_connection() -> None:
    way = Way(TCP)
    way.sent()
    way.uplink.introduce(None, 0.0)
    way.run(100.0)
    way.uplink.introduce(("sip:6003@pbx", "sip:pbx"), 100.0)
    way.uplink.wait(way.line, "a")
    assert way.heard() == []
    assert methods(way.run(100.0)) == ["OPTIONS"]


def test_a_registrar_that_was_gone_when_the_last_line_went_is_told_of_again() -> None:
    way = Way(PBX)
    way.run(100.0)
    assert way.heard() == ["registrar does not answer"]
    way.uplink.introduce(None, 100.0)
    way.uplink.introduce(("sip:6003@pbx", "sip:pbx"), 100.0)
    way.answer(way.ask())
    way.heard()
    way.run(200.0)
    assert "registrar does not answer" in way.heard()
