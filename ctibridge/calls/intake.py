"""The only place where SIP's words become the product's."""

from ctibridge.calls.facts import LegEnded, LegRang
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.private import Name, Number
from ctibridge.sip.events import RingEnd, RingEnded, RingStarted, Withheld

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
}


def rang(event: RingStarted) -> LegRang:
    who = event.identity
    signalled = Signalled(
        raw=Number(who.user) if who.user else None,
        display_name=Name(who.display_name) if who.display_name else None,
        presentation=_PRESENTATION[who.withheld],
        source=who.source,
        diverted_by=Number(who.diverted_by) if who.diverted_by else None,
        called=tuple(Number(user) for user in event.called),
    )
    return LegRang(event.leg, event.trunk, event.line, event.dialog, event.key, signalled)


def ended(event: RingEnded) -> LegEnded:
    return LegEnded(event.leg, _OUTCOME[event.how])
