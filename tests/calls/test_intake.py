"""SIP's words become the product's."""

import pytest

from ctibridge.calls import intake
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Presentation
from ctibridge.domain.private import Name, Number
from ctibridge.sip.events import Identity, RingEnd, RingEnded, RingStarted, Withheld
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


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (RingEnd.COMPLETED_ELSEWHERE, Outcome.ANSWERED_ELSEWHERE),
        (RingEnd.CANCELLED, Outcome.ABANDONED),
        (RingEnd.EXPIRED, Outcome.TIMED_OUT),
        (RingEnd.UNSEEN, Outcome.UNKNOWN),
    ],
)
def test_how_it_ended(how: RingEnd, outcome: Outcome) -> None:
    assert intake.ended(RingEnded("leg", how)).outcome is outcome


def test_every_end_and_every_presentation_has_a_word() -> None:
    assert all(intake.ended(RingEnded("leg", how)) for how in RingEnd)
    assert all(intake.rang(started(Identity(None, None, why, "From"))) for why in Withheld)
