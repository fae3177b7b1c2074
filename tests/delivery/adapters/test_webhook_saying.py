"""What one turn says; whole receivers are in test_webhook.py."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.webhook_saying import NotTaken, Receiver, Saying
from ctibridge.delivery.webhooks import cursor
from ctibridge.delivery.webhooks.cursor import Cursor
from ctibridge.delivery.webhooks.forms import CloudEvents, Generic, Message
from ctibridge.delivery.webhooks.lane import Lane
from ctibridge.delivery.webhooks.showing import Showing
from ctibridge.delivery.webhooks.verdict import Outcome, Verdict
from tests.delivery.adapters.hooked import Eyes, settings
from tests.delivery.adapters.outboxes import opened, told
from tests.delivery.kept_examples import ACME, event, pop_data

NO = Verdict(Outcome.LATER, "HTTP 500")


class Post:
    """The answers in turn, then all is taken."""

    def __init__(self, answers: Sequence[Verdict] = ()) -> None:
        self.sent: list[str] = []
        self._answers = list(answers)

    async def __call__(self, message: Message) -> Verdict:
        self.sent.append(message.id)
        return self._answers.pop(0) if self._answers else Verdict(Outcome.TAKEN, "HTTP 204")


def saying(outbox: Outbox, post: Post, **keys: Any) -> Saying:
    showing = Showing(settings("https://tool.example/hook", **keys), Eyes().views())
    form = CloudEvents("/ctibridge/test", bytes(32), some=False)
    return Saying(Receiver("tool", frozenset(), form, showing, post, lambda _: None), outbox, lambda: None)


async def kept(outbox: Outbox) -> Cursor | None:
    return cursor.read((await outbox.facts(cursor.KIND)).get("tool/ana", b""))


async def running(folder: Path) -> Outbox:
    outbox = await opened(folder)
    told(outbox, 1, 5)
    await outbox.flush()
    return outbox


async def test_the_cursor_is_kept_behind_each_event_that_was_taken(tmp_path: Path) -> None:
    outbox, post = await running(tmp_path), Post([Verdict(Outcome.TAKEN, ""), Verdict(Outcome.TAKEN, ""), NO])
    one, lane = saying(outbox, post), Lane("ana", Cursor("e1", 0))
    with pytest.raises(NotTaken) as fault:
        await one.read_on(lane)
    assert (fault.value.verdict, post.sent) == (NO, ["e1.1", "e1.2", "e1.3"])
    assert await kept(outbox) == Cursor("e1", 2, 2)
    await one.read_on(lane)
    assert post.sent == ["e1.1", "e1.2", "e1.3", "e1.3", "e1.4", "e1.5"]
    assert await kept(outbox) == Cursor("e1", 5, 5)
    await outbox.close()


async def test_until_a_loss_is_stated_the_cursor_of_before_it_is_what_is_kept(tmp_path: Path) -> None:
    outbox, post = await running(tmp_path), Post([NO])
    one, lane = saying(outbox, post), Lane("ana", Cursor("before", 9))
    one.keep(lane)
    with pytest.raises(NotTaken) as fault:
        await one.read_on(lane)
    assert (fault.value.of_gap, await kept(outbox)) == (True, Cursor("before", 9))
    await one.read_on(lane)
    assert (one.lost, await kept(outbox)) == ({"restarted": 1}, Cursor("e1", 5, 5))
    assert post.sent[0] == post.sent[1], "the same loss has the same id"
    await outbox.close()


async def test_what_was_before_its_time_is_passed_in_silence(tmp_path: Path) -> None:
    outbox, post = await running(tmp_path), Post()
    one, lane = saying(outbox, post), Lane("ana", Cursor("e1", 0))
    one.since = datetime.now(UTC).replace(year=2100)
    await one.read_on(lane)
    assert (post.sent, lane.cursor, lane.gap) == ([], Cursor("e1", 5), None)
    await outbox.close()


async def test_when_it_ends_it_begins_nothing(tmp_path: Path) -> None:
    outbox, post = await running(tmp_path), Post()
    one = saying(outbox, post)
    one.ends = True
    await asyncio.wait_for(one.read_on(Lane("ana", Cursor("e1", 0))), 5)
    assert post.sent == []
    await outbox.close()


async def test_a_loss_that_goes_on_over_several_turns_is_not_forgotten_by_a_stop_in_between(tmp_path: Path) -> None:
    outbox, post = await opened(tmp_path), Post()
    told(outbox, 1, 45)  # a day and more ago
    await outbox.flush()
    one, lane = saying(outbox, post, keep=60.0), Lane("ana", Cursor("e1", 0))
    one.keep(lane)
    await one.read_on(lane)
    assert (lane.cursor.sequence, await kept(outbox)) == (20, Cursor("e1", 0))
    await one.read_on(lane)
    await one.read_on(lane)
    assert (len(post.sent), one.lost, await kept(outbox)) == (1, {"too_old": 45}, Cursor("e1", 45))
    await outbox.close()


EVENTS = CloudEvents("/ctibridge/test", bytes(32), some=False)


@pytest.mark.parametrize(("form", "names"), [(EVENTS, 1), (Generic(), 0)])
async def test_a_receiver_has_seen_whom_it_took_and_not_whom_it_refused(
    tmp_path: Path, form: CloudEvents | Generic, names: int
) -> None:
    outbox, post = await opened(tmp_path), Post([NO])
    outbox.keep_event(event(1, kind="call.ringing", accounts=ACME, data=pop_data()))
    assert await outbox.flush()
    showing = Showing(settings("https://tool.example/hook"), Eyes().views())
    one = Saying(Receiver("tool", frozenset(), form, showing, post, lambda _: None), outbox, lambda: None)
    lane = Lane("ana", Cursor("e1", 0))
    with pytest.raises(NotTaken):
        await one.read_on(lane)
    assert len(outbox.ledger.sights) == 0
    await one.read_on(lane)
    assert [seen.how for seen in outbox.ledger.sights.take(9)] == ["webhook:tool"] * names
    await outbox.close()
