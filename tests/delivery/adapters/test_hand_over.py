"""Desks that go from node to node, with real stores: gapless for whoever resumes, and no number under two hats."""

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery import encode
from ctibridge.delivery.adapters import hand_over
from ctibridge.delivery.adapters import outbox as outbox_module
from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.kept import KeptDesk
from ctibridge.delivery.webhooks.cursor import FORM
from ctibridge.domain.call import Outcome
from tests.delivery import examples as ex
from tests.delivery.adapters.hooked import hooked, sequences, settings, taken
from tests.delivery.adapters.joined import Joined
from tests.delivery.adapters.moving_node import Node, node
from tests.delivery.adapters.outboxes import desk, opened, sql, told
from tests.delivery.kept_examples import event, kept, note, pop
from tests.peers.process import until
from tests.peers.receiver import Reply, receiver
from tests.peers.zammad import Zammad

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("short_waits")


async def test_a_desk_comes_with_all_it_has(tmp_path: Path) -> None:
    async with node(tmp_path / "one", unclean=True) as one, node(tmp_path / "two", unclean=True) as two:
        one.ring(1, 2, 3)
        one.desks.worked("ana", "01JDX001", note("she calls back"))
        one.deliver()
        one.desks._desk("ana").ack(2)
        one.outbox.keep_fact("asked", "01JDX001", b"of one")
        one.outbox.keep_fact("asked", "01JDX002", b"of one")
        one.outbox.keep_fact("asked", "01JDX777", b"another desk's")
        await one.outbox.flush()
        one.ring(4)  # this one is not written yet
        told(two.outbox, 1, 30, epoch="long ago")
        two.outbox.keep_call(kept(99, pop=pop(99)))
        two.outbox.keep_fact("asked", "01JDX002", b"of two")
        state = await one.give()
        assert one.epoch() != "e1"
        assert await two.moves.adopt([b"nonsense", state]) == {"ana"}
        calls = two.moves.gained(["ana"], [f"01JDX00{number}" for number in range(1, 5)])
        assert calls.keys() == {f"01JDX00{number}" for number in range(1, 5)}
        two.ring(5)
        events = await two.outbox.tail("ana", 0, 6)
        assert [(one.epoch, one.sequence) for one in events] == [("e1", number) for number in range(1, 7)]
        assert (await two.outbox.facts_of("asked", ["01JDX001", "01JDX002", "01JDX777"])) == {
            "01JDX001": b"of one",
            "01JDX002": b"of two",
        }
        listed = await two.outbox.since("ana", datetime(2026, 1, 1, tzinfo=UTC), 50)
        assert {kept.call.id for kept in listed} == calls.keys() | {"01JDX005"}
        assert all(kept.pop is not None for kept in listed)
        assert [note.text.value for kept in listed for note in kept.notes] == ["she calls back"]
        await two.outbox.flush()
        assert sql(two.folder, "SELECT epoch, sequence, acked FROM desk") == [("e1", 6, 2)]
    # After a kill of both: the new home goes on as it is, the former one never under the epoch that it gave away.
    outbox = await opened(tmp_path / "two", datetime.now(UTC))
    assert (desk(outbox).epoch, desk(outbox).sequence) == ("e1", 6)
    await outbox.close()
    outbox = await opened(tmp_path / "one", datetime.now(UTC))
    assert (desk(outbox).epoch != "e1", desk(outbox).sequence) == (True, 0)
    await outbox.close()


async def test_who_left_the_store_does_not_come_back_with_a_desk(tmp_path: Path) -> None:
    async with node(tmp_path / "one") as one, node(tmp_path / "two") as two:
        one.ring(1)
        state = await one.give()
        assert b"Regula" in state
        moves = HandOver(two.desks, two.outbox, two.deliver, lambda: None, lambda: frozenset({"acme"}))
        await moves.adopt([state])
        (event,) = await two.outbox.tail("ana", 0, 1)
        pops = await two.outbox.pops("ana", ["01JDX001"])
        assert (event.accounts, b"Regula" in event.data, b"Regula" in pops["01JDX001"].data) == (None, False, False)


async def test_a_disk_that_hangs_keeps_no_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hand_over, "WITHIN", 0.1)
    monkeypatch.setattr(outbox_module, "VOUCHED_WITHIN", 0.1)
    go_on = threading.Event()
    async with node(tmp_path / "one") as one, node(tmp_path / "two") as two:
        one.ring(1)
        await one.outbox.flush()
        for outbox in (one.outbox, two.outbox):
            for thread in (outbox._reader, outbox._writer):
                thread.submit(go_on.wait)
        state = await one.give()
        assert await two.moves.adopt([state]) == {"ana"}
        two.moves.gained(["ana"], ["01JDX001"])
        standing = two.desks.residents.standing("ana")
        assert standing is not None
        assert (standing.epoch, standing.sequence, standing.floor) == ("e1", 1, 2), "whoever resumes gets a snapshot"
        assert [kept.call.id for kept in standing.calls] == ["01JDX001"]
        go_on.set()


async def test_there_and_back(tmp_path: Path) -> None:
    async with node(tmp_path / "one", unclean=True) as one, node(tmp_path / "two") as two:
        one.ring(1)
        await two.moves.adopt([await one.give()])
        two.moves.gained(["ana"], ["01JDX001"])
        two.ring(2)
        await one.moves.adopt([await two.give()])
        one.moves.gained(["ana"], ["01JDX001", "01JDX002"])
        one.ring(3)
        assert [one.sequence for one in await one.outbox.tail("ana", 0, 3)] == [1, 2, 3]
        await one.outbox.flush()
    outbox = await opened(tmp_path / "one", datetime.now(UTC))
    assert (desk(outbox).epoch, desk(outbox).sequence) == ("e1", 3), "nobody doubts it any more"
    await outbox.close()


async def test_what_is_killed_before_it_is_written_begins_anew(tmp_path: Path) -> None:
    """Sent marks of an older life under the same number must not vouch for what came."""
    async with node(tmp_path / "one") as one, node(tmp_path / "two", unclean=True) as two:
        told(two.outbox, 1, 90, epoch="long ago")
        await two.outbox.flush()
        one.ring(1)
        state = await one.give()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(two.outbox, "flush", _cannot)
            await two.moves.adopt([state])
            two.moves.gained(["ana"], ["01JDX001"])
            two.ring(2)
            two.outbox.ledger.unwritten.forget("ana")
            two.outbox.ledger._changed.clear()
    outbox = await opened(tmp_path / "two", datetime.now(UTC))
    assert (desk(outbox).epoch not in {"e1", "long ago"}, desk(outbox).sequence) == (True, 0)
    await outbox.close()


async def _cannot() -> bool:
    return False


@pytest.mark.parametrize("when", ["before", "behind"])
async def test_killed_between_export_and_the_new_epoch(tmp_path: Path, when: str) -> None:
    program = [sys.executable, "-m", "tests.delivery.adapters.moving_victim", str(tmp_path), when]
    found = await asyncio.to_thread(subprocess.run, program, cwd=ROOT, check=False, capture_output=True)
    assert found.returncode == -9, found.stderr.decode()
    outbox = await opened(tmp_path, datetime.now(UTC))
    assert (desk(outbox).epoch != "e1", desk(outbox).sequence) == (True, 0)
    await outbox.close()


async def test_a_take_over_shows_nothing_stale(tmp_path: Path) -> None:
    async with node(tmp_path, unclean=True) as one:
        one.ring(1, 2)
        ended = ex.ended(ex.call(1, datetime.now(UTC)))
        one.desks.ended("ana", ended, datetime.now(UTC))
        one.deliver()
        one.moves.freeze(["ana"], "the desk was taken over")
        assert await one.moves.renew(["ana", "nobody"])
        assert one.moves.gained(["ana"]).keys() == {"01JDX001"}
        standing = one.desks.residents.standing("ana")
        assert standing is not None
        assert (standing.sequence, one.epoch() != "e1") == (0, True)
        listed = await one.outbox.since("ana", datetime(2026, 1, 1, tzinfo=UTC), 50)
        assert {kept.call.id: kept.call.is_over for kept in listed} == {"01JDX001": True, "01JDX002": True}
    outbox = await opened(tmp_path, datetime.now(UTC))
    assert desk(outbox) == replace(standing, calls=desk(outbox).calls)
    assert all(kept.call.is_over for kept in desk(outbox).calls)
    await outbox.close()


async def test_many_events_at_once_have_room(tmp_path: Path) -> None:
    async with node(tmp_path / "one") as one, node(tmp_path / "two") as two:
        for agent in ("ana", "ben"):
            for number in range(1, 701):
                one.outbox.keep_event(event(number, agent, "e1"))
            one.desks.residents.adopt(KeptDesk(agent, "e1", 700, 1, 0))
        one.moves.freeze(["ana", "ben"])
        states = await one.moves.export(["ana", "ben"])
        bounds = replace(two.outbox.ledger.unwritten._bounds, items=1_000)
        two.outbox.ledger.unwritten._bounds = bounds
        await two.moves.adopt(states.values())
        two.moves.gained(["ana", "ben"])
        assert [len(await two.outbox.tail(agent, 0, 700)) for agent in ("ana", "ben")] == [700, 700]


# -- webhooks ----------------------------------------------------------------------------------------------------------


async def test_each_event_is_posted_once_whoever_has_the_desk(tmp_path: Path) -> None:
    """Three are taken, two wait at a receiver that is down; the desk moves; the new home posts these two, no other."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with receiver() as to, receiver() as late:
        hook, another = settings(to.url), settings(late.url, "late")
        async with hooked(tmp_path / "one", hook) as one, hooked(tmp_path / "two", hook, another) as two:
            first, second = Node(tmp_path / "one", one.outbox, one), Node(tmp_path / "two", two.outbox, two)
            one.tell(1, 3)
            await until(lambda: sequences(taken(to)) == [1, 2, 3], "three are taken")
            to.otherwise = Reply(503)
            one.tell(4, 5)
            await until(lambda: len(to.came) > 3, "the fourth is refused")
            first.desks.residents.adopt(KeptDesk("ana", "e1", 5, 1, 0))
            state = await first.give()
            to.otherwise = Reply(204)
            await second.moves.adopt([state])
            second.moves.gained(["ana"])
            await until(lambda: sequences(taken(to)) == [1, 2, 3, 4, 5], "the rest")
            two.tell(6, 6)
            await until(lambda: sequences(taken(to))[-1] == 6, "the next")
            await until(lambda: sequences(taken(late)) == [6], "nothing older to whom the former home did not know")
            former = one.webhooks.running["tool"].webhook
            assert "ana" not in former._lanes, "it does not even say that something is lost"
        to.came.clear()
        async with hooked(tmp_path / "one", hook) as one:
            one.tell(1, 1, "ben")
            await until(lambda: sequences(taken(to), "ben") == [1], "it goes on with others")
            assert len(to.came) == 1, "of the desk that left it has nothing to say, not even that something is lost"


async def test_a_call_that_zammad_was_told_of_goes_on_there_from_the_new_home(tmp_path: Path) -> None:
    """It rang for ever: the new home knew of no call to be answered or hung up."""
    zammad, call = Zammad(), ex.call()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    async with receiver() as to:
        to.otherwise = zammad
        hook = settings(to.url, format="zammad", secret=None)
        async with hooked(tmp_path / "one", hook) as one, hooked(tmp_path / "two", hook) as two:
            first, second = Node(tmp_path / "one", one.outbox, one), Node(tmp_path / "two", two.outbox, two)
            posts = (await one.running()).saying.outcomes
            await two.running()
            one.tell(1, 1, kind="call.ringing", call=call.id, data=encode.pop_data(ex.IDENTIFIED, call))
            # Until the answer is in: else the new home says it once more.
            await until(lambda: posts["taken"] == 1, "newCall is taken")
            first.desks.residents.adopt(KeptDesk("ana", "e1", 1, 1, 0))
            await second.moves.adopt([await first.give()])
            second.moves.gained(["ana"])
            assert (await one.outbox.facts(FORM), list(await two.outbox.facts(FORM))) == ({}, [f"tool/{call.id}"])
            for sequence, now in ((2, ex.answered(call)), (3, ex.ended(ex.answered(call), Outcome.ANSWERED_HERE))):
                kind = "call.ended" if now.is_over else "call.answered"
                two.tell(sequence, sequence, kind=kind, call=call.id, data=encode.call_data(now))
            await to.has(3)
        assert {came.reply.status for came in to.came} == {200}
    (said,) = zammad.log.values()
    assert (said.state, said.done, said.opened_for) == ("hangup", True, "ana")


# -- real websockets ---------------------------------------------------------------------------------------------------


@pytest.mark.e2e
async def test_a_client_goes_on_at_the_new_home(tmp_path: Path) -> None:
    names = ("one", "two", "three")
    for name in names:
        (tmp_path / name).mkdir()
    keep = {name: await opened(tmp_path / name, datetime.now(UTC)) for name in names}
    async with Joined.running(tmp_path, *names, keep=keep) as joined:
        moves = {}
        joined.homes = {"ana": "one"}
        for name, server in joined.nodes.items():
            server.desks.residents.join(lambda _: True)
            keep[name].on_stored = server.desks.stored
            moves[name] = HandOver(server.desks, keep[name], server.web.deliver, lambda: None)
        client = await joined.nodes["two"].desk()
        seen = [await told_of(joined, "one", client, number) for number in (1, 2)]
        moves["one"].freeze(["ana"])
        assert await client.closed() == 1012
        assert (client.client.close_reason or "").startswith("the desk moves; retry in ")
        states = await moves["one"].export(["ana"])
        joined.homes["ana"] = "three"
        await moves["three"].adopt(states.values())
        moves["three"].gained(["ana"], ["01JDX001", "01JDX002"])
        client = await joined.nodes["two"].desk(resume={"epoch": client.welcome["epoch"], "sequence": 1})
        assert client.welcome["resumed"]
        again = await client.receive()
        assert (again["sequence"], again["subject"]) == ("2", "01JDX002")
        seen.append(await told_of(joined, "three", client, 3))
        assert [int(one["sequence"]) for one in seen] == [1, 2, 3]
        assert len({one["id"].partition(".")[0] for one in seen}) == 1
        # Taken over without a hand-over: another epoch, and a snapshot that says so.
        joined.homes["ana"] = "one"
        joined.dead = {"three"}
        for relay in ("one", "two"):
            joined.relays[relay].node_gone("three", "three-1")
        assert await client.closed() == 1012
        await moves["one"].renew(["ana"])
        moves["one"].gained(["ana"])
        client = await joined.nodes["two"].desk(resume={"epoch": client.welcome["epoch"], "sequence": 3})
        assert (client.welcome["resumed"], client.welcome["calls"]) == (False, [])
        assert (await told_of(joined, "one", client, 4))["sequence"] == "1"
        await client.client.close()
    for outbox in keep.values():
        await outbox.close()


async def told_of(joined: Joined, home: str, client: Any, number: int) -> dict[str, Any]:
    server, at = joined.nodes[home], datetime.now(UTC)
    server.desks.ringing("ana", ex.pop(of=ex.call(number, at)), at)
    server.web.deliver()
    return dict(await client.receive())
