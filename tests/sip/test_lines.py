"""The lines of a trunk facing a registrar, both on virtual time."""

from collections import Counter

import pytest

from ctibridge.sip.events import Hearing
from ctibridge.sip.hop import datagram
from ctibridge.sip.registration import REFRESH_AT
from ctibridge.sip.turns import IN_FLIGHT, PACE
from ctibridge.sip.uplink import PROBE_AGAIN
from tests.sip.scripts import PBX
from tests.sip.world import World

SECOND = datagram("192.0.2.10", 5060)


@pytest.mark.parametrize(
    ("algorithm", "qop", "proxy"), [("MD5", True, False), ("SHA-256", True, True), ("MD5", False, False)]
)
def test_lines_register_and_stay_registered_for_a_day(algorithm: str, qop: bool, proxy: bool) -> None:
    world = World()
    world.registrar.algorithm, world.registrar.qop, world.registrar.proxy = algorithm, qop, proxy
    world.start(until=1.0)
    assert world.all_are(Hearing.REGISTERED)
    for hour in range(1, 25):
        world.network.run(hour * 3600.0)
        world.network.log.clear()
        assert [world.ours(line) for line in ("l0", "l1", "l2")] == [1, 1, 1]
    assert world.why("l0") == ["asks the registrar", "registered"]


def test_a_thousand_lines_register_within_a_minute_and_without_a_burst() -> None:
    world = World(1000)
    world.start(until=60.0)
    assert world.all_are(Hearing.REGISTERED)
    assert len(world.heard()) == 1000
    assert world.endpoint.most <= IN_FLIGHT
    assert sum(world.ours(f"l{number}") for number in range(1000)) == 1000
    seconds = Counter(int(at) for at, _, _ in world.registrar.asked)
    assert max(seconds.values()) <= 2 / PACE + 2, "a REGISTER and the answer to its challenge at each turn"


def test_a_registrar_that_dies_is_noticed_within_a_minute_and_one_that_comes_back_hears_all_lines_again() -> None:
    world = World(3)
    world.start(until=200.0)
    world.registrar.mute = True
    world.network.run(260.0)
    assert world.all_are(Hearing.DEAF)
    assert world.why("l0")[-1] == "registrar does not answer"
    world.network.run(400.0)
    world.registrar.restart()
    world.registrar.mute = False
    world.network.run(410.0)
    assert world.all_are(Hearing.REGISTERED)
    assert [world.ours(line) for line in ("l0", "l1", "l2")] == [1, 1, 1]


def test_while_the_registrar_is_dead_few_packets_go_out() -> None:
    world = World(200)
    world.start(until=100.0)
    world.registrar.mute = True
    world.network.run(200.0)
    before = len(world.network.log)
    world.network.run(500.0)
    assert len(world.network.log) - before < 300 / 2, "one question at a time, whatever many lines wait"


def test_the_registrar_grants_60_of_120() -> None:
    world = World(1)
    world.registrar.grant = 60
    world.start(until=600.0)
    assert world.all_are(Hearing.REGISTERED)
    assert [expires for _, _, expires in world.registrar.asked if expires != 120] == []
    assert world.why("l0") == ["asks the registrar", "registered"]


def test_423_raises_what_is_asked() -> None:
    world = World(1)
    world.registrar.least = 300
    world.start(until=1.0)
    assert world.all_are(Hearing.REGISTERED)
    assert [expires for _, _, expires in world.registrar.asked] == [120, 120, 300]


def test_a_new_nonce_in_each_refresh_is_no_wrong_password() -> None:
    world = World(1)
    world.start(until=1.0)
    for hour in range(1, 11):
        world.registrar.nonce = f"m{hour}"
        world.network.run(hour * 600.0)
    assert world.why("l0") == ["asks the registrar", "registered"]


def test_a_wrong_password_is_asked_for_a_bounded_number_of_times() -> None:
    world = World(1)
    world.registrar.passwords["l0"] = "another"
    world.start(until=3600.0)
    assert world.all_are(Hearing.DEAF)
    assert world.why("l0")[-1] == 'registrar refuses the password (realm "pbx")'
    assert len(world.registrar.asked) <= 3 * 10
    world.registrar.passwords["l0"] = "secret"
    world.network.run(5000.0)
    assert world.all_are(Hearing.REGISTERED)


def test_a_line_that_is_refused_does_not_stop_the_others() -> None:
    world = World()
    world.registrar.refuse["l1"] = 403
    world.start(until=1.0)
    assert world.heard() == {"l0": Hearing.REGISTERED, "l1": Hearing.DEAF, "l2": Hearing.REGISTERED}


def test_a_registrar_that_was_restarted_has_all_lines_back_within_a_refresh() -> None:
    world = World(20)
    world.start(until=10.0)
    world.registrar.restart()
    world.network.run(110.0)
    assert all(world.ours(f"l{number}") for number in range(20))
    assert world.all_are(Hearing.REGISTERED)


def test_a_registrar_that_was_away_makes_lines_deaf_and_then_hears_few_at_once() -> None:
    world = World(100)
    world.start(until=10.0)
    world.registrar.mute = True
    world.network.run(1000.0)
    assert world.all_are(Hearing.DEAF)
    world.endpoint.most = 0
    world.registrar.mute = False
    world.network.run(1070.0)
    assert world.all_are(Hearing.REGISTERED)
    assert world.endpoint.most <= IN_FLIGHT


def test_lines_start_deaf_without_a_registrar_and_come_by_themselves() -> None:
    world = World()
    world.registrar.mute = True
    world.start(until=100.0)
    assert world.all_are(Hearing.DEAF)
    assert world.why("l0")[-1] == "registrar does not answer"
    world.registrar.mute = False
    world.network.run(170.0)
    assert world.all_are(Hearing.REGISTERED)


def test_with_15_percent_loss_both_ways_all_lines_register_stay_and_leave() -> None:
    world = World(50, loss=0.15)
    world.start(until=40.0)
    assert world.all_are(Hearing.REGISTERED)
    for minute in range(1, 61):
        world.network.run(minute * 60.0)
        assert sum(world.ours(f"l{number}") for number in range(50)) >= 49
    world.endpoint.stop(world.network.now)
    world.network.run(world.network.now + 64.0)
    assert world.endpoint.uplink.in_flight == 0
    assert sum(world.ours(f"l{number}") for number in range(50)) == 0


# -- stop --------------------------------------------------------------------------------------------------------------


def test_stop_takes_all_contacts_away_a_few_at_a_time() -> None:
    world = World(100)
    world.start(until=5.0)
    world.endpoint.most = 0
    world.endpoint.stop(5.0)
    assert world.endpoint.uplink.in_flight == 100
    world.network.run(7.0)
    assert (world.endpoint.uplink.in_flight, world.endpoint.deadline) == (0, None)
    assert sum(world.ours(f"l{number}") for number in range(100)) == 0
    world.network.run(9999.0)
    assert world.asked_since(7.0) == 0


def test_stop_while_asking_leaves_nothing_behind() -> None:
    for moment in (0.005, 0.015, 0.025, 0.035):
        world = World()
        world.start(until=moment)
        world.endpoint.stop(moment)
        world.network.run(40.0)
        assert [world.ours(line) for line in ("l0", "l1", "l2")] == [0, 0, 0]
        assert (world.endpoint.uplink.in_flight, world.endpoint.deadline) == (0, None)


def test_stop_at_a_registrar_that_is_gone_ends_too() -> None:
    world = World()
    world.start(until=5.0)
    world.registrar.mute = True
    world.endpoint.stop(5.0)
    world.network.run(40.0)
    assert (world.endpoint.uplink.in_flight, world.endpoint.deadline) == (0, None)


def test_stop_of_a_line_that_stays_away_asks_for_nothing_and_wakes_nobody() -> None:
    world = World(leave_alone=True)
    world.start(until=5.0)
    asked = len(world.registrar.asked)
    world.endpoint.stop(5.0)
    world.network.run(700.0)
    assert (len(world.registrar.asked), world.endpoint.deadline) == (asked, None)


# -- where the registrar is --------------------------------------------------------------------------------------------


def test_without_a_target_a_line_is_deaf_until_there_is_one() -> None:
    world = World()
    world.endpoint.uplink.reach(())
    world.start(until=1.0)
    assert world.all_are(Hearing.DEAF)
    world.endpoint.uplink.reach((PBX,))
    world.network.run(10.0)
    assert world.all_are(Hearing.REGISTERED)


def test_the_second_target_is_taken_once_though_many_run_out_of_time_at_the_first() -> None:
    world = World(4)
    world.endpoint.uplink.reach((SECOND, PBX))
    world.start(until=60.0)
    assert world.all_are(Hearing.REGISTERED)
    world.endpoint.uplink.reach((SECOND, PBX))
    world.network.run(300.0)
    late = [target for at, _, target, _ in world.network.log if target == SECOND.address and at > 60.0]
    assert late == []


def test_unreachable_is_told_once() -> None:
    world = World()
    for _ in range(2):
        world.lines.unreachable("the registrar's name cannot be resolved")
    world.network.run(0.0)
    assert world.all_are(Hearing.DEAF)
    assert len(world.network.facts) == 3


def test_another_reason_for_being_deaf_is_told() -> None:
    world = World(1)
    world.registrar.mute = True
    world.start(until=40.0)
    world.registrar.mute = False
    world.registrar.refuse["l0"] = 403
    world.network.run(200.0)
    assert world.why("l0")[1:] == ["registrar does not answer", "registrar says 403"]


def test_half_a_day_of_refreshing_pile_up_nothing() -> None:
    world = World()
    world.start(until=12 * 3600.0)
    for times in (world.lines._times, world.endpoint.uplink._requests._times):
        assert len(times._heap) < 100
    assert len(world.lines._times._noted) == 3
    assert not world.endpoint.uplink._requests._times._noted


@pytest.mark.parametrize("away", [0.0, 30.0, 56.0, 60.0, 600.0])
def test_a_registrar_that_comes_back_and_knows_nobody_is_told_in_time(away: float) -> None:
    """Within what is left of the refresh; after a minute, in which we noticed, within a retransmission or two."""
    for went in range(100, 200, 5):
        world = World()
        world.start(until=float(went))
        world.registrar.restart()
        world.registrar.mute = True
        world.network.run(went + away)
        world.registrar.mute = False
        world.network.run(max(went + 120 * REFRESH_AT, went + away + PROBE_AGAIN) + 1)
        assert [world.ours(line) for line in world.heard()] == [1, 1, 1], went
