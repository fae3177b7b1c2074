"""The only place where SIP's words become the product's."""

from collections.abc import Callable

from ctibridge.calls.facts import LegAnswered, LegEnded, LegPicked, LegRang
from ctibridge.calls.views import View
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Presentation, Remark, Signalled
from ctibridge.domain.private import Name, Number, Private
from ctibridge.sip.events import Answered, PickedUp, RingEnd, RingEnded, RingStarted, Withheld

_PRESENTATION = {
    Withheld.NO: Presentation.ALLOWED,
    Withheld.RESTRICTED: Presentation.RESTRICTED,
    Withheld.UNAVAILABLE: Presentation.UNAVAILABLE,
}
_OUTCOME = {
    RingEnd.COMPLETED_ELSEWHERE: Outcome.ANSWERED_ELSEWHERE,
    RingEnd.CANCELLED: Outcome.ABANDONED,
    RingEnd.EXPIRED: Outcome.TIMED_OUT,
    RingEnd.UNSEEN: Outcome.UNKNOWN,
    RingEnd.DECLINED: Outcome.DECLINED,
    RingEnd.FAILED: Outcome.FAILED,
    RingEnd.HUNG_UP: Outcome.ANSWERED_HERE,
}


def rang(
    event: RingStarted,
    teller: str = "",
    named: tuple[str, int] | None = None,
    is_internal: Callable[[Signalled], bool] = lambda _: False,
) -> LegRang:
    """teller, named: as in `LegRang`. is_internal: is this caller one of the trunk's lines?"""
    who = event.identity
    signalled = Signalled(
        raw=Number(who.user) if who.user else None,
        display_name=Name(who.display_name) if who.display_name else None,
        presentation=_PRESENTATION[who.withheld],
        source=who.source,
        diverted_by=Number(who.diverted_by) if who.diverted_by else None,
        called=tuple(Number(user) for user in event.called),
        attestation=who.attestation,
        remarks=tuple(Remark(one.means, Private(one.value), one.source) for one in event.remarks),
        marked=Name(who.marked) if who.marked else None,
    )
    continued = event.hand_over
    return LegRang(
        event.leg,
        event.trunk,
        event.line,
        event.dialog,
        event.key,
        signalled,
        View(event.view.value),
        continued.referred_by,
        None if continued.replaces is None else continued.replaces[0],
        signalled.is_external,
        is_internal(signalled),
        teller,
        named,
    )


def answered(event: Answered) -> LegAnswered:
    return LegAnswered(event.leg)


def picked(event: PickedUp) -> LegPicked:
    replaces = event.hand_over.replaces
    return LegPicked(
        event.leg,
        event.trunk,
        event.line,
        event.dialog[0],
        event.identity.user,
        None if replaces is None else replaces[0],
    )


def ended(event: RingEnded) -> LegEnded:
    return LegEnded(event.leg, _OUTCOME[event.how])
