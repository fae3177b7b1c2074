import json
from datetime import timedelta
from typing import Any

from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.webhooks.narrowing import Seen
from ctibridge.delivery.webhooks.showing import Showing, Step
from tests.delivery.adapters.hooked import Eyes, settings
from tests.delivery.examples import AT, IDENTIFIED, UNKNOWN, call
from tests.delivery.kept_examples import event, pop_data

ACME = frozenset({"acme"})
C1 = call().id


def ringing(**changes: Any) -> KeptEvent:
    return event(0, **{"kind": "call.ringing", "call": C1, "data": pop_data(), "accounts": ACME, **changes})


async def step(eyes: Eyes, one: KeptEvent, after: float = 0.0, **keys: Any) -> Step:
    showing = Showing(settings("https://tool.example/hook", **keys), eyes.views())
    return await showing.step(one, {}, AT + timedelta(seconds=after))


async def test_what_the_agent_may_see_comes_as_it_was() -> None:
    one = await step(Eyes(), ringing())
    assert one.shown is not None
    assert (one.shown.event, one.wanted, one.lost) == (ringing(), True, None)


async def test_what_he_may_not_see_any_more_is_asked_for_again() -> None:
    one = await step(Eyes(visible=frozenset(), asked={C1: UNKNOWN}), ringing())
    assert one.shown is not None
    assert json.loads(one.shown.event.data)["resolution"]["candidates"] == []


async def test_what_nobody_can_say_any_more_is_a_loss() -> None:
    lost = Step(None, True, "unreadable")
    assert await step(Eyes(visible=frozenset()), ringing()) == lost
    assert await step(Eyes(seen={C1: None}), ringing(), accounts=("acme",)) == lost


async def test_what_is_too_old_is_a_loss_where_it_would_have_been_sent_and_only_there() -> None:
    eyes = Eyes(seen={C1: Seen(frozenset({"globex"}), IDENTIFIED)})
    assert await step(eyes, ringing(), 86401.0, keep=86400.0) == Step(lost="too_old")
    assert (await step(eyes, ringing(), 86399.0, keep=86400.0)).shown is not None
    assert await step(eyes, ringing(), 86401.0, keep=86400.0, accounts=("acme",)) == Step(None, True)
    assert await step(eyes, ringing(), 86401.0, keep=86400.0, events=("call.ended",)) == Step()


async def test_with_accounts_a_pop_that_is_not_wanted_is_known_all_the_same() -> None:
    eyes = Eyes(seen={C1: Seen(ACME, IDENTIFIED)})
    one = await step(eyes, ringing(), accounts=("acme",), events=("call.ended",))
    assert (one.wanted, one.shown is not None and one.shown.told is not None) == (False, True)


async def test_a_notice_is_for_receivers_of_all() -> None:
    notice = event(0, kind="notice", call=None, data=b'{"kind": "deaf", "text": "a line"}')
    assert (await step(Eyes(), notice)).shown is not None
    assert await step(Eyes(), notice, accounts=("acme",)) == Step(None, True)
