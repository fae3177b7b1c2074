"""Connections that idle, drip, ping and linger, on virtual time."""

from ctibridge.sip.adapters.life import HALF, IDLE, LINGER, PONG, Due, Life


def test_a_connection_of_the_peer_ends_when_nothing_comes() -> None:
    life = Life(0, None)
    assert life.due(IDLE - 1) is None
    life.fed(IDLE - 1, whole=True, half=False)
    assert life.due(IDLE) is None
    assert life.due(2 * IDLE - 1) is Due.IDLE


def test_bytes_that_make_no_message_do_not_keep_a_connection() -> None:
    life = Life(0, None)
    life.fed(5, whole=False, half=True)
    for second in range(6, 35):
        life.fed(second, whole=False, half=True)
        assert life.due(second) is None
    assert life.due(5 + HALF) is Due.HALF


def test_each_message_has_its_own_time() -> None:
    life = Life(0, None)
    for second in range(0, 100, 20):
        life.fed(second, whole=True, half=True)
        assert life.due(second + HALF - 1) is None
    life.fed(100, whole=True, half=False)
    assert life.due(100 + 2 * HALF) is None


def test_our_own_connection_is_pinged_and_never_idle() -> None:
    life = Life(0, 28)
    assert [second for second in range(3 * int(IDLE)) if life.due(second) is Due.PING][:3] == [28, 56, 84]


def test_a_peer_that_never_answered_a_ping_need_not() -> None:
    life = Life(0, 28)
    assert life.due(28) is Due.PING
    assert life.due(28 + PONG) is None


def test_a_peer_that_answered_once_has_to_answer_again() -> None:
    life = Life(0, 28)
    assert life.due(28) is Due.PING
    life.ponged()
    assert life.due(55) is None
    assert life.due(56) is Due.PING
    assert life.due(55 + PONG) is None
    assert life.due(56 + PONG) is Due.SILENT


def test_an_answer_in_time_is_enough() -> None:
    life = Life(0, 28)
    life.ponged()
    assert life.due(28) is Due.PING
    life.ponged()
    assert life.due(28 + PONG) is None


def test_pings_faster_than_their_answers_do_not_put_the_verdict_off() -> None:
    life = Life(0, 1)
    life.ponged()
    assert [life.due(second) for second in range(1, 12)] == [Due.PING] * 10 + [Due.SILENT]


def test_who_does_not_read_the_rest_is_not_waited_for() -> None:
    life = Life(0, 28)
    life.closing(100)
    assert life.due(100 + LINGER - 1) is None
    assert life.due(100 + LINGER) is Due.LINGERED
