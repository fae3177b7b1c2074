"""What a fault cost, from its record: how long until ready, how late pops came. Pure."""

from collections.abc import Iterable, Mapping

from tests.faults.record import RINGING, Record


def spread(seconds: Iterable[float]) -> str:
    """As `n 200, median 0.61, 99 % 0.93, most 1.02 s`."""
    found = sorted(seconds)
    if not found:
        return "none"
    last = len(found) - 1
    middle, late = found[last // 2], found[round(last * 0.99)]
    return f"n {len(found)}, median {middle:.3f}, 99 % {late:.3f}, most {found[-1]:.3f} s"


def starts(record: Record) -> list[float]:
    """Seconds from exec to READY=1, of each process that came so far."""
    return [life.ready - life.began for life in record.lives if life.ready is not None]


def alone(record: Record) -> list[float]:
    """The same, without the time in which others had the processors."""
    return [life.ready - life.began - life.queued for life in record.lives if life.ready is not None]


def pops(record: Record) -> list[float]:
    """Seconds from INVITE to the first pop at a desk, or the snapshot that has it, of each call and desk."""
    sent = {one.call: one.at for one in record.sent}
    seen = [(event.at, event.call or 0, event.desk) for event in record.events if event.type == RINGING]
    seen += [(link.at, one.call or 0, link.desk) for link in record.links for one in link.calls.values()]
    first = {(call, desk): at for at, call, desk in sorted(seen, reverse=True) if call in sent}
    return [at - sent[call] for (call, _), at in first.items()]


def figures(record: Record, more: Mapping[str, str] | None = None) -> str:
    """Several lines for people. more: further rows."""
    rung = {rang.call for rang in record.rang}
    fresh = sum(not link.resumed for link in record.links)
    rows = {
        "calls": f"{len(record.sent)} sent, {len(rung)} rung, {len(record.events)} events",
        "ready": spread(starts(record)),
        "unqueued": f"{spread(alone(record))}; without the time in which others had the processors",
        "pops": spread(pops(record)),
        "desks": f"{len(record.links)} welcomes, {fresh} with a snapshot",
    }
    return "\n" + "\n".join(f"  {name:9} {row}" for name, row in (rows | dict(more or {})).items())
