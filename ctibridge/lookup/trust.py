"""What to be careful about. A matching number proves nothing: numbers are forged, lent and given to others."""

from collections.abc import Iterable
from datetime import datetime

from ctibridge.domain.caller import ATTESTATION_FAILED, NOT_CHECKED
from ctibridge.domain.hours import whole_days
from ctibridge.domain.screen_pop import Signal
from ctibridge.lookup.matching import Match

NUMBER_CHANGED_RECENTLY = "number_changed_recently"
NETWORK_CHECK_FAILED = "attestation_failed"
CLAIM_CONTRADICTS_NUMBER = "claim_contradicts_number"
# An attacker who can change a record rings soon after; after a month a new telephone is an old one.
RECENT_DAYS = 30


def signals(
    matches: Iterable[Match], at: datetime, attestation: str = NOT_CHECKED, *, contradicted: bool = False
) -> tuple[Signal, ...]:
    """Of the people whom the pop shows: the number came to one of them within the last 30 days. attestation: what the
    network says of the number; contradicted: what the PBX names is somebody else's."""
    found = list(_changed(matches, at))
    if attestation == ATTESTATION_FAILED:
        found.append(Signal(NETWORK_CHECK_FAILED))
    if contradicted:
        found.append(Signal(CLAIM_CONTRADICTS_NUMBER))
    return tuple(found)


def _changed(matches: Iterable[Match], at: datetime) -> tuple[Signal, ...]:
    days = [whole_days(match.changed_at, at) for match in matches if match.changed_at is not None]
    recent = [count for count in days if count <= RECENT_DAYS]
    return (Signal(NUMBER_CHANGED_RECENTLY, min(recent)),) if recent else ()
