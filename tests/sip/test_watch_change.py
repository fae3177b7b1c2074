"""The watched lines of a running trunk change, and nobody else notices."""

import pytest

from ctibridge.sip.events import Answered, Hearing, LineGone, RingEnd, RingEnded, RingStarted
from ctibridge.sip.settings import ObserverAccess, TrunkAccess
from tests.sip.changing import Office, Site, access, held
from tests.sip.documents import element
from tests.sip.scripts import PBX
from tests.sip.test_watch import Split

REGISTERED = Hearing.REGISTERED


def cti(password: str = "observed", user: str = "cti") -> ObserverAccess:
    return ObserverAccess(user, user, password)


def observed(*lines: str, password: str = "observed", user: str = "cti") -> TrunkAccess:
    return access(*lines, observer=cti(password, user))


def office(*lines: str) -> Office:
    made = Office(observed(*lines or ("l0", "l1", "l2")))
    made.start()
    return made


def change(pbx: Site, to: TrunkAccess, run: float = 1.0) -> None:
    pbx.trunk.change(to, pbx.network.now)
    pbx.run(run)


def told(pbx: Site, since: float) -> list[object]:
    calls = (RingStarted, Answered, RingEnded)
    return [fact for at, _, fact in pbx.network.facts if at >= since and isinstance(fact, calls)]


def test_one_line_goes_one_comes_and_the_others_are_not_asked_for_again() -> None:
    pbx = office()
    change(pbx, observed("l0", "l2", "l3"))
    assert pbx.watched() == {"l0": 1, "l2": 1, "l3": 1}
    assert pbx.hearing() == dict.fromkeys(("l0", "l2", "l3"), REGISTERED)
    since = [(line, expires) for at, line, _, expires in pbx.pbx.asked if at >= 1.0]
    assert {line for line, _ in since} == {"l1", "l3"}
    assert ("l1", 0) in since
    assert pbx.said("l1", 1.0) == [LineGone("pbx", "l1")]
    pbx.run(3600.0)
    assert pbx.watched() == {"l0": 1, "l2": 1, "l3": 1}


def test_a_call_on_a_line_that_goes_ends_unseen_and_one_on_another_goes_on() -> None:
    pbx = office("l0", "l1")
    for line in ("l0", "l1"):
        pbx.pbx.show(line, element(line, "early"))
    pbx.run(1.0)
    change(pbx, observed("l0"))
    assert [word.how for word in told(pbx, 2.0) if isinstance(word, RingEnded)] == [RingEnd.UNSEEN]
    pbx.pbx.show("l0", element("l0", "confirmed"))
    pbx.run(1.0)
    assert [type(word) for word in told(pbx, 3.0)] == [Answered]


def test_the_observers_new_password_is_shown_once_then_for_all_and_calls_go_on() -> None:
    pbx = office()
    pbx.pbx.show("l0", element("a", "early"))
    pbx.run(1.0)
    pbx.pbx.passwords["cti"] = "new"
    change(pbx, observed("l0", "l1", "l2", password="new"), run=5.0)
    assert set(pbx.watched()) == {"l0", "l1", "l2"}
    assert told(pbx, 2.0) == []
    pbx.pbx.show("l0", element("a", "confirmed"))
    pbx.run(1.0)
    assert [type(word) for word in told(pbx, 2.0)] == [Answered]
    assert pbx.hearing() == dict.fromkeys(("l0", "l1", "l2"), REGISTERED)
    pbx.run(3600.0)
    assert pbx.watched() == dict.fromkeys(("l0", "l1", "l2"), 1)


def test_a_mended_password_of_the_observer_is_heard_within_seconds() -> None:
    pbx = Office(observed("l0", "l1", "l2", password="mistyped"))
    pbx.start(until=20.0)
    assert pbx.watched() == {}
    change(pbx, observed("l0", "l1", "l2"), run=3.0)
    assert pbx.watched() == dict.fromkeys(("l0", "l1", "l2"), 1)
    assert pbx.hearing() == dict.fromkeys(("l0", "l1", "l2"), REGISTERED)


def test_a_wrong_new_password_of_the_observer_is_shown_by_one_line() -> None:
    pbx = office()
    change(pbx, observed("l0", "l1", "l2", password="mistyped"), run=50.0)
    since = [line for at, line, _, _ in pbx.pbx.asked if at >= 1.0]
    assert set(since) == {"l0"}
    assert len(since) <= 2
    assert pbx.hearing() == dict.fromkeys(("l0", "l1", "l2"), REGISTERED), "as long as it was granted"


def test_another_observer_begins_anew_and_a_line_may_ask_for_itself() -> None:
    pbx = office("l0", "l1")
    pbx.pbx.passwords["boss"] = "bossy"
    change(pbx, observed("l0", "l1", password="bossy", user="boss"), run=5.0)
    assert {watcher for at, _, watcher, _ in pbx.pbx.asked if at >= 1.0} == {"boss"}
    pbx.pbx.show("l0", element("a", "early"))
    pbx.run(1.0)
    assert [type(word) for word in told(pbx, 1.0)] == [RingStarted], "the earlier subscription tells nothing any more"
    change(pbx, access("l0", "l1"), run=5.0)
    assert {watcher for at, _, watcher, _ in pbx.pbx.asked if at >= 7.0} == {"l0", "l1"}
    assert pbx.hearing() == {"l0": REGISTERED, "l1": REGISTERED}


def test_who_proved_the_password_for_all_may_go_while_it_does() -> None:
    pbx = Office(observed("l0", "l1", "l2"))
    pbx.start(until=0.015)
    change(pbx, observed("l1", "l2"), run=5.0)
    assert pbx.watched() == {"l1": 1, "l2": 1}


@pytest.mark.parametrize("after", [0.0, 0.005, 0.015, 0.03, 1.0])
def test_a_line_that_comes_back_is_watched_once_however_soon(after: float) -> None:
    pbx = office("l0", "l1")
    change(pbx, observed("l0"), run=after)
    change(pbx, observed("l0", "l1"), run=3.0)
    assert pbx.watched() == {"l0": 1, "l1": 1}
    assert pbx.hearing() == {"l0": REGISTERED, "l1": REGISTERED}


@pytest.mark.parametrize("after", [0.0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04])
def test_a_change_in_the_midst_of_asking_confuses_nobody(after: float) -> None:
    pbx = Office(access("l0", "l1"), observer=None)
    pbx.pbx.passwords["l0"] = "new"
    pbx.start(until=after)
    change(pbx, access("l2", l0="new"), run=70.0)
    pbx.run(400.0)
    assert pbx.watched() == {"l0": 1, "l2": 1}
    assert pbx.hearing() == {"l0": REGISTERED, "l2": REGISTERED}


def test_a_line_that_comes_back_waits_until_its_earlier_subscription_has_left() -> None:
    pbx = office("l0", "l1", "l2", "l3")
    change(pbx, observed("l0"), run=0.0)
    change(pbx, observed("l0", "l3"), run=3.0)
    asked = [expires for at, line, _, expires in pbx.pbx.asked if at >= 1.0 and line == "l3"]
    assert [bool(expires) for expires in asked] == sorted(bool(expires) for expires in asked)
    assert pbx.watched() == {"l0": 1, "l3": 1}


def test_a_line_that_goes_while_the_pbx_is_silent_is_forgotten_all_the_same() -> None:
    pbx = office()
    pbx.pbx.mute = True
    change(pbx, observed("l0"), run=400.0)
    pbx.pbx.mute = False
    pbx.run(60.0)
    assert pbx.hearing() == {"l0": REGISTERED}
    assert pbx.watched() == {"l0": 1}


def test_what_is_on_its_way_with_the_old_password_is_not_sent_again() -> None:
    pbx = office("l0")
    pbx.run(223.5)
    pbx.pbx.mute = True
    pbx.run(3.0)  # the refresh goes out, with its proof
    before = pbx.requests("SUBSCRIBE", 200.0)
    assert b"Authorization: " in before[0]
    pbx.pbx.passwords["cti"] = "new"
    at = pbx.network.now
    change(pbx, observed("l0", password="new"), run=0.0)
    pbx.pbx.mute = False
    pbx.run(30.0)
    assert not {*before} & {*pbx.requests("SUBSCRIBE", at)}
    assert pbx.watched() == {"l0": 1}


def test_both_views_change_together() -> None:
    pbx = Office(access("l0", "l1"), observer=None)
    both = Site(access("l0", "l1"), observe=("contact", "dialog-info"))
    both.network.join(PBX, Split(both.registrar, pbx.pbx))
    both.start()
    both.registrar.passwords["l1"] = pbx.pbx.passwords["l1"] = "new"
    both.change("l2", l1="new", run=3.0)
    assert both.registered() == {"l1": 1, "l2": 1}
    assert {known.line for known in pbx.pbx.known.values()} == {"l1", "l2"}
    assert both.said("l0", 1.0) == [LineGone("pbx", "l0")]
    assert both.hearing() == {"l1": REGISTERED, "l2": REGISTERED}


def test_who_was_leaving_when_we_stop_leaves() -> None:
    pbx = office()
    change(pbx, observed("l0"), run=0.0)
    pbx.trunk.stop(pbx.network.now)
    pbx.run(2.0)
    assert (pbx.watched(), pbx.trunk.in_flight) == ({}, 0)


def test_two_hundred_changes_leave_nothing_behind() -> None:
    pbx = office("l0")
    sizes = []
    for number in range(200):
        pbx.pbx.show("l0", element(f"a{number}", "terminated"))
        line = f"l{1 + number % 9}"
        pbx.pbx.show(line, element(line, "early"))
        change(pbx, observed("l0", line), run=0.15)
        if number in (50, 199):
            change(pbx, observed("l0"), run=500.0)
            sizes.append(held(pbx.trunk))
    assert pbx.watched() == {"l0": 1}
    assert sizes[0] == sizes[1]
