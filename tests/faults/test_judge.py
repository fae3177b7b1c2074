"""The judge is silent about a record in which all is well, and each rule bites where one thing in it is wrong."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.judge import complaints
from tests.faults.record import (
    ABANDONED,
    ELSEWHERE,
    ENDED,
    RINGING,
    TIMED_OUT,
    UNKNOWN,
    Clock,
    Cut,
    Event,
    Gone,
    Life,
    Listed,
    Looked,
    Over,
    Printed,
    Rang,
    Record,
    Sent,
    Stored,
    Welcome,
)  # fmt: skip

ANA, BEN = frozenset({"ana"}), frozenset({"ben"})


def ringing(sequence: int, at: float, call: int, link: int = 1, epoch: str = "e", desk: str = "ana") -> Event:
    return Event(desk, link, at, epoch, sequence, f"{epoch}.{sequence}", RINGING, call, f"c{call}", f"rings {call}")


def ended(
    sequence: int, at: float, call: int, link: int = 1, epoch: str = "e", desk: str = "ana", outcome: str = ABANDONED
) -> Event:
    id_ = f"{epoch}.{sequence}"
    return Event(desk, link, at, epoch, sequence, id_, ENDED, None, f"c{call}", f"ended {call} {outcome}", outcome)


def greeted(link: int, at: float, sequence: int = 0, **other: object) -> Welcome:
    made = Welcome("ana", link, at, "e", sequence, False, None, {})
    return replace(made, **other)  # type: ignore[arg-type]


def call(number: int, at: float, *, outcome: str = ABANDONED) -> tuple[Sent, Rang, Over]:
    """Rings at ana's line, and its caller hangs up a second later."""
    return Sent(number, at, ANA), Rang(number, at + 0.01, ANA), Over(number, at + 1, outcome, at + 1.01)


def night() -> Record:
    """Two calls, and between them a kill at 20 which costs ana her epoch: call 1 was acknowledged, call 2 rang when the
    process died, call 3 comes afterwards; then she loses her connection, and call 4 rings while she is away."""
    record = Record(lives=[Life(0, 1, 20), Life(21, 22)])
    for number, at in ((1, 10), (2, 19.8), (3, 30), (4, 41)):
        for kept, said in zip((record.sent, record.rang, record.over), call(number, at), strict=True):
            kept.append(said)  # type: ignore[attr-defined]
    snapshot = {"c1": Listed(1, "ended", ABANDONED), "c2": Listed(2, "ended", UNKNOWN)}
    record.links += [
        greeted(1, 2),
        greeted(2, 23, 2, epoch="f", asked=("e", 3), calls=snapshot),
        greeted(3, 42, 6, epoch="f", asked=("f", 4), resumed=True),
    ]
    record.gone += [Gone("ana", 1, 20), Gone("ana", 2, 40)]
    record.events += [
        ringing(1, 10.02, 1), ended(2, 11.02, 1), ringing(3, 19.85, 2),
        ringing(3, 30.02, 3, 2, "f"), ended(4, 31.02, 3, 2, "f"),
        ringing(5, 42.1, 4, 3, "f"), ended(6, 42.1, 4, 3, "f"),
    ]  # fmt: skip
    record.stored += [Stored("ana", 12, "e", 2), Stored("ana", 32, "f", 4)]
    record.printed.append(Printed("token t opens", 5))
    record.looked += [Looked("token t opens", 24, True), Looked("desks.db is whole", 21, True, always=True)]
    return record


def test_all_is_well() -> None:
    assert complaints(night()) == []


Wrong = Callable[[Record], object]


def without(wrong: Callable[[Event], bool]) -> Wrong:
    def spoil(record: Record) -> None:
        record.events[:] = [event for event in record.events if not wrong(event)]

    return spoil


def changed(number: int, **other: object) -> Wrong:
    """The event at that place is another one."""

    def spoil(record: Record) -> None:
        record.events[number] = replace(record.events[number], **other)  # type: ignore[arg-type]

    return spoil


def link(number: int, **other: object) -> Wrong:
    def spoil(record: Record) -> None:
        record.links[number] = replace(record.links[number], **other)  # type: ignore[arg-type]

    return spoil


def snapshot(**calls: Listed) -> Wrong:
    """Of the second connection."""
    well = {"c1": Listed(1, "ended", ABANDONED), "c2": Listed(2, "ended", UNKNOWN)}
    return link(1, calls={name: one for name, one in (well | calls).items() if one.state})


MISSING = Listed(None, "", None)

PLANTED: dict[str, tuple[Wrong, str]] = {
    "a pop is doubled": (
        lambda r: r.events.insert(5, replace(r.events[3], id="f.5", sequence=5)),
        "call 3 popped 2 times at ana",
    ),
    "a pop comes after the snapshot that had it": (
        lambda r: r.events.__setitem__(3, replace(ringing(3, 30.02, 2, 2, "f"), subject="c2")),
        "call 2 popped 2 times at ana",
    ),
    "a pop of another epoch comes after the snapshot that had it": (
        lambda r: (changed(2, at=50)(r), r.events.sort(key=lambda event: event.at)),
        "call 2 popped at ana when a snapshot had shown it already",
    ),
    "one call under two names": (changed(3, call=1), "call 1 has 2 names"),
    "a pop at a desk that is not entitled": (
        lambda r: r.sent.__setitem__(2, replace(r.sent[2], desks=BEN)),
        "call 3 was shown at ana, who is not entitled to it",
    ),
    "a pop that names nobody of ours": (changed(3, call=None), "ana was shown c3, which nobody sent"),
    "a call that nobody sent": (lambda r: r.sent.pop(2), "ana was shown c3, which nobody sent"),
    "a pop is lost": (without(lambda e: e.subject == "c3"), "call 3 was rung and did not pop at ana"),
    "a pop is lost just before the kill, at a desk that was connected": (
        lambda r: (without(lambda e: e.subject == "c2")(r), snapshot(c2=MISSING)(r)),
        "call 2 was rung and did not pop at ana",
    ),
    "a pop that rang while the desk was away is lost": (
        lambda r: (without(lambda e: e.subject == "c4")(r), link(2, sequence=4)(r)),
        "call 4 was rung and did not pop at ana",
    ),
    "a line that is up does not ring": (
        lambda r: r.rang.pop(2),
        "call 3 was sent to a line that was up, and was never rung",
    ),
    "an id names two events": (
        changed(4, id="e.2", epoch="e", sequence=2),
        "event e.2 names two events, at ana and at ana",
    ),
    "an id names the event of another desk": (
        lambda r: r.events.append(ringing(1, 50, 1, 9, desk="ben")),
        "event e.1 names two events, at ana and at ben",
    ),
    "an id is not its place": (changed(0, id="e.9"), "event e.9 is no e.1"),
    "a gap": (changed(4, sequence=5, id="f.5"), "ana heard f.5 behind f.3"),
    "the same event twice in one connection": (lambda r: r.events.insert(4, r.events[3]), "ana heard f.3 behind f.3"),
    "another epoch without a welcome": (changed(4, epoch="g", id="g.4"), "ana heard g.4 behind f.3"),
    "resumed in an epoch that was not asked for": (
        link(2, asked=("e", 4)),
        "ana was resumed at f.6, having asked for ('e', 4)",
    ),
    "resumed, and what was missed does not come": (
        link(2, sequence=7),
        "ana was promised f.7 and heard up to 6",
    ),
    "the place of a desk is put back behind what it acknowledged": (
        lambda r: (link(2, sequence=3, resumed=False)(r), without(lambda e: e.subject == "c4")(r)),
        "ana stood at f.4 and is put back to 3",
    ),
    "an acknowledged call is not in the snapshot": (
        snapshot(c1=MISSING),
        "ana acknowledged e.1, and its call is not in the snapshot of f",
    ),
    "an acknowledged end is forgotten": (
        snapshot(c1=Listed(1, "ended", UNKNOWN)),
        "ana acknowledged the end e.2, and the snapshot of f has it otherwise",
    ),
    "a call ends twice": (
        lambda r: r.events.append(ended(7, 43, 4, 3, "f")),
        "call 4 ended 2 times at ana",
    ),
    "a call never ends": (without(lambda e: e.id == "f.6"), "call 4 never ended at ana"),
    "a call of before the kill never ends": (snapshot(c2=Listed(2, "ringing", None)), "call 2 never ended at ana"),
    "another outcome": (changed(4, outcome=ELSEWHERE), "call 3 ended at ana as answered_elsewhere; it was abandoned"),
    "unknown, though the process lived": (
        changed(4, outcome=UNKNOWN),
        "call 3 ended at ana as unknown; it was abandoned",
    ),
    "an end while the caller waits": (
        lambda r: r.over.pop(2),
        "call 3 ended at ana as abandoned, and its caller still waits",
    ),
    "a command's word is broken": (
        lambda r: r.looked.append(Looked("token t opens", 60, False)),
        "not so: token t opens",
    ),
    "a database is not whole": (
        lambda r: r.looked.append(Looked("desks.db is whole", 60, False, always=True)),
        "not so: desks.db is whole",
    ),
    "ready too late": (lambda r: r.lives.__setitem__(1, Life(21, 25)), "process 2 was ready after 4.00 s"),
    "ready too late, though others had the processors for a while": (
        lambda r: r.lives.__setitem__(1, Life(21, 25, queued=0.5)),
        "process 2 was ready after 3.50 s",
    ),
    "never ready": (lambda r: r.lives.append(Life(70)), "process 3 was never ready"),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_each_rule_bites(planted: str) -> None:
    spoil, complaint = PLANTED[planted]
    record = night()
    spoil(record)
    assert complaint in complaints(record)


def test_what_was_sent_while_nobody_could_hear_it_is_not_owed() -> None:
    record = night()
    record.sent += [Sent(5, 20.5, ANA), Sent(6, 22.5, ANA, line_up=False), Sent(7, 19.99, ANA)]
    assert complaints(record) == []
    # Seen on a slow machine: the ringing of a call died with the process, and its desk had heard of it.
    snapshot(c7=Listed(7, "ended", ABANDONED))(record)
    assert complaints(record) == ["call 7 ended at ana as abandoned; it was unknown"]
    snapshot(c5=Listed(5, "ended", UNKNOWN), c7=Listed(7, "ended", UNKNOWN))(record)
    assert complaints(record) == ["call 5 ended at ana as unknown, and its caller still waits"], "nobody was there"
    snapshot()(record)
    record.lives.append(Life(80, 81, None, pauses=((90, 150),)))
    record.sent += [Sent(8, 100, ANA), Sent(9, 89, ANA)]
    assert complaints(record) == []


def test_who_was_not_connected_when_the_process_died_is_owed_no_more_than_was_stored() -> None:
    record = night()
    record.gone[0] = Gone("ana", 1, 19.5)
    without(lambda event: event.subject == "c2")(record)
    snapshot(c2=MISSING)(record)
    assert complaints(record) == []


def test_a_snapshot_owes_no_call_that_is_over_for_half_an_hour_by_the_clock_of_the_daemon() -> None:
    record = night()
    snapshot(c1=MISSING)(record)
    record.clocks.append(Clock(20, 86_400, 21))
    assert complaints(record) == []
    record.clocks.append(Clock(22, 60, 22))
    assert complaints(record) == [], "and what was forgotten then is forgotten"
    record.clocks[:] = [Clock(20, 600, 20), Clock(22, 60, 22)]
    missing = [f"ana acknowledged e.{event}, and its call is not in the snapshot of f" for event in (1, 2)]
    assert complaints(record) == missing
    record.clocks[:] = [Clock(9, 86_400, 12)]
    assert complaints(record) == [], "it may have noticed after the call"
    record.clocks[:] = [Clock(9, 86_400, 9)]
    assert complaints(record) == missing


def test_an_end_that_nobody_acknowledged_may_come_again_in_another_epoch() -> None:
    record = night()
    record.events.insert(3, ended(4, 19.99, 2))
    record.events.append(ended(2, 42, 2, 9, "f", outcome=UNKNOWN))
    assert complaints(record) == []
    record.stored.append(Stored("ana", 20, "e", 4))
    assert "call 2 ended 2 times at ana" in complaints(record)


def test_a_pop_that_nobody_acknowledged_before_the_process_died_may_come_again_in_another_epoch() -> None:
    record = night()
    record.events.insert(3, ringing(2, 23.5, 2, 2, "g"))
    record.links[1] = replace(record.links[1], calls={"c1": Listed(1, "ended", ABANDONED)})
    wrong = "call 2 popped 2 times at ana"
    assert wrong not in complaints(record)
    record.stored.append(Stored("ana", 19.9, "e", 3))
    assert wrong in complaints(record), "acknowledged"
    del record.stored[-1]
    record.lives[0] = replace(record.lives[0], ended=21)
    assert wrong in complaints(record), "it had time enough"


def test_who_is_ended_while_it_stands_still_has_ended_before() -> None:
    record = night()
    record.lives[0] = Life(0, 1, 29, pauses=((20, 30),))
    record.lives[1] = Life(29, 29)
    assert complaints(record) == []


def test_what_a_snapshot_has_may_be_asked_for_once_more() -> None:
    record = night()
    has = {**record.links[1].calls, "c3": Listed(3, "ended", ABANDONED)}
    record.links[1] = replace(record.links[1], link=4, sequence=4, calls=has)
    record.links.append(replace(record.links[2], at=24, link=2, sequence=4, asked=("f", 2)))
    record.gone.append(Gone("ana", 4, 24))
    assert complaints(record) == []


def test_who_has_to_wait_for_the_processors_is_not_late() -> None:
    record = night()
    record.lives[1] = Life(21, 25, queued=1.5)
    assert complaints(record) == []


def test_unknown_is_right_where_the_process_ended_before_the_caller_did() -> None:
    """And what it was is right, too."""
    record = night()
    snapshot(c2=Listed(2, "ended", ABANDONED))(record)
    assert complaints(record) == []


# -- a PBX that goes ---------------------------------------------------------------------------------------------------


def cut(outcome: str, said: str | None = None, *, ends: float | None = None) -> list[str]:
    """Call 1 rang at 10 when its PBX went; ana was told that outcome. ends: when the process did."""
    record = Record(lives=[Life(0, 1, ends)], links=[greeted(1, 2)])
    record.sent.append(Sent(1, 10, ANA))
    record.rang.append(Rang(1, 10.01, ANA))
    record.cut.append(Cut(1, 10.5, 13.5, said))
    record.events += [ringing(1, 10.02, 1), ended(2, 13.1, 1, outcome=outcome)]
    return complaints(record)


def test_a_call_that_its_pbx_cut_ends_by_itself_or_as_its_caller_said() -> None:
    assert cut(TIMED_OUT) == cut(TIMED_OUT, ABANDONED) == cut(ABANDONED, ABANDONED) == []
    assert cut(UNKNOWN, ends=13.2) == []


def test_of_a_call_that_was_cut_nobody_knows_more() -> None:
    assert cut(ABANDONED) == ["call 1 ended at ana as abandoned; it was timed_out"]
    assert cut(ELSEWHERE, ABANDONED) == ["call 1 ended at ana as answered_elsewhere; it was abandoned or timed_out"]
    assert cut(UNKNOWN) == ["call 1 ended at ana as unknown; it was timed_out"]
    assert cut(UNKNOWN, ends=20) == ["call 1 ended at ana as unknown; it was timed_out"]


def test_a_call_that_was_not_cut_does_not_time_out() -> None:
    record = night()
    changed(1, outcome=TIMED_OUT)(record)
    assert any("call 1 ended at ana as timed_out" in complaint for complaint in complaints(record))


def test_a_call_that_was_cut_before_it_rang_is_owed_nothing_but_its_end() -> None:
    record = Record(lives=[Life(0, 1)], links=[greeted(1, 2)], sent=[Sent(1, 10, ANA)], cut=[Cut(1, 10.1, 13.1)])
    assert complaints(record) == []
    record.events.append(ringing(1, 10.02, 1))
    assert complaints(record) == ["call 1 never ended at ana"]
