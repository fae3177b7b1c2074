"""A Zammad that behaves as its code does hears of each call so that it never has to raise, and of no other."""

from pathlib import Path

import pytest

from ctibridge.delivery import encode
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhooks import pace
from ctibridge.delivery.webhooks.cursor import FORM, Cursor
from ctibridge.domain.call import Call, Outcome
from tests.delivery import examples
from tests.delivery.adapters.hooked import Hooked, hooked, settings
from tests.delivery.examples import answered, call, ended, taken
from tests.peers.process import until
from tests.peers.receiver import Receiver, Reply, receiver
from tests.peers.zammad import Entry, Zammad

pytestmark = pytest.mark.usefixtures("short_waits")
FROM = "4915112345678"


def rings(of: Call) -> dict[str, object]:
    return {"kind": "call.ringing", "call": of.id, "data": encode.pop_data(examples.IDENTIFIED, of)}


def goes_on(of: Call) -> dict[str, object]:
    kind = "call.answered" if of.ended_at is None else "call.ended"
    return {"kind": kind, "call": of.id, "data": encode.call_data(of)}


class Desk:
    """Tells what happens there, and counts."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self._said = 0

    def tell(self, to: Hooked, *script: dict[str, object]) -> list[KeptEvent]:
        first, self._said = self._said + 1, self._said + len(script)
        return [to.tell(first + n, first + n, self.agent, **changes)[0] for n, changes in enumerate(script)]


async def heard_of(to: Receiver, zammad: Zammad, calls: int) -> None:
    """Of so many that are over."""

    def over(_: object) -> bool:
        return sum(entry.state == "hangup" for entry in zammad.log.values()) == calls

    await to.sees(f"{calls} calls that are over", over)


async def test_calls_at_two_desks_over_an_outage_and_a_restart(tmp_path: Path) -> None:
    zammad, ana, ben = Zammad(), Desk("ana"), Desk("ben")
    async with receiver() as to:
        hook = settings(to.url, format="zammad", secret=None)
        to.otherwise = zammad
        async with hooked(tmp_path, hook) as one:
            for number in range(20):
                ana.tell(one, rings(call(number)))
                ben.tell(one, rings(call(number)), goes_on(answered(call(number))))
                ana.tell(one, goes_on(taken(call(number))))
                ben.tell(one, goes_on(ended(answered(call(number)), Outcome.ANSWERED_HERE)))
            await heard_of(to, zammad, 20)
            to.otherwise = Reply(502)
            ana.tell(one, rings(call(20)))
            ben.tell(one, rings(call(20)))
            await to.sees("that it is out", lambda came: came[-1].reply.status == 502)
        to.otherwise = zammad
        async with hooked(tmp_path, hook) as one:
            ana.tell(one, goes_on(ended(call(20))))
            ben.tell(one, goes_on(ended(call(20))))
            ana.tell(one, rings(call(21)), goes_on(ended(call(21), Outcome.ANSWERED_ELSEWHERE)))
            await heard_of(to, zammad, 22)
        assert {came.reply.status for came in to.came} == {200, 502}
    missed = zammad.log.pop("01JDX020")
    assert (missed.done, missed.cause) == (False, "cancel")
    elsewhere = zammad.log.pop("01JDX021")
    assert (elsewhere.done, elsewhere.cause, elsewhere.opened_for) == (True, "normalClearing", None)
    answered_by_ben = Entry(FROM, "hangup", True, "normalClearing", opened_for="ben")
    assert zammad.log == {f"01JDX{number:03}": answered_by_ben for number in range(20)}


async def test_a_call_that_it_refuses_while_another_desk_goes_on_is_not_forgotten_by_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "FIRST", 60.0)
    zammad, ana, ben = Zammad(), Desk("ana"), Desk("ben")
    async with receiver() as to:
        hook = settings(to.url, format="zammad", secret=None)
        to.otherwise = lambda came: Reply(500) if b"01JDX001" in came.body else zammad(came)
        async with hooked(tmp_path, hook) as one:
            ana.tell(one, rings(call(1)))
            await to.has(1)
            ben.tell(one, rings(call(2)), goes_on(ended(call(2))))
            await heard_of(to, zammad, 1)
        to.otherwise = zammad
        async with hooked(tmp_path, hook) as one:
            await to.sees("that it is announced", lambda _: "01JDX001" in zammad.log)
            ana.tell(one, goes_on(ended(call(1))))
            await heard_of(to, zammad, 2)


async def test_of_several_calls_that_a_loss_ends_one_that_it_refuses_leaves_no_other_ringing(tmp_path: Path) -> None:
    zammad, ana = Zammad(), Desk("ana")
    async with receiver() as to:
        to.otherwise = lambda came: Reply(500) if b"hangup" in came.body and b"01JDX001" in came.body else zammad(came)
        async with hooked(tmp_path, settings(to.url, format="zammad", secret=None)) as one:
            ana.tell(one, rings(call(1)), rings(call(2)))
            await to.has(2)
            ana.tell(one, rings(call(3)) | {"epoch": "e2"})
            await to.sees("that the other one is over", lambda _: zammad.log["01JDX002"].state == "hangup")
            await to.sees("the next call", lambda _: "01JDX003" in zammad.log)


@pytest.mark.parametrize(("how", "remembered"), [("stays", True), ("leaves", False), ("comes back", True)])
async def test_what_was_on_its_way_when_a_desk_left_is_remembered_where_the_desk_is(
    tmp_path: Path, *, how: str, remembered: bool
) -> None:
    """Seen once: the former home remembered a ringing call for good, of whose end only the new one heard."""
    async with receiver() as to:
        to.otherwise = Reply(200, delay=0.2)
        async with hooked(tmp_path, settings(to.url, format="zammad", secret=None)) as one:
            webhook = await one.running()
            (event,) = Desk("ana").tell(one, rings(call(1)))
            await to.has(1)
            if how != "stays":
                webhook.leave(["ana"])
            if how == "comes back":
                webhook.adopt("ana", Cursor(event.epoch, 0), {})
            await until(lambda: webhook.saying.outcomes["taken"] == 1, "it is answered")
            assert list(await one.outbox.facts(FORM)) == [f"tool/{call(1).id}"] * remembered
