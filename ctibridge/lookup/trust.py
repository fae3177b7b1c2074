"""What to be careful about. A matching number proves nothing: numbers are forged, lent and given to others."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from ctibridge.domain.caller import ATTESTATION_FAILED, NOT_CHECKED
from ctibridge.domain.hours import whole_days
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.screen_pop import Signal
from ctibridge.lookup.matching import Match

NUMBER_CHANGED_RECENTLY = "number_changed_recently"
NETWORK_CHECK_FAILED = "attestation_failed"
CLAIM_CONTRADICTS_NUMBER = "claim_contradicts_number"
# An attacker who can change a record rings soon after; after a month a new telephone is an old one.
RECENT_DAYS = 30


def signals(
    matches: Iterable[Match],
    people: Mapping[PersonKey, Person],
    at: datetime,
    attestation: str = NOT_CHECKED,
    *,
    contradicted: bool = False,
) -> tuple[Signal, ...]:
    """Of the people whom the pop shows: the number came to one of them within the last 30 days. people: the records
    read so far, which know when; a record that is late brings its signal with the next revision. attestation: what the
    network says of the number; contradicted: what the PBX names is somebody else's."""
    days = [whole_days(since, at) for since in _changes(matches, people)]
    recent = [count for count in days if count <= RECENT_DAYS]
    found = [Signal(NUMBER_CHANGED_RECENTLY, min(recent))] if recent else []
    if attestation == ATTESTATION_FAILED:
        found.append(Signal(NETWORK_CHECK_FAILED))
    if contradicted:
        found.append(Signal(CLAIM_CONTRADICTS_NUMBER))
    return tuple(found)


def _changes(matches: Iterable[Match], people: Mapping[PersonKey, Person]) -> Iterator[datetime]:
    """When each stored number that matched came to its person, where that is known."""
    for match in matches:
        person = people.get(match.person)
        if person is None or not person.numbers_changed:
            continue
        for number in {row.matched for row in match.rows}:
            if number in person.numbers_changed:
                yield person.numbers_changed[number]
