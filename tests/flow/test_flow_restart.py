"""What agents do with a call from before a restart: its notes reach whom they reached before, and nobody else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from ctibridge.domain.account import AccountRef
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow import open_pops, remembered
from ctibridge.lookup.question import Question
from ctibridge.sip.events import RingEnd
from tests.delivery.memory_outbox import MemoryOutbox
from tests.flow.house import FakeLookup, House
from tests.flow.test_calling_back import ACME, DESK, AcmeLookup

SEES_ACME, SEES_FLEURON = frozenset({"acme"}), frozenset({"fleuron"})


@dataclass
class PartlyLookup(FakeLookup):
    """of: the company that each agent is told of as the caller's own. called: who is told that acme was called."""

    of: dict[str, str] = field(default_factory=dict)
    called: tuple[str, ...] = ()

    def _shown(self, question: Question, agent: str) -> Answer:
        shown = super()._shown(question, agent)
        if agent in self.called:
            shown = replace(shown, called=ACME)
        account = AccountRef(self.of[agent], "ACME AG") if agent in self.of else None
        return replace(shown, resolution=replace(shown.resolution, account=account))


async def talked(lookup: FakeLookup, how: RingEnd = RingEnd.COMPLETED_ELSEWHERE) -> House:
    """A call that was at ana's and cleo's desks, after a restart."""
    one = House(lookup)
    one.ring("a", called=DESK)
    one.ring("a2", line="6003", dialog="a", called=DESK)
    one.end("a", how)
    one.end("a2", how)
    return await one.restarted()


def read_by(one: House) -> list[int]:
    """The desks that were told of a note: 1 is ana's, 2 cleo's."""
    return [frame["desk"] for frame in one.frames if frame["type"] == "call.worked"]


@pytest.mark.parametrize("how", [RingEnd.COMPLETED_ELSEWHERE, RingEnd.CANCELLED])
@pytest.mark.parametrize("lookup", [AcmeLookup, FakeLookup])
async def test_a_note_of_a_call_that_went_on_over_a_restart_reaches_the_colleague_who_has_it(
    lookup: type[FakeLookup], how: RingEnd
) -> None:
    """It reached nobody but its author, also of a call to nobody's number."""
    after = await talked(lookup(), how)
    after.write("ana", "call1", "asks for Regula's token")
    assert read_by(after) == [1, 2]
    await after.flow.stop()


async def test_a_colleague_whose_grant_has_ended_since_reads_no_note_of_the_company() -> None:
    lookup = AcmeLookup()
    after = await talked(lookup)
    lookup.seen["cleo"] = frozenset()
    after.write("ana", "call1", "asks for Regula's token")
    assert read_by(after) == [1]
    await after.flow.stop()


async def test_who_lost_the_customer_still_writes_for_those_alone_who_see_him() -> None:
    """What she was told before the restart she may write of: it was for everybody who has the call."""
    lookup = PartlyLookup(of={"ana": "acme"}, seen={"ana": SEES_ACME, "cleo": SEES_FLEURON})
    after = await talked(lookup)
    lookup.seen["ana"] = frozenset()
    after.write("ana", "call1", "asks for Regula's token")
    assert read_by(after) == [1]
    await after.flow.stop()


async def test_a_colleague_who_was_told_of_another_company_alone_reads_no_note_of_this_one() -> None:
    lookup = PartlyLookup(of={"ana": "acme", "cleo": "fleuron"}, seen={"ana": SEES_ACME, "cleo": SEES_FLEURON})
    after = await talked(lookup)
    after.write("ana", "call1", "asks for Regula's token")
    after.write("cleo", "call1", "is called Rémi there")
    assert read_by(after) == [1, 2], "each his own"
    await after.flow.stop()


async def test_who_was_told_of_people_that_have_left_the_store_writes_for_nobody_else() -> None:
    """Of whom she was told nobody knows any more; it was taken for a note of no company, which everybody reads."""
    after = await talked(AcmeLookup())
    after.desks.withdraw(SEES_ACME)
    after.write("ana", "call1", "asks for Regula's token")
    assert read_by(after) == [1]
    await after.flow.stop()


async def test_a_colleague_who_sees_the_callers_own_company_alone_reads_no_note_of_the_called_one() -> None:
    seen = {"ana": SEES_ACME | SEES_FLEURON, "cleo": SEES_FLEURON}
    lookup = PartlyLookup(of={"ana": "fleuron", "cleo": "fleuron"}, called=("ana",), seen=seen)
    after = await talked(lookup)
    after.write("ana", "call1", "asks for Regula's token")
    assert read_by(after) == [1]
    after.write("cleo", "call1", "is called Rémi there")
    assert read_by(after) == [1, 1, 2], "she sees both"
    await after.flow.stop()


# -- what was asked for them -------------------------------------------------------------------------------------------


class Counting(MemoryOutbox):
    """asked: the keys of each read."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    async def fact(self, kind: str, key: str) -> bytes | None:
        self.asked.append([key])
        return await super().fact(kind, key)

    async def facts_of(self, kind: str, keys: Iterable[str]) -> Mapping[str, bytes]:
        self.asked.append(list(keys))
        return await super().facts_of(kind, self.asked[-1])


async def rang_before(calls: int) -> tuple[House, Counting]:
    one = House(FakeLookup())
    outbox = one.outbox = Counting()
    one.flow._pops._outbox = outbox
    for number in range(calls):
        one.ring(f"a{number}", caller=f"{number}000")
        one.end(f"a{number}")
    return await one.restarted(), outbox


async def test_what_was_asked_for_all_calls_is_read_at_once() -> None:
    """One after the other: with 20,000 calls nobody was listened to for 1.7 seconds."""
    after, outbox = await rang_before(3)
    assert outbox.asked == [["call1", "call2", "call3"]]
    assert [after.flow.question(call) is not None for call in outbox.asked[0]] == [True] * 3
    await after.flow.stop()


async def test_of_more_calls_than_there_is_room_for_no_more_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_pops, "MOST_CALLS", 2)
    after, outbox = await rang_before(4)
    assert outbox.asked == [["call1", "call2"]]
    assert after.flow.question("call3") is None
    await after.flow.stop()


async def test_a_call_of_which_nothing_was_kept_takes_no_room_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    one = House(FakeLookup())
    for number in range(3):
        one.ring(f"a{number}", caller=f"{number}000")
        one.end(f"a{number}")
    one.outbox.keep_fact(remembered.KIND, "call1", None)
    monkeypatch.setattr(open_pops, "MOST_CALLS", 2)
    after = await one.restarted()
    assert [after.flow.question(call) is not None for call in ("call1", "call2", "call3")] == [False, True, True]
    await after.flow.stop()
