"""Reads a record (`record.py`) and says what the daemon owed and did not do. Pure.

What is owed (contract, *What the words mean exactly*):

* a call that was rung (180) pops once at each entitled desk, if the process lives on, and at none else, under one name;
  of several nodes another one may tell again what nobody acknowledged before the first one died;
* a line that is up answers its INVITE;
* an event id names one event for ever; a connection's sequences have no gap; who is not resumed gets the whole state;
* what was acknowledged is there after any end of the process, and what a command said is done is done;
* each call ends once at each desk, as its caller did; `unknown` only where the process ended before it could be known,
  `timed_out` only where the PBX went and nobody could say how it ended;
* a process is ready in time.

Calls that were sent while no process could hear them are not owed. Of several nodes one may be parted from the others:
`parting.py` says what is owed then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.keeping import acknowledged
from tests.faults.parting import MOMENT, Parting
from tests.faults.record import (
    ENDED,
    RINGING,
    TIMED_OUT,
    UNKNOWN,
    Cut,
    Event,
    Life,
    Listed,
    Over,
    Record,
    Sent,
    Welcome,
)

READY_WITHIN = 3.0
"""Seconds from exec to READY=1 (issue 6), without those in which others had the processors."""
SETTLES = 1.0
"""Seconds after which what a living process was told stands in its store, on a busy machine; else it takes 20 ms."""
CATCHES_UP = 10.0
"""Seconds behind a pause in which it works through what has piled up, and the kernel may have dropped what came."""
MORE = 0.1
"""Seconds that a pop may be later than the latest one."""
ANSWERS = 3.0
"""Seconds within which a living process answers an INVITE, on a busy machine."""


def complaints(record: Record, ready_within: float = READY_WITHIN) -> list[str]:
    """Everything that is wrong; empty: nothing. The record ends when every caller has hung up and every desk that is
    still connected has heard all."""
    seen = _Seen.of(record)
    found = [text for rule in _RULES for text in rule(record, seen)]
    return [*found, *_starts(record, ready_within)]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The record, looked up by what the rules ask for. calls: the test's number of each of the daemon's names; first:
    each event id as it was seen first; links: events of each connection, in order."""

    calls: dict[str, int]
    first: dict[str, Event]
    links: dict[int, list[Event]]

    @classmethod
    def of(cls, record: Record) -> "_Seen":
        calls = {event.subject: event.call for event in record.events if event.call is not None}
        for link in record.links:
            calls |= {name: one.call for name, one in link.calls.items() if one.call is not None}
        first: dict[str, Event] = {}
        links: dict[int, list[Event]] = defaultdict(list)
        for event in record.events:
            first.setdefault(event.id, event)
            links[event.link].append(event)
        return cls(calls, first, links)

    def of_kind(self, kind: str) -> dict[tuple[str, int], list[Event]]:
        """Different events of that type, by desk and call."""
        found: dict[tuple[str, int], list[Event]] = defaultdict(list)
        for event in self.first.values():
            if event.type == kind and event.subject in self.calls:
                found[event.desk, self.calls[event.subject]].append(event)
        return found


def _pops(record: Record, seen: _Seen) -> Iterator[str]:
    """Once, under one name."""
    parting = Parting(record)
    listed: dict[tuple[str, str], Welcome] = {}
    for link in record.links:
        for name in () if link.resumed else link.calls:  # else the replay behind it pops what it has
            listed.setdefault((link.desk, name), link)
    for (desk, call), events in seen.of_kind(RINGING).items():
        *before, last = parting.once(events)
        is_shown = _is_behind(last, listed.get((desk, last.subject)))
        if any(is_shown or one.epoch == last.epoch or not _is_taken_along(record, one) for one in before):
            yield f"call {call} popped {len(events)} times at {desk}"
        elif is_shown:
            yield f"call {call} popped at {desk} when a snapshot had shown it already"
    names: dict[int, set[str]] = defaultdict(set)
    for name, call in seen.calls.items():
        names[call].add(name)
    yield from (f"call {call} has {len(found)} names" for call, found in names.items() if len(found) > 1)


def _is_taken_along(record: Record, event: Event) -> bool:
    """Told in the last moment of a process that died, stood still or was parted, and not acknowledged: who goes on
    under another epoch knows nothing of it, and tells of the call as any other."""
    last = [life.ended for life in record.lives if life.ended is not None]
    last += [begins for life in record.lives for begins, _ in (*life.pauses, *life.apart)]
    return any(event.at - MOMENT <= at < event.at + SETTLES for at in last) and not _is_kept(record, event)


def _is_behind(event: Event, snapshot: Welcome | None) -> bool:
    """What the snapshot's own epoch has up to its sequence, it may send again to who asks for it."""
    if snapshot is None or event.at < snapshot.at:
        return False
    return event.epoch != snapshot.epoch or event.sequence > snapshot.sequence


def _strangers(record: Record, seen: _Seen) -> Iterator[str]:
    """At no desk that is not entitled."""
    entitled = {one.call: one.desks for one in record.sent}
    shown = {(event.desk, event.subject) for event in record.events if event.type.startswith("call.")}
    shown |= {(link.desk, name) for link in record.links for name in link.calls}
    popped = {event.subject for event in record.events if event.type == RINGING}
    for desk, name in sorted(shown):
        call = seen.calls.get(name)
        if call is None and name not in popped:
            continue  # it ended before anybody was told who called
        if call is None or call not in entitled:
            yield f"{desk} was shown {name}, which nobody sent"
        elif desk not in entitled[call]:
            yield f"call {call} was shown at {desk}, who is not entitled to it"


def _owed(record: Record, seen: _Seen) -> Iterator[str]:
    """Whoever was rung has popped, or stands in a snapshot."""
    shown = {(event.desk, seen.calls.get(event.subject)) for event in record.events if event.type == RINGING}
    shown |= {(link.desk, one.call) for link in record.links for one in link.calls.values()}
    open_at, latest, parting = _connected(record, seen), _latest(record), Parting(record)
    due = {(rang.call, desk, rang.at, rang.node) for rang in record.rang for desk in rang.desks}
    for call, desk, at, node in sorted(due):
        lives = [life for life in record.lives if life.node == node]
        is_parted = parting.is_parted(node, at)
        kept = not is_parted and _lives_on(lives, at, latest + SETTLES)
        told = (
            (not is_parted or parting.is_open(desk, node, at))
            and open_at(desk, at)
            and _lives_on(lives, at, latest + MORE)
        )
        if (desk, call) not in shown and (kept or told):
            yield f"call {call} was rung and did not pop at {desk}"


def _latest(record: Record) -> float:
    """Seconds from the 180 to the latest pop that came by itself: the machine may be busy, and the look-up may wait for
    the store, but what is later than all others is lost."""
    rung = {(rang.call, desk): rang.at for rang in record.rang for desk in rang.desks}
    replayed = {link.link: link.sequence for link in record.links}
    own = (one for one in record.events if one.type == RINGING and one.sequence > replayed.get(one.link, 0))
    return max((one.at - rung.get((one.call or 0, one.desk), one.at) for one in own), default=0.0)


def _connected(record: Record, seen: _Seen) -> Callable[[str, float], bool]:
    """Was the desk connected at that time, and had heard what it had missed?"""
    ends = {gone.link: gone.at for gone in record.gone}
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for link in record.links:
        reached = (event.at for event in seen.links[link.link] if event.sequence >= link.sequence)
        begins = next(reached, None) if _behind(link) else link.at
        if begins is not None:
            spans[link.desk].append((begins, ends.get(link.link, float("inf"))))
    return lambda desk, at: any(begins <= at < end for begins, end in spans[desk])


def _behind(link: Welcome) -> bool:
    return link.resumed and link.asked is not None and link.asked[1] < link.sequence


def _answers(record: Record, seen: _Seen) -> Iterator[str]:
    """A line that is up rings."""
    for one in _unrung(record):
        lives = [life for life in record.lives if life.node == one.node]
        if one.line_up and _lives_on(lives, one.at, ANSWERS):
            yield f"call {one.call} was sent to a line that was up, and was never rung"


def _unrung(record: Record) -> list[Sent]:
    """Calls of whose ringing the caller heard nothing."""
    rung = {rang.call for rang in record.rang} | {cut.call for cut in record.cut}
    return [one for one in record.sent if one.call not in rung]


def _died_then(record: Record, sent: Sent) -> bool:
    lives, until = [life for life in record.lives if life.node == sent.node], sent.at + ANSWERS
    return any(life.began <= sent.at <= _last_moment(life) <= until or _paused(life, sent.at, until) for life in lives)


def _lives_on(lives: list[Life], at: float, seconds: float) -> bool:
    """Was a process there at that time, ready and not paused, and so for these seconds more?"""
    ready = [life for life in lives if life.ready is not None and life.ready <= at]
    life = max(ready, key=lambda one: one.began, default=None)
    if life is None or (life.ended is not None and life.ended < at + seconds):
        return False
    return not any(begins < at + seconds and at < ends + CATCHES_UP for begins, ends in life.pauses)


def _ids(record: Record, seen: _Seen) -> Iterator[str]:
    """One id, one event, at one desk."""
    for event in record.events:
        first = seen.first[event.id]
        if (first.desk, first.type, first.subject, first.content) != (
            event.desk, event.type, event.subject, event.content,
        ):  # fmt: skip
            yield f"event {event.id} names two events, at {first.desk} and at {event.desk}"
        if event.id != f"{event.epoch}.{event.sequence}":
            yield f"event {event.id} is no {event.epoch}.{event.sequence}"


def _gapless(record: Record, seen: _Seen) -> Iterator[str]:
    """From where the connection begins, by one each; and nobody is promised what does not come."""
    ended = {gone.link for gone in record.gone}
    for link in record.links:
        if link.resumed and (link.asked is None or link.asked[0] != link.epoch or link.asked[1] > link.sequence):
            yield f"{link.desk} was resumed at {link.epoch}.{link.sequence}, having asked for {link.asked}"
        last = link.asked[1] if link.resumed and link.asked is not None else link.sequence
        for event in seen.links[link.link]:
            if (event.epoch, event.sequence) != (link.epoch, last + 1):
                yield f"{link.desk} heard {event.id} behind {link.epoch}.{last}"
            last = event.sequence
        if link.link not in ended and last < link.sequence:
            yield f"{link.desk} was promised {link.epoch}.{link.sequence} and heard up to {last}"


def _acknowledged(record: Record, seen: _Seen) -> Iterator[str]:
    """It outlives the process."""
    return acknowledged(record, [event for event in seen.first.values() if event.subject in seen.calls], seen.calls)


def _ends(record: Record, seen: _Seen) -> Iterator[str]:
    """Once; and at the end no screen shows one that rings. Of an end that nobody acknowledged, and that the process
    took with it, another epoch knows nothing."""
    parting = Parting(record)
    for (desk, call), events in seen.of_kind(ENDED).items():
        *before, last = parting.once(events)
        if any(one.epoch == last.epoch or _is_kept(record, one) for one in before):
            yield f"call {call} ended {len(events)} times at {desk}"
    for desk in sorted({link.desk for link in record.links}):
        rings = [seen.calls.get(name, name) for name, over in _screen(record, desk).items() if not over]
        yield from (f"call {call} never ended at {desk}" for call in rings)


def _is_kept(record: Record, event: Event) -> bool:
    """Acknowledged, and stored."""
    return any(
        (one.desk, one.epoch) == (event.desk, event.epoch) and one.sequence >= event.sequence for one in record.stored
    )


def _screen(record: Record, desk: str) -> dict[str, bool]:
    """The calls that a page would show at last, and whether they are over. What a snapshot does not have is gone."""
    shown: dict[str, bool] = {}
    seen: list[Event | Welcome] = [*record.links, *record.events]
    for one in sorted((one for one in seen if one.desk == desk), key=lambda one: one.at):
        if isinstance(one, Event):
            if one.type in (RINGING, ENDED):
                shown[one.subject] = one.type == ENDED
        elif not one.resumed:
            shown = {name: call.state == "ended" for name, call in one.calls.items()}
    return shown


def _listed(record: Record) -> list[tuple[str, Listed]]:
    """The calls of every snapshot, by desk."""
    return [(link.desk, one) for link in record.links for one in link.calls.values()]


def _outcomes(record: Record, seen: _Seen) -> Iterator[str]:
    """As the caller did."""
    sent = {one.call: one.at for one in record.sent}
    right = {one.call: _right(one, sent.get(one.call, one.at), record.lives) for one in record.over}
    right |= {one.call: _right_of_cut(one, sent.get(one.call, one.at), record.lives) for one in record.cut}
    # Its 180 may have died with the process, or been lost behind it; that one had told its desks already.
    right |= {one.call: {UNKNOWN} for one in _unrung(record) if _died_then(record, one)}
    told = {(e.desk, seen.calls[e.subject], e.outcome) for e in seen.first.values()
            if e.type == ENDED and e.subject in seen.calls}  # fmt: skip
    told |= {(desk, one.call, one.outcome) for desk, one in _listed(record) if one.state == "ended" and one.call}
    for desk, call, outcome in sorted(told, key=str):
        if call not in right:
            yield f"call {call} ended at {desk} as {outcome}, and its caller still waits"
        elif outcome not in right[call]:
            yield f"call {call} ended at {desk} as {outcome}; it was {' or '.join(sorted(right[call]))}"


def _right(over: Over, sent: float, lives: list[Life]) -> set[str]:
    until = float("inf") if over.heard is None else over.heard + SETTLES
    cut = any(sent <= _last_moment(life) <= until or _paused(life, sent, until) for life in lives)
    return {over.outcome, UNKNOWN} if cut else {over.outcome}


def _paused(life: Life, sent: float, until: float) -> bool:
    """One of several nodes: the others take over what it cannot hear, and do not know how it ends."""
    return bool(life.node) and any(begins <= until and sent <= ends for begins, ends in (*life.pauses, *life.apart))


def _right_of_cut(cut: Cut, sent: float, lives: list[Life]) -> set[str]:
    ended = any(sent <= _last_moment(life) <= cut.by + SETTLES for life in lives)
    return {TIMED_OUT} | ({cut.said} if cut.said else set()) | ({UNKNOWN} if ended else set())


def _last_moment(life: Life) -> float:
    """At which it could do anything: who is ended while it stands still has ended before."""
    if life.ended is None:
        return float("inf")
    return min((begins for begins, ends in life.pauses if begins <= life.ended <= ends), default=life.ended)


def _commands(record: Record, seen: _Seen) -> Iterator[str]:
    """What was printed holds."""
    printed: dict[str, float] = {}
    for one in record.printed:
        printed.setdefault(one.what, one.at)
    for look in record.looked:
        if not look.holds and (look.always or printed.get(look.what, look.at) < look.at):
            yield f"not so: {look.what}"


def _starts(record: Record, within: float) -> Iterator[str]:
    """In time."""
    for number, life in enumerate(record.lives, 1):
        if life.ready is not None and life.ready - life.began - life.queued > within:
            yield f"process {number} was ready after {life.ready - life.began - life.queued:.2f} s"
        elif life.ready is None and life.ended is None:
            yield f"process {number} was never ready"


_RULES = (_pops, _strangers, _owed, _answers, _ids, _gapless, _acknowledged, _ends, _outcomes, _commands)
