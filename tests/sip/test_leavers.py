"""Lines that were taken out, until the registrar knows of them no more."""

import pytest

from ctibridge.sip import message
from ctibridge.sip.digest import Credentials
from ctibridge.sip.leavers import Leavers
from ctibridge.sip.message import Request
from ctibridge.sip.registration import Account, Registration
from ctibridge.sip.turns import CARE, PACE
from ctibridge.sip.uplink import Uplink
from tests.sip.network import Network
from tests.sip.registrar import Registrar
from tests.sip.scripts import HERE, PBX, counted


class Leaving:
    """Some lines that are registered, and then taken out."""

    def __init__(self, count: int = 3) -> None:
        self.fresh = counted()
        self.uplink = Uplink(HERE, self.fresh, None)
        self.uplink.reach((PBX,))
        self.gone: list[str] = []
        self.leavers = Leavers(self.uplink, self.gone.append)
        self.registrar = Registrar({f"l{number}": "secret" for number in range(count)})
        self.network = Network()
        self.network.join(HERE, self)
        self.network.join(PBX, self.registrar)

    def take(self, *lines: str, seconds: int = 120) -> dict[str, Registration]:
        made = {line: self.registration(line, seconds) for line in lines}
        for line, machine in made.items():
            self.leavers.take(line, machine)
        return made

    def registration(self, line: str, seconds: int) -> Registration:
        account = Account(line, f"sip:{line}@pbx", "sip:pbx", f"sip:{line}@here", Credentials(line, "secret"), 120)
        machine = Registration(account, self.fresh)
        machine.start(0.0)
        contact = (("contact", f"<{account.contact}>;expires={seconds}"),)
        machine.receive(message.Response(200, "OK", message.Headers(contact)), 0.0)
        self.registrar.put(line, account.contact)
        return machine

    @property
    def deadline(self) -> float | None:
        return self.uplink.deadline

    def go(self, until: float) -> None:
        self.leavers.go()
        self.uplink.pump(self.network.now)
        self.network.run(until)

    def wake(self, now: float) -> None:
        self.uplink.wake(now)
        self.uplink.pump(now)

    def drain(self) -> list[object]:
        return list(self.uplink.drain())

    def receive(self, data: bytes, source: object, now: float) -> None:
        response = message.parse(data)
        assert not isinstance(response, Request)
        self.uplink.receive(response, now)
        self.uplink.pump(now)

    def known(self) -> list[str]:
        return [line for line in self.registrar.passwords if self.registrar.of(line, self.network.now)]


def test_one_after_the_other_leaves_and_is_forgotten() -> None:
    site = Leaving()
    site.take("l0", "l1", "l2")
    assert "l1" in site.leavers
    site.go(1.0)
    assert (site.gone, site.known()) == (["l0", "l1", "l2"], [])
    assert "l1" not in site.leavers
    times = [at for at, line, _ in site.registrar.asked if line != "l0"]
    assert min(times) >= PACE
    assert site.uplink.deadline is None


def test_a_refused_one_is_followed_by_the_care_that_fail2ban_needs() -> None:
    site = Leaving()
    site.registrar.passwords = dict.fromkeys(site.registrar.passwords, "deleted")
    site.take("l0", "l1", "l2")
    site.go(CARE - 1)
    assert ([line for _, line in site.registrar.wrong], site.gone) == (["l0"], ["l0"])
    site.network.run(CARE + 1)
    assert site.gone == ["l0", "l1"]


def test_what_has_run_out_meanwhile_is_not_asked_for() -> None:
    site = Leaving(1)
    site.take("l0", seconds=10)
    site.network.run(11.0)
    site.go(20.0)
    assert (site.registrar.asked, site.gone) == ([], ["l0"])


def test_a_registrar_that_does_not_answer_is_given_up() -> None:
    site = Leaving(1)
    site.registrar.mute = True
    site.take("l0")
    site.go(40.0)
    assert site.gone == ["l0"]
    assert site.uplink.deadline is None


def test_who_signs_off_waits_for_none_of_the_others() -> None:
    site = Leaving()
    site.take("l0", "l1", "l2")
    site.uplink.stop()
    site.leavers.stop()
    site.uplink.pump(0.0)
    assert len(site.uplink.drain()) == 3


def test_who_signs_off_does_so_once() -> None:
    """Those in the queue came to their turn again behind the first one, when nothing was known of them any more."""
    site = Leaving()
    site.take("l0", "l1", "l2")
    site.leavers.go()
    site.uplink.stop()
    site.leavers.stop()
    site.uplink.pump(0.0)
    site.network.run(3.0)
    assert (sorted(site.gone), site.known()) == (["l0", "l1", "l2"], [])
    asked = [line for _, line, _ in site.registrar.asked]
    assert sorted(asked) == ["l0", "l0", "l1", "l1", "l2", "l2"], "each is challenged"


@pytest.mark.parametrize(("status", "asked"), [(200, [0, 0]), (401, []), (500, [])])
def test_what_was_on_its_way_is_waited_for_and_a_challenge_is_not_answered(status: int, asked: list[int]) -> None:
    site = Leaving(1)
    machine = Registration(
        Account("l0", "sip:l0@pbx", "sip:pbx", "sip:l0@here", Credentials("l0", "secret"), 120), site.fresh
    )
    machine.start(0.0)
    site.leavers.take("l0", machine)
    site.go(0.0)
    contact = (("contact", "<sip:l0@here>;expires=120"),) if status == 200 else ()
    site.leavers.answered("l0", 7, message.Response(200, "OK", message.Headers(())), 1.0)
    assert "l0" in site.leavers, "an answer to something else"
    site.leavers.answered("l0", 1, message.Response(status, "x", message.Headers(contact)), 1.0)
    site.go(3.0)
    assert ([expires for _, _, expires in site.registrar.asked], site.gone) == (asked, ["l0"])


def test_what_was_on_its_way_and_is_never_answered_was_not_registered() -> None:
    site = Leaving(1)
    machine = Registration(
        Account("l0", "sip:l0@pbx", "sip:pbx", "sip:l0@here", Credentials("l0", "secret"), 120), site.fresh
    )
    machine.start(0.0)
    site.leavers.take("l0", machine)
    site.leavers.silent("l0", 7, 32.0)
    assert site.gone == []
    site.leavers.silent("l0", 1, 32.0)
    assert site.gone == ["l0"]


def test_who_asked_for_the_first_time_when_it_was_taken_out_signs_off_when_we_stop() -> None:
    site = Leaving(1)
    machine = Registration(
        Account("l0", "sip:l0@pbx", "sip:pbx", "sip:l0@here", Credentials("l0", "secret"), 120), site.fresh
    )
    machine.start(0.0)
    site.leavers.take("l0", machine)
    site.uplink.stop()
    site.leavers.stop()
    site.uplink.pump(0.0)
    (sent,) = site.uplink.drain()
    assert b"\r\nExpires: 0\r\n" in sent.data


def test_who_was_dropped_before_its_turn_gets_none() -> None:
    site = Leaving(1)
    machine = site.take("l0", seconds=10)["l0"]
    site.leavers.go()
    machine.wake(11.0)
    site.leavers.silent("l0", 1, 11.0)
    assert (site.gone, len(site.uplink.drain())) == (["l0"], 0)
    site.uplink.pump(12.0)
    assert site.uplink.drain() == []
