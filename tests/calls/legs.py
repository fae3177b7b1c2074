"""Legs as the SIP room hears them, and both clocks."""

from datetime import UTC, datetime, timedelta

from ctibridge.calls.facts import LegRang
from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.moment import Moment
from ctibridge.domain.private import Name, Number
from tests.sip.scripts import NAME, NUMBER

START = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def at(clock: float) -> Moment:
    return Moment(START + timedelta(seconds=clock), clock)


def signalled(raw: str | None = NUMBER, *called: str) -> Signalled:
    """raw None: withheld."""
    allowed = raw is not None
    return Signalled(
        Number(raw) if raw is not None else None, Name(NAME) if allowed else None,
        Presentation.ALLOWED if allowed else Presentation.RESTRICTED, "From", None,
        tuple(Number(number) for number in called or ("+4930123456",)),
    )  # fmt: skip


def rang(
    leg: str, line: str = "6001", *, dialog: tuple[str, str] | None = None, key: str | None = None,
    who: Signalled | None = None, trunk: str = "pbx",
) -> LegRang:  # fmt: skip
    """Without a dialog: a PBX that gives each leg its own Call-ID."""
    return LegRang(leg, trunk, line, dialog or (f"call-{leg}", "tag"), key, who or signalled())
