"""The lines of a running trunk change, and nobody else notices."""

import pytest

from ctibridge.sip import message
from ctibridge.sip.events import Hearing, LineChanged, LineGone, RingEnd, RingEnded, RingStarted
from ctibridge.sip.message import Request
from ctibridge.sip.settings import LineAccess, TrunkAccess
from ctibridge.sip.turns import CARE
from tests.sip.changing import Site, access, held, with_passwords
from tests.sip.registrar import PHONE
from tests.sip.scripts import HERE, facts, feed, request, statuses, trunk

REGISTERED, DEAF = Hearing.REGISTERED, Hearing.DEAF


def site(*lines: str, **keys: object) -> Site:
    made = Site(access(*lines or ("l0", "l1", "l2")), **keys)  # type: ignore[arg-type]
    made.start()
    return made


def test_one_line_goes_one_comes_one_has_another_password_and_the_others_notice_nothing() -> None:
    pbx = site()
    kept = pbx.ours("l0")
    pbx.registrar.passwords["l2"] = "new"
    pbx.change("l0", "l3", l2="new")
    assert pbx.registered() == {"l0": 1, "l2": 1, "l3": 1}
    assert pbx.ours("l0") == kept
    assert pbx.hearing() == dict.fromkeys(("l0", "l2", "l3"), REGISTERED)
    assert (pbx.asked("l0", 1.0), pbx.asked("l1", 1.0)) == ([], [0])
    assert (pbx.said("l0", 1.0), pbx.said("l2", 1.0)) == ([], [])
    assert pbx.said("l1", 1.0) == [LineGone("pbx", "l1")]
    assert pbx.registrar.wrong == []
    pbx.run(3600.0)
    assert pbx.registered() == {"l0": 1, "l2": 1, "l3": 1}
    assert pbx.said("l0", 1.0) == []


def test_the_same_lines_with_other_agents_are_no_change() -> None:
    pbx = site()
    before = len(pbx.network.log)
    lines = tuple(LineAccess(line, line, f"secret-{line}", ("ana",)) for line in ("l2", "l1", "l0"))
    pbx.trunk.change(TrunkAccess(lines), 1.0)
    assert pbx.trunk.drain() == []
    pbx.run(1.0)
    assert len(pbx.network.log) == before


def test_a_removed_line_takes_away_its_own_contact_and_no_other() -> None:
    pbx = site()
    pbx.change("l0", "l2")
    (left,) = [message.parse(data) for data in pbx.requests("REGISTER", 1.0)]
    assert isinstance(left, Request)
    assert left.headers.first("expires") == "0"
    contact = left.headers.need("contact")
    assert HERE[0] in contact
    assert "*" not in contact
    assert pbx.registrar.of("l1", pbx.network.now) == ["sip:phone@192.0.2.50:5060"]


def test_every_line_may_go_and_others_come_at_once_or_later() -> None:
    pbx = site("l0", "l1")
    pbx.change("l2", "l3")
    assert pbx.registered() == {"l2": 1, "l3": 1}
    pbx.change(run=120.0)
    assert (pbx.registered(), pbx.hearing(), pbx.trunk.deadline) == ({}, {}, None)
    pbx.change("l4")
    assert pbx.registered() == {"l4": 1}
    before = len(pbx.requests("OPTIONS"))
    pbx.registrar.mute = True
    pbx.run(90.0)
    assert len(pbx.requests("OPTIONS")) > before, "who came later is asked for, too"
    assert pbx.hearing() == {"l4": DEAF}


def test_a_trunk_that_began_without_lines_gets_some() -> None:
    pbx = Site(TrunkAccess(()), alone="leave")
    pbx.start()
    pbx.change("l0", "l1")
    assert pbx.registered() == {"l0": 1, "l1": 1}
    pbx.registrar.restart()
    for line in ("l0", "l1"):
        pbx.registrar.put(line)
    pbx.run(100.0)
    assert pbx.registered() == {"l0": 1, "l1": 1}


def test_what_rings_on_a_removed_line_goes_on_and_the_next_call_finds_nobody() -> None:
    machine = trunk("6001", "6002")
    machine.start(0.0)
    assert statuses(feed(machine, request())) == [180]
    machine.change(TrunkAccess((LineAccess("6002", "6002", "secret-6002"),)), 1.0)
    assert LineGone("pbx", "6001") in facts(machine.drain())
    assert statuses(feed(machine, request(), 2.0)) == [180], "the same INVITE again"
    assert statuses(feed(machine, request(branch="2", call="call-2"), 2.0)) == [404]
    assert statuses(feed(machine, request("OPTIONS", branch="3"), 2.0)) == [404]
    said = feed(machine, request("CANCEL"), 3.0)
    assert statuses(said) == [200, 487]
    assert [word.how for word in said if isinstance(word, RingEnded)] == [RingEnd.CANCELLED]


def test_what_rings_on_a_line_with_another_password_goes_on_and_the_next_call_rings_too() -> None:
    machine = trunk("6001")
    machine.start(0.0)
    feed(machine, request())
    machine.change(TrunkAccess((LineAccess("6001", "6001", "other"),)), 1.0)
    machine.drain()
    said = feed(machine, request(branch="2", call="call-2"), 2.0)
    assert statuses(said) == [180]
    assert any(isinstance(word, RingStarted) for word in said)
    assert statuses(feed(machine, request("CANCEL"), 3.0)) == [200, 487]


@pytest.mark.parametrize("after", [0.0, 0.005, 0.015, 0.03, 0.05, 1.0, 130.0])
def test_a_line_that_comes_back_registers_with_one_contact_however_soon(after: float) -> None:
    pbx = site("l0", "l1", alone="leave")
    old = pbx.ours("l1")
    pbx.change("l0", run=after)
    pbx.change("l0", "l1")
    assert pbx.registered() == {"l0": 1, "l1": 1}
    assert pbx.ours("l1") != old
    assert pbx.hearing() == {"l0": REGISTERED, "l1": REGISTERED}


def test_a_line_that_comes_back_is_not_beside_its_own_earlier_contact() -> None:
    """A line without a phone: whoever counted the contact that is about to leave would stay."""
    pbx = Site(access("l0", "l1"), alone="leave")
    pbx.registrar.take("l1")
    pbx.start()
    assert pbx.hearing() == {"l0": REGISTERED, "l1": Hearing.ALONE}
    pbx.registrar.put("l1")
    pbx.run(700.0)
    assert pbx.hearing() == {"l0": REGISTERED, "l1": REGISTERED}
    pbx.change("l0", "l1", "l2", "l3", "l4")
    pbx.registrar.take("l4")
    back = pbx.network.now
    pbx.change("l0", run=0.0)
    pbx.change("l0", "l4", run=2.0)
    assert REGISTERED not in [word.hearing for word in pbx.said("l4", back) if isinstance(word, LineChanged)]
    assert pbx.hearing() == {"l0": REGISTERED, "l4": Hearing.ALONE}
    assert pbx.registered() == {"l0": 1}


def test_a_mended_password_registers_within_a_second_and_the_care_for_others_stays() -> None:
    pbx = Site(access("l0", l1="mistyped", l2="mistyped", l3="mistyped"))
    pbx.start(until=10.0)
    assert pbx.registered() == {"l0": 1}
    assert [line for _, line in pbx.registrar.wrong] == ["l1", "l2"], "the others wait"
    pbx.change("l0", "l1", l2="mistyped", l3="mistyped")
    assert pbx.registered() == {"l0": 1, "l1": 1}
    assert pbx.hearing()["l1"] is REGISTERED
    assert len(pbx.registrar.wrong) == 2, "the wrong one is never shown again, and nobody else's"
    pbx.run(CARE)
    assert [line for _, line in pbx.registrar.wrong] == ["l1", "l2", "l3"]


def test_a_password_that_is_mended_into_another_wrong_one_is_shown_once() -> None:
    pbx = Site(access("l0", l1="mistyped"))
    pbx.start()
    for number in range(3):
        pbx.change("l0", l1=f"guess{number}", run=5.0)
    assert len(pbx.registrar.wrong) == 4
    pbx.run(500.0)
    assert len(pbx.registrar.wrong) == 4
    pbx.change("l0", "l1")
    assert pbx.registered() == {"l0": 1, "l1": 1}


def test_a_registration_that_runs_out_since_its_new_password_is_refused_says_so() -> None:
    pbx = site("l0", "l1")
    pbx.change("l0", l1="mistyped")
    assert pbx.said("l1", 1.0) == [], "calls still come"
    pbx.run(200.0)
    [told] = pbx.said("l1", 1.0)
    assert isinstance(told, LineChanged)
    assert told.hearing is DEAF
    assert "refuses the password" in told.why, "not only that it ran out, until the next try in ten minutes"


def test_all_lines_with_wrong_passwords_at_once_are_no_burst() -> None:
    lines = [f"l{number}" for number in range(10)]
    pbx = site(*lines)
    pbx.change(run=30.0, **dict.fromkeys(lines, "mistyped"))
    assert len(pbx.registrar.wrong) == 1
    assert len(pbx.registered()) == 10, "what was registered holds as long as it was granted"


def test_lines_that_the_pbx_no_longer_knows_are_no_burst_and_run_out_by_themselves() -> None:
    lines = [f"l{number}" for number in range(10)]
    pbx = site(*lines)
    for line in lines[1:]:
        pbx.registrar.passwords[line] = "deleted"
    pbx.change("l0", run=400.0)
    assert len(pbx.registrar.wrong) <= 3
    assert pbx.registered() == {"l0": 1}
    assert pbx.said("l0", 1.0) == []


@pytest.mark.parametrize("after", [0.0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.045])
def test_a_change_in_the_midst_of_asking_confuses_nobody(after: float) -> None:
    """A request is in flight, was challenged, or is just answered."""
    pbx = Site(access("l0", "l1"))
    pbx.registrar.passwords["l0"] = "new"
    pbx.start(until=after)
    wrong = len(pbx.registrar.wrong)
    pbx.change("l2", l0="new", run=70.0)
    assert pbx.registered() == {"l0": 1, "l2": 1}
    assert pbx.hearing() == {"l0": REGISTERED, "l2": REGISTERED}
    assert len(pbx.registrar.wrong) <= wrong + 1, "what was on its way already"


def test_what_is_on_its_way_with_the_old_password_is_not_sent_again() -> None:
    pbx = site("l0")
    pbx.run(88.0)  # the refresh, with its proof
    pbx.registrar.mute = True
    pbx.run(5.0)
    assert len(pbx.requests("REGISTER", 80.0)) > 1
    pbx.registrar.passwords["l0"] = "new"
    pbx.change(l0="new", run=0.0)
    pbx.registrar.mute = False
    pbx.run(5.0)
    assert pbx.registrar.wrong == [], "the next copy was due within these seconds"
    assert pbx.registered() == {"l0": 1}


@pytest.mark.parametrize("passes", [False, True])
def test_a_registrar_that_is_silent_when_lines_change_hears_of_it_when_it_is_back(passes: bool) -> None:
    pbx = site()
    pbx.registrar.mute = True
    if passes:
        pbx.run(100.0)
    pbx.change("l0", "l3", l2="secret-l2", run=20.0)
    pbx.registrar.mute = False
    pbx.run(60.0)
    assert pbx.registered() == {"l0": 1, "l2": 1, "l3": 1}
    assert pbx.hearing() == dict.fromkeys(("l0", "l2", "l3"), REGISTERED)


def test_with_losses_the_last_word_counts() -> None:
    pbx = Site(access("l0", "l1", "l2"), loss=0.3)
    pbx.start(until=60.0)
    pbx.change("l0", "l3", "l1", run=3.0)
    pbx.change("l2", "l3", run=300.0)
    assert pbx.registered() == {"l2": 1, "l3": 1}


def test_after_stop_nothing_changes_and_who_was_leaving_leaves() -> None:
    pbx = site()
    pbx.change("l0", run=0.0)
    pbx.trunk.stop(pbx.network.now)
    pbx.change("l0", "l5")
    assert pbx.registered() == {}
    assert (pbx.asked("l5", 0.0), pbx.trunk.in_flight) == ([], 0)


# -- never harm a line -------------------------------------------------------------------------------------------------


def test_an_added_line_registers_in_a_proven_trunk_and_waits_for_the_pilot_in_another() -> None:
    proven = site(alone="leave")
    proven.change("l0", "l1", "l2", "l3")
    assert proven.registered() == dict.fromkeys(("l0", "l1", "l2", "l3"), 1)
    other = Site(access("l0", "l1"), phones=False, alone="leave")
    other.start()
    other.change("l0", "l1", "l2")
    assert other.registered() == {}
    assert (other.asked("l1", 0.0), other.asked("l2", 0.0)) == ([], [])
    assert other.hearing() == dict.fromkeys(("l0", "l1", "l2"), Hearing.ALONE)


def test_where_the_pilot_is_taken_out_the_next_line_goes() -> None:
    pbx = Site(access("l0", "l1", "l2"), alone="leave")
    pbx.start(until=0.005)
    pbx.change("l1", "l2")
    assert pbx.registered() == {"l1": 1, "l2": 1}


def test_who_was_found_alone_stays_away_with_another_password_too() -> None:
    pbx = Site(access("l0", "l1"), alone="leave")
    pbx.registrar.take("l1")
    pbx.start()
    pbx.registrar.passwords["l1"] = "new"
    asked = len(pbx.asked("l1", 0.0))
    pbx.change("l0", run=100.0, l1="new")
    assert len(pbx.asked("l1", 0.0)) == asked
    assert pbx.hearing()["l1"] is Hearing.ALONE


@pytest.mark.parametrize("stays", [False, True])
def test_who_is_just_leaving_because_it_is_alone_leaves_whatever_changes(stays: bool) -> None:
    pbx = Site(access("l0", "l1"), alone="leave")
    pbx.registrar.take("l1")
    pbx.start(until=0.0)
    while pbx.hearing().get("l1") is not Hearing.ALONE:
        pbx.run(0.001)
        assert pbx.network.now < 1.0
    assert pbx.ours("l1"), "its leave is on its way"
    pbx.registrar.mute = True
    pbx.run(0.1)
    pbx.registrar.mute = False
    pbx.trunk.change(access("l0", l1="new") if stays else access("l0"), pbx.network.now)
    pbx.run(1.0)
    assert pbx.registered() == {"l0": 1}


# -- nothing is left of who is gone ------------------------------------------------------------------------------------


def test_a_thousand_changes_leave_nothing_behind() -> None:
    pbx = site("l0", alone="leave")
    sizes = []
    for number in range(1000):
        pbx.change("l0", f"l{1 + number % 9}", run=0.2, l9=f"wrong{number}" if number % 100 == 0 else "secret-l9")
        if number in (100, 999):
            pbx.change("l0", run=300.0)
            sizes.append(held(pbx.trunk))
    assert pbx.registered() == {"l0": 1}
    assert sizes[0] == sizes[1]


def test_a_line_that_changed_is_told_before_it_is_gone() -> None:
    machine = trunk("6001", "6002")
    machine.start(0.0)
    machine.change(TrunkAccess((LineAccess("6002", "6002", "secret-6002"),)), 0.0)
    of_it = [
        word for word in facts(machine.drain()) if isinstance(word, LineChanged | LineGone) and word.line == "6001"
    ]
    assert [type(word) for word in of_it] == [LineChanged, LineGone]


def test_many_mended_passwords_harm_one_line_where_the_pbx_allows_one_contact() -> None:
    lines = [f"l{number}" for number in range(10)]
    pbx = Site(TrunkAccess(with_passwords(dict.fromkeys(lines, "mistyped"))), alone="leave")
    pbx.registrar.contacts = 1
    pbx.start(until=3000.0)
    assert {line for _, line in pbx.registrar.wrong} == set(lines), "all were refused, and try on by themselves"
    pbx.change(*lines, run=300.0)
    phones = [line for line in lines if PHONE in pbx.registrar.of(line, pbx.network.now)]
    assert len(phones) == 9
    assert pbx.registered() == {}
