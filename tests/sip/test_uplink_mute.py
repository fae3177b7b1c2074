"""A registrar that drops OPTIONS and answers REGISTER: it lives, whatever our OPTIONS say."""

from ctibridge.sip.events import Datagram
from ctibridge.sip.uplink import ASK_AFTER, SECOND_OPINION
from tests.sip.scripts import PBX
from tests.sip.way import Way, methods

DEAD = 32.0


def answering_register_alone(way: Way, until: float) -> list[Datagram]:
    """Runs on; returns what was sent."""
    sent: list[Datagram] = []
    while way.now < until:
        new = way.run(way.now + 1)
        for each in new:
            if each.data.startswith(b"REGISTER"):
                way.answer(each)
        sent += new
    return sent


def test_a_registrar_that_drops_options_and_answers_register_is_not_dead() -> None:
    way = Way(PBX)
    way.answer(way.ask())
    way.heard()
    sent = answering_register_alone(way, 600.0)
    assert set(way.heard()) == {"turn a", "200 a"}
    assert 600 / 60 < methods(sent).count("REGISTER") < 600 / 20, "it is asked now and then, by one line"


def test_such_a_registrar_is_missed_when_it_dies_and_found_when_it_is_back() -> None:
    way = Way(PBX)
    way.answer(way.ask())
    answering_register_alone(way, 300.0)
    way.heard()
    way.run(way.now + 90)
    heard = way.heard()
    assert "registrar does not answer" in heard
    assert "up" not in heard
    assert "REGISTER" not in methods(way.run(way.now + 100)), "nobody waits for a turn"
    for line in "abcdef":
        way.uplink.wait(way.line, line)
    (asked,) = [each for each in way.run(way.now + 0.1) if each.data.startswith(b"REGISTER")]
    way.answer(asked)
    assert "up" in way.heard()


def test_a_late_answer_to_options_makes_its_silence_count_again() -> None:
    way = Way(PBX)
    way.answer(way.ask())
    asked = way.run(ASK_AFTER)[0]
    answering_register_alone(way, ASK_AFTER + SECOND_OPINION + 2)
    way.answer(asked)
    way.heard()
    way.run(way.now + ASK_AFTER + DEAD + 1)
    assert "registrar does not answer" in way.heard()


def test_one_that_was_not_there_when_we_started_is_found_by_one_line_at_a_time() -> None:
    """After a power cut all of us start at once. No OPTIONS will ever tell that it is back."""
    way = Way(PBX)
    way.ask()
    way.run(DEAD + 60.0)
    assert "registrar does not answer" in way.heard()
    for line in "abc":
        way.uplink.wait(way.line, line)
    (asked,) = [each for each in way.run(way.now + 0.1) if each.data.startswith(b"REGISTER")]
    way.answer(asked)
    assert way.heard()[-2:] == ["up", "200 a"]
    answering_register_alone(way, way.now + 600.0)
    assert "registrar does not answer" not in way.heard()
