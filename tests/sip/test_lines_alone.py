"""Never harm a line, and no burst for fail2ban: who goes first at a registrar, who stays away, who waits."""

from collections import Counter

from ctibridge.sip.events import Hearing, LineChanged
from ctibridge.sip.hop import Hop
from ctibridge.sip.lines import HELD_WHY
from ctibridge.sip.mark import Mark
from ctibridge.sip.neighbours import FIRST_AWAY
from ctibridge.sip.turns import CARE, IN_FLIGHT
from tests.sip.registrar import PHONE, Registrar
from tests.sip.scripts import HERE, PBX
from tests.sip.world import Endpoint, World


class DropsOptions:
    """In front of a registrar, as some firewalls are."""

    deadline = None

    def __init__(self, registrar: Registrar) -> None:
        self._registrar = registrar
        self.wake, self.drain = registrar.wake, registrar.drain

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        if not data.startswith(b"OPTIONS"):
            self._registrar.receive(data, source, now)


class SeenElsewhere:
    """An endpoint whose NAT gives it another port all of a sudden, as the answers for l1 tell."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.wake, self.drain = endpoint.wake, endpoint.drain

    @property
    def deadline(self) -> float | None:
        return self._endpoint.deadline

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        told = data.replace(b"rport=5066", b"rport=40000") if b"<sip:l1@pbx>" in data else data
        self._endpoint.receive(told, source, now)


def test_beside_phones_all_lines_stay() -> None:
    world = World(leave_alone=True)
    for line in ("l0", "l1", "l2"):
        world.registrar.put(line)
    world.start(until=3600.0)
    assert world.all_are(Hearing.REGISTERED)
    assert [line for _, line, _ in world.registrar.asked][:3] == ["l0", "l0", "l1"]


def test_another_node_of_ours_is_no_phone_and_both_leave_a_line_without_one() -> None:
    world = World(1, leave_alone=True, nodes=b"key")
    world.registrar.put("l0", f"sip:{Mark(b'key', 'sip:l0@pbx').on('sibling')}@192.0.2.2:5066")
    world.start(until=60.0)
    assert world.all_are(Hearing.ALONE)
    world.registrar.put("l0")
    world.network.run(FIRST_AWAY + 60.0)
    assert world.all_are(Hearing.REGISTERED)


def test_how_many_others_are_on_a_line_is_told_when_it_changes() -> None:
    world = World(1, leave_alone=True)
    world.registrar.put("l0")
    world.start(until=600.0)
    world.registrar.put("l0", "sip:second@192.0.2.77:5060")
    world.network.run(1200.0)
    told = [fact.others for _, _, fact in world.network.facts if isinstance(fact, LineChanged)]
    assert told == [None, 1, 2]


def test_a_registrar_with_one_contact_throws_one_phone_off_and_gets_it_back_at_once() -> None:
    world = World(leave_alone=True)
    world.registrar.contacts = 1
    for line in ("l0", "l1", "l2"):
        world.registrar.put(line)
    world.start(until=10.0)
    assert world.all_are(Hearing.ALONE)
    assert world.why("l1")[-1] == HELD_WHY
    assert [expires for _, _, expires in world.registrar.asked] == [120, 120, 0]
    assert world.registrar.of("l0", 10.0) == []
    assert [world.registrar.of(line, 10.0) for line in ("l1", "l2")] == [[PHONE], [PHONE]]
    world.registrar.put("l0")
    world.network.run(FIRST_AWAY - 1)
    assert len(world.registrar.asked) == 3
    world.network.run(FIRST_AWAY + 10)
    assert Counter(line for _, line, _ in world.registrar.asked) == {"l0": 3, "l1": 3}
    assert world.registrar.of("l1", world.network.now) == []


def test_a_night_at_a_registrar_with_one_contact_costs_each_phone_next_to_nothing() -> None:
    world = World(leave_alone=True)
    world.registrar.contacts = 1
    world.start(until=0.0)
    for minute in range(12 * 60):
        for line in ("l0", "l1", "l2"):
            world.registrar.put(line)
        world.network.run(minute * 60.0)
    tries = [line for _, line, expires in world.registrar.asked if not expires]
    assert len(tries) == 7
    assert max(Counter(tries).values()) == 3


def test_a_phone_that_signs_off_in_the_evening_takes_our_contact_along_and_comes_back_in_the_morning() -> None:
    world = World(leave_alone=True)
    for line in ("l0", "l1", "l2"):
        world.registrar.put(line)
    world.start(until=100.0)
    world.registrar.take("l1")
    world.network.run(300.0)
    assert world.heard() == {"l0": Hearing.REGISTERED, "l1": Hearing.ALONE, "l2": Hearing.REGISTERED}
    assert world.registrar.of("l1", 300.0) == []
    world.registrar.put("l1")
    world.network.run(300.0 + FIRST_AWAY)
    assert world.all_are(Hearing.REGISTERED)
    assert world.ours("l1") == 1


def test_a_registrar_that_drops_options_does_not_bring_back_the_line_that_was_found_alone() -> None:
    """Its password is the one that is known to be right, and yet it must not be the one that asks who is there."""
    world = World(leave_alone=True)
    world.network.join(PBX, DropsOptions(world.registrar))
    world.start(until=2 * FIRST_AWAY)
    assert [(line, expires) for _, line, expires in world.registrar.asked if expires] == 2 * [("l0", 120)] + 2 * [
        ("l1", 120)
    ]
    assert world.all_are(Hearing.ALONE)


def test_a_line_found_alone_by_the_very_answer_that_shows_us_elsewhere_stays_away() -> None:
    world = World(leave_alone=True)
    for line in ("l0", "l1", "l2"):
        world.registrar.put(line)
    world.start(until=60.0)
    world.registrar.take("l1")
    world.network.join(HERE, SeenElsewhere(world.endpoint))
    world.network.run(100.0)
    assert world.endpoint.uplink.contact_at == ("192.0.2.1", 40_000)
    assert [expires for at, line, expires in world.registrar.asked if line == "l1" and at > 60] == [120, 0]


def test_a_pilot_whose_password_is_wrong_does_not_keep_the_others_waiting() -> None:
    world = World(leave_alone=True)
    for line in ("l0", "l1", "l2"):
        world.registrar.put(line)
    world.registrar.passwords["l0"] = "another"
    world.start(until=61.0)
    assert world.heard() == {"l0": Hearing.DEAF, "l1": Hearing.REGISTERED, "l2": Hearing.REGISTERED}


def test_a_pilot_that_gets_500_for_ever_does_not_keep_the_others_waiting() -> None:
    world = World(leave_alone=True)
    for line in ("l0", "l1", "l2"):
        world.registrar.put(line)
    world.registrar.refuse["l0"] = 500
    world.start(until=300.0)
    assert world.heard() == {"l0": Hearing.DEAF, "l1": Hearing.REGISTERED, "l2": Hearing.REGISTERED}
    del world.registrar.refuse["l0"]
    world.network.run(400.0)
    assert world.all_are(Hearing.REGISTERED)


def test_a_registrar_whose_passwords_were_all_changed_is_no_burst() -> None:
    world = World(100)
    world.start(until=60.0)
    world.registrar.passwords = dict.fromkeys(world.registrar.passwords, "changed")
    world.registrar.nonce = "n2"
    world.network.run(660.0)
    assert len(world.registrar.wrong) <= IN_FLIGHT + 660 / CARE


def test_a_trunk_full_of_wrong_passwords_is_no_burst() -> None:
    world = World(20, leave_alone=True)
    world.registrar.passwords = dict.fromkeys(world.registrar.passwords, "another")
    world.start(until=50.0)
    assert {line for _, line, _ in world.registrar.asked} == {"l0"}
    world.network.run(3600.0)
    assert world.all_are(Hearing.DEAF)
    assert len(world.registrar.asked) < 20 * 2 * 10
