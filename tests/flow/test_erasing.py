"""An order is carried out in memory and in the outbox, again until nothing is found, and then it is done."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any, Self, cast

import pytest
from structlog.testing import capture_logs

from ctibridge.calls.facts import Rang
from ctibridge.delivery.erased import Level, Traces
from ctibridge.delivery.kept import OutboxFault
from ctibridge.domain.erasure import Leaving
from ctibridge.flow import erasing, remembered
from ctibridge.lookup.adapters.erasing import Erasing, Order
from ctibridge.lookup.adapters.index.live import IndexState
from ctibridge.lookup.adapters.schema import StoreFault
from ctibridge.sip.events import RingEnd
from tests.delivery.memory_outbox import MemoryOutbox
from tests.flow.house import FakeLookup, House, settle
from tests.flow.test_calling_back import DESK, AcmeLookup, rings_and_hangs_up

HIS, NUMBER = Level.HIS, "015112345678"


def held(word: str, *roots: object) -> list[str]:
    """Texts with this word that can be reached from there; not what the house of the test keeps for itself."""
    seen, rest, found = set[int](), list(roots), []
    while rest:
        one = rest.pop()
        if id(one) in seen or isinstance(one, (type, ModuleType, FunctionType, House, FakeLookup, MemoryOutbox)):
            continue
        seen.add(id(one))
        if isinstance(one, str | bytes):
            text = one if isinstance(one, str) else one.decode(errors="replace")
            found += [text] if word in text else []
        rest += [one.__self__] if isinstance(one, MethodType) else gc.get_referents(one)
    return found


def memory(one: House) -> list[object]:
    flow = one.flow
    return [flow._calls, flow._notebook, flow._open, flow._pops, flow.calling_back, one.desks]


async def test_nobody_in_memory_knows_any_more_who_called() -> None:
    one = House(AcmeLookup())
    rings_and_hangs_up(one, caller=NUMBER)
    one.write("ana", "call1", f"call {NUMBER} back")
    one.later(70)
    one.ring("b", caller=NUMBER, called=DESK)
    one.write("ana", "call3", f"again {NUMBER}")
    assert len(held(NUMBER, *memory(one))) >= 3
    levels = dict.fromkeys(("call1", "call3"), HIS)
    one.desks.erase(levels)
    one.flow.erase(levels)
    await settle()
    assert held(NUMBER, *memory(one)) == []
    told = [frame for frame in one.frames if frame["type"] == "call.updated"]
    assert {(frame["desk"], frame["subject"]) for frame in told} == {(1, "call1"), (2, "call1"), (1, "call3")}
    one.end("b")
    assert one.types[-1] == "call.ended call3", "what rings is not harmed"
    kept = remembered.read(one.outbox.facts[remembered.KIND, "call3"] or b"")
    assert kept is not None
    assert kept.signalled.raw is None
    assert [number.value for number in kept.signalled.called] == [DESK]
    await one.flow.stop()


async def test_a_call_that_continues_his_says_nobody_either_and_others_stay() -> None:
    one = House(AcmeLookup())
    one.ring("a", caller=NUMBER, called=DESK)
    one.flow._calls.erase({"call1"}, remembered.NOBODY)
    one.end("a", RingEnd.CANCELLED)
    one.later(70)
    one.ring("b", caller="0170999", called=DESK)
    one.flow.erase({"call1": HIS})
    assert held("0170999", one.flow._calls) != []
    await one.flow.stop()


async def test_who_was_listed_among_others_leaves_the_number_as_it_is_theirs() -> None:
    one = House(AcmeLookup())
    one.ring("a", caller=NUMBER, called=DESK)
    one.flow.erase({"call1": Level.LISTED})
    await settle()
    fact = one.flow._open.fact("call1")
    assert fact is not None
    assert not isinstance(fact, Rang)
    assert fact.signalled.raw is not None
    assert fact.signalled.raw.value == NUMBER
    assert one.types[-1] == "call.updated call1"
    await one.flow.stop()


class Rooms:
    """Store, look-up, desks, outbox and flow in one. found: what each look into the outbox finds."""

    def __init__(self, *found: Mapping[str | None, Level] | Exception) -> None:
        self.found = list(found)
        self.said: list[Any] = []
        self.version, self.index = 7, IndexState(7, 0, 0, 0, False, 7)
        self.orders = [Order(1, Leaving())]
        self.path, self.why_not = Path("x.db"), None
        self.idle = asyncio.Event()
        self.memory = self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def catch_up(self) -> None: ...

    def snapshot(self) -> Self:
        return self

    async def pending(self) -> list[Order]:
        self.said.append("look")
        return self.orders

    async def done(self, no: int) -> None:
        self.said.append(("done", no))
        self.orders = []
        self.idle.set()

    async def speaking(self, _: Traces) -> Mapping[str | None, Level]:
        found = self.found.pop(0) if self.found else {}
        if isinstance(found, Exception):
            raise found
        return found

    def erase(self, what: Iterable[str] | Leaving | Traces, levels: Mapping[str, Level] | None = None) -> Any:
        """Of desks and flow: calls; of the memory: who; of the outbox: both."""
        self.said.append(levels if levels is not None else what)
        future: asyncio.Future[Counter[str]] = asyncio.get_running_loop().create_future()
        future.set_result(Counter(events=1))
        return future


async def run(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    async def open_(_: Path) -> Rooms:
        return rooms

    monkeypatch.setattr(erasing, "LOOK_EVERY", 0.0)
    monkeypatch.setattr(erasing, "RETRY", 0.0)
    monkeypatch.setattr(Erasing, "open", open_)
    room = cast(Any, rooms)
    with capture_logs() as logs:
        task = asyncio.ensure_future(erasing.keep_erasing(room, room, room, room, room, room))
        async with asyncio.timeout(5):
            await rooms.idle.wait()
        await settle()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return [line["event"] for line in logs]


async def test_it_is_done_when_a_look_finds_nothing_and_then_nobody_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms = Rooms({"c1": HIS, None: HIS}, {"c2": Level.LISTED})
    assert await run(rooms, monkeypatch) == ["erased"]
    erased = [one for one in rooms.said if isinstance(one, dict)]
    assert erased == [{"c1": HIS}] * 4 + [{"c2": Level.LISTED}] * 4, "desks, flow, webhooks and outbox, each time"
    assert rooms.said.count("look") == 1


async def test_the_outbox_is_emptied_also_where_no_call_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who saw whom stands there beside the calls."""
    rooms = Rooms()
    await run(rooms, monkeypatch)
    assert {} in rooms.said


async def test_who_calls_all_the_time_is_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[str | None, Level] = {"c1": HIS}
    rooms = Rooms(*[found] * (erasing.PASSES + 1))
    await run(rooms, monkeypatch)
    assert rooms.said.count("look") == 2


@pytest.mark.parametrize("fault", [OutboxFault("full"), StoreFault("full"), RuntimeError("boom")])
async def test_what_fails_is_said_and_comes_again(fault: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = Rooms(fault)
    assert await run(rooms, monkeypatch) == ["erase_failed", "erased"]


async def test_an_index_of_before_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = Rooms()
    rooms.index = IndexState(6, 0, 0, 0, False, 6)
    waited = asyncio.Event()
    asked = rooms.pending

    async def pending() -> list[Order]:
        if rooms.said.count("look") == 2:
            assert ("done", 1) not in rooms.said
            rooms.index = IndexState(None, 0, 0, 0, True, None)
            waited.set()
        return await asked()

    monkeypatch.setattr(rooms, "pending", pending)
    await run(rooms, monkeypatch)
    assert waited.is_set()
