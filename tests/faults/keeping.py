"""What a desk acknowledged, and was told is stored, outlives the process: as its place, or in the snapshot.

Pure; for the judge (`judge.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from tests.faults.parting import Parting
from tests.faults.record import ENDED, Clock, Event, Record, Welcome

LISTED = 1_800.0
"""Seconds for which a snapshot has a call that ended (contract: 30 minutes), by the daemon's calendar."""
LISTED_CALLS = 1_000
"""So many calls that ended a desk keeps, the newest; a desk of people has fewer in half an hour."""


def acknowledged(record: Record, events: Sequence[Event], calls: Mapping[str, int]) -> Iterator[str]:
    """events: different ones, of the test's calls; calls: its numbers, by the daemon's names. A screen is owed what was
    stored before it asked: what another one of that desk acknowledged while the answer was on its way comes behind
    it."""
    parting, sent = Parting(record), {one.call: one.at for one in record.sent}
    began = {name: sent[call] for name, call in calls.items() if call in sent}
    for desk in {link.desk for link in record.links}:
        told = [event for event in events if event.desk == desk]
        times = _times(record, desk, told, began)
        for link in (link for link in record.links if link.desk == desk):
            places: dict[str, int] = {}
            for one in record.stored:
                if one.desk == desk and one.at < link.began:
                    places[one.epoch] = max(places.get(one.epoch, 0), one.sequence)
            if link.sequence < places.get(link.epoch, 0):
                yield f"{desk} stood at {link.epoch}.{places[link.epoch]} and is put back to {link.sequence}"
            if not link.resumed:
                gone = _pushed_out(times, link) | _forgotten(record, times, link)
                kept = (event for event in told if event.subject not in gone)
                safe = [event for event in parting.known(kept, link) if event.sequence <= places.get(event.epoch, 0)]
                yield from _missing(link, safe)


def _times(
    record: Record, desk: str, told: Sequence[Event], began: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """When each call of this desk began, or was first seen, and when first as over (never: infinite): by its events, or
    in a snapshot, which alone has those that ended while nobody looked."""
    seen = [(event.subject, event.at, event.type == ENDED) for event in told]
    links = (link for link in record.links if link.desk == desk)
    seen += [(name, link.at, call.state == "ended") for link in links for name, call in link.calls.items()]
    times: dict[str, tuple[float, float]] = {}
    for name, at, is_over in seen:
        first, over = times.get(name, (began.get(name, at), inf))
        times[name] = min(first, at), min(over, at) if is_over else over
    return times


def _pushed_out(times: dict[str, tuple[float, float]], link: Welcome) -> set[str]:
    """Calls before the newest ones that a desk keeps of those that are over: newest by their end, or by their beginning
    where it was read from the store since."""
    over = [name for name, (_, at) in times.items() if at <= link.at]
    by_end, by_beginning = (sorted(over, key=lambda name: times[name][place]) for place in (1, 0))
    return {*by_end[:-LISTED_CALLS], *by_beginning[:-LISTED_CALLS]}


def _forgotten(record: Record, times: dict[str, tuple[float, float]], link: Welcome) -> set[str]:
    """Calls of whose end the daemon's calendar may ever have been half an hour ahead: what it forgot then stays so. It
    may have noted the end by any calendar since the beginning, until the desk was told."""
    gone = set()
    for name, (began, over) in times.items():
        end = min(over, link.at)
        ahead = max(_calendars(record, end, link.at)) - min(_calendars(record, min(began, end), end))
        if link.at - end + ahead >= LISTED:
            gone.add(name)
    return gone


def _calendars(record: Record, begins: float, ends: float) -> list[float]:
    """How far ahead it may have been between these times: each until the next was noticed."""
    clocks = [Clock(-inf, 0.0, -inf), *record.clocks]
    until = [clock.noticed for clock in record.clocks] + [inf]
    return [clock.ahead for clock, last in zip(clocks, until, strict=True) if clock.at <= ends and begins <= last]


def _missing(link: Welcome, safe: list[Event]) -> Iterator[str]:
    for event in safe:
        listed = link.calls.get(event.subject)
        if listed is None:
            yield f"{link.desk} acknowledged {event.id}, and its call is not in the snapshot of {link.epoch}"
        elif event.type == ENDED and (listed.state, listed.outcome) != ("ended", event.outcome):
            yield f"{link.desk} acknowledged the end {event.id}, and the snapshot of {link.epoch} has it otherwise"
