"""Against receivers that fail, are slow, redirect, hang, go away and come back: each event once, or a stated loss."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.delivery.adapters import webhook
from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.webhooks import cursor, pace
from ctibridge.delivery.webhooks.lane import AT_ONCE
from ctibridge.fields import Duration
from tests.delivery.adapters.hooked import Eyes, hooked, sequences, settings, taken
from tests.delivery.examples import UNKNOWN
from tests.peers.process import until
from tests.peers.receiver import TAKEN, Receiver, Reply, receiver, redirect

pytestmark = pytest.mark.usefixtures("short_waits")


async def all_taken(to: Receiver, last: int, desk: str = "ana", timeout: float = 10.0) -> list[int]:
    await until(lambda: last in sequences(taken(to), desk), f"event {last} of {desk}", timeout)
    return sequences(taken(to), desk)


async def test_each_event_once_and_in_order_of_each_desk(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        for agent in ("ana", "ben", "cleo"):
            one.tell(1, 50, agent)
        for agent in ("ana", "ben", "cleo"):
            assert await all_taken(to, 50, agent) == list(range(1, 51))
        await until(lambda: one.webhooks.running["tool"].webhook.behind == 0, "the last answers are heard")
    assert {came.method for came in to.came} == {"POST"}
    assert {came.headers["Content-Type"] for came in to.came} == {"application/cloudevents+json"}


FAULTS = {
    "500": Reply(500),
    "503 for a moment": Reply(503, {"Retry-After": "0"}),
    "redirect": redirect("http://127.0.0.1:9/elsewhere"),
    "401": Reply(401),
    "cut": Reply(end="cut"),
    "slow body": Reply(204, delay=0.05),
    "nonsense in Retry-After": Reply(429, {"Retry-After": "tomorrow"}),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_what_fails_is_sent_again_with_the_same_id_and_in_order(tmp_path: Path, fault: Reply) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.replies(TAKEN, fault, fault, TAKEN)
        one.tell(1, 10)
        assert await all_taken(to, 10) == list(range(1, 11))
        counted = one.webhooks.running["tool"].webhook.saying.outcomes
    failed = 0 if fault.status == 204 and fault.end == "whole" else 2
    assert (counted["taken"], counted["failed"]) == (10, failed)


async def test_while_it_fails_it_is_asked_one_thing_at_a_time(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.otherwise = Reply(503, delay=0.02)
        for agent in range(40):
            one.tell(1, 3, f"agent{agent}")
        await to.has(20)
        first = to.most_at_once
        to.most_at_once = 0
        await to.has(26)
        assert (first <= pace.AT_ONCE, to.most_at_once) == (True, 1)
        to.otherwise = TAKEN
        for agent in range(40):
            assert await all_taken(to, 3, f"agent{agent}") == [1, 2, 3]


async def test_an_event_on_which_a_receiver_breaks_keeps_no_other_desk_waiting(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.otherwise = lambda came: Reply(500) if b'"ana"' in came.body else TAKEN
        one.tell(1, 3)
        await to.has(2)
        one.tell(1, 5, "ben")
        with capture_logs() as logs:
            assert await all_taken(to, 5, "ben") == [1, 2, 3, 4, 5]
            before = len(to.came)
            await to.has(before + 3)
        assert [one["event"] for one in logs] in ([], ["webhook_takes_again"]), "the same event is not logged again"
        to.otherwise = TAKEN
        assert await all_taken(to, 3) == [1, 2, 3]


async def test_gone_stops_it_until_the_next_reload_and_nothing_is_lost(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.replies(TAKEN, Reply(410))
        one.tell(1, 5)
        await until(lambda: "webhook tool" in one.remarks, "a remark")
        came = len(to.came)
        one.tell(6, 7)
        await one.outbox.flush()
        assert (one.webhooks.running["tool"].webhook.pace.stopped, len(to.came)) == (True, came)
        one.retune(settings(to.url))
        assert await all_taken(to, 7) == list(range(1, 8))
        assert one.remarks == {}


async def test_one_event_that_is_refused_costs_itself_alone_and_that_is_stated(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.otherwise = lambda came: Reply(422) if b'"e1.3"' in came.body and b"gap" not in came.body else TAKEN
        one.tell(1, 5)
        one.tell(1, 2, "ben")
        assert await all_taken(to, 5) == [1, 2, 4, 5]
        assert await all_taken(to, 2, "ben") == [1, 2]
        (gap,) = [event for event in taken(to) if event["type"] == "webhook.gap"]
        assert gap["data"] == {"desk": "ana", "after": "e1.2", "now": "e1.4", "why": "refused"}
        assert taken(to).index(gap) < [event["id"] for event in taken(to)].index("e1.4")
        assert one.webhooks.running["tool"].webhook.saying.lost == {"refused": 1}
    assert sum(came.reply.status == 422 for came in to.came) == 5


async def test_a_receiver_that_takes_no_gap_either_goes_on_all_the_same(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.otherwise = lambda came: Reply(400) if b'"e1.1"' in came.body else TAKEN
        one.tell(1, 3)
        assert await all_taken(to, 3) == [2, 3]


async def test_down_for_longer_than_a_thousand_events_is_one_stated_loss(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        one.tell(1, 2)
        await all_taken(to, 2)
        await to.stop()
        for first in range(3, 1603, 100):
            one.tell(first, first + 99)
            await one.outbox.flush()
        failed = one.webhooks.running["tool"].webhook.saying.outcomes
        before = failed["failed"]
        await until(lambda: failed["failed"] > before + 1, "an attempt that began after the last event")
        await to.start()
        came = await all_taken(to, 1602, timeout=30)
        events = taken(to)
        (gap,) = [event for event in events if event["type"] == "webhook.gap"]
        first = came[2]
        assert 1602 - 1050 <= first <= 1602 - 999, "what is kept comes"
        assert came == [1, 2, *range(first, 1603)]
        assert gap["data"] == {"desk": "ana", "after": "e1.2", "now": f"e1.{first}", "why": "dropped"}
        assert one.webhooks.running["tool"].webhook.saying.lost == {"dropped": first - 3}


async def test_it_goes_on_where_it_stood_after_a_stop(tmp_path: Path) -> None:
    async with receiver() as to:
        async with hooked(tmp_path, settings(to.url)) as one:
            one.tell(1, 3)
            await all_taken(to, 3)
            to.otherwise = Reply(end="hang")
            one.tell(4, 6)
            await to.has(4)
        to.let_go()
        to.otherwise = TAKEN
        async with hooked(tmp_path, settings(to.url)) as one:
            one.tell(7, 8)
            await all_taken(to, 8)
    came = sequences(taken(to))
    assert came == [1, 2, 3, 4, 4, 5, 6, 7, 8], "only what was on its way is sent again"


async def test_killed_it_loses_nothing_and_repeats_what_was_on_its_way(tmp_path: Path) -> None:
    async with receiver() as to:
        async with hooked(tmp_path, settings(to.url)) as one:
            one.tell(1, 30)
            await to.has(10)
            to.otherwise = Reply(end="hang")
            await one.outbox.flush()
            await one.end(clean=False)
        to.let_go()
        to.otherwise = TAKEN
        async with hooked(tmp_path, settings(to.url)):
            await all_taken(to, 30)
    came = sequences(taken(to))
    assert sorted(set(came)) == list(range(1, 31))
    assert came == sorted(came)
    assert len(came) - 30 <= 2


async def test_a_desk_that_began_anew_is_a_stated_loss(tmp_path: Path) -> None:
    async with receiver() as to:
        async with hooked(tmp_path, settings(to.url)) as one:
            one.tell(1, 3)
            await all_taken(to, 3)
            one.tell(1, 2, epoch="e2")
            await until(lambda: len(taken(to)) == 6, "six")
        said = [event.get("sequence") or event["data"]["now"] for event in taken(to)]
    assert said == ["1", "2", "3", "e2.1", "1", "2"]


async def test_what_waited_longer_than_it_is_kept_for_is_a_stated_loss(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    async with receiver() as to, hooked(tmp_path) as one:
        one.outbox.keep_fact(cursor.KIND, "tool", (long_ago - timedelta(hours=1)).isoformat().encode())
        one.tell(1, 45, at=long_ago)
        one.tell(46, 47)
        one.retune(settings(to.url, keep=Duration(60)))
        assert await all_taken(to, 47) == [46, 47]
        (gap,) = [event for event in taken(to) if event["type"] == "webhook.gap"]
        assert gap["data"] == {"desk": "ana", "after": "e1.0", "now": "e1.46", "why": "too_old"}


async def test_with_a_thousand_desks_and_a_receiver_that_hangs_little_is_in_memory(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.otherwise = Reply(end="hang")
        for agent in range(1000):
            one.tell(1, 30, f"agent{agent}")
        await one.outbox.flush()
        await to.has(pace.AT_ONCE)
        hook = one.webhooks.running["tool"].webhook
        read = [
            event for agent in range(1000) for event in one.outbox.ledger.unwritten.events(f"agent{agent}", "e1", 0, 99)
        ]
        under_way = len(hook._tasks)
        assert (under_way, hook.behind, read) == (pace.AT_ONCE, 30_000, [])
        assert under_way * AT_ONCE <= 320, "events at most"
        to.let_go()


async def test_a_body_that_never_ends_is_not_read_to_its_end(tmp_path: Path) -> None:
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        to.replies(Reply(200, end="endless"))
        one.tell(1, 2)
        assert await all_taken(to, 2) == [1, 2]
        assert to.streamed < 64 << 20
        to.let_go()


async def test_only_the_kinds_and_the_desks_that_are_wanted(tmp_path: Path) -> None:
    async with receiver() as to:
        hook = settings(to.url, events=("call.answered",), agents=("ana",))
        async with hooked(tmp_path, hook) as one:
            one.tell(1, 3)
            one.tell(4, 4, kind="call.answered")
            one.tell(1, 4, "ben", kind="call.answered")
            await all_taken(to, 4)
            assert sequences(taken(to)) == [4]
            assert sequences(taken(to), "ben") == []


async def test_a_receiver_that_is_new_hears_what_happens_from_now_on(tmp_path: Path) -> None:
    async with receiver() as to:
        async with hooked(tmp_path) as one:
            one.tell(1, 5)
            await one.outbox.flush()
            one.retune(settings(to.url))
            one.tell(6, 7)  # before it runs
            await one.outbox.flush()
            await all_taken(to, 7)
            one.retune()
            await until(lambda: not one.webhooks.running, "it ends")
            one.tell(8, 9)
            await one.outbox.flush()
            one.retune(settings(to.url))
            await all_taken(to, 9)
        assert sequences(taken(to)) == [6, 7, 8, 9], "one that was left out for a while goes on where it stood"


async def test_a_directory_that_fails_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "RESTS", 0.01)
    async with receiver() as to, hooked(tmp_path, settings(to.url)) as one:
        tails, real = iter([TimeoutError(), None, OutboxFault("desks.db: away")]), one.outbox.tail

        async def tail(agent: str, after: int, until_: int) -> object:
            if (fault := next(tails, None)) is not None:
                raise fault
            return await real(agent, after, until_)

        monkeypatch.setattr(one.outbox, "tail", tail)
        one.tell(1, 30)
        assert await all_taken(to, 30) == list(range(1, 31))


async def test_an_event_on_which_we_break_costs_itself_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "RESTS", 0.01)
    eyes = Eyes(visible=frozenset())
    async with receiver() as to, hooked(tmp_path, settings(to.url), eyes=eyes) as one:
        eyes.asked["01JDX001"] = UNKNOWN  # then what is kept is read, and cannot be
        one.tell(1, 1)
        one.tell(2, 2, kind="call.ringing", accounts=frozenset({"acme"}), data=b"{}")
        one.tell(3, 4)
        assert await all_taken(to, 4) == [1, 3, 4]
        assert one.webhooks.running["tool"].webhook.saying.lost == {"unreadable": 1}
