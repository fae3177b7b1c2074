"""A trunk that watches its lines' dialogs, facing a PBX that tells them, on virtual time."""

from itertools import pairwise
from typing import Any

import pytest

from ctibridge.sip import message, transaction
from ctibridge.sip.events import Answered, Datagram, Hearing, LineChanged, RingEnd, RingEnded, RingStarted
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.message import Request
from ctibridge.sip.settings import LineAccess, ObserverAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.trunk import Trunk
from ctibridge.sip.turns import CARE
from tests.sip.documents import element
from tests.sip.network import Network
from tests.sip.notifier import Notifier
from tests.sip.registrar import Registrar
from tests.sip.scripts import HERE, PBX, counted

OBSERVER = ObserverAccess("cti", "cti", "observed")


class Office:
    """Some lines, watched by an observer or each by itself."""

    def __init__(self, count: int = 1, *, observer: ObserverAccess | None = OBSERVER, loss: float = 0.0) -> None:
        lines = tuple(LineAccess(f"l{number}", f"l{number}", f"secret-l{number}") for number in range(count))
        settings = TrunkSettings(name="pbx", registrar="sip:192.0.2.9", domain="pbx", observe=("dialog-info",))
        self.trunk = Trunk(settings, TrunkAccess(lines, observer), HERE, counted())
        self.trunk.reach((PBX,), frozenset({PBX.host}))
        self.pbx = Notifier({"cti": "observed"} | {line.username: line.password for line in lines})
        self.network = Network(loss)
        self.network.join(HERE, self.trunk)
        self.network.join(PBX, self.pbx)

    def start(self, until: float = 1.0) -> None:
        self.trunk.start(self.network.now)
        self.run(until)

    def run(self, until: float) -> list[Any]:
        """What was said meanwhile, in short."""
        before = len(self.network.facts)
        self.network.run(until)
        return [short(fact) for _, _, fact in self.network.facts[before:]]


class Split:
    """A PBX whose registrar and notifier are two."""

    deadline = None

    def __init__(self, registrar: Registrar, notifier: Notifier) -> None:
        self.registrar = registrar
        self.notifier = notifier

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        (self.registrar if data.startswith(b"REGISTER") else self.notifier).receive(data, source, now)

    def wake(self, now: float) -> None:
        """It waits for nothing."""

    def drain(self) -> list[Datagram]:
        return [*self.registrar.drain(), *self.notifier.drain()]


class Door:
    """One side of a NAT: what comes in here goes out of the other side. to: who is called on this side."""

    deadline = None

    def __init__(self, to: Hop) -> None:
        self.to = to
        self.other = self
        self._out: list[Datagram] = []

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        self.other._out.append(Datagram(data, self.other.to))

    def wake(self, now: float) -> None:
        """It waits for nothing."""

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out


def short(fact: object) -> Any:
    match fact:
        case LineChanged():
            return fact.line, fact.hearing
        case RingEnded():
            return fact.how
        case _:
            return type(fact)


def test_a_watched_line_is_heard_rings_talks_and_is_over_without_any_contact() -> None:
    office = Office()
    office.start()
    office.pbx.show("l0", element("a", "early"))
    assert office.run(2.0) == [RingStarted]
    office.pbx.show("l0", element("a", "confirmed"))
    office.pbx.show("l0")
    assert office.run(3.0) == [Answered, RingEnd.HUNG_UP]
    sent = {line.split()[0] for line in office.network.first_lines(PBX)}
    assert sent == {"SUBSCRIBE", "SIP/2.0"}, "no REGISTER"
    assert set(office.pbx.answered) == {200}


def test_the_observer_subscribes_to_all_lines_with_one_password_and_one_after_the_other() -> None:
    office = Office(40)
    office.start(until=10.0)
    assert {(line, watcher) for _, line, watcher, _ in office.pbx.asked} == {(f"l{n}", "cti") for n in range(40)}
    assert len(office.pbx.known) == 40
    heard = [fact for _, _, fact in office.network.facts if isinstance(fact, LineChanged)]
    assert sum(change.hearing is Hearing.REGISTERED for change in heard) == 40


def test_behind_a_nat_the_first_notify_already_finds_us() -> None:
    """The challenge tells our address outside."""
    office, inside, outside = Office(), Door(datagram(*HERE)), Door(PBX)
    inside.other, outside.other = outside, inside
    gate = datagram("10.0.0.1", 5060)
    office.network.join(gate, inside)
    office.network.join(("203.0.113.7", 40_000), outside)
    office.trunk.reach((gate,), frozenset({gate.host}))
    office.start()
    assert ("l0", Hearing.REGISTERED) in [short(fact) for _, _, fact in office.network.facts]


def test_without_an_observer_each_line_asks_for_itself() -> None:
    office = Office(2, observer=None)
    office.start()
    assert {(line, watcher) for _, line, watcher, _ in office.pbx.asked} == {("l0", "l0"), ("l1", "l1")}


def test_a_wrong_password_of_the_observer_is_asked_for_once_a_minute_whatever_many_lines_there_are() -> None:
    office = Office(40, observer=ObserverAccess("cti", "cti", "mistyped"))
    office.start(until=600.0)
    proofs = [at for at, *_ in office.pbx.asked]
    assert len(proofs) <= 2 * 11, "a challenge and one answer, once a minute"
    assert ("l0", Hearing.DEAF) in [short(fact) for _, _, fact in office.network.facts]


def test_a_wrong_password_of_the_observer_costs_the_contacts_a_minute_and_is_shown_once_a_minute() -> None:
    """The lines' own passwords are right, and prove nothing of the observer's."""
    lines = tuple(LineAccess(f"l{number}", f"l{number}", "secret") for number in range(40))
    settings = TrunkSettings(name="pbx", registrar="sip:192.0.2.9", domain="pbx", observe=("contact", "dialog-info"))
    trunk = Trunk(settings, TrunkAccess(lines, ObserverAccess("cti", "cti", "mistyped")), HERE, counted())
    trunk.reach((PBX,), frozenset({PBX.host}))
    pbx = Split(Registrar({line.user: "secret" for line in lines}), Notifier({"cti": "observed"}))
    network = Network()
    network.join(HERE, trunk)
    network.join(PBX, pbx)
    for line in lines:
        pbx.registrar.put(line.user)
    trunk.start(0.0)
    network.run(120.0)
    assert all(len(pbx.registrar.of(line.user, 120.0)) == 2 for line in lines)
    network.run(3600.0)
    proofs = [at for at, *_ in pbx.notifier.asked][1::2]
    assert min(later - at for at, later in pairwise(proofs)) >= CARE


@pytest.mark.parametrize("told", ["pending", "terminated;reason=deactivated"])
@pytest.mark.parametrize("observer", [OBSERVER, None])
def test_a_first_line_that_is_told_nothing_keeps_no_other_waiting(told: str, observer: ObserverAccess | None) -> None:
    office = Office(5, observer=observer)
    office.pbx.tells["l0"] = told
    office.start(until=200.0)
    changes = [short(fact) for _, _, fact in office.network.facts]
    assert [(f"l{number}", Hearing.REGISTERED) in changes for number in range(5)] == [False, True, True, True, True]


def test_an_observer_whose_password_is_right_again_sees_the_lines_that_were_not_refused_meanwhile() -> None:
    office = Office(40)
    office.start(until=5.0)
    office.pbx.passwords["cti"] = "another"
    office.run(600.0)
    office.pbx.passwords["cti"] = "observed"
    changes = office.run(600.0 + CARE + 5.0)
    assert sum(change == (f"l{n}", Hearing.REGISTERED) for n in range(40) for change in changes) >= 40 - 600 // CARE


def test_a_line_that_was_just_refused_does_not_keep_the_turn_to_prove_the_observers_password() -> None:
    """It is asked for again where the PBX was away, because its subscription still holds, and has to wait all the
    same."""
    office = Office(2)
    office.pbx.refuse["l1"] = 404
    office.start(until=5.0)
    del office.pbx.refuse["l1"]
    office.run(100.0)
    office.pbx.passwords["cti"] = "another"
    office.run(230.0)
    assert [line for at, line, *_ in office.pbx.asked if at > 100.0] == ["l0"]
    watch = office.trunk._watch  # the uplink may say `up` at any time, and says it seldom in this very minute
    assert watch is not None
    watch.up(230.0)
    office.run(400.0)
    assert [line for at, line, *_ in office.pbx.asked if at > 230.0] == ["l1"]


def test_a_day_of_refreshing() -> None:
    office = Office(3)
    office.start()
    for hour in range(1, 25):
        assert office.run(hour * 3600.0) == []
        assert all(known.until > office.network.now for known in office.pbx.known.values())
        office.network.log.clear()


def test_a_pbx_that_forgot_everything_is_asked_anew_and_tells_what_rings() -> None:
    office = Office()
    office.start()
    office.pbx.known.clear()
    office.pbx.show("l0", element("a", "early"))
    office.run(400.0)
    assert RingStarted in [short(fact) for _, _, fact in office.network.facts]


def test_a_subscription_that_the_pbx_ends_is_begun_again_and_talks_go_on() -> None:
    office = Office()
    office.start()
    office.pbx.show("l0", element("a", "confirmed"))
    office.run(100.0)
    office.pbx.end("l0", "deactivated")
    assert office.run(102.0) == []
    office.pbx.show("l0")
    assert office.run(103.0) == [RingEnd.HUNG_UP]


def test_a_dead_pbx_makes_its_lines_deaf_within_a_minute_and_talks_are_lost_from_sight_when_time_is_over() -> None:
    office = Office()
    office.start()
    office.pbx.show("l0", element("a", "confirmed"))
    office.run(50.0)
    office.pbx.mute = True
    assert ("l0", Hearing.DEAF) in office.run(110.0)
    assert RingEnd.UNSEEN in office.run(800.0)
    office.pbx.mute = False
    assert ("l0", Hearing.REGISTERED) in office.run(820.0)


def test_a_line_that_may_not_be_watched_is_deaf_and_the_others_are_heard() -> None:
    """They do not wait: a password that is right for one line is right for the others."""
    office = Office(40)
    office.pbx.refuse |= {"l1": 403, "l7": 403}
    office.start(until=3.0)
    changes = [fact for _, _, fact in office.network.facts if isinstance(fact, LineChanged)]
    newest = {change.line: change.hearing for change in changes}
    assert {line for line, hearing in newest.items() if hearing is Hearing.DEAF} == {"l1", "l7"}
    assert list(newest.values()).count(Hearing.REGISTERED) == 38


def test_who_gives_the_observer_another_password_sees_it_tried_once_a_minute() -> None:
    """That it was right for all lines before counts no longer."""
    office = Office(40)
    office.start(until=5.0)
    office.pbx.passwords["cti"] = "another"
    office.pbx.asked.clear()
    office.run(600.0)
    proofs = [at for at, *_ in office.pbx.asked]
    assert len(proofs) <= 2 * 11, "a challenge and one answer, once a minute"


def test_stop_takes_every_subscription_back() -> None:
    office = Office(20)
    office.start(until=5.0)
    office.trunk.stop(5.0)
    office.network.run(7.0)
    assert (office.pbx.known, office.trunk.in_flight) == ({}, 0)


def test_with_15_percent_loss_both_ways_nothing_stays_behind() -> None:
    office = Office(10, loss=0.15)
    office.start(until=60.0)
    for round_ in range(60):
        line, at = f"l{round_ % 10}", 60.0 + round_ * 20
        office.pbx.show(line, element(f"c{round_}", "early"))
        office.run(at + 5.0)
        office.pbx.show(line)
        office.run(at + 20.0)
    office.run(60.0 + 60 * 20 + 400.0)
    started = [fact.leg for _, _, fact in office.network.facts if isinstance(fact, RingStarted)]
    ended = [fact.leg for _, _, fact in office.network.facts if isinstance(fact, RingEnded)]
    assert len(started) > 40
    assert sorted(ended) == sorted(started)


def test_a_notify_that_is_none_of_ours_gets_481_and_says_nothing() -> None:
    office = Office()
    office.start()
    known = next(iter(office.pbx.known.values()))
    known.call = "another"
    office.pbx.answered.clear()
    office.pbx.show("l0", element("a", "early"))
    assert office.run(2.0) == []
    assert office.pbx.answered == [481]


def test_a_subscription_begins_along_the_route_that_the_registrar_named() -> None:
    lines = (LineAccess("l0", "l0", "secret-l0"),)
    settings = TrunkSettings(
        name="pbx", registrar="sip:192.0.2.9", domain="pbx", observe=("contact", "dialog-info"), alone="stay"
    )  # fmt: skip
    trunk = Trunk(settings, TrunkAccess(lines), HERE, counted())
    trunk.reach((PBX,), frozenset({PBX.host}))
    network = Network()
    network.join(HERE, trunk)
    trunk.start(0.0)
    network.run(0.1)
    (asked,) = [data for _, _, _, data in network.log if data.startswith(b"REGISTER")]
    request = message.parse(asked)
    assert isinstance(request, Request)
    granted = (("contact", request.headers.need("contact")), ("service-route", "<sip:192.0.2.7;lr>"))
    trunk.receive(bytes(transaction.reply(request, 200, datagram(*HERE), "pbx", granted)), PBX, 0.1)
    network.run(1.0)
    (subscribe,) = [data for _, _, _, data in network.log if data.startswith(b"SUBSCRIBE")][:1]
    assert b"\r\nRoute: <sip:192.0.2.7;lr>\r\n" in subscribe
