"""SIP's words become the product's."""

from dataclasses import replace

import pytest

from ctibridge.calls import intake
from ctibridge.calls.facts import LegAnswered, LegPicked
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Presentation
from ctibridge.domain.private import Name, Number, Private
from ctibridge.sip import events
from ctibridge.sip.events import HandOver, Identity, PickedUp, Remark, RingEnd, RingEnded, RingStarted, Withheld
from tests.sip import scripts
from tests.sip.scripts import NAME, NUMBER


def started(identity: Identity) -> RingStarted:
    return RingStarted("pbx", "6001", "leg", ("call", "tag"), "key", identity, ("+4930123456", "6001"))


def test_a_caller_who_shows_himself() -> None:
    leg = intake.rang(started(Identity(NUMBER, NAME, Withheld.NO, "From", "+4930999999")))
    assert (leg.leg, leg.trunk, leg.line, leg.dialog, leg.key) == ("leg", "pbx", "6001", ("call", "tag"), "key")
    who = leg.signalled
    assert (who.raw, who.display_name, who.diverted_by) == (Number(NUMBER), Name(NAME), Number("+4930999999"))
    assert (who.presentation, who.source) == (Presentation.ALLOWED, "From")
    assert who.called == (Number("+4930123456"), Number("6001"))


@pytest.mark.parametrize(
    ("why", "presentation"),
    [(Withheld.RESTRICTED, Presentation.RESTRICTED), (Withheld.UNAVAILABLE, Presentation.UNAVAILABLE)],
)
def test_a_caller_who_does_not(why: Withheld, presentation: Presentation) -> None:
    who = intake.rang(started(Identity(None, None, why, "From"))).signalled
    assert (who.raw, who.display_name, who.diverted_by, who.presentation) == (None, None, None, presentation)


def test_of_one_who_does_not_the_mark_of_his_customer_comes_along() -> None:
    who = intake.rang(started(Identity(None, None, Withheld.RESTRICTED, "From", marked="ACME: Anonymous"))).signalled
    assert (who.raw, who.display_name, who.marked) == (None, None, Name("ACME: Anonymous"))


def test_the_mark_in_from_stands_apart_from_the_name_that_the_network_asserts() -> None:
    who = intake.rang(started(Identity(NUMBER, NAME, Withheld.NO, "P-Asserted-Identity", marked="ACME: R."))).signalled
    assert (who.display_name, who.marked) == (Name(NAME), Name("ACME: R."))
    assert intake.rang(started(Identity(NUMBER, NAME, Withheld.NO, "From"))).signalled.marked is None


@pytest.mark.parametrize("why", list(Withheld))
def test_what_the_pbx_knows_besides_comes_along_and_is_not_printed(why: Withheld) -> None:
    user = NUMBER if why is Withheld.NO else None
    event = replace(
        started(Identity(user, None, why, "From", attestation="B")),
        remarks=(Remark("employee_id", "E-4711", "X-Employee-Number"),),
    )
    who = intake.rang(event).signalled
    assert who.attestation == "B"
    assert [(one.means, one.value, one.source) for one in who.remarks] == [
        ("employee_id", Private("E-4711"), "X-Employee-Number")
    ]
    assert "E-4711" not in repr(who) + repr(event)


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (RingEnd.COMPLETED_ELSEWHERE, Outcome.ANSWERED_ELSEWHERE),
        (RingEnd.CANCELLED, Outcome.ABANDONED),
        (RingEnd.EXPIRED, Outcome.TIMED_OUT),
        (RingEnd.UNSEEN, Outcome.UNKNOWN),
        (RingEnd.DECLINED, Outcome.DECLINED),
        (RingEnd.FAILED, Outcome.FAILED),
        (RingEnd.HUNG_UP, Outcome.ANSWERED_HERE),
    ],
)
def test_how_it_ended(how: RingEnd, outcome: Outcome) -> None:
    assert intake.ended(RingEnded("leg", how)).outcome is outcome


@pytest.mark.parametrize("view", list(events.View))
def test_both_views_and_what_they_say_of_a_call_before(view: events.View) -> None:
    event = replace(
        started(Identity(NUMBER, None, Withheld.NO, "From")),
        view=view,
        hand_over=HandOver("6002", ("first-call", "to-tag", "from-tag")),
    )
    leg = intake.rang(event)
    assert (leg.view.value, leg.referred_by, leg.replaces) == (view.value, "6002", "first-call")
    assert NUMBER not in repr(leg)
    assert "first-call" not in repr(leg)


def test_what_was_answered_and_what_was_picked_up() -> None:
    assert intake.answered(events.Answered("leg")) == LegAnswered("leg")
    identity = Identity(NUMBER, NAME, Withheld.NO, "dialog-info")
    event = PickedUp("pbx", "6002", "leg", ("own", ""), identity, HandOver(None, ("rung", "t", "f")))
    assert intake.picked(event) == LegPicked("leg", "pbx", "6002", "own", NUMBER, "rung")
    assert intake.picked(replace(event, hand_over=HandOver())).replaces is None


def test_every_end_and_every_presentation_has_a_word() -> None:
    assert all(intake.ended(RingEnded("leg", how)) for how in RingEnd)
    assert all(intake.rang(started(Identity(None, None, why, "From"))) for why in Withheld)


def test_what_an_invite_says_besides_reaches_the_call() -> None:
    """From the packet to the product's words: an id typed into an IVR, and the network's word on the number."""
    trunk = scripts.trunk(headers={"X-Employee-Number": "employee_id", "X-Queue": "queue"}, trust_attestation=True)
    extra = (
        ("x-employee-number", "E-4711"),
        ("x-queue", "IT%20Support"),
        ("x-other", "not asked for"),
        ("alert-info", "<http://127.0.0.1>;info=alert-internal"),
        ("history-info", "<sip:+4930999999@pbx>;index=1, <sip:6001@pbx;cause=302>;index=1.1"),
    )
    caller = f"<sip:{NUMBER};verstat=TN-Validation-Passed-A@192.0.2.9>"
    trunk.receive(bytes(scripts.request(caller=caller, extra=extra)), scripts.PBX, 1.0)
    (event,) = [word for word in trunk.drain() if isinstance(word, RingStarted)]
    who = intake.rang(event).signalled
    assert [(one.means, one.value.value) for one in who.remarks] == [
        ("employee_id", "E-4711"),
        ("queue", "IT Support"),
        ("alert", "internal"),
    ]
    assert (who.raw, who.attestation, who.diverted_by) == (Number(NUMBER), "A", Number("+4930999999"))
