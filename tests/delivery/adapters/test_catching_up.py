"""A connection that comes back: what it missed as its agent may see it now, and a greeting whatever fails."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ctibridge.delivery.adapters import catching_up as module
from ctibridge.delivery.adapters.catching_up import CatchingUp
from ctibridge.delivery.caught_up import CaughtUp
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.outputs import CatchUp
from ctibridge.domain.resolution import Resolution, Status
from ctibridge.domain.screen_pop import Answer
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import Desk, DeskServer
from tests.delivery.desk_room import Room

STRANGER = replace(
    ex.UNKNOWN, called=replace(ex.CALLED, granted=False), resolution=Resolution(Status.UNKNOWN, None, ())
)
CALL = "01JDX001"


class Back:
    """Ana's desk, where a call rang, was noted and ended while she was away."""

    def __init__(self) -> None:
        self.room = Room()
        self.visible = frozenset({"acme"})
        self.answers: dict[str, Answer] = {CALL: STRANGER}
        self.asked: list[tuple[str, str]] = []
        self.catching_up = CatchingUp(self.room.outbox, lambda _: self.visible, self.ask)
        self.room.desks.ringing("ana", ex.pop(), ex.AT)
        self.room.desks.worked("ana", CALL, ex.NOTE)
        self.room.desks.ended("ana", ex.ended(ex.call()), ex.AT)
        self.room.said()

    async def ask(self, agent: str, call: str) -> Answer | None:
        self.asked.append((agent, call))
        return self.answers.get(call)

    def wanted(self, after: int | None = 0) -> CatchUp:
        if after is None:
            return self.room.admit("ana")
        return self.room.admit("ana", resume={"epoch": "e1", "sequence": after})

    async def read(self, after: int | None = 0) -> CaughtUp:
        return await self.catching_up.read(self.wanted(after))


def calls(caught: CaughtUp) -> list[dict[str, Any]]:
    return [json.loads(bytes(raw)) for raw in caught.calls]


async def test_what_was_missed_comes_in_order_and_nobody_is_asked() -> None:
    back = Back()
    caught = await back.read(1)
    assert [event.sequence for event in caught.events or ()] == [2, 3]
    assert calls(caught)[0]["call"]["outcome"] == "abandoned"
    assert [(one.call, one.rang_in, one.pop) for one in caught.details] == [(CALL, 1, None)]
    assert back.asked == []


async def test_who_starts_anew_hears_the_pop_beside_what_came_after_it() -> None:
    caught = await Back().read(None)
    assert caught.events is None
    (detail,) = caught.details
    assert json.loads(bytes(detail.pop or b""))["resolution"]["status"] == "identified"
    assert [note.by for note in detail.notes] == ["ben"]


async def test_a_pop_that_may_not_be_seen_any_more_is_asked_for_again_once() -> None:
    back = Back()
    back.visible = frozenset()
    caught = await back.read(0)
    assert back.asked == [("ana", CALL)]
    rang, noted, _ = [json.loads(event.data) for event in caught.events or ()]
    assert (rang["resolution"]["status"], rang["resolution"]["candidates"], noted["note"]) == ("unknown", [], None)
    assert [one.notes for one in caught.details] == [[]]


async def test_where_nobody_can_say_what_a_hidden_pop_would_be_now_it_starts_anew_without_it() -> None:
    back = Back()
    back.visible, back.answers = frozenset(), {}
    caught = await back.read(0)
    assert caught.events is None
    assert calls(caught)[0]["call"]["outcome"] == "abandoned"
    assert [(one.pop, one.notes) for one in caught.details] == [(None, [])]


async def test_a_snapshot_asks_for_hidden_pops_too() -> None:
    back = Back()
    back.visible = frozenset()
    caught = await back.read(None)
    assert back.asked == [("ana", CALL)]
    assert json.loads(bytes(caught.details[0].pop or b""))["resolution"]["status"] == "unknown"


async def test_an_outbox_that_cannot_be_read_gives_a_snapshot() -> None:
    back = Back()
    back.room.desks.ringing("ana", ex.pop(of=ex.call(2)), ex.AT)
    back.room.said()
    back.room.outbox.broken = True
    caught = await back.read(0)
    assert caught.events is None
    assert [one["call"]["state"] for one in calls(caught)] == ["ended", "ringing"]
    assert "resolution" not in calls(caught)[1], "without its pop, which cannot be read either"


@pytest.mark.parametrize("fails", ["answer", "outbox", "visible"])
async def test_whatever_fails_the_connection_is_greeted(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    back = Back()
    back.visible = frozenset()

    def broken(*_: Any) -> Any:
        raise RuntimeError("never thought of")

    owner, name = {
        "answer": (back.catching_up, "_ask"),
        "outbox": (back.room.outbox, "tail"),
        "visible": (back.catching_up, "_visible"),
    }[fails]
    monkeypatch.setattr(owner, name, broken)
    caught = await back.read(0)
    assert caught.events is None
    assert [one["call"]["id"] for one in calls(caught)] == [CALL]
    assert [one.notes for one in caught.details] == [[]], "nothing that somebody might not see"


async def test_a_directory_that_does_not_answer_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WITHIN", 0.01)
    back = Back()
    back.visible = frozenset()

    async def never(*_: str) -> Answer | None:
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr(back.catching_up, "_ask", never)
    assert (await back.read(0)).events is None
    back.visible = frozenset({"acme"})
    assert len((await back.read(0)).events or ()) == 3, "whose pops are seen is none of its business"


@pytest.mark.parametrize("hangs", ["tail", "pops"])
async def test_a_disk_that_hangs_keeps_the_first_waiting_and_not_ten_thousand_after_them(
    hangs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """32 at a time waited for 5 s each: the last of ten thousand was greeted after 26 minutes."""
    monkeypatch.setattr(module, "WITHIN", 0.01)
    back, reads = Back(), 0

    async def never(*_: Any) -> None:
        nonlocal reads
        reads += 1
        await asyncio.Event().wait()

    monkeypatch.setattr(back.room.outbox, hangs, never)
    after = 0 if hangs == "tail" else None
    wanted = [back.wanted(after) for _ in range(3 * module.AT_ONCE)]
    with capture_logs() as logged:
        caught = await asyncio.gather(*map(back.catching_up.read, wanted))
    assert reads == module.AT_ONCE
    assert [(one.events, len(one.calls)) for one in caught] == [(None, 1)] * len(wanted)
    assert [(one["event"], "exc_info" in one) for one in logged] == [("outbox_hangs", False)]


async def test_a_disk_that_hung_is_read_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WITHIN", 0.01)
    back, loop = Back(), asyncio.get_running_loop()
    tail, clock = back.room.outbox.tail, loop.time

    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(back.room.outbox, "tail", never)
    await back.read(0)
    monkeypatch.setattr(back.room.outbox, "tail", tail)
    assert (await back.read(0)).events is None
    monkeypatch.setattr(loop, "time", lambda: clock() + module.REST)
    assert len((await back.read(0)).events or ()) == 3


@pytest.mark.parametrize("slow", ["asking", "the disk"])
async def test_who_took_the_time_decides_whether_it_was_a_disk_that_hangs(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that was slow to answer passed for a disk that hangs: for 30 s nobody's tail was read."""
    back, loop = Back(), asyncio.get_running_loop()
    back.room.desks.ringing("ana", ex.pop(of=ex.call(2)), ex.AT)
    back.room.said()
    back.visible = frozenset()
    clock, late, tail, pops = loop.time, 0.0, back.room.outbox.tail, back.room.outbox.pops

    def takes_long() -> None:
        nonlocal late
        late = module.WITHIN

    async def slow_tail(*wanted: Any) -> Any:
        takes_long()
        return await tail(*wanted)

    async def slow_to_say(*_: str) -> Answer | None:
        takes_long()
        return STRANGER

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(loop, "time", lambda: clock() + late)
    monkeypatch.setattr(back.room.outbox, "pops", never)
    if slow == "asking":
        monkeypatch.setattr(back.catching_up, "_ask", slow_to_say)
    else:
        monkeypatch.setattr(back.room.outbox, "tail", slow_tail)
    with capture_logs() as logged:
        assert (await back.read(0)).events is None
    assert [one["event"] for one in logged] == ["catch_up_failed" if slow == "asking" else "outbox_hangs"]
    monkeypatch.setattr(back.room.outbox, "tail", tail)
    monkeypatch.setattr(back.room.outbox, "pops", pops)
    back.visible = frozenset({"acme"})
    assert len((await back.read(0)).events or ()) == (4 if slow == "asking" else 0)


async def test_only_so_many_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    back, reading, most = Back(), 0, 0
    tail = back.room.outbox.tail

    async def slow(*wanted: Any) -> Any:
        nonlocal reading, most
        reading += 1
        most = max(most, reading)
        await asyncio.sleep(0)
        reading -= 1
        return await tail(*wanted)

    monkeypatch.setattr(back.room.outbox, "tail", slow)
    catching_up = CatchingUp(back.room.outbox, lambda _: back.visible, back.ask)
    caught = await asyncio.gather(*(catching_up.read(back.wanted()) for _ in range(8)))
    assert [len(one.events or ()) for one in caught] == [3] * 8
    assert most == 2


# -- over a real socket ------------------------------------------------------------------------------------------------


def ring(server: DeskServer, number: int) -> None:
    server.desks.ringing("ana", ex.pop(of=ex.call(number)), ex.AT)
    server.web.deliver()


async def asks_to_resume(server: DeskServer, sequence: int) -> Desk:
    desk = Desk(await server.open())
    epoch = server.desks._desks["ana"].epoch
    resume = {"epoch": epoch, "sequence": sequence}
    await desk.send({"type": "auth", "token": await server.token(), "resume": resume})
    return desk


@pytest.mark.e2e
async def test_what_rings_while_the_tail_is_read_comes_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with DeskServer.running(tmp_path) as server:
        ring(server, 1)
        reads, go_on = asyncio.Event(), asyncio.Event()
        tail = server.outbox.tail

        async def slow(*wanted: Any) -> Any:
            reads.set()
            await go_on.wait()
            return await tail(*wanted)

        monkeypatch.setattr(server.outbox, "tail", slow)
        desk = await asks_to_resume(server, 0)
        await asyncio.wait_for(reads.wait(), 5)
        ring(server, 2)
        go_on.set()
        frames = [await desk.receive() for _ in range(3)]
        assert [frame["type"] for frame in frames] == ["welcome", "call.ringing", "call.ringing"]
        assert (frames[0]["data"]["resumed"], frames[0]["data"]["sequence"]) == (True, 1)
        assert [frame["subject"] for frame in frames[1:]] == ["01JDX001", "01JDX002"]
        await desk.client.close()


@pytest.mark.e2e
@pytest.mark.parametrize(("where", "what"), [(Desks, "greet"), (CatchingUp, "read")])
async def test_who_cannot_be_greeted_is_cut_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: type, what: str
) -> None:
    """It stayed open, pinged and without a word, for as long as it lived."""
    async with DeskServer.running(tmp_path) as server:
        ring(server, 1)

        def broken(*_: Any) -> None:
            raise TypeError("nothing of this can be encoded")

        with monkeypatch.context() as fails:
            fails.setattr(where, what, broken)
            assert await (await asks_to_resume(server, 0)).closed() == 1006
        desk = await asks_to_resume(server, 0)
        assert (await desk.receive())["data"]["resumed"] is True
        await desk.client.close()
